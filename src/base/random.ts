// A counter-based random generator: Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). The n-th number of a stream is a pure function of (key, n): it can be resumed at any place, split
// among threads, and printed as a few lines of any language. Only 32-bit additions, rotations and exclusive-ors.
import { understand } from "./arguments.ts";
import { either, integer, optional, text } from "./rules.ts";

/**
 * One block: two 32-bit words from a two-word key and a two-word counter. Initial weights are millions of blocks, so the twenty
 * rounds are written as five turns of four, with nothing allocated; the second word is left in `secondWord`.
 */
function block(key0: number, key1: number, counter0: number, counter1: number): number {
  const key2 = key0 ^ key1 ^ 0x1bd11bda;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  let first = key1;
  let second = key2;
  let third = key0;
  for (let turn = 1; turn <= 5; turn++) {
    if (turn % 2 === 1) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    } else {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    }
    x0 = (x0 + first) | 0;
    x1 = (x1 + second + turn) | 0;
    const moved = first;
    first = second;
    second = third;
    third = moved;
  }
  secondWord = x1;
  return x0 >>> 0;
}

let secondWord = 0;

/** Both words of a block. */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const word = block(key0, key1, counter0, counter1);
  return [word, secondWord >>> 0];
}

/** Where a stream stands: enough to go on from there. */
export interface RandomState {
  /** The seed, as an unsigned number of 32 bits. */
  readonly seed: number;
  /** The number of the stream. */
  readonly stream: number;
  /** Words drawn so far. */
  readonly counter: number;
}

const randomCall = {
  seed: integer,
  stream: optional(either(integer, text)),
  counter: optional(integer),
};

/** A seedable, splittable, resumable stream of random numbers. */
export class Random {
  /** The seed, as an unsigned number of 32 bits. */
  readonly seed: number;
  /** The number of the stream; for a name, its hash. */
  readonly stream: number;
  #counter: number;

  /** The stream of a seed with a number or name of its own (0 unless told), after `counter` words were drawn (0 unless told). */
  constructor(seed: number, stream: number | string = 0, counter = 0) {
    understand("Random", arguments, randomCall);
    this.seed = seed >>> 0;
    this.stream = typeof stream === "string" ? hashText(stream) : stream >>> 0;
    this.#counter = counter;
  }

  /** Where the stream stands: `Random.from` goes on from there. */
  get state(): RandomState {
    return { seed: this.seed, stream: this.stream, counter: this.#counter };
  }

  /** A stream that goes on where a state was taken. */
  static from(state: RandomState): Random {
    return new Random(state.seed, state.stream, state.counter);
  }

  /** A 32-bit unsigned integer. */
  bits(): number {
    const place = this.#counter++;
    return block(this.seed, this.stream, place | 0, Math.floor(place / 2 ** 32));
  }

  /** Uniform in [0, 1), 24 bits (exact in float32). */
  uniform(): number {
    return (this.bits() >>> 8) * 2 ** -24;
  }

  /** Standard normal deviate (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number in [0, n), without modulo bias worth naming (n < 2^24). */
  below(n: number): number {
    return Math.floor((this.bits() / 2 ** 32) * n);
  }

  /** A shuffled copy of 0..n-1 (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }
}

/** FNV-1a: a 32-bit number for a name, so that a layer's stream depends on its path and not on its place. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
