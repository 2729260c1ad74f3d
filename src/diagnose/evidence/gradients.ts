// Gradients as they are looked at: one step of training on some pictures, forward and backward, whose update is not made.
import { ndarray } from "../../base/array.ts";
import type { StopSignal } from "../../base/web.ts";
import { gradients } from "../../compile/grad.ts";
import { picturesAt } from "../../data/images.ts";
import { batchLabels, ignoredIn } from "../../data/labels.ts";
import { prepare } from "../../data/normalize.ts";
import type { Preprocessing } from "../../data/preprocessing.ts";
import type { Engine } from "../../engines/engine.ts";
import { attributesIf, variableOp } from "../../graph/graph.ts";
import type { Layer } from "../../nn/layer.ts";
import { square } from "../../ops/arithmetic.ts";
import { sum } from "../../ops/sum.ts";
import { openSession, type State } from "../../run/session.ts";
import type { LossDescription } from "../../train/loss.ts";
import type { OptimizerDescription } from "../../train/optimizers/optimizer.ts";
import { trainingStep } from "../../train/step.ts";
import type { TaskName } from "../../use/tasks/list.ts";
import type { ClassifierModel } from "../../use/trained.ts";
import type { HistoryEvidence } from "./history.ts";
import type { Sample } from "./pictures.ts";

/** The gradient of one layer's weights. */
export interface LayerGradient {
  /** Name of the variable. */
  readonly name: string;
  /** Root of the sum of squares. */
  readonly gradient: number;
  readonly weight: number;
  /** The one by the other. */
  readonly ratio: number;
  /** How far a step moves the weights, by their size, at the highest rate of the run; undefined where that is not known. */
  readonly update: number | undefined;
}

export interface GradientEvidence {
  /** Weights of two axes and more, from the input to the output. */
  readonly layers: readonly LayerGradient[];
  readonly loss: number;
  /** How many pictures they are the mean over. */
  readonly pictures: number;
}

export async function gradientEvidence(
  trained: ClassifierModel<TaskName> & { readonly model: Layer },
  weights: State,
  { set }: Sample,
  preprocessing: Preprocessing,
  options: {
    readonly engine: Engine;
    readonly signal?: StopSignal;
    readonly history?: HistoryEvidence;
    readonly loss?: LossDescription;
  },
): Promise<GradientEvidence> {
  const { engine, signal, history, loss } = options;
  const count = Math.min(64, set.images.shape[0]);
  const places = Array.from({ length: count }, (_, i) => Math.floor((i * set.images.shape[0]) / count));
  const { channels, height, width } = preprocessing;
  const ignoreIndex = ignoredIn(set.labels);
  const step = trainingStep(trained.model, {
    inputShape: [count, channels, height, width],
    ...(trained.task ? { task: trained.task } : {}),
    ...(trained.scale ? { scale: trained.scale } : {}),
    ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
    ...(loss ? { loss } : {}),
  });
  const kept = step.parameters.filter(({ shape }) => shape.length > 1);
  const squares = gradients([step.loss], kept).map((slope) => sum(square(slope)));
  const outputs = { loss: step.loss, ...Object.fromEntries(squares.map((one, i) => [`squares ${i}`, one])) };
  const session = await openSession({ outputs, updates: [] }, engine, { state: weights, inputs: step.inputs });
  try {
    const images = prepare(await picturesAt(set.images, places, signal), preprocessing);
    const labels = batchLabels(set.labels, Int32Array.from(places));
    const found = await session.run({ images, labels, ...step.scalars(0, 0, 0) });
    const layers = kept.map((tensor, i): LayerGradient => {
      const { name } = attributesIf(tensor.node, variableOp)!;
      const value = weights.get(name) ?? ndarray(tensor.shape, new Float64Array(1));
      const weight = sizeOfNumbers(value.data);
      const gradient = Math.sqrt(found[`squares ${i}`].data[0]);
      const update = history && updateOf(history, gradient, weight, value.data.length);
      return { name, gradient, weight, ratio: gradient / Math.max(weight, 1e-30), update };
    });
    return { layers, loss: found.loss.data[0], pictures: count };
  } finally {
    session.release();
  }
}

/** How far one step moves weights, by their size: momentum adds its steps up, Adam and its kin move every weight by about the rate. */
function updateOf(history: HistoryEvidence, gradient: number, weight: number, count: number): number | undefined {
  const { optimizer, peakRate } = history;
  if (!optimizer || !(weight > 0)) return undefined;
  return (peakRate * movedBy(optimizer, gradient, count)) / weight;
}

function movedBy(optimizer: OptimizerDescription, gradient: number, count: number): number {
  if (optimizer.name !== "sgd") return Math.sqrt(count);
  return gradient / (1 - Math.min(0.99, optimizer.momentum ?? 0));
}

function sizeOfNumbers(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * data[i];
  return Math.sqrt(sum);
}
