// Random tensors and dropout, from the counter-based generator: an element is a pure function of (seed, stream; place, step).
// The same four numbers give the same mask again, so a gradient that needs the mask computes it anew; nothing is stored.
//
//   seed, step   int32 scalars of the graph: the run's seed and the number of the training step
//   stream       a whole number known when the graph is built: one for each use, such as hashText("layer1.dropout")
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { isRecord, optional, type Rule, type RuleTable, real, shape as shapeRule } from "../base/rules.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { constant, type Expression, less, multiply, operand, select, subtract, unary } from "../kernel/expression.ts";
import { mul } from "./arithmetic.ts";
import { elementwise } from "./cards/map.ts";
import { ofRank } from "./ranked.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo } from "./sum.ts";

/** What random numbers are made of: scalars for seed and step, and a stream. */
export interface RandomSource {
  /** The run's seed, an int32 scalar. */
  readonly seed: Tensor;
  /** The number of the training step, an int32 scalar. */
  readonly step: Tensor;
  /** A whole number that differs from use to use. */
  readonly stream: number;
}

const randomSource: Rule = {
  must: "{ seed, step, stream }: two scalars and a whole number",
  accepts: (value) =>
    isRecord(value) &&
    Object.keys(value).every((name) => ["seed", "step", "stream"].includes(name)) &&
    tensor.accepts(value.seed) &&
    tensor.accepts(value.step) &&
    Number.isInteger(value.stream),
};

function source({ seed, step, stream }: RandomSource, shape: Shape): { operands: Tensor[]; stream: number } {
  for (const [name, t] of [["seed", seed] as const, ["step", step] as const]) {
    if (t.dtype !== "int32" || sizeOf(t.shape) !== 1) {
      throw new ShapeError(
        `A random tensor's ${name} must be an int32 scalar, not ${t.dtype} ${formatShape(t.shape)}.`,
      );
    }
  }
  const spread = (t: Tensor): Tensor => broadcastTo(reshape(t, []), shape);
  return { operands: [spread(seed), spread(step)], stream: stream >>> 0 };
}

/** The leaf whose seed and step are operands `first` and `first + 1`. */
const leaf = (first: number, stream: number): Expression => ({ kind: "uniform", seed: first, step: first + 1, stream });

/**
 * Uniform float32 numbers in [low, high), 0 to 1 unless told, of a shape: a pure function of seed, step and stream.
 * Throws a ShapeError where seed or step is no int32 scalar, as all functions of a random source.
 */
export function randomUniform(shape: Shape, from: RandomSource, low = 0, high = 1): Tensor {
  understand("randomUniform", arguments, {
    shape: shapeRule(),
    from: randomSource,
    low: optional(real()),
    high: optional(real()),
  });
  const { operands, stream } = source(from, shape);
  const value = multiply(constant(high - low), leaf(0, stream));
  return elementwise("randomUniform", low === 0 ? value : plus(value, low), operands, "float32");
}

const plus = (e: Expression, value: number): Expression => subtract(e, constant(-value));

/**
 * Normal float32 deviates of a mean (0 unless told) and standard deviation (1 unless told), of a shape (Box & Muller
 * 1958: the radius from one uniform number, the angle from another).
 */
export function randomNormal(shape: Shape, from: RandomSource, mean = 0, deviation = 1): Tensor {
  understand("randomNormal", arguments, {
    shape: shapeRule(),
    from: randomSource,
    mean: optional(real()),
    deviation: optional(real()),
  });
  const { operands, stream } = source(from, shape);
  const radius = unary("sqrt", multiply(constant(-2), unary("log", subtract(constant(1), leaf(0, stream)))));
  const angle = multiply(constant(2 * Math.PI), leaf(0, (stream ^ 0x9e3779b9) >>> 0));
  const value = multiply(constant(deviation), multiply(radius, unary("cos", angle)));
  return elementwise("randomNormal", mean === 0 ? value : plus(value, mean), operands, "float32");
}

