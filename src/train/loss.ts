// What is made small in training, as plain data: a list of losses, each a row.
import { checkRecord } from "../base/arguments.ts";
import { ndarray } from "../base/array.ts";
import { isFloat } from "../base/dtype.ts";
import { NeocogError, unknownName } from "../base/errors.ts";
import { above, callback, either, listOf, oneOf, type Rule, type RuleTable, real, record } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { constantTensor, scalar, type Tensor } from "../graph/graph.ts";
import { div, maximum } from "../ops/arithmetic.ts";
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  huberLoss,
  l1Loss,
  mseLoss,
  type NllLossOptions,
  nllLoss,
  smoothL1Loss,
} from "../ops/loss.ts";
import { broadcastTo, mean } from "../ops/sum.ts";
import { scaled, unscaled } from "../use/tasks/regression.ts";
import type { NumberScale } from "../use/tasks/task.ts";

/** Mean cross-entropy of the logits; label smoothing after Szegedy et al. 2015. */
export interface CrossEntropyLoss {
  /** For classes, of pictures or of pixels. */
  readonly name: "crossEntropy";
  /** Share of the target that is spread evenly over all classes, 0 to 1; 0 unless told. */
  readonly labelSmoothing?: number;
  /**
   * One weight a class, 0 or more; the mean is then weighted, as in PyTorch. "balanced" (in fit): all pictures / (classes x
   * pictures of the class), as scikit-learn has it. All the same unless told.
   */
  readonly classWeights?: readonly number[] | "balanced";
}

/** Mean binary cross-entropy of the logits. */
export interface BinaryCrossEntropyLoss {
  /** For tags, each by itself. */
  readonly name: "bceWithLogits";
  /** One weight a tag for pictures that have it, 0 or more (above 1 where they are rare); 1 unless told. */
  readonly positiveWeights?: readonly number[];
}

/** Mean of a function of the difference. */
export interface DifferenceLoss {
  /** For numbers and pictures: the mean square, or the mean of the absolute values. */
  readonly name: "mse" | "l1";
}

/** Mean of a parabola that goes on as a line. */
export interface HuberLoss {
  /** For numbers and pictures. */
  readonly name: "huber";
  /** Where the parabola ends; 1 unless told. */
  readonly delta?: number;
}

/** Huber's divided by beta. */
export interface SmoothL1Loss {
  /** For numbers and pictures. */
  readonly name: "smoothL1";
  /** Where the parabola ends; 1 unless told. */
  readonly beta?: number;
}

/** What is made small, told apart by `name`. */
export type LossDescription = CrossEntropyLoss | BinaryCrossEntropyLoss | DifferenceLoss | HuberLoss | SmoothL1Loss;

/**
 * A loss of one's own: a scalar, or one number a picture, [batch], of the network's output and what is known of the pictures
 * (int32 [batch] for classes and [batch, height, width] for masks; float32 for tags, numbers and pictures).
 */
export type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/** A loss as an argument. */
export const lossRule: Rule = {
  ...either(record, callback),
  must: 'a loss such as { name: "crossEntropy", labelSmoothing: 0.1 }, or a function (output, target) => loss',
};

interface Card<D> {
  readonly rules: RuleTable;
  /** `ignoreIndex`: what stands in masks for pixels that count for nothing. */
  build(output: Tensor, target: Tensor, description: D, ignoreIndex: number | undefined): Tensor;
}

const weights = listOf(real(0), "a list of numbers of at least 0");
const classWeights: Rule = {
  ...either(weights, oneOf(["balanced"])),
  must: 'a list of numbers of at least 0, or "balanced"',
};

const cards: { readonly [N in LossDescription["name"]]: Card<Extract<LossDescription, { readonly name: N }>> } = {
  crossEntropy: {
    rules: { labelSmoothing: real(0, 1), classWeights },
    build: classLoss,
  },
  bceWithLogits: {
    rules: { positiveWeights: weights },
    build(output, target, { positiveWeights: given }) {
      if (!given) return binaryCrossEntropyWithLogits(output, target);
      return binaryCrossEntropyWithLogits(output, target, { posWeight: row(given, output.shape[1], "tags") });
    },
  },
  mse: { rules: {}, build: (output, target) => mseLoss(output, target) },
  l1: { rules: {}, build: (output, target) => l1Loss(output, target) },
  huber: { rules: { delta: above(0) }, build: (output, target, { delta }) => huberLoss(output, target, { delta }) },
  smoothL1: { rules: { beta: real(0) }, build: (output, target, { beta }) => smoothL1Loss(output, target, { beta }) },
};

