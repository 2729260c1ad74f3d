// Reductions, and ops that move, join, cut or make numbers. Axes are the file's; where a value is held channels first and
// the op keeps its axes, the axes are looked up there, and else the numbers are put in the file's order first.
import type { NdArray } from "../../../base/array.ts";
import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis, sizeOf, stridesOf } from "../../../base/shape.ts";
import { constantTensor, type Tensor } from "../../../graph/graph.ts";
import { add, mul } from "../../../ops/arithmetic.ts";
import { concat, pad, type SliceRange, slice, tile, transpose } from "../../../ops/copy.ts";
import { gather, oneHot } from "../../../ops/gather.ts";
import { topk } from "../../../ops/order.ts";
import { amax, amin, argmax, argmin, prod } from "../../../ops/reduce.ts";
import { reshape } from "../../../ops/reshape.ts";
import { broadcastTo, mean, sum } from "../../../ops/sum.ts";
import { concatenated } from "../layers/shape.ts";
import { resizeMaps } from "../spatial.ts";
import {
  asFirst,
  asPlain,
  channelsFirst,
  checkSize,
  flattened,
  heldAxis,
  knownValue,
  plain,
  type Value,
} from "../value.ts";
import type { Attributes } from "./node.ts";
import {
  axesOf,
  constantOf,
  type Inputs,
  integerOf,
  integersOf,
  type OpRow,
  type OpTable,
  row,
  unsupported,
} from "./row.ts";

/** The most numbers that are made while the graph is built. */
const MOST = 1 << 20;

const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Value =>
  knownValue({ shape, dtype: "int32", data: Int32Array.from(values) });

// ---- reductions -----------------------------------------------------------------------------------------------------------

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

// ---- shapes ---------------------------------------------------------------------------------------------------------------

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
  return plain(transpose(asPlain(x), axes));
};

// ---- cutting and joining ----------------------------------------------------------------------------------------------------

const joined: OpRow = (inputs, _attributes, node) => {
  // The axis is the last input; of the oldest Concat it is the first.
  const first = node.op === "Concat";
  const axis = integerOf(inputs[first ? 0 : inputs.length - 1], "its axis");
  const values = first ? inputs.slice(1) : inputs.slice(0, -1);
  const rank = values[0]?.shape.length ?? 0;
  return concatenated(values, normalizeAxis(axis, rank));
};

const stacked: OpRow = (inputs, attributes) => {
  const axis = normalizeAxis(attributes.int("axis", 0), inputs[0].shape.length + 1);
  const one = (value: Value): Tensor => {
    const { shape } = value;
    return reshape(asPlain(value), [...shape.slice(0, axis), 1, ...shape.slice(axis)]);
  };
  return plain(concat(inputs.map(one), axis));
};

const unstacked: OpRow = ([x], attributes) => {
  const axis = normalizeAxis(attributes.int("axis", 0), x.shape.length);
  const parts = cut(x, axis, new Array<number>(counted(x.shape[axis])).fill(1));
  return parts.map((part) =>
    plain(
      reshape(
        asPlain(part),
        x.shape.filter((_, i) => i !== axis),
      ),
    ),
  );
};

function counted(parts: number): number {
  if (!(parts >= 1 && parts <= 10_000)) throw new DataError(`it cannot be cut into ${parts} parts.`);
  return parts;
}

/** Pieces of the given lengths along an axis of the file's order. */
function cut(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const value = x.order === "flat" ? plain(asPlain(x)) : x;
  const held = value.held();
  const at = heldAxis(value, axis);
  let start = 0;
  const wrap = value.order === "first" ? channelsFirst : plain;
  return sizes.map((size) => {
    const ranges = held.shape.map((_, i) => (i === at ? { start, stop: start + size } : undefined));
    start += size;
    return wrap(slice(held, ranges));
  });
}

const split: OpRow = ([axis, x], attributes) => {
  const at = normalizeAxis(integerOf(axis, "its axis"), x.shape.length);
  const parts = counted(attributes.int("num_split", 1));
  if (x.shape[at] % parts !== 0)
    throw new DataError(`${x.shape[at]} places cannot be split into ${parts} equal parts.`);
  return cut(x, at, new Array<number>(parts).fill(x.shape[at] / parts));
};

