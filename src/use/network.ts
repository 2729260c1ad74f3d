// A network ready to answer: one compiled plan in evaluation mode for batches of one size; a last batch that is not full is
// filled up with zeros, whose answers are dropped.
import { type NdArray, ndarray, storageOf } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../base/shape.ts";
import { prepare } from "../data/normalize.ts";
import {
  completePreprocessing,
  inputShape,
  type Preprocessing,
  type PreprocessingOptions,
} from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import { attributesIf, inputOp, type Tensor, variableOp } from "../graph/graph.ts";
import type { Layer } from "../nn/layer.ts";
import { type ModelSource, sourceOf } from "../nn/source.ts";
import { openSession, type Session, type State } from "../run/session.ts";
import type { Known, Task } from "./tasks/task.ts";

export interface NetworkOptions extends Known {
  readonly model: Layer | ModelSource;
  readonly weights: State;
  readonly preprocessing: PreprocessingOptions;
  /** What is read of the network's output. */
  readonly task: Pick<Task, "head">;
  readonly engine: Engine;
  /** Images in a batch. */
  readonly batch: number;
  /** Weights that never change let the engine prepare them once. */
  readonly frozen: boolean;
  /** Every picture gets the answer that it gets alone, to the bit, whatever the batch. */
  readonly alone?: boolean;
}

export interface Network {
  /** Shape of the answer to one picture. */
  readonly shape: Shape;
  /** Images in a batch. */
  readonly batch: number;
  /** Answers [images, …shape] to stored images [images, channels, height, width] (uint8 0..255 or float 0..1). */
  answers(images: NdArray): Promise<Float64Array>;
  /** Other weights; only where they are not frozen. */
  load(weights: State): void;
  release(): void;
}

export async function openNetwork(options: NetworkOptions): Promise<Network> {
  const { model, weights, task, engine, batch, frozen, alone = false } = options;
  const preprocessing = completePreprocessing(options.preprocessing);
  const source = sourceOf(model);
  const full = source.fixedBatch ?? batch;
  const built = source.build(inputShape(preprocessing, full));
  const answers = task.head(built.output, options);
  checkWeights(weights, built.variables);
  const names = built.variables.map(({ node }) => attributesIf(node, variableOp)!.name);
  const program = { outputs: { answers }, updates: [] };
  const single = () => ({
    outputs: { answers: task.head(source.build(inputShape(preprocessing, 1)).output, options) },
    updates: [],
  });
  const session = await openSession(program, engine, {
    state: weights,
    frozen,
    inputs: [built.input],
    ...(alone && batch > 1 && source.fixedBatch === undefined && { like: single() }),
  });
  const { name } = attributesIf(built.input.node, inputOp)!;
  return new BatchNetwork({ session, input: name, preprocessing, batch: full, shape: answers.shape.slice(1), names });
}

/** Refuses weights that lack one of the model's variables, have one too many, one of another shape, or one that holds NaN. */
export function checkWeights(weights: State, variables: readonly Tensor[]): void {
  const known = new Set<string>();
  for (const { node, shape } of variables) {
    const { name } = attributesIf(node, variableOp)!;
    known.add(name);
    const value = weights.get(name);
    if (!value)
      throw new NeocogError(`The weights lack "${name}" ${formatShape(shape)}; they belong to another model.`);
    if (!sameShape(value.shape, shape)) {
      throw new NeocogError(
        `The weight "${name}" is ${formatShape(value.shape)}, but the model needs ${formatShape(shape)}.`,
      );
    }
  }
  for (const [name, { data }] of weights) {
    const place = data.findIndex(Number.isNaN);
    if (place < 0) continue;
    throw new NeocogError(
      `The weight "${name}" holds NaN, first at number ${place} of ${data.length}: the file is broken, or the training that wrote it broke down.`,
    );
  }
  for (const name of weights.keys()) {
    if (!known.has(name))
      throw new NeocogError(`The model has no weight "${name}"; the weights belong to another model.`);
  }
}

interface Parts {
  readonly session: Session;
  readonly input: string;
  readonly preprocessing: Preprocessing;
  readonly batch: number;
  readonly shape: Shape;
  readonly names: readonly string[];
}

class BatchNetwork implements Network {
  readonly #parts: Parts;
  readonly shape: Shape;
  readonly batch: number;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.shape = parts.shape;
    this.batch = parts.batch;
  }

  load(weights: State): void {
    const { session, names } = this.#parts;
    const held = new Set(session.variables);
    for (const name of names) if (held.has(name)) session.writeVariable(name, weights.get(name)!);
  }

  async answers(images: NdArray): Promise<Float64Array> {
    const { session, input, preprocessing, batch } = this.#parts;
    const [count, ...picture] = images.shape;
    const size = sizeOf(picture);
    const width = sizeOf(this.shape);
    const found = new Float64Array(count * width);
    for (let first = 0; first < count; first += batch) {
      const taken = Math.min(batch, count - first);
      const part = images.data.subarray(first * size, (first + taken) * size);
      const { data, dtype } = prepare(ndarray([taken, ...picture], part, images.dtype), preprocessing);
      const full = taken === batch ? data : new (storageOf(dtype))(batch * size);
      if (full !== data) full.set(data);
      const given = ndarray(inputShape(preprocessing, batch), full, dtype);
      const { answers } = await session.run({ [input]: given });
      found.set(answers.data.subarray(0, taken * width), first * width);
    }
    return found;
  }

  release(): void {
    this.#parts.session.release();
  }
}