/** Cross-entropy; a batch in which nothing counts (all ignored, or of weight 0) has the loss 0 and moves nothing. */
function classLoss(
  logits: Tensor,
  target: Tensor,
  { labelSmoothing, classWeights }: CrossEntropyLoss,
  ignoreIndex: number | undefined,
): Tensor {
  const [, classes] = logits.shape;
  const weight = classWeights && weightsRow(classWeights, classes);
  if (isFloat(target.dtype) || (!weight && ignoreIndex === undefined)) {
    return crossEntropy(logits, target, { labelSmoothing, ...(weight ? { weight } : {}) });
  }
  const options = { ...(weight ? { weight } : {}), ...(ignoreIndex === undefined ? {} : { ignoreIndex }) };
  const total = crossEntropy(logits, target, { ...options, labelSmoothing, reduction: "sum" });
  return div(total, maximum(countedBy(logits, target, options), scalar(1e-12)));
}

/** The sum of the weights of all places that count. */
const countedBy = (logits: Tensor, target: Tensor, options: Pick<NllLossOptions, "weight" | "ignoreIndex">): Tensor =>
  nllLoss(broadcastTo(scalar(-1), logits.shape), target, { ...options, reduction: "sum" });

/**
 * What the mean of a batch's loss was divided by, so that means of several batches become the mean of all: the pictures, or
 * where some count more than others or not at all, the sum of their weights.
 */
export function countedIn(
  loss: LossDescription | LossFunction,
  output: Tensor,
  target: Tensor,
  ignoreIndex: number | undefined,
): Tensor {
  const weights = typeof loss !== "function" && loss.name === "crossEntropy" ? loss.classWeights : undefined;
  if (isFloat(target.dtype) || (!weights && ignoreIndex === undefined)) return scalar(output.shape[0]);
  const weight = weights && weightsRow(weights, output.shape[1]);
  return countedBy(output, target, {
    ...(weight ? { weight } : {}),
    ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
  });
}

function weightsRow(values: readonly number[] | "balanced", classes: number): Tensor {
  if (values !== "balanced") return row(values, classes, "classes");
  throw new NeocogError(
    "Balanced class weights need the pictures that are counted: fit knows them; give numbers here.",
  );
}

function row(values: readonly number[], count: number, what: string): Tensor {
  if (values.length === count) return constantTensor(ndarray([count], Float32Array.from(values)));
  throw new NeocogError(`The loss has ${values.length} weights, but there are ${count} ${what}; it needs one each.`);
}

/** Refuses a loss that is unknown, none of the task's, or impossible. */
export function checkLoss(loss: LossDescription | LossFunction, known: readonly string[]): void {
  if (typeof loss === "function") return;
  const { name, ...rest } = loss;
  if (!known.includes(name)) throw unknownName("loss", String(name), known);
  checkRecord(`Loss ${name}`, rest, cards[name].rules);
}

/** The scalar that is made small. */
export function buildLoss(
  loss: LossDescription | LossFunction,
  output: Tensor,
  target: Tensor,
  ignoreIndex: number | undefined,
  scale: NumberScale | undefined,
): Tensor {
  if (typeof loss === "function") return meanOf("The loss", loss(scaled(output, scale), target), output.shape[0]);
  const card = cards[loss.name] as Card<LossDescription>;
  return card.build(output, unscaled(target, scale), loss, ignoreIndex);
}

/** A function's answer as one number: itself, or the mean over the pictures. */
export function meanOf(what: string, value: Tensor, batch: number): Tensor {
  const { shape } = (value ?? {}) as Partial<Tensor>;
  if (shape?.length === 0) return value;
  if (shape?.length === 1 && shape[0] === batch) return mean(value);
  throw new NeocogError(
    `${what} must give one number, or one a picture [${batch}], not ${shape ? formatShape(shape) : "something that is no tensor"}; end it with mean().`,
  );
}
