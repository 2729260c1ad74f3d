// What is believed of a picture's header, before its pixels are asked for: a file of a few hundred bytes can claim gigabytes.

/** What a header tells; `depth` is libvips' name for the type of a number. */
export interface Claim {
  readonly format?: string;
  readonly width: number;
  readonly height: number;
  readonly depth?: string;
}

/** Most pixels of a format. A JPEG or PNG of so many takes a second; AVIF and GIF are far slower to decode. */
const mostPixels: Readonly<Record<string, number>> = {
  jpeg: 2 ** 27,
  png: 2 ** 27,
  webp: 2 ** 27,
  tiff: 2 ** 27,
  gif: 2 ** 25,
  heif: 2 ** 25,
};
/** And of any. */
export const mostPixelsOfAny = 2 ** 27;
/** JPEG's own limit; nothing wider comes from a camera. */
const longestSide = 65_535;
/** Numbers with a known largest value. */
const wholeDepths = ["uchar", "ushort"];

/** Why a picture is not decoded, as the end of a sentence; undefined where it is. */
export function whyRefused({ format = "unknown", width, height, depth }: Claim): string | undefined {
  const most = mostPixels[format];
  const title = format === "heif" ? "AVIF" : format.toUpperCase();
  const grouped = (n: number): string => n.toLocaleString("en-US");
  if (most === undefined) return `it is of the kind ${title}, and only PNG, JPEG, WebP, GIF, TIFF and AVIF are read`;
  if (Math.max(width, height) > longestSide) {
    return `it claims ${grouped(width)} x ${grouped(height)} pixels, and no side may have more than ${grouped(longestSide)}`;
  }
  if (width * height > most) {
    return `it claims ${grouped(width)} x ${grouped(height)} pixels, and a picture of the kind ${title} may have ${grouped(most)} at most`;
  }
  if (depth !== undefined && !wholeDepths.includes(depth)) {
    return `its pixels are stored as numbers without a known white (${depth}); save it with 8 or 16 bits a channel`;
  }
  return undefined;
}

/** Lets work begin while all that runs together claims no more than a budget; what is larger runs alone. */
export class Budget {
  readonly #most: number;
  readonly #waiting: { readonly cost: number; readonly go: () => void }[] = [];
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async run<T>(cost: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(cost, this.#most);
    if (this.#waiting.length > 0 || this.#used + taken > this.#most) {
      await new Promise<void>((go) => this.#waiting.push({ cost: taken, go }));
    } else this.#used += taken;
    try {
      return await work();
    } finally {
      this.#used -= taken;
      for (let next = this.#waiting[0]; next && this.#used + next.cost <= this.#most; next = this.#waiting[0]) {
        this.#used += next.cost;
        this.#waiting.shift();
        next.go();
      }
    }
  }
}
