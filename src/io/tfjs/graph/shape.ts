import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { permute } from "../../../ops/copy.ts";
import { amax, amin, argmax, argmin, prod } from "../../../ops/reduce.ts";
import { reshape } from "../../../ops/reshape.ts";
import { mean, sum } from "../../../ops/sum.ts";
import { asPlain, channelsFirst, flattened, heldAxis, knownValue, plain, type Value } from "../value.ts";
import type { Attributes } from "./node.ts";
import { axesOf, type Inputs, integerOf, integersOf, type OpRow, type OpTable, row } from "./row.ts";

const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Value =>
  knownValue({ shape, dtype: "int32", data: Int32Array.from(values) });

type Reduce = (x: Tensor, axes: readonly number[], keepDims: boolean) => Tensor;

/** Over the file's axes. Means over all places of maps (the usual head of a network) need no move. */
const reduction =
  (reduce: Reduce) =>
  ([x, axes]: Inputs, attributes: Attributes): Value => {
    const over = axesOf(axes, x.shape.length);
    const keepDims = attributes.flag("keep_dims", false);
    if (over.length === 0) return x;
    if (x.order === "first") {
      const held = over.map((axis) => heldAxis(x, axis)).sort((p, q) => p - q);
      if (keepDims) return channelsFirst(reduce(x.held(), held, true));
      const places = x.shape.length - 2;
      if (over.length === places && over[0] === 1 && over[places - 1] === places)
        return plain(reduce(x.held(), held, false));
    }
    return plain(reduce(asPlain(x), over, keepDims));
  };

const place =
  (find: (x: Tensor, axis: number) => Tensor): OpRow =>
  ([x, axis]) =>
    plain(find(asPlain(x), normalizeAxis(axis ? integerOf(axis, "its axis") : 0, x.shape.length)));

const reshaped: OpRow = ([x, shape]) => {
  const wanted = integersOf(shape, "its shape");
  const [n, rest] = wanted;
  // Flattening maps is kept in mind, not done.
  if (x.order === "first" && wanted.length === 2) {
    const features = sizeOf(x.shape.slice(1));
    if ((n === x.shape[0] || n === -1) && (rest === features || (rest === -1 && n !== -1))) return flattened(x);
  }
  return plain(reshape(asPlain(x), wanted));
};

const squeezed: OpRow = ([x], attributes) => {
  const named = attributes.ints("squeeze_dims") ?? attributes.ints("axis") ?? [];
  const axes = named.length > 0 ? named.map((axis) => normalizeAxis(axis, x.shape.length)) : x.shape.map((_, i) => i);
  if (named.length > 0 && axes.some((axis) => x.shape[axis] !== 1))
    throw new DataError(`the axes ${formatShape(named)} of ${formatShape(x.shape)} are not all 1.`);
  return plain(
    reshape(
      asPlain(x),
      x.shape.filter((n, axis) => !(n === 1 && axes.includes(axis))),
    ),
  );
};

const expanded: OpRow = ([x, axis]) => {
  const at = normalizeAxis(integerOf(axis, "its axis"), x.shape.length + 1);
  return plain(reshape(asPlain(x), [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]));
};

const transposed: OpRow = ([x, order]) => {
  const axes = integersOf(order, "its order of axes").map((axis) => normalizeAxis(axis, x.shape.length));
  const rank = axes.length;
  // From the file's order to channels first: the numbers lie so already.
  if (
    x.order === "first" &&
    axes[1] === rank - 1 &&
    axes.every((axis, i) => axis === (i === 0 ? 0 : i === 1 ? rank - 1 : i - 1))
  )
    return plain(x.held());
  // And back.
  if (
    x.order === "plain" &&
    rank > 2 &&
    axes[rank - 1] === 1 &&
    axes.every((axis, i) => axis === (i === 0 ? 0 : i === rank - 1 ? 1 : i + 1))
  )
    return channelsFirst(x.held());
  return plain(permute(asPlain(x), axes));
};

export const shapeTable: OpTable = {
  Mean: row(2, reduction(mean)),
  Sum: row(2, reduction(sum)),
  Max: row(2, reduction(amax)),
  Min: row(2, reduction(amin)),
  Prod: row(2, reduction(prod)),
  ArgMax: row(1, place(argmax)),
  ArgMin: row(1, place(argmin)),
  Reshape: row(2, reshaped),
  Squeeze: row(1, squeezed),
  ExpandDims: row(2, expanded),
  Transpose: row(2, transposed),
  Shape: row(1, ([x]) => integers(x.shape)),
  Size: row(1, ([x]) => integers([sizeOf(x.shape)], [])),
  Rank: row(1, ([x]) => integers([x.shape.length], [])),
};
