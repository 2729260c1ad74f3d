// Operators that move numbers or say what shape they have: Reshape, Transpose, Slice, Concat, Pad, Tile, Shape, Range, ….
import { filled, type NdArray } from "../../../base/array.ts";
import type { DType } from "../../../base/dtype.ts";
import { DataError } from "../../../base/errors.ts";
import { atMost, limits } from "../../../base/limits.ts";
import { broadcastShapes, formatShape, normalizeAxis, type Shape, sizeOf } from "../../../base/shape.ts";
import { constantTensor, type Tensor } from "../../../graph/graph.ts";
import type { PaddingMode } from "../../../ops/cards/copy.ts";
import { concat, pad, permute, slice, tile } from "../../../ops/copy.ts";
import { reshape } from "../../../ops/reshape.ts";
import { broadcastTo } from "../../../ops/sum.ts";
import { type Attributes, type Context, type Inputs, optional, row, type Table, unsupported } from "../row.ts";
import { dtypeOf, readOnce, readTensor } from "../tensor.ts";

const int64 = (values: readonly number[], shape: Shape = [values.length]): Tensor =>
  constantTensor({ shape, dtype: "int64", data: Float64Array.from(values) });

/** A list of whole numbers: an input where newer operator sets have it, an attribute in older ones. */
function listOf(
  inputs: Inputs,
  place: number,
  name: string,
  attributes: Attributes,
  context: Context,
): number[] | undefined {
  const given = optional(inputs, place);
  return given ? context.integers(given, `its ${name}`) : attributes.ints(name);
}

function reshaped(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  const keepZero = attributes.int("allowzero", 0) === 1;
  const wanted = listOf(inputs, 1, "shape", attributes, context);
  if (!wanted) throw new DataError("it has no shape.");
  return reshape(
    x,
    wanted.map((n, axis) => {
      if (n !== 0 || keepZero) return n;
      if (axis >= x.shape.length)
        throw new DataError(
          `its shape ${formatShape(wanted)} copies axis ${axis} of ${formatShape(x.shape)}, which has none.`,
        );
      return x.shape[axis];
    }),
  );
}

function flatten([x]: Inputs, attributes: Attributes): Tensor {
  const axis = attributes.int("axis", 1);
  const first = axis === x.shape.length ? axis : normalizeAxis(axis, x.shape.length);
  return reshape(x, [sizeOf(x.shape.slice(0, first)), sizeOf(x.shape.slice(first))]);
}

function squeeze(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  const axes = listOf(inputs, 1, "axes", attributes, context)?.map((axis) => normalizeAxis(axis, x.shape.length));
  for (const axis of axes ?? []) {
    if (x.shape[axis] !== 1)
      throw new DataError(`axis ${axis} of ${formatShape(x.shape)} has more than one place and cannot be dropped.`);
  }
  return reshape(
    x,
    x.shape.filter((n, axis) => (axes ? !axes.includes(axis) : n !== 1)),
  );
}

function unsqueeze(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  const list = listOf(inputs, 1, "axes", attributes, context) ?? [];
  const rank = x.shape.length + list.length;
  const axes = list.map((axis) => normalizeAxis(axis, rank));
  if (new Set(axes).size !== axes.length) throw new DataError("it names an axis twice.");
  let next = 0;
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : x.shape[next++])),
  );
}

function sliced(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  const starts = listOf(inputs, 1, "starts", attributes, context) ?? [];
  const ends = listOf(inputs, 2, "ends", attributes, context) ?? [];
  const axes = listOf(inputs, 3, "axes", attributes, context) ?? starts.map((_, i) => i);
  const steps = optional(inputs, 4) ? context.integers(inputs[4], "its steps") : starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    throw new DataError("its starts, ends, axes and steps differ in number.");
  }
  const ranges = x.shape.map(() => ({}));
  axes.forEach((axis, i) => {
    ranges[normalizeAxis(axis, x.shape.length)] = { start: starts[i], stop: ends[i], step: steps[i] };
  });
  return slice(x, ranges);
}

function split(inputs: Inputs, attributes: Attributes, context: Context): Tensor[] {
  const [x] = inputs;
  const axis = normalizeAxis(attributes.int("axis", 0), x.shape.length);
  const count = attributes.int("num_outputs", context.outputCount);
  const size = x.shape[axis];
  const each = Math.ceil(size / count);
  const sizes =
    listOf(inputs, 1, "split", attributes, context) ??
    Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, size - i * each)));
  if (sizes.some((n) => n < 0) || sizes.reduce((a, b) => a + b, 0) !== size) {
    throw new DataError(`the parts ${formatShape(sizes)} do not add up to the ${size} places of axis ${axis}.`);
  }
  let start = 0;
  return sizes.map((n) => {
    const ranges = x.shape.map((_, i) => (i === axis ? { start, stop: start + n } : undefined));
    start += n;
    return slice(x, ranges);
  });
}

