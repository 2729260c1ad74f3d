import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import type { SliceRange } from "../../../ops/cards/copy.ts";
import { concat, slice } from "../../../ops/copy.ts";
import { reshape } from "../../../ops/reshape.ts";
import { concatenated } from "../layers/shape.ts";
import { asPlain, channelsFirst, heldAxis, plain, type Value } from "../value.ts";
import { integerOf, integersOf, type OpRow, type OpTable, row } from "./row.ts";

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

export const cuttingTable: OpTable = {
  Concat: row(2, joined),
  ConcatV2: row(2, joined),
  Pack: row(1, stacked),
  Unpack: row(1, unstacked),
  Split: row(2, split),
  SplitV: row(3, splitSizes),
  Slice: row(3, slicedBySize),
  StridedSlice: row(4, strided),
};