const splitSizes: OpRow = ([x, sizes, axis]) => {
  const at = normalizeAxis(integerOf(axis, "its axis"), x.shape.length);
  const list = integersOf(sizes, "its sizes");
  counted(list.length);
  const rest = x.shape[at] - list.reduce((total, n) => total + Math.max(0, n), 0);
  const full = list.map((n) => (n === -1 ? rest : n));
  if (full.some((n) => n < 0) || full.reduce((p, q) => p + q, 0) !== x.shape[at])
    throw new DataError(`the sizes ${formatShape(list)} do not add up to ${x.shape[at]}.`);
  return cut(x, at, full);
};

/** Cuts by ranges along the file's axes. */
function sliced(x: Value, ranges: readonly (SliceRange | undefined)[]): Value {
  if (x.order !== "first") return plain(slice(asPlain(x), ranges));
  const held: (SliceRange | undefined)[] = x.shape.map(() => undefined);
  ranges.forEach((range, axis) => {
    held[heldAxis(x, axis)] = range;
  });
  return channelsFirst(slice(x.held(), held));
}

const slicedBySize: OpRow = ([x, begin, size]) => {
  const starts = integersOf(begin, "its begin");
  const sizes = integersOf(size, "its size");
  const bad = starts.some((start, i) => start < 0 || start + Math.max(0, sizes[i]) > x.shape[i] || sizes[i] < -1);
  if (starts.length !== x.shape.length || sizes.length !== x.shape.length || bad)
    throw new DataError(`${formatShape(starts)} and ${formatShape(sizes)} lie outside ${formatShape(x.shape)}.`);
  return sliced(
    x,
    starts.map((start, i) => ({ start, stop: sizes[i] === -1 ? x.shape[i] : start + sizes[i] })),
  );
};

/** NumPy's a[begin:end:strides] with masks of bits: one bit an entry. */
const strided: OpRow = ([x, begin, end, strides], attributes) => {
  const [from, to, by] = [begin, end, strides].map((value) => integersOf(value, "its ranges"));
  const mask = (name: string) => {
    const bits = attributes.int(name, 0);
    return (i: number): boolean => ((bits >> i) & 1) === 1;
  };
  const [openStart, openEnd, shrunk, added, dots] = [
    "begin_mask",
    "end_mask",
    "shrink_axis_mask",
    "new_axis_mask",
    "ellipsis_mask",
  ].map(mask);
  if (from.length !== to.length || from.length !== by.length || from.length > 20)
    throw new DataError("its begin, end and strides differ in length.");
  if (by.some((step) => step === 0)) throw new DataError("a stride is 0.");
  const ranges: (SliceRange | undefined)[] = [];
  // What becomes of each axis of the input, new axes of length 1 in between.
  const shape: ("keep" | "drop" | "new")[] = [];
  const consumed = from.filter((_, i) => !added(i) && !dots(i)).length;
  if (consumed > x.shape.length) throw new DataError(`it has ${consumed} ranges for ${formatShape(x.shape)}.`);
  from.forEach((start, i) => {
    if (dots(i)) {
      for (let k = consumed; k < x.shape.length; k++) {
        ranges.push(undefined);
        shape.push("keep");
      }
    } else if (added(i)) {
      shape.push("new");
    } else if (shrunk(i)) {
      const n = x.shape[ranges.length];
      const at = start < 0 ? start + n : start;
      if (at < 0 || at >= n) throw new DataError(`place ${start} lies outside ${n}.`);
      ranges.push({ start: at, stop: at + 1 });
      shape.push("drop");
    } else {
      ranges.push({ start: openStart(i) ? undefined : start, stop: openEnd(i) ? undefined : to[i], step: by[i] });
      shape.push("keep");
    }
  });
  while (ranges.length < x.shape.length) {
    ranges.push(undefined);
    shape.push("keep");
  }
  const y = sliced(x, ranges);
  if (shape.every((kind) => kind === "keep")) return y;
  let axis = 0;
  const sizes: number[] = [];
  for (const kind of shape) {
    if (kind === "keep") sizes.push(y.shape[axis]);
    else if (kind === "new") sizes.push(1);
    if (kind !== "new") axis++;
  }
  return plain(reshape(asPlain(y), sizes));
};

// ---- padding, repeating, resizing -------------------------------------------------------------------------------------------

