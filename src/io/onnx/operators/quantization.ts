// Quantised operators, run dequantised: real = (q − zero point) · scale. Integers stay exact in float32 up to 2^24.
import type { NdArray } from "../../../base/array.ts";
import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../../base/shape.ts";
import { constantOp, type Tensor } from "../../../graph/graph.ts";
import { add, constant, divide, maximum, minimum, multiply, subtract, unary } from "../../../kernel/expression.ts";
import { cast, div, maximum as larger, mul, minimum as smaller, sub } from "../../../ops/arithmetic.ts";
import { broadcastMap } from "../../../ops/cards/arithmetic.ts";
import { matmul } from "../../../ops/matmul.ts";
import { amax, amin } from "../../../ops/reduce.ts";
import { reshape } from "../../../ops/reshape.ts";
import { type Attributes, type Context, type Inputs, optional, row, type Table, unsupported } from "../row.ts";
import { dtypeOf, elementTypes } from "../tensor.ts";
import { conv } from "./convolution.ts";

/** A scale or zero point of one number an axis, shaped so that it broadcasts over x. */
function alongAxis(t: Tensor, x: Tensor, axis: number): Tensor {
  if (t.shape.length === 0 || (t.shape.length === 1 && t.shape[0] === 1)) return reshape(t, []);
  if (t.shape.length !== 1) throw unsupported(`quantisation in blocks, with scales ${formatShape(t.shape)}`);
  const place = normalizeAxis(axis, x.shape.length);
  return reshape(
    t,
    x.shape.map((n, i) => (i === place ? n : 1)),
  );
}

/** The range of an 8-bit type (or another whole one), by its ONNX number. */
function rangeOf(type: number): [number, number] {
  const { name, bits } = elementTypes[type] ?? { name: "", bits: 0 };
  if (!/^u?int(4|8|16|32)$/.test(name)) throw unsupported(`quantisation to ${name || `element type ${type}`}`);
  return name.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function quantize(
  x: Tensor,
  scale: Tensor,
  zero: Tensor | undefined,
  axis: number,
  type: number,
  context: Context,
): Tensor {
  const [low, high] = rangeOf(type);
  const operands = [x, alongAxis(scale, x, axis)];
  if (zero) operands.push(alongAxis(zero, x, axis));
  const y = broadcastMap(
    "quantize",
    operands,
    (value, s, z = constant(0)) =>
      maximum(constant(low), minimum(constant(high), add(unary("round", divide(value, s)), z))),
    dtypeOf(type, "the quantised tensor"),
  );
  context.setElementType(y, type);
  return y;
}

function dequantize(q: Tensor, scale: Tensor, zero: Tensor | undefined, axis: number): Tensor {
  const operands = [q, alongAxis(scale, q, axis)];
  if (zero) operands.push(alongAxis(zero, q, axis));
  return broadcastMap(
    "dequantize",
    operands,
    (value, s, z = constant(0)) => multiply(subtract(value, z), s),
    "float32",
  );
}

/** Dequantised weights, so that another size of the input does not compute them again. */
const done = new WeakMap<NdArray, { readonly from: readonly unknown[]; readonly value: NdArray }>();

/** The same as `dequantize`; numbers that the file holds become a weight of the network. */
function dequantized(inputs: readonly [Tensor, Tensor, Tensor | undefined], axis: number, context: Context): Tensor {
  const [q, scale, zero] = inputs;
  const [numbers, factors, offsets] = [q, scale, zero].map((t) => t && context.known(t));
  if (q.node.op !== constantOp || !numbers || !factors || (zero && !offsets)) return dequantize(q, scale, zero, axis);
  // Refuses what does not fit.
  for (const t of [scale, zero]) if (t) alongAxis(t, q, axis);
  const along = [factors, offsets].some((array) => array && array.data.length > 1);
  const place = along ? normalizeAxis(axis, q.shape.length) : 0;
  const from = [factors, offsets, place];
  let known = done.get(numbers);
  if (!known || known.from.some((part, i) => part !== from[i])) {
    known = { from, value: realNumbers(numbers, factors, offsets, place) };
    done.set(numbers, known);
  }
  return context.weight(known.value, q);
}

function realNumbers(
  { shape, data }: NdArray,
  { data: scales }: NdArray,
  zeros: NdArray | undefined,
  axis: number,
): NdArray {
  const inner = sizeOf(shape.slice(axis + 1));
  const [manyScales, manyZeros] = [scales.length > 1, (zeros?.data.length ?? 0) > 1];
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) {
    const along = Math.floor(i / inner) % shape[axis];
    const zero = zeros ? zeros.data[manyZeros ? along : 0] : 0;
    out[i] = (data[i] - zero) * scales[manyScales ? along : 0];
  }
  return { shape, dtype: "float32", data: out };
}

