// A counter-based random generator: Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). The n-th number of a stream is a pure function of (key, n): it can be resumed at any place, split
// among threads, and printed as a few lines of any language. Only 32-bit additions, rotations and exclusive-ors.

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/** One block: two 32-bit words from a two-word key and a two-word counter. */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const key2 = key0 ^ key1 ^ 0x1bd11bda;
  const keys = [key0, key1, key2];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    x0 = (x0 + x1) | 0;
    const r = rotations[round % 8];
    x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      x0 = (x0 + keys[s % 3]) | 0;
      x1 = (x1 + keys[(s + 1) % 3] + s) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** Where a stream stands: enough to go on from there. */
export interface RandomState {
  readonly seed: number;
  readonly stream: number;
  readonly counter: number;
}

/** A seedable, splittable, resumable stream of random numbers. */
export class Random {
  readonly seed: number;
  readonly stream: number;
  #counter: number;

  constructor(seed: number, stream: number | string = 0, counter = 0) {
    this.seed = seed >>> 0;
    this.stream = typeof stream === "string" ? hashText(stream) : stream >>> 0;
    this.#counter = counter;
  }

  get state(): RandomState {
    return { seed: this.seed, stream: this.stream, counter: this.#counter };
  }

  static from(state: RandomState): Random {
    return new Random(state.seed, state.stream, state.counter);
  }

  /** A 32-bit unsigned integer. */
  bits(): number {
    const block = this.#counter++;
    return threefry(this.seed, this.stream, block | 0, Math.floor(block / 2 ** 32))[0];
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
