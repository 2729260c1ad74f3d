// Ops that pad, repeat, resize, look up or make numbers. Axes are the file's; where a value is held channels first and
// the op keeps its axes, the axes are looked up there, and else the numbers are put in the file's order first.
import type { NdArray } from "../../../base/array.ts";
import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis, sizeOf, stridesOf } from "../../../base/shape.ts";
import { constantTensor } from "../../../graph/graph.ts";
import { add, mul } from "../../../ops/arithmetic.ts";
import { pad, permute, slice, tile } from "../../../ops/copy.ts";
import { gather, oneHot } from "../../../ops/gather.ts";
import { topk } from "../../../ops/order.ts";
import { reshape } from "../../../ops/reshape.ts";
import { broadcastTo, sum } from "../../../ops/sum.ts";
import { resizeMaps } from "../spatial.ts";
import { asFirst, asPlain, channelsFirst, checkSize, heldAxis, knownValue, plain, type Value } from "../value.ts";
import { constantOf, integerOf, integersOf, type OpRow, type OpTable, row, unsupported } from "./row.ts";

/** The most numbers that are made while the graph is built. */
const MOST = 1 << 20;

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
  return plain(reshape(permute(boxes, order), [y.shape[0] * sizeOf(block), ...sizes, ...rest]));
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
  const y = reshape(permute(boxes, order), [n, ...sizes.map((size, i) => size * block[i]), ...rest]);
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

export const movementTable: OpTable = {
  Pad: row(2, padded),
  PadV2: row(3, padded),
  MirrorPad: row(2, padded),
  Tile: row(2, tiled),
  BroadcastTo: row(2, broadcast),
  Fill: row(2, filled),
  Range: row(3, range),
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
