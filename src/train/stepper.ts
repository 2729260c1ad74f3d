// The compiled training step of a run. A plan has one batch size, so an epoch whose last batch is not full has two plans;
// the variables live in that of full batches, and visit the other for its one step.
import { type NdArray, ndarray } from "../base/array.ts";
import type { Batch } from "../data/batch.ts";
import type { Engine } from "../engines/engine.ts";
import { openSession, type Session, type State } from "../run/session.ts";
import type { StepPart, TrainingStep } from "./step.ts";

interface Sized {
  readonly size: number;
  readonly step: TrainingStep;
  readonly session: Session;
}

export interface StepResult {
  /** Mean over the batch. */
  readonly loss: number;
  /** The sums of which the task's metric is made. */
  readonly watched: Float64Array;
}

/** What a batch is given beside its images: the number of the step decides all. */
export interface Pace {
  readonly step: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Which batch of the run it is, and whether the weights move with it. */
  readonly part: StepPart;
}

export class Stepper {
  readonly #sized: readonly Sized[];

  private constructor(sized: readonly Sized[]) {
    this.#sized = sized;
  }

  /** `build` makes the step of a batch size; the first size is that of full batches. */
  static async open(
    sizes: readonly number[],
    build: (size: number) => TrainingStep,
    engine: Engine,
    state: (step: TrainingStep) => State | undefined,
  ): Promise<Stepper> {
    const sized: Sized[] = [];
    try {
      for (const size of sizes) {
        const step = build(size);
        const session = await openSession(step.program, engine, { state: state(step), inputs: step.inputs });
        sized.push({ size, step, session });
      }
    } catch (error) {
      for (const { session } of sized) session.release();
      throw error;
    }
    return new Stepper(sized);
  }

  /** The step of full batches. */
  get step(): TrainingStep {
    return this.#sized[0].step;
  }

  /** Bytes of the arena of full batches. */
  get arenaBytes(): number {
    return this.#sized[0].session.compiled.memory.plan.arenaBytes;
  }

  /** Bytes that its plans take in their engine. */
  get memoryBytes(): number {
    return this.#sized.reduce((sum, { session }) => sum + bytesOf(session), 0);
  }

  /** The step of a batch and all its inputs. */
  feed({ images, labels, targets }: Batch, pace: Pace): { step: TrainingStep; inputs: Record<string, NdArray> } {
    const { step } = this.#find(images.shape[0]);
    const scalars = step.scalars(pace.step, pace.learningRate, pace.seed, pace.part);
    return { step, inputs: { images, labels, ...(targets ? { targets } : {}), ...scalars } };
  }

  /** Takes one step. The inputs are copied before the first `await`. */
  async run(batch: Batch, pace: Pace): Promise<StepResult> {
    const [{ session: home }] = this.#sized;
    const { session } = this.#find(batch.images.shape[0]);
    if (session !== home) move(home, session);
    const { loss, ...others } = await session.run(this.feed(batch, pace).inputs);
    const [watched] = Object.values(others);
    if (session !== home) move(session, home);
    return { loss: loss.data[0], watched: Float64Array.from(watched.data) };
  }

  /** The variables as a checkpoint holds them, in float32; the run goes on from these very numbers. */
  readState(): State {
    const [{ session }] = this.#sized;
    const state = new Map<string, NdArray>();
    for (const name of session.variables) {
      const value = session.readVariable(name);
      const held = asFloat32(value);
      if (held !== value) session.writeVariable(name, held);
      state.set(name, held);
    }
    return state;
  }

  /** The variables as they are, float64 where the engine computes so; the run is not touched. */
  readExactly(): State {
    const [{ session }] = this.#sized;
    return new Map(session.variables.map((name) => [name, exact(session.readVariable(name))]));
  }

  writeState(state: State): void {
    const [{ session }] = this.#sized;
    for (const name of session.variables) session.writeVariable(name, state.get(name)!);
  }

  release(): void {
    for (const { session } of this.#sized) session.release();
  }

  #find(size: number): Sized {
    return this.#sized.find((one) => one.size === size)!;
  }
}

const bytesOf = ({ memory: { arenaBytes, packedBytes, scratchBytes } }: Session): number =>
  arenaBytes + packedBytes + scratchBytes;

const asFloat32 = (value: NdArray): NdArray =>
  value.data instanceof Float64Array && value.dtype.startsWith("float")
    ? ndarray(value.shape, Float32Array.from(value.data))
    : value;

/** The numbers of a state as files of weights hold them, in float32. */
export const rounded = (state: State): State => new Map([...state].map(([name, value]) => [name, asFloat32(value)]));

/** Under the name of what its numbers really are. */
const exact = ({ shape, dtype, data }: NdArray): NdArray =>
  dtype === "float32" && data instanceof Float64Array ? ndarray(shape, data, "float64") : { shape, dtype, data };

function move(from: Session, to: Session): void {
  for (const name of to.variables) to.writeVariable(name, from.readVariable(name));
}
