// NdArray: a shape, an element type and row-major numbers. The only value type that crosses the doors.

import { understand } from "./arguments.ts";
import { type DType, dtypeRule } from "./dtype.ts";
import { ShapeError } from "./errors.ts";
import { anyNumber, like, numbers, optional, type Rule, shape as shapeRule } from "./rules.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";

/** Storage of an array. Integers up to 2^53 are held exactly in a Float64Array. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Numbers with a shape and an element type, in row-major order. */
export interface NdArray {
  /** Sizes of the axes, the outermost first; [] for a single number. */
  readonly shape: Shape;
  /** What the numbers are: float32, int32, bool, … */
  readonly dtype: DType;
  /** The numbers in row-major order, as many as the shape holds. */
  readonly data: Numbers;
}

/** An array as an argument. */
export const ndarrayRule: Rule = like("an array, as ndarray() makes it", "shape", "dtype", "data");

/** Arrays by name, as a Map (or a record, which loading takes too). */
export const stateRule: Rule = like("a Map from names to arrays", "get", "keys");

const nestedRule: Rule = {
  must: "a number or nested lists of numbers",
  accepts: (value) =>
    typeof value === "number" || (Array.isArray(value) && value.every((each) => nestedRule.accepts(each))),
};

/**
 * An array over existing numbers, float32 unless told: `ndarray([2, 3], [1, 2, 3, 4, 5, 6])`. A typed array is used
 * as it is, a list is copied. Throws a ShapeError unless the count fills the shape.
 */
export function ndarray(shape: Shape, data: Numbers | readonly number[], dtype: DType = "float32"): NdArray {
  understand("ndarray", arguments, { shape: shapeRule(), data: numbers, dtype: optional(dtypeRule) });
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `${data.length} numbers do not fill the shape ${formatShape(shape)}, which holds ${sizeOf(shape)}.`,
    );
  }
  return { shape, dtype, data: Array.isArray(data) ? storageOf(dtype).from(data) : (data as Numbers) };
}

/** An array of zeros (or of `value`), float32 unless told. */
export function filled(shape: Shape, value = 0, dtype: DType = "float32"): NdArray {
  understand("filled", arguments, { shape: shapeRule(), value: optional(anyNumber), dtype: optional(dtypeRule) });
  const data = new (storageOf(dtype))(sizeOf(shape));
  if (value !== 0) data.fill(value);
  return { shape, dtype, data };
}

/** A float64 array of zeros: what a reference function fills. */
export function zeros64(shape: Shape, dtype: DType = "float32"): NdArray & { readonly data: Float64Array } {
  return { shape, dtype, data: new Float64Array(sizeOf(shape)) };
}

/** The natural typed array of an element type. */
export function storageOf(
  dtype: DType,
): Float32ArrayConstructor | Float64ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor {
  switch (dtype) {
    case "float32":
      return Float32Array;
    case "float64":
    case "int64":
      return Float64Array;
    case "int32":
      return Int32Array;
    case "uint8":
    case "bool":
      return Uint8Array;
  }
}

/** Nested JavaScript lists, for printing and for tests. */
export type Nested = number | readonly Nested[];

/** `[[1, 2], [3, 4]]` to a 2 x 2 array, float32 unless told. Throws a ShapeError for ragged lists. */
export function fromNested(nested: Nested, dtype: DType = "float32"): NdArray {
  understand("fromNested", arguments, { nested: nestedRule, dtype: optional(dtypeRule) });
  const shape: number[] = [];
  for (let level: Nested = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const walk = (value: Nested, axis: number): void => {
    if (typeof value === "number") {
      if (axis !== shape.length)
        throw new ShapeError("The nested list is ragged: some entries lie deeper than others.");
      flat.push(value);
      return;
    }
    if (value.length !== shape[axis]) throw new ShapeError(`The nested list is ragged along axis ${axis}.`);
    for (const item of value) walk(item, axis + 1);
  };
  walk(nested, 0);
  return ndarray(shape, flat, dtype);
}

/** The numbers as nested lists, one level an axis; a scalar is a plain number. */
export function toNested(array: NdArray): Nested {
  understand("toNested", arguments, { array: ndarrayRule });
  const build = (axis: number, offset: number): Nested => {
    if (axis === array.shape.length) return array.data[offset];
    const step = sizeOf(array.shape.slice(axis + 1));
    return Array.from({ length: array.shape[axis] }, (_, i) => build(axis + 1, offset + i * step));
  };
  return build(0, 0);
}
