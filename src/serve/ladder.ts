// A model compiled for batches of a few sizes. A number of pictures is cut into those that take the least time together, by what
// each was measured to take. A size whose answers are not those of single pictures, to the bit, is left out.
import { clock } from "#host";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Preprocessing } from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import { sourceOf } from "../nn/source.ts";
import { stack } from "../use/answers.ts";
import { type Network, openNetwork } from "../use/network.ts";
import { type TaskName, taskOf } from "../use/tasks/list.ts";
import type { ClassifierModel } from "../use/trained.ts";

/** A trained model of any task. */
export type ServedModel = ClassifierModel<TaskName>;

/** Compiled for so many pictures. */
interface Rung {
  readonly size: number;
  readonly network: Network;
  /** Milliseconds of a batch. */
  readonly time: number;
}

/** 1, 4, 16, … and the most. */
export function sizesUpTo(most: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < most; size *= 4) sizes.push(size);
  return [...sizes, most];
}

/** Batches for so many pictures that take the least time, the largest first; the last may be larger than what is left for it. */
export function cut(count: number, rungs: readonly { readonly size: number; readonly time: number }[]): number[] {
  const best: { time: number; sizes: number[] }[] = [{ time: 0, sizes: [] }];
  for (let n = 1; n <= count; n++) {
    const ways = rungs.map(({ size, time }) => {
      const rest = best[Math.max(0, n - size)];
      return { time: rest.time + time, sizes: [size, ...rest.sizes] };
    });
    best.push(ways.reduce((a, b) => (b.time < a.time ? b : a)));
  }
  return best[count].sizes.toSorted((a, b) => b - a);
}

export class Ladder {
  /** Of the answer to one picture. */
  readonly shape: Shape;
  readonly #rungs: readonly Rung[];

  private constructor(rungs: readonly Rung[], shape: Shape) {
    this.#rungs = rungs;
    this.shape = shape;
  }

  get sizes(): number[] {
    return this.#rungs.map(({ size }) => size);
  }

  /** Compiles, runs each size, and compares. */
  static async open(trained: ServedModel, preprocessing: Preprocessing, engine: Engine, most: number): Promise<Ladder> {
    const { fixedBatch } = sourceOf(trained.model);
    const sizes = fixedBatch === undefined ? sizesUpTo(most) : [fixedBatch];
    const rungs: Rung[] = [];
    const noise = noiseFor(preprocessing);
    let expected: Float64Array | undefined;
    try {
      for (const size of sizes) {
        const network = await openNetwork({
          ...trained,
          task: taskOf(trained),
          engine,
          batch: size,
          frozen: true,
          alone: true,
        });
        const pictures = stack(
          Array.from({ length: size === 1 ? noise.length : size }, (_, i) => noise[i % noise.length]),
        );
        const answers = await network.answers(pictures);
        expected ??= answers;
        const known = expected;
        if (!answers.every((value, i) => Object.is(value, known[i % known.length]))) {
          network.release();
          continue;
        }
        const time = await timeOf(() => network.answers(pictures));
        rungs.push({ size, network, time: size === 1 ? time / noise.length : time });
      }
    } catch (error) {
      for (const { network } of rungs) network.release();
      throw error;
    }
    return new Ladder(rungs, rungs[0].network.shape);
  }

  /** Answers [pictures, …shape] to pictures [1, channels, height, width] of one type; `ran` is told the size of every batch. */
  async answers(pictures: readonly NdArray[], ran: (pictures: number) => void): Promise<Float64Array> {
    const width = sizeOf(this.shape);
    const answers = new Float64Array(pictures.length * width);
    let first = 0;
    for (const size of cut(pictures.length, this.#rungs)) {
      const part = pictures.slice(first, first + size);
      const { network } = this.#rungs.find((rung) => rung.size === size)!;
      ran(part.length);
      answers.set(await network.answers(stack(part)), first * width);
      first += part.length;
    }
    return answers;
  }

  release(): void {
    for (const { network } of this.#rungs) network.release();
  }
}

/** Milliseconds: the least of some runs, of one where it takes long. */
async function timeOf(run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  const start = clock.now();
  do {
    const begin = clock.now();
    await run();
    least = Math.min(least, clock.now() - begin);
  } while (clock.now() - start < 30);
  return least;
}

function noiseFor({ channels, height, width }: Preprocessing): NdArray[] {
  const random = new Random(1);
  return [0, 1, 2].map(() => {
    const pixels = Uint8Array.from({ length: channels * height * width }, () => random.below(256));
    return ndarray([1, channels, height, width], pixels, "uint8");
  });
}