const modes: Readonly<Record<string, PaddingMode>> = {
  constant: "constant",
  reflect: "reflect",
  edge: "replicate",
  wrap: "circular",
};

function padded(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x] = inputs;
  const rank = x.shape.length;
  const word = attributes.text("mode", "constant");
  const mode = modes[word];
  if (!mode) throw unsupported(`the padding mode "${word}"`);
  const widths = listOf(inputs, 1, "pads", attributes, context) ?? attributes.ints("paddings") ?? [];
  const given = optional(inputs, 2);
  const value = given ? context.constant(given, "its padding value").data[0] : attributes.float("value", 0);
  const axes = optional(inputs, 3)
    ? context.integers(inputs[3], "its axes").map((axis) => normalizeAxis(axis, rank))
    : x.shape.map((_, i) => i);
  if (widths.length !== 2 * axes.length)
    throw new DataError(`${widths.length} pads do not fit ${axes.length} axes; there must be two an axis.`);
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  axes.forEach((axis, i) => {
    before[axis] = widths[i];
    after[axis] = widths[axes.length + i];
  });
  if (mode !== "constant" && [...before, ...after].some((n) => n < 0)) {
    // Cropping comes first, then the padding of what is left.
    const cropped = pad(
      x,
      before.map((n) => Math.min(0, n)),
      after.map((n) => Math.min(0, n)),
      "constant",
    );
    return pad(
      cropped,
      before.map((n) => Math.max(0, n)),
      after.map((n) => Math.max(0, n)),
      mode,
    );
  }
  return pad(x, before, after, mode, value);
}

function expand([x, shape]: Inputs, _attributes: Attributes, context: Context): Tensor {
  const wanted = context.integers(shape, "its shape");
  const joint = broadcastShapes(x.shape, wanted);
  if (!joint) throw new DataError(`${formatShape(x.shape)} cannot be expanded to ${formatShape(wanted)}.`);
  return broadcastTo(x, joint);
}

function shapeOf([x]: Inputs, attributes: Attributes): Tensor {
  const rank = x.shape.length;
  const place = (n: number): number => Math.min(rank, Math.max(0, n < 0 ? n + rank : n));
  return int64(x.shape.slice(place(attributes.int("start", 0)), place(attributes.int("end", rank))));
}

function constant(_inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const tensor = attributes.tensor("value");
  if (tensor) {
    const value = context.stored(readOnce(tensor));
    context.setElementType(value, tensor.dataType!);
    return value;
  }
  const ints = attributes.ints("value_ints");
  if (ints) return int64(ints);
  if (attributes.has("value_int")) return int64([attributes.int("value_int", 0)], []);
  const floats = attributes.floats("value_floats");
  if (floats) return context.stored({ shape: [floats.length], dtype: "float32", data: Float32Array.from(floats) });
  if (attributes.has("value_float"))
    return constantTensor({ shape: [], dtype: "float32", data: Float32Array.of(attributes.float("value_float", 0)) });
  throw unsupported("a constant that is neither a tensor nor a number");
}

/** Refuses to make constants out of nothing but a claim. */
function checkMade(shape: Shape): void {
  if (
    shape.length > 12 ||
    shape.some((n) => !Number.isSafeInteger(n) || n < 0) ||
    sizeOf(shape) > limits.madeElements.most
  ) {
    throw new DataError(
      `it makes a tensor of shape ${formatShape(shape)}, which cannot be: ${atMost(limits.madeElements)}.`,
    );
  }
}

function constantOfShape([shape]: Inputs, attributes: Attributes, context: Context): Tensor {
  const wanted = context.integers(shape, "its shape");
  checkMade(wanted);
  const given = attributes.tensor("value");
  const { dtype, data }: Pick<NdArray, "dtype" | "data"> = given
    ? readTensor(given)
    : { dtype: "float32", data: new Float32Array(1) };
  const one = constantTensor({ shape: wanted.map(() => 1), dtype, data: data.slice(0, 1) });
  return broadcastTo(one, wanted);
}

function range([start, limit, delta]: Inputs, _attributes: Attributes, context: Context): Tensor {
  const [from, to, step] = [start, limit, delta].map(
    (t, i) => context.constant(t, `its ${["start", "limit", "delta"][i]}`).data[0],
  );
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!Number.isFinite(count)) throw new DataError(`a range from ${from} to ${to} by ${step} has no end.`);
  checkMade([count]);
  return constantTensor({
    shape: [count],
    dtype: start.dtype,
    data: Float64Array.from({ length: count }, (_, i) => from + i * step),
  });
}

