// What may be written into an input or a variable: an array of its shape, of its kind of numbers, as many as the shape holds.
// Here is the border where integers are checked, since engines and their memories take a number for whole without asking.
import type { NdArray } from "../base/array.ts";
import { type DType, isFloat } from "../base/dtype.ts";
import { NeocogError, ShapeError } from "../base/errors.ts";
import { formatShape, sameShape, sizeOf } from "../base/shape.ts";
import type { Slot } from "../kernel/plan.ts";

const bounds: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  bool: [0, 1],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** Refuses what the slot cannot hold, in one sentence that begins with `what` ("input", "variable"). */
export function checkValue(what: string, { name, shape, dtype }: Slot, value: NdArray): void {
  const the = `The ${what} "${name}"`;
  if (!Array.isArray(value?.shape) || !ArrayBuffer.isView(value.data))
    throw new NeocogError(
      `${the} must be an array ${formatShape(shape)} of numbers; ndarray(shape, numbers) makes one.`,
    );
  if (!sameShape(value.shape, shape))
    throw new ShapeError(`${the} must be ${formatShape(shape)}, but is ${formatShape(value.shape)}.`);
  const { data } = value;
  if (data.length !== sizeOf(shape))
    throw new ShapeError(`${the} is ${formatShape(shape)}, ${sizeOf(shape)} numbers, but ${data.length} were given.`);
  if (isFloat(value.dtype) !== isFloat(dtype))
    throw new NeocogError(
      `${the} is ${dtype}, but was given ${value.dtype}; ndarray(shape, numbers, "${dtype}") makes one of its type.`,
    );
  const held = bounds[dtype];
  if (!held || data instanceof Uint8Array || (dtype !== "uint8" && data instanceof Int32Array)) return;
  const [low, high] = held;
  const wrong = data.findIndex((n) => !(Number.isInteger(n) && n >= low && n <= high));
  if (wrong >= 0)
    throw new NeocogError(
      `${the} is ${dtype}, but number ${wrong} of it is ${data[wrong]}, not a whole number from ${low} to ${high}.`,
    );
}
