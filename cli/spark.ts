// Curves of one line, in Braille's dots: two values a column, four heights.
//
//   ⡇⢆⡀⣀⠀

/** Dots of a left and a right column, from the bottom up to each height. */
const left = [0x40, 0x44, 0x46, 0x47] as const;
const right = [0x80, 0xa0, 0xb0, 0xb8] as const;

/** The values over a width of columns; where there are more than places, the mean of those that share one. */
export function spark(values: readonly number[], columns: number): string {
  const usable = values.filter(Number.isFinite);
  if (usable.length === 0 || columns < 1) return " ".repeat(Math.max(0, columns));
  const places = Math.min(2 * columns, usable.length);
  const means = Array.from({ length: places }, (_, i) => {
    const some = usable.slice(Math.floor((i * usable.length) / places), Math.floor(((i + 1) * usable.length) / places));
    return some.reduce((sum, value) => sum + value, 0) / some.length;
  });
  const least = Math.min(...means);
  const most = Math.max(...means);
  const height = (value: number): number => (most === least ? 0 : Math.round((3 * (value - least)) / (most - least)));
  let line = "";
  for (let i = 0; i < places; i += 2) {
    const second = means[i + 1] === undefined ? 0 : right[height(means[i + 1])];
    line += String.fromCharCode(0x2800 + left[height(means[i])] + second);
  }
  return line.padEnd(columns);
}

/** Values over time, as many as are ever drawn: where there are more, neighbours are averaged. */
export class Course {
  values: number[] = [];
  /** Values that one place stands for, and those that wait for it to be full. */
  #share = 1;
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    if (++this.#count < this.#share) return;
    this.values.push(this.#sum / this.#count);
    [this.#sum, this.#count] = [0, 0];
    if (this.values.length < most) return;
    this.values = Array.from({ length: most / 2 }, (_, i) => (this.values[2 * i] + this.values[2 * i + 1]) / 2);
    this.#share *= 2;
  }
}

const most = 512;
