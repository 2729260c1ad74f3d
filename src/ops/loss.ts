// Losses, with PyTorch's names, options and meaning. Each is made of maps and sums: a class is found by comparing the
// class axis' index with the target (no gather), so value and gradient are one fused pass each.
import { understand } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { above, axis as axisRule, options as byName, flag, type OptionsOf, oneOf, real } from "../base/rules.ts";
import { formatShape, sameShape, sizeOf } from "../base/shape.ts";
import { floatTensor, type Tensor, tensor } from "../graph/graph.ts";
import {
  add,
  binary,
  constant,
  divide,
  type Expression,
  less,
  multiply,
  operand,
  select,
  subtract,
  unary,
} from "../kernel/expression.ts";
import { div } from "./arithmetic.ts";
import { broadcastMap } from "./cards/arithmetic.ts";
import { binaryCrossEntropy as eachCrossEntropy } from "./cards/loss.ts";
import { elementwise } from "./cards/map.ts";
import { perChannel } from "./cards/reshape.ts";
import { reshape } from "./reshape.ts";
import { logSoftmax } from "./softmax.ts";
import { broadcastTo, mean, sum } from "./sum.ts";

/** Mean over all samples (elements), their sum, or each by itself. */
export type Reduction = "mean" | "sum" | "none";

const reductions = ["mean", "sum", "none"];

/** What the losses of classes take. */
const classRules = { reduction: oneOf(reductions), weight: tensor, ignoreIndex: axisRule };

const negate = (e: Expression): Expression => unary("negate", e);
const zero = constant(0);
const equal = (a: Expression, b: Expression): Expression => binary("equal", a, b);

/** share · value, and nothing where the share is 0 and the value infinite: no NaN of 0 · ∞. */
function portion(share: Expression, value: Expression): Expression {
  const product = multiply(share, value);
  const infinite = equal(unary("abs", value), constant(Infinity));
  return select(infinite, select(equal(share, zero), zero, product), product);
}

// ---- classes ----------------------------------------------------------------------------------------------------------

export interface NllLossOptions {
  /** Mean over the samples ("mean", unless told), their sum, or each by itself. */
  readonly reduction?: Reduction;
  /** One weight a class, [C]; the mean is then weighted. */
  readonly weight?: Tensor;
  /** Targets of this value count for nothing; -100 unless told. */
  readonly ignoreIndex?: number;
}

