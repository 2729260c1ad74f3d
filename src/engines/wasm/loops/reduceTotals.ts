// Long sums lose digits: each addition rounds to the size of what was summed so far. So blocks of a few hundred numbers are
// summed in float32, and their sums in float64, which costs little since it happens once a block. Infinities and NaN go
// through as in any sum.
import {
  constF32x4,
  extractLane,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  type Local,
  load,
  shuffle32,
  type Value,
} from "../code/assembler.ts";
import type { Emitter } from "../scalar/math.ts";

/** Where totals lie in memory: 32 bytes at an address that is a multiple of 16. */
export interface Home {
  readonly address: Local;
  readonly offset: number;
}

/**
 * Four float64 totals, one for each lane of the float32 vectors that are added. With a home they lie in memory: the loop that
 * sums a block then has the registers for itself.
 */
export class Totals {
  readonly #e: Emitter;
  readonly #home: Home | undefined;
  readonly #locals: readonly Local[];

  /** Begins with zeros where it is written. */
  constructor(e: Emitter, home?: Home) {
    this.#e = e;
    this.#home = home;
    this.#locals = home ? [] : e.f.locals("v128", 2);
    for (const half of [0, 1]) this.#write(half, constF32x4(0));
  }

  #read(half: number): Value {
    return this.#home ? load("v128.load", this.#home.address, this.#home.offset + 16 * half) : this.#locals[half];
  }

  #write(half: number, value: Value): void {
    if (this.#home) this.#e.f.store("v128.store", this.#home.address, value, this.#home.offset + 16 * half);
    else this.#e.f.set(this.#locals[half], value);
  }

  add(vector: Local): void {
    this.#write(0, f64x2.add(this.#read(0), f64x2.promote_low_f32x4(vector)));
    this.#write(1, f64x2.add(this.#read(1), f64x2.promote_low_f32x4(shuffle32(vector, vector, [2, 3, 2, 3]))));
  }

  /** The totals, rounded to float32. */
  vector(): Value {
    const [low, high] = [0, 1].map((half) => f32x4.demote_f64x2_zero(this.#read(half)));
    return shuffle32(low, high, [0, 1, 4, 5]);
  }

  /** All four together, rounded to float32. */
  sum(): Value {
    const both = this.#e.f.define(f64x2.add(this.#read(0), this.#read(1)));
    return f32.demote_f64(f64.add(extractLane("f64x2", both, 0), extractLane("f64x2", both, 1)));
  }
}

/** Visits [first, last) in blocks of `size`; `last` is at least `first`. */
export function inBlocks(
  { f }: Emitter,
  first: Local,
  last: Local,
  size: number,
  visit: (from: Local, to: Local) => void,
): void {
  const from = f.local("i32");
  const to = f.local("i32");
  f.forRange(from, first, last, size, () => {
    f.set(to, i32.add(from, size));
    f.if(i32.gt_s(to, last), () => f.set(to, last));
    visit(from, to);
  });
}