const padded: OpRow = ([x, widths, value], attributes, node) => {
  const list = integersOf(plainVector(widths), "its widths");
  const rank = x.shape.length;
  if (list.length !== 2 * rank || list.some((n) => n < 0))
    throw new DataError(`the widths ${formatShape(list)} do not fit ${formatShape(x.shape)}.`);
  const held = x.order === "flat" ? plain(asPlain(x)) : x;
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  for (let axis = 0; axis < rank; axis++) {
    before[heldAxis(held, axis)] = list[2 * axis];
    after[heldAxis(held, axis)] = list[2 * axis + 1];
  }
  const wrap = held.order === "first" ? channelsFirst : plain;
  if (node.op === "MirrorPad") {
    const mode = attributes.text("mode", "REFLECT");
    if (mode !== "REFLECT") throw unsupported(`mirror padding of mode "${mode.slice(0, 40)}"`);
    return wrap(pad(held.held(), before, after, "reflect"));
  }
  const fill = value ? constantOf(value, "its value").data[0] : 0;
  return wrap(pad(held.held(), before, after, "constant", fill));
};

/** A known matrix as the list of its numbers. */
function plainVector(value: Value): Value {
  return value.known ? knownValue({ ...value.known, shape: [value.known.data.length] }) : value;
}

const tiled: OpRow = ([x, counts]) => {
  const list = integersOf(counts, "its counts");
  if (list.some((n) => n < 0)) throw new DataError(`it cannot repeat ${formatShape(list)} times.`);
  checkSize(x.shape.map((n, i) => n * (list[i] ?? 1)));
  return plain(tile(asPlain(x), list));
};

const broadcast: OpRow = ([x, shape]) => {
  const wanted = integersOf(shape, "its shape");
  if (wanted.some((n) => n < 0)) throw new DataError(`the shape ${formatShape(wanted)} is impossible.`);
  checkSize(wanted);
  return plain(broadcastTo(asPlain(x), wanted));
};

const filled: OpRow = ([shape, value]) => {
  const wanted = integersOf(shape, "its shape");
  if (wanted.some((n) => n < 0)) throw new DataError(`the shape ${formatShape(wanted)} is impossible.`);
  checkSize(wanted);
  return plain(broadcastTo(asPlain(value), wanted));
};

const range: OpRow = ([start, limit, delta]) => {
  const [from, to, by] = [start, limit, delta].map((value) => constantOf(value, "its range").data[0]);
  const count = Math.max(0, Math.ceil((to - from) / by));
  if (!(count <= MOST)) throw new DataError(`a range of ${count} numbers is too long.`);
  const dtype = start.known!.dtype;
  const data = Float64Array.from({ length: count }, (_, i) => from + i * by);
  const array: NdArray = {
    shape: [count],
    dtype,
    data: dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data),
  };
  return knownValue(array);
};

const resized =
  (mode: "nearest" | "linear"): OpRow =>
  ([x, size], attributes) =>
    channelsFirst(
      resizeMaps(asFirst(x), integersOf(size, "its size"), mode, {
        alignCorners: attributes.flag("align_corners", false),
        halfPixelCenters: attributes.flag("half_pixel_centers", false),
      }),
    );

const gathered: OpRow = ([x, indices, axis], attributes) => {
  if (attributes.int("batch_dims", 0) !== 0) throw unsupported("gathering with batch_dims");
  const at = normalizeAxis(axis ? integerOf(axis, "its axis") : 0, x.shape.length);
  const count = x.shape[at];
  if (indices.known?.data.some((i) => i < 0 || i >= count))
    throw new DataError(`an index lies outside ${count} places.`);
  return plain(gather(asPlain(x), asPlain(indices), at));
};

/** The last axis of the indices holds a place along each of the first axes of x. */
const gatheredPlaces: OpRow = ([x, indices]) => {
  const rank = indices.shape.length;
  const depth = indices.shape[rank - 1] ?? 0;
  if (depth < 1 || depth > x.shape.length)
    throw new DataError(`indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)}.`);
  const strides = stridesOf(x.shape.slice(0, depth));
  const weights = constantTensor({ shape: [depth], dtype: "int32", data: Int32Array.from(strides) });
  const flat = sum(mul(asPlain(indices), weights), [rank - 1]);
  const rest = x.shape.slice(depth);
  return plain(gather(reshape(asPlain(x), [sizeOf(x.shape.slice(0, depth)), ...rest]), flat, 0));
};