/** Options of crossEntropy. */
export interface CrossEntropyOptions extends NllLossOptions {
  /** This share of the target is spread evenly over all classes. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of logits [N, C, …] with targets: class numbers (integers [N, …]) or probabilities (floats [N, C, …]).
 * Scalar, or [N, …] with reduction "none". A class number outside 0 … C − 1 adds nothing; the data layer refuses it.
 * What the target does not name is left out, not multiplied by 0: a logit of −∞ of another class does no harm. The mean of
 * a batch whose targets are all ignored is NaN, with gradients of 0, as in PyTorch.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  understand("crossEntropy", arguments, {
    logits: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof crossEntropy>>({ ...classRules, labelSmoothing: real(0, 1) }),
  });
  const { labelSmoothing = 0, ...rest } = options;
  if (logits.shape.length < 2) {
    throw new ShapeError(`crossEntropy needs logits [batch, classes, …]; it got ${formatShape(logits.shape)}.`);
  }
  return classLoss("crossEntropy", logSoftmax(logits, 1), target, rest, labelSmoothing);
}

/**
 * Negative log-likelihood of log-probabilities [N, C, …] (logSoftmax) for class numbers [N, …] of whole numbers: a
 * scalar, or [N, …] with reduction "none" (torch.nn.functional.nll_loss). Throws for a target of floats and for
 * shapes that do not go together.
 */
export function nllLoss(logProbabilities: Tensor, target: Tensor, options: NllLossOptions = {}): Tensor {
  understand("nllLoss", arguments, {
    logProbabilities: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof nllLoss>>(classRules),
  });
  if (isFloat(target.dtype)) throw new NeocogError("nllLoss needs class numbers (int32) as its target, not floats.");
  return classLoss("nllLoss", logProbabilities, target, options, 0);
}

/** Σ over classes of −q log p, with q the target's distribution. */
function classLoss(
  name: string,
  logp: Tensor,
  target: Tensor,
  { reduction = "mean", weight, ignoreIndex = -100 }: NllLossOptions,
  smoothing: number,
): Tensor {
  const [batch, classes, ...places] = logp.shape;
  if (weight && !sameShape(weight.shape, [classes])) {
    throw new ShapeError(`${name}: the weight is ${formatShape(weight.shape)}, but there are ${classes} classes.`);
  }
  const soft = isFloat(target.dtype);
  const expected = soft ? logp.shape : [batch, ...places];
  if (!sameShape(target.shape, expected)) {
    throw new ShapeError(
      `${name}: for predictions ${formatShape(logp.shape)} the target must be ${formatShape(expected)} ${soft ? "(probabilities)" : "(class numbers)"}, not ${formatShape(target.shape)}.`,
    );
  }
  const column = soft ? target : reshape(target, [batch, 1, ...places]);
  const weights = weight && perChannel(weight, logp.shape);
  const here: Expression = { kind: "axisIndex", axis: 1 };
  /** `value` where this class is part of the target, else nothing; and as much of it as the target says. */
  const chosen = (t: Expression, value: Expression): Expression =>
    soft ? portion(t, value) : select(equal(t, here), value, zero);
  const counted = (t: Expression, value: Expression): Expression =>
    soft ? value : select(equal(t, constant(ignoreIndex)), zero, value);
  const operands = [logp, column, ...(weights ? [weights] : [])];
  const losses = broadcastMap(
    name,
    operands,
    (p, t, w) => {
      const entropy = w ? multiply(w, negate(p)) : negate(p);
      const meant = multiply(constant(1 - smoothing), chosen(t, entropy));
      const even = multiply(constant(smoothing / classes), entropy);
      return counted(t, smoothing === 0 ? chosen(t, entropy) : smoothing === 1 ? even : add(meant, even));
    },
    logp.dtype,
  );
  if (reduction === "none") return sum(losses, 1);
  const total = sum(losses);
  if (reduction === "sum") return total;
  if (soft) return elementwise("mul", multiply(operand(0), constant(1 / (batch * sizeOf(places)))), [total]);
  // Divided by the number of targets that count, or by the weights of the classes that they mean.
  const meant = weights
    ? broadcastMap(
        "weight of target",
        [broadcastTo(column, logp.shape), weights],
        (t, w) => counted(t, chosen(t, w)),
        logp.dtype,
      )
    : elementwise("counted", counted(operand(0), constant(1)), [column], logp.dtype);
  return div(total, sum(meant));
}

// ---- pairs ------------------------------------------------------------------------------------------------------------

export interface LossOptions {
  /** Mean over all elements ("mean", unless told), their sum, or each by itself. */
  readonly reduction?: Reduction;
}

function pairLoss(
  name: string,
  x: Tensor,
  target: Tensor,
  reduction: Reduction,
  build: (x: Expression, target: Expression) => Expression,
): Tensor {
  checkPair(name, x, target);
  return reduced(broadcastMap(name, [x, target], build, x.dtype), reduction);
}

function checkPair(name: string, x: Tensor, target: Tensor): void {
  if (!sameShape(x.shape, target.shape)) {
    throw new ShapeError(
      `${name}: the prediction ${formatShape(x.shape)} and the target ${formatShape(target.shape)} must have one shape.`,
    );
  }
}

const reduced = (losses: Tensor, reduction: Reduction): Tensor =>
  reduction === "none" ? losses : reduction === "sum" ? sum(losses) : mean(losses);

const squared = (e: Expression): Expression => multiply(e, e);

/**
 * (x − target)², of one shape: the mean unless told by `reduction` ("mean", "sum", "none"). Throws a ShapeError where
 * the shapes differ, as all losses of pairs.
 */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  understand("mseLoss", arguments, {
    x: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof mseLoss>>({ reduction: oneOf(reductions) }),
  });
  return pairLoss("mseLoss", x, target, options.reduction ?? "mean", (a, b) => squared(subtract(a, b)));
}

/** |x − target|, of one shape: the mean unless told by `reduction` ("mean", "sum", "none"). */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  understand("l1Loss", arguments, {
    x: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof l1Loss>>({ reduction: oneOf(reductions) }),
  });
  return pairLoss("l1Loss", x, target, options.reduction ?? "mean", (a, b) => unary("abs", subtract(a, b)));
}

/**
 * d² / (2 beta) where |d| < beta (1 unless told), else |d| − beta / 2, with d = x − target (Girshick 2015): the mean
 * unless told by `reduction` ("mean", "sum", "none").
 */
export function smoothL1Loss(
  x: Tensor,
  target: Tensor,
  options: LossOptions & {
    /** Where the parabola ends; 1 unless told. */
    readonly beta?: number;
  } = {},
): Tensor {
  understand("smoothL1Loss", arguments, {
    x: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof smoothL1Loss>>({ reduction: oneOf(reductions), beta: real(0) }),
  });
  const { reduction = "mean", beta = 1 } = options;
  if (beta === 0) return l1Loss(x, target, { reduction });
  return pairLoss("smoothL1Loss", x, target, reduction, (a, b) => {
    const d = subtract(a, b);
    const size = unary("abs", d);
    return select(
      less(size, constant(beta)),
      multiply(squared(d), constant(0.5 / beta)),
      subtract(size, constant(beta / 2)),
    );
  });
}