function typeOfZero(zero: Tensor | undefined, attributes: Attributes, context: Context): number {
  const said = attributes.int("output_dtype", 0);
  return zero ? (context.elementType(zero) ?? 2) : said || 2;
}

function quantizeLinear(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  attributes.int("saturate", 1);
  if (attributes.int("block_size", 0) !== 0) throw unsupported("quantisation in blocks");
  const zero = optional(inputs, 2);
  return quantize(
    inputs[0],
    inputs[1],
    zero,
    attributes.int("axis", 1),
    typeOfZero(zero, attributes, context),
    context,
  );
}

function dequantizeLinear(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  if (attributes.int("block_size", 0) !== 0) throw unsupported("quantisation in blocks");
  return dequantized([inputs[0], inputs[1], optional(inputs, 2)], attributes.int("axis", 1), context);
}

/** Dequantises x and w (scales of w one an output channel), convolves, adds the bias (int32, of scale sx · sw), quantises. */
function quantizedConv(inputs: Inputs, attributes: Attributes, context: Context): Tensor {
  const [x, xScale, xZero, w, wScale, wZero, yScale, yZero] = inputs;
  const bias = optional(inputs, 8);
  const real = [dequantize(x, xScale, xZero, 1), dequantized([w, wScale, wZero], 0, context)];
  if (bias)
    real.push(
      mul(cast(bias, "float32"), mul(reshape(xScale, []), wScale.shape.length === 1 ? wScale : reshape(wScale, [1]))),
    );
  return quantize(conv(real, attributes), yScale, yZero, 1, context.elementType(yZero) ?? 2, context);
}

function integerConv(inputs: Inputs, attributes: Attributes): Tensor {
  const [x, w] = inputs;
  const whole = (t: Tensor, zero: Tensor | undefined, axis: number): Tensor => {
    const value = cast(t, "float32");
    return zero ? sub(value, cast(alongAxis(zero, t, axis), "float32")) : value;
  };
  return cast(conv([whole(x, optional(inputs, 2), 1), whole(w, optional(inputs, 3), 0)], attributes), "int32");
}

/** A zero point of one number a row of A, or a column of B. */
function integerMatmul(inputs: Inputs): Tensor {
  const [a, b] = inputs;
  const rowZero = optional(inputs, 2);
  const columnZero = optional(inputs, 3);
  const left = cast(a, "float32");
  const right = cast(b, "float32");
  const column = (t: Tensor): Tensor => (t.shape.length === 1 && t.shape[0] > 1 ? reshape(t, [t.shape[0], 1]) : t);
  const product = matmul(
    rowZero ? sub(left, cast(column(rowZero), "float32")) : left,
    columnZero ? sub(right, cast(columnZero, "float32")) : right,
  );
  return cast(product, "int32");
}

function quantizedMatmul(inputs: Inputs, _attributes: Attributes, context: Context): Tensor {
  const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = inputs;
  const product = matmul(dequantize(a, aScale, aZero, -2), dequantized([b, bScale, bZero], -1, context));
  return quantize(product, yScale, yZero, -1, context.elementType(yZero) ?? 2, context);
}

/** Scale and zero point from the range of the numbers themselves (which must hold 0), to uint8. */
function dynamicQuantize([x]: Inputs, _attributes: Attributes, context: Context): Tensor[] {
  if (x.shape.length === 0) throw new DataError("it needs a tensor with at least one axis.");
  const low = smaller(amin(x), 0);
  const high = larger(amax(x), 0);
  const scale = div(sub(high, low), 255);
  const zero = broadcastMap(
    "zeroPoint",
    [low, scale],
    (l, s) => maximum(constant(0), minimum(constant(255), unary("round", divide(unary("negate", l), s)))),
    "uint8",
  );
  return [quantize(x, scale, zero, 0, 2, context), scale, zero];
}

export const quantizationTable: Table = {
  QuantizeLinear: row(2, quantizeLinear),
  DequantizeLinear: row(2, dequantizeLinear),
  QLinearConv: row(8, quantizedConv),
  ConvInteger: row(2, integerConv),
  MatMulInteger: row(2, integerMatmul),
  QLinearMatMul: row(8, quantizedMatmul),
  DynamicQuantizeLinear: row(1, dynamicQuantize),
};