const largest: OpRow = ([x, k]) => {
  const { values, indices } = topk(asPlain(x), integerOf(k, "its number"), -1);
  return [plain(values), plain(indices)];
};

const hot: OpRow = ([indices, depth, on, off], attributes) => {
  const classes = integerOf(depth, "its depth");
  checkSize([...indices.shape, classes]);
  const hits = oneHot(asPlain(indices), classes, attributes.int("axis", -1));
  const [one, zero] = [on, off].map((value) => constantOf(value, "its value").data[0]);
  return plain(one === 1 && zero === 0 ? hits : add(mul(hits, one - zero), zero));
};

/** [N, H, W, C] cut into blocks that become images (the old way of writing dilated convolutions). */
const spaceToBatch: OpRow = ([x, blockShape, paddings]) => {
  const block = integersOf(blockShape, "its block shape");
  const around = integersOf(plainVector(paddings), "its paddings");
  checkBlocks(x, block, around);
  const m = block.length;
  const rest = x.shape.slice(m + 1);
  const before = [0, ...block.map((_, i) => around[2 * i]), ...rest.map(() => 0)];
  const after = [0, ...block.map((_, i) => around[2 * i + 1]), ...rest.map(() => 0)];
  const y = pad(asPlain(x), before, after);
  const sizes = block.map((b, i) => y.shape[i + 1] / b);
  const boxes = reshape(y, [y.shape[0], ...sizes.flatMap((n, i) => [n, block[i]]), ...rest]);
  const order = [
    ...block.map((_, i) => 2 * i + 2),
    0,
    ...block.map((_, i) => 2 * i + 1),
    ...rest.map((_, i) => 2 * m + 1 + i),
  ];
  return plain(reshape(transpose(boxes, order), [y.shape[0] * sizeOf(block), ...sizes, ...rest]));
};

const batchToSpace: OpRow = ([x, blockShape, crops]) => {
  const block = integersOf(blockShape, "its block shape");
  const around = integersOf(plainVector(crops), "its crops");
  checkBlocks(x, block, around);
  const m = block.length;
  const rest = x.shape.slice(m + 1);
  const sizes = x.shape.slice(1, m + 1);
  const n = x.shape[0] / sizeOf(block);
  const boxes = reshape(asPlain(x), [...block, n, ...sizes, ...rest]);
  const order = [m, ...block.flatMap((_, i) => [m + 1 + i, i]), ...rest.map((_, i) => 2 * m + 1 + i)];
  const y = reshape(transpose(boxes, order), [n, ...sizes.map((size, i) => size * block[i]), ...rest]);
  return plain(
    slice(y, [
      undefined,
      ...sizes.map((size, i) => ({ start: around[2 * i], stop: size * block[i] - around[2 * i + 1] })),
    ]),
  );
};

function checkBlocks(x: Value, block: readonly number[], around: readonly number[]): void {
  const fits = around.length === 2 * block.length && block.length < x.shape.length;
  if (!fits || block.some((n) => n < 1) || around.some((n) => n < 0))
    throw new DataError(`blocks ${formatShape(block)} with ${formatShape(around)} do not fit ${formatShape(x.shape)}.`);
}

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
  Concat: row(2, joined),
  ConcatV2: row(2, joined),
  Pack: row(1, stacked),
  Unpack: row(1, unstacked),
  Split: row(2, split),
  SplitV: row(3, splitSizes),
  Slice: row(3, slicedBySize),
  StridedSlice: row(4, strided),
  Pad: row(2, padded),
  PadV2: row(3, padded),
  MirrorPad: row(2, padded),
  Tile: row(2, tiled),
  BroadcastTo: row(2, broadcast),
  Fill: row(2, filled),
  Range: row(3, range),
  Shape: row(1, ([x]) => integers(x.shape)),
  Size: row(1, ([x]) => integers([sizeOf(x.shape)], [])),
  Rank: row(1, ([x]) => integers([x.shape.length], [])),
  ResizeBilinear: row(2, resized("linear")),
  ResizeNearestNeighbor: row(2, resized("nearest")),
  Gather: row(2, gathered),
  GatherV2: row(3, gathered),
  GatherNd: row(2, gatheredPlaces),
  TopKV2: row(2, largest),
  OneHot: row(4, hot),
  SpaceToBatchND: row(3, spaceToBatch),
  BatchToSpaceND: row(3, batchToSpace),
};