/**
 * d² / 2 where |d| ≤ delta (1 unless told), else delta (|d| − delta / 2), with d = x − target (Huber 1964): the mean
 * unless told by `reduction` ("mean", "sum", "none").
 */
export function huberLoss(
  x: Tensor,
  target: Tensor,
  options: LossOptions & {
    /** Where the parabola ends; 1 unless told. */
    readonly delta?: number;
  } = {},
): Tensor {
  understand("huberLoss", arguments, {
    x: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof huberLoss>>({ reduction: oneOf(reductions), delta: above(0) }),
  });
  const { reduction = "mean", delta = 1 } = options;
  return pairLoss("huberLoss", x, target, reduction, (a, b) => {
    const d = subtract(a, b);
    const size = unary("abs", d);
    return select(
      binary("lessEqual", size, constant(delta)),
      multiply(squared(d), constant(0.5)),
      multiply(constant(delta), subtract(size, constant(delta / 2))),
    );
  });
}

/**
 * −(t ln p + (1 − t) ln(1 − p)) of probabilities p and targets t of one shape, both 0 to 1: the mean unless told by
 * `reduction` ("mean", "sum", "none"). Logarithms are not let below −100, as in PyTorch.
 */
export function binaryCrossEntropy(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  understand("binaryCrossEntropy", arguments, {
    x: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof binaryCrossEntropy>>({ reduction: oneOf(reductions) }),
  });
  const { reduction = "mean" } = options;
  checkPair("binaryCrossEntropy", x, target);
  return reduced(eachCrossEntropy(x, target), reduction);
}

/**
 * Binary cross-entropy of logits x and targets t of one shape: posWeight t softplus(−x) + (1 − t) softplus(x), the
 * mean unless told by `reduction` ("mean", "sum", "none"). What the target has nothing of is left out: exact for sure
 * answers, and finite for infinite logits that are right. posWeight (1 unless told) broadcasts against x. Throws a
 * ShapeError where shapes do not fit.
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  options: LossOptions & {
    /** Weight of what the target has; 1 unless told. */
    readonly posWeight?: Tensor;
  } = {},
): Tensor {
  understand("binaryCrossEntropyWithLogits", arguments, {
    x: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof binaryCrossEntropyWithLogits>>({
      reduction: oneOf(reductions),
      posWeight: tensor,
    }),
  });
  const { reduction = "mean", posWeight } = options;
  checkPair("binaryCrossEntropyWithLogits", x, target);
  const losses = broadcastMap(
    "binaryCrossEntropyWithLogits",
    [x, target, ...(posWeight ? [posWeight] : [])],
    (a, t, w) =>
      add(
        portion(w ? multiply(w, t) : t, unary("softplus", negate(a))),
        portion(subtract(constant(1), t), unary("softplus", a)),
      ),
  );
  if (!sameShape(losses.shape, x.shape)) {
    throw new ShapeError(
      `binaryCrossEntropyWithLogits: posWeight ${formatShape(posWeight!.shape)} does not fit ${formatShape(x.shape)}.`,
    );
  }
  return reduced(losses, reduction);
}

export interface KlDivOptions {
  /** As in other losses, or "batchmean": the sum over the batch size. */
  readonly reduction?: Reduction | "batchmean";
  /** The target holds log-probabilities too. */
  readonly logTarget?: boolean;
}

/**
 * Kullback-Leibler divergence t (ln t − x) of log-probabilities x from probabilities t of one shape, nothing where t
 * is 0: the mean over all elements unless told by `reduction` ("mean", "sum", "none", or "batchmean", the sum over
 * the batch size, which is the divergence proper).
 */
export function klDiv(x: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  understand("klDiv", arguments, {
    x: floatTensor,
    target: tensor,
    options: byName<OptionsOf<typeof klDiv>>({ reduction: oneOf([...reductions, "batchmean"]), logTarget: flag }),
  });
  const { reduction = "mean", logTarget = false } = options;
  const losses = pairLoss("klDiv", x, target, "none", (a, t) =>
    logTarget ? portion(unary("exp", t), subtract(t, a)) : portion(t, subtract(unary("log", t), a)),
  );
  if (reduction !== "batchmean") return reduced(losses, reduction);
  return elementwise("mul", divide(operand(0), constant(x.shape[0])), [sum(losses)]);
}
