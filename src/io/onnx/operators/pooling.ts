// Pooling.
import { isFloat } from "../../../base/dtype.ts";
import { DataError } from "../../../base/errors.ts";
import { formatShape, sizeOf, stridesOf } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import {
  add,
  binary,
  constant,
  divide,
  type Expression,
  multiply,
  operand,
  unary,
} from "../../../kernel/expression.ts";
import { abs, cast, mul, pow } from "../../../ops/arithmetic.ts";
import { elementwise } from "../../../ops/cards/map.ts";
import { averagePoolWith, maxPoolWith, type PoolAttributes, paddingTouched } from "../../../ops/cards/pooling.ts";
import { globalAvgPool, globalMaxPool } from "../../../ops/pooling.ts";
import { sum } from "../../../ops/sum.ts";
import { type Attributes, type Context, type Inputs, row, type Table } from "../row.ts";
import { windowOf } from "./convolution.ts";

function poolOf(x: Tensor, attributes: Attributes): PoolAttributes {
  const kernel = attributes.ints("kernel_shape");
  if (!kernel || kernel.length !== x.shape.length - 2 || kernel.some((n) => n < 1)) {
    throw new DataError(`its kernel_shape ${formatShape(kernel ?? [])} does not fit an input ${formatShape(x.shape)}.`);
  }
  const { kernel: window, ...geometry } = windowOf(attributes, x.shape.slice(2), kernel);
  // A small map with a window of a million cells of padding would be walked for hours.
  x.shape.slice(2).forEach((n, i) => {
    const most = Math.max(n, 64);
    if (Math.max(geometry.padBefore[i], geometry.padAfter[i]) > most)
      throw new DataError(`its pads are larger than the map, which has ${n} places there.`);
  });
  return { window, ...geometry, ceilMode: attributes.int("ceil_mode", 0) === 1 };
}

function maxPool([input]: Inputs, attributes: Attributes, context: Context): Tensor[] {
  const columnFirst = attributes.int("storage_order", 0) === 1;
  // Engines pool floats; small integers are exact in them.
  const x = isFloat(input.dtype) ? input : cast(input, "float32");
  const { y: pooled, indices } = maxPoolWith(x, poolOf(x, attributes));
  const y = cast(pooled, input.dtype);
  return context.outputCount > 1 ? [y, flatPlaces(indices, x.shape, columnFirst)] : [y];
}

/** Places within a map become places in the whole tensor; `columnFirst` counts the axes of a map in the other order. */
function flatPlaces(indices: Tensor, shape: readonly number[], columnFirst: boolean): Tensor {
  const size = shape.slice(2);
  const whole = (a: Expression, b: number): Expression => unary("floor", divide(a, constant(b)));
  let place: Expression = operand(0);
  if (columnFirst) {
    const strides = stridesOf(size);
    const reversed = size.map((_, axis) => sizeOf(size.slice(0, axis)));
    place = size
      .map((n, axis) =>
        multiply(binary("modulo", whole(operand(0), strides[axis]), constant(n)), constant(reversed[axis])),
      )
      .reduce((a, b) => add(a, b));
  }
  const plane = add(multiply({ kind: "axisIndex", axis: 0 }, constant(shape[1])), { kind: "axisIndex", axis: 1 });
  return elementwise("places", add(place, multiply(plane, constant(sizeOf(size)))), [indices], "int64");
}

function averagePool([x]: Inputs, attributes: Attributes): Tensor {
  return averagePoolWith(x, {
    ...poolOf(x, attributes),
    countIncludePad: attributes.int("count_include_pad", 0) === 1,
  });
}

/**
 * (Σ |x|^p)^(1/p) over each window: the mean with padding counted, times the number of cells. A last window that hangs over
 * the end (ceil_mode) sums the cells that are there, so zeros stand for the others; PyTorch's lp_pool weighs the sum up, which
 * is no norm and not what the standard says.
 */
function lpPool([x]: Inputs, attributes: Attributes): Tensor {
  const p = attributes.int("p", 2);
  const pool = poolOf(x, attributes);
  const padAfter = paddingTouched(x.shape, pool).map((n) => Math.max(0, n));
  const whole = { ...pool, padAfter, ceilMode: false, countIncludePad: true };
  return pow(mul(averagePoolWith(pow(abs(x), p), whole), sizeOf(pool.window)), 1 / p);
}

function globalLpPool([x]: Inputs, attributes: Attributes): Tensor {
  const p = attributes.int("p", 2);
  const axes = x.shape.map((_, i) => i).slice(2);
  return pow(sum(pow(abs(x), p), axes, true), 1 / p);
}

export const poolingTable: Table = {
  MaxPool: row(1, maxPool),
  AveragePool: row(1, averagePool),
  LpPool: row(1, lpPool),
  GlobalAveragePool: row(1, ([x]) => globalAvgPool(x)),
  GlobalMaxPool: row(1, ([x]) => globalMaxPool(x)),
  GlobalLpPool: row(1, globalLpPool),
};