/** Blocks of channels become blocks of places: x [N, C b², H, W] to [N, C, H b, W b]. */
function depthToSpace([x]: Inputs, attributes: Attributes): Tensor {
  const b = blockOf(attributes);
  const mode = attributes.text("mode", "DCR");
  const [n, channels, height, width] = fourAxes(x);
  const c = channels / (b * b);
  if (!Number.isInteger(c)) throw new DataError(`${channels} channels cannot be cut into blocks of ${b} by ${b}.`);
  if (mode !== "DCR" && mode !== "CRD") throw unsupported(`the mode "${mode}"`);
  const parts =
    mode === "DCR"
      ? permute(reshape(x, [n, b, b, c, height, width]), [0, 3, 4, 1, 5, 2])
      : permute(reshape(x, [n, c, b, b, height, width]), [0, 1, 4, 2, 5, 3]);
  return reshape(parts, [n, c, height * b, width * b]);
}

function spaceToDepth([x]: Inputs, attributes: Attributes): Tensor {
  const b = blockOf(attributes);
  const [n, c, height, width] = fourAxes(x);
  if (height % b !== 0 || width % b !== 0)
    throw new DataError(`${height} by ${width} places cannot be cut into blocks of ${b} by ${b}.`);
  const parts = permute(reshape(x, [n, c, height / b, b, width / b, b]), [0, 3, 5, 1, 2, 4]);
  return reshape(parts, [n, c * b * b, height / b, width / b]);
}

function blockOf(attributes: Attributes): number {
  const b = attributes.int("blocksize", 0);
  if (!Number.isSafeInteger(b) || b < 1) throw new DataError(`the block size must be at least 1, not ${b}.`);
  return b;
}

function fourAxes({ shape }: Tensor): readonly number[] {
  if (shape.length !== 4) throw new DataError(`it needs an input of four axes, not ${formatShape(shape)}.`);
  return shape;
}

function dropout(inputs: Inputs, attributes: Attributes, context: Context): Tensor[] {
  const [x] = inputs;
  const training = optional(inputs, 2);
  const ratio = optional(inputs, 1);
  const rate = ratio ? (context.known(ratio)?.data[0] ?? 0.5) : attributes.float("ratio", 0.5);
  if (training && context.constant(training, "its training mode").data[0] !== 0 && rate !== 0) {
    throw unsupported("dropout in training mode (its random numbers are those of another library)");
  }
  const kept: DType = context.opset < 10 ? x.dtype : "bool";
  return [
    x,
    broadcastTo(
      constantTensor(
        filled(
          x.shape.map(() => 1),
          1,
          kept,
        ),
      ),
      x.shape,
    ),
  ];
}

function tiled([x, repeats]: Inputs, _attributes: Attributes, context: Context): Tensor {
  const counts = context.integers(repeats, "its repeats");
  checkMade(counts);
  if (counts.length !== x.shape.length)
    throw new DataError(`${counts.length} repeats do not fit the ${x.shape.length} axes of ${formatShape(x.shape)}.`);
  return tile(x, counts);
}

export const shapeTable: Table = {
  Reshape: row(1, reshaped),
  Flatten: row(1, flatten),
  Squeeze: row(1, squeeze),
  Unsqueeze: row(1, unsqueeze),
  Transpose: row(1, ([x], attributes) => permute(x, attributes.ints("perm"))),
  Slice: row(1, sliced),
  Split: row(1, split),
  Concat: row(Infinity, (inputs, attributes) => concat(inputs, attributes.int("axis", 1))),
  Pad: row(1, padded),
  Tile: row(2, tiled),
  Expand: row(2, expand),
  Shape: row(1, shapeOf),
  Size: row(1, ([x]) => int64([sizeOf(x.shape)], [])),
  Constant: row(0, constant),
  ConstantOfShape: row(1, constantOfShape),
  Range: row(3, range),
  DepthToSpace: row(1, depthToSpace),
  SpaceToDepth: row(1, spaceToDepth),
  Identity: row(1, ([x]) => x),
  Dropout: row(1, dropout),
  EyeLike: row(1, ([x], attributes) => {
    const { shape } = x;
    if (shape.length !== 2) throw new DataError(`it needs an input of two axes, not ${formatShape(shape)}.`);
    checkMade(shape);
    const k = attributes.int("k", 0);
    const data = new Float64Array(sizeOf(shape));
    for (let i = 0; i < shape[0]; i++) if (i + k >= 0 && i + k < shape[1]) data[i * shape[1] + i + k] = 1;
    return constantTensor({
      shape,
      dtype: attributes.has("dtype") ? dtypeOf(attributes.int("dtype", 1), "the result") : x.dtype,
      data,
    });
  }),
};