/** 1 with probability p (0 to 1), else 0, as float32 of a shape. */
export function bernoulli(shape: Shape, p: number, from: RandomSource): Tensor {
  understand("bernoulli", arguments, { shape: shapeRule(), p: real(0, 1), from: randomSource });
  const { operands, stream } = source(from, shape);
  return elementwise(
    "bernoulli",
    select(less(leaf(0, stream), constant(p)), constant(1), constant(0)),
    operands,
    "float32",
  );
}

const dropoutCall = (): RuleTable => ({ x: tensor, p: real(0, 1), from: randomSource });

/**
 * Sets each element to 0 with probability p (0 to 1) and divides the others by 1 − p, the same shape (Srivastava et
 * al. 2014; inverted dropout, as PyTorch in training).
 */
export function dropout(x: Tensor, p: number, from: RandomSource): Tensor {
  understand("dropout", arguments, dropoutCall());
  if (p === 0) return x;
  const { operands, stream } = source(from, x.shape);
  const kept = p === 1 ? constant(0) : multiply(operand(0), constant(1 / (1 - p)));
  return elementwise(
    "dropout",
    select(less(leaf(1, stream), constant(p)), constant(0), kept),
    [x, ...operands],
    x.dtype,
    { p },
  );
}

/**
 * Drops whole maps of x [N, C, …] together with probability p and divides the others by 1 − p, the same shape
 * (Tompson et al. 2015; torch's dropout1d, dropout2d, dropout3d). Throws a ShapeError for an input without spatial
 * axes.
 */
export function dropoutChannels(x: Tensor, p: number, from: RandomSource): Tensor {
  understand("dropoutChannels", arguments, dropoutCall());
  if (p === 0) return x;
  if (x.shape.length < 3) {
    throw new ShapeError(`dropoutChannels needs an input [batch, channels, …sizes]; it got ${formatShape(x.shape)}.`);
  }
  return timesMask(x, [x.shape[0], x.shape[1], ...x.shape.slice(2).map(() => 1)], p, from);
}

/**
 * Drops whole examples of x [N, …] together with probability p, or with `batch` all of them at once, and divides the others by 1
 * − p, the same shape (Huang et al. 2016; torchvision.ops.stochastic_depth).
 */
export function dropoutExamples(x: Tensor, p: number, from: RandomSource, batch = false): Tensor {
  return timesMask(
    x,
    x.shape.map((n, axis) => (axis === 0 && !batch ? n : 1)),
    p,
    from,
  );
}

/** Times a mask of a shape that broadcasts: 0 with probability p, else 1 / (1 − p). */
function timesMask(x: Tensor, shape: Shape, p: number, from: RandomSource): Tensor {
  const { operands, stream } = source(from, shape);
  const mask = elementwise(
    "dropout",
    select(less(leaf(0, stream), constant(p)), constant(0), constant(p === 1 ? 0 : 1 / (1 - p))),
    operands,
    x.dtype,
    { p },
  );
  return mul(x, mask);
}

/**
 * Drops whole channels of x [N, C, W] together with probability p (0 to 1) and divides the others by 1 − p, the same
 * shape (Tompson et al. 2015; torch.nn.functional.dropout1d). Throws a ShapeError for an input of other than 3 axes.
 */
export const dropout1d = ofRank("dropout1d", 1, dropoutChannels, dropoutCall);
/**
 * Drops whole maps of x [N, C, H, W] together with probability p (0 to 1) and divides the others by 1 − p, the same
 * shape (Tompson et al. 2015; torch.nn.functional.dropout2d). Throws a ShapeError for an input of other than 4 axes.
 */
export const dropout2d = ofRank("dropout2d", 2, dropoutChannels, dropoutCall);
/**
 * Drops whole volumes of x [N, C, D, H, W] together with probability p (0 to 1) and divides the others by 1 − p, the
 * same shape (Tompson et al. 2015; torch.nn.functional.dropout3d). Throws a ShapeError for an input of other than 5
 * axes.
 */
export const dropout3d = ofRank("dropout3d", 3, dropoutChannels, dropoutCall);
