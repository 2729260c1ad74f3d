// Pictures from many requests become batches: the first waits a little for others, or until the engine is free. The queue has an
// end; what does not fit is refused at once.
import { clock } from "#host";
import type { NdArray } from "../base/array.ts";
import { sizeOf } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import type { Ladder } from "./ladder.ts";
import { busy } from "./refusal.ts";
import type { Turns } from "./turns.ts";

interface Waiting {
  readonly picture: NdArray;
  readonly signal: StopSignal;
  readonly came: number;
  readonly answer: (numbers: Float64Array) => void;
  readonly fail: (error: unknown) => void;
}

export interface BatcherOptions {
  readonly ladder: Ladder;
  readonly turns: Turns;
  readonly maxBatch: number;
  /** Milliseconds. */
  readonly maxWait: number;
  /** Most pictures that wait. */
  readonly queue: number;
  /** Told of every batch: how many pictures, and the seconds that they took. */
  readonly onBatch: (pictures: number) => void;
  readonly onTime: (seconds: number) => void;
}

export class Batcher {
  readonly #options: BatcherOptions;
  readonly #waiting: Waiting[] = [];
  #working = false;
  /** Seconds that a picture took lately. */
  #pace = 0.001;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Seconds until what waits now is answered. */
  get delay(): number {
    return this.#waiting.length * this.#pace;
  }

  /** The answer to each picture; refused where they do not fit into the queue, and where the signal fires before their turn. */
  async answers(pictures: readonly NdArray[], signal: StopSignal): Promise<Float64Array[]> {
    if (this.#waiting.length + pictures.length > this.#options.queue)
      throw busy(`${this.#waiting.length} pictures wait already; come again later.`, this.delay);
    const answers = pictures.map(
      (picture) =>
        new Promise<Float64Array>((answer, fail) => {
          this.#waiting.push({ picture, signal, came: clock.now(), answer, fail });
        }),
    );
    if (!this.#working) void this.#work();
    return Promise.all(answers);
  }

  async #work(): Promise<void> {
    this.#working = true;
    const { maxBatch, maxWait, turns } = this.#options;
    while (this.#waiting.length > 0) {
      const left = maxWait - (clock.now() - this.#waiting[0].came);
      if (left > 0 && this.#waiting.length < maxBatch) {
        await new Promise((go) => setTimeout(go, Math.min(left, 1)));
        continue;
      }
      // More may come while others compute.
      await turns.take(() => this.#run(this.#take(maxBatch)));
    }
    this.#working = false;
  }

  /** The next pictures of one type whose requests still want them. */
  #take(most: number): Waiting[] {
    const taken: Waiting[] = [];
    while (taken.length < most && this.#waiting.length > 0) {
      const [next] = this.#waiting;
      if (taken.length > 0 && next.picture.dtype !== taken[0].picture.dtype) break;
      this.#waiting.shift();
      if (next.signal.aborted) next.fail(next.signal.reason);
      else taken.push(next);
    }
    return taken;
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    const { ladder, onBatch, onTime } = this.#options;
    const width = sizeOf(ladder.shape);
    const begin = clock.now();
    try {
      const answers = await ladder.answers(
        batch.map(({ picture }) => picture),
        onBatch,
      );
      batch.forEach(({ answer }, i) => {
        answer(answers.slice(i * width, (i + 1) * width));
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
    const seconds = (clock.now() - begin) / 1000;
    onTime(seconds);
    this.#pace = 0.8 * this.#pace + 0.2 * (seconds / batch.length);
  }
}
