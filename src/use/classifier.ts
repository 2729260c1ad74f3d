// A network ready to answer: one compiled plan in evaluation mode for batches of one size; a last batch that is not full is
// filled up with zeros, whose answers are dropped.
import { ndarray, storageOf } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { formatShape, sameShape, sizeOf } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import { type Images, partsOf } from "../data/images.ts";
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
import { checkLogits, type ModelSource, scoresOf, sourceOf } from "../nn/source.ts";
import { openSession, type Session, type State } from "../run/session.ts";

export interface ClassifierOptions {
  readonly model: Layer | ModelSource;
  readonly weights: State;
  readonly preprocessing: PreprocessingOptions;
  readonly classes: readonly string[];
  readonly engine: Engine;
  /** Images in a batch. */
  readonly batch: number;
  /** Weights that never change let the engine prepare them once. */
  readonly frozen: boolean;
  /** Every picture gets the answer that it gets alone, to the bit, whatever the batch. */
  readonly alone?: boolean;
}

export interface Classifier {
  /** Logits [images, classes] of stored images [images, channels, height, width] (uint8 0..255 or float 0..1), or streamed ones. */
  logits(images: Images, signal?: StopSignal): Promise<Float64Array>;
  /** Other weights; only where they are not frozen. */
  load(weights: State): void;
  release(): void;
}

export async function openClassifier(options: ClassifierOptions): Promise<Classifier> {
  const { model, weights, classes, engine, batch, frozen, alone = false } = options;
  const preprocessing = completePreprocessing(options.preprocessing);
  const source = sourceOf(model);
  const full = source.fixedBatch ?? batch;
  const built = source.build(inputShape(preprocessing, full));
  const logits = scoresOf(built.output);
  checkLogits(logits, classes.length);
  checkWeights(weights, built.variables);
  const names = built.variables.map(({ node }) => attributesIf(node, variableOp)!.name);
  const program = { outputs: { logits }, updates: [] };
  const single = () => ({
    outputs: { logits: scoresOf(source.build(inputShape(preprocessing, 1)).output) },
    updates: [],
  });
  const session = await openSession(program, engine, {
    state: weights,
    frozen,
    inputs: [built.input],
    ...(alone && batch > 1 && source.fixedBatch === undefined && { like: single() }),
  });
  const { name } = attributesIf(built.input.node, inputOp)!;
  return new BatchClassifier(session, name, preprocessing, full, classes.length, names);
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

class BatchClassifier implements Classifier {
  readonly #session: Session;
  readonly #input: string;
  readonly #preprocessing: Preprocessing;
  readonly #batch: number;
  readonly #classes: number;
  readonly #names: readonly string[];

  constructor(
    session: Session,
    input: string,
    preprocessing: Preprocessing,
    batch: number,
    classes: number,
    names: readonly string[],
  ) {
    this.#session = session;
    this.#input = input;
    this.#preprocessing = preprocessing;
    this.#batch = batch;
    this.#classes = classes;
    this.#names = names;
  }

  load(weights: State): void {
    const held = new Set(this.#session.variables);
    for (const name of this.#names) if (held.has(name)) this.#session.writeVariable(name, weights.get(name)!);
  }

  async logits(images: Images, signal?: StopSignal): Promise<Float64Array> {
    const [count, ...picture] = images.shape;
    const size = sizeOf(picture);
    const answer = new Float64Array(count * this.#classes);
    let first = 0;
    for await (const part of partsOf(images, this.#batch, signal)) {
      const [taken] = part.shape;
      const { data, dtype } = prepare(part, this.#preprocessing);
      const full = taken === this.#batch ? data : new (storageOf(dtype))(this.#batch * size);
      if (full !== data) full.set(data);
      const given = ndarray(inputShape(this.#preprocessing, this.#batch), full, dtype);
      const { logits } = await this.#session.run({ [this.#input]: given });
      answer.set(logits.data.subarray(0, taken * this.#classes), first * this.#classes);
      first += taken;
    }
    return answer;
  }

  release(): void {
    this.#session.release();
  }
}
