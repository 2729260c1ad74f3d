// Loops over strided views: axes that every operand walks alike are merged, and an odometer keeps the operands' byte
// offsets while a range of rows is walked.
//
//   shape [8, 3, 28, 28], operands strides [2352, 784, 28, 1] and [0, 1, 0, 0]   →   axes 8 · 3 · 784
import type { DType } from "../../../base/dtype.ts";
import { bytesOf } from "../../../base/dtype.ts";
import type { Shape } from "../../../base/shape.ts";
import { stridesOf } from "../../../base/shape.ts";
import type { Access } from "../../../kernel/kernel.ts";
import { f32, f64, i32, type Local, load, type Value } from "../code/assembler.ts";
import type { Emitter } from "./math.ts";

export interface ViewAxis {
  readonly size: number;
  /** Per access: elements from one place to the next. */
  readonly strides: readonly number[];
}

/** The row-major access of a whole array. */
export const rowMajor = (shape: Shape): Access => ({ strides: stridesOf(shape), offset: 0 });

/** Axes of size 1 vanish; neighbours that every access walks as one merge, where `mergeable(outer, inner)` allows. */
export function collapse(
  shape: Shape,
  accesses: readonly Access[],
  mergeable: (outer: number, inner: number) => boolean = () => true,
): {
  readonly axes: ViewAxis[] /** Index in `axes` of each axis of the shape (-1 where it has size 1). */;
  readonly place: number[];
} {
  const axes: { size: number; strides: number[]; last: number }[] = [];
  const place: number[] = [];
  for (const [axis, size] of shape.entries()) {
    place.push(size === 1 ? -1 : 0);
    if (size === 1) continue;
    const strides = accesses.map((access) => access.strides[axis]);
    const before = axes.at(-1);
    if (before && mergeable(before.last, axis) && strides.every((stride, i) => before.strides[i] === stride * size)) {
      before.size *= size;
      before.strides = strides;
      before.last = axis;
    } else axes.push({ size, strides, last: axis });
    place[axis] = axes.length - 1;
  }
  return { axes, place };
}

/**
 * Walks the rows of `axes` (outermost first) in row-major order. `offsets[i]` is the byte offset of access i; accesses
 * that move alike share a local.
 */
export class Odometer {
  readonly offsets: readonly Local[];
  readonly coordinates: readonly Local[];
  readonly #e: Emitter;
  readonly #axes: readonly ViewAxis[];
  readonly #moved: { readonly local: Local; readonly steps: readonly number[] }[] = [];

  constructor(e: Emitter, axes: readonly ViewAxis[], elementBytes: readonly number[]) {
    this.#e = e;
    this.#axes = axes;
    this.coordinates = axes.map(() => e.f.local("i32"));
    const known = new Map<string, Local>();
    this.offsets = elementBytes.map((bytes, access) => {
      const steps = axes.map((axis) => axis.strides[access] * bytes);
      const key = steps.join();
      let local = known.get(key);
      if (!local) {
        local = e.f.local("i32");
        known.set(key, local);
        this.#moved.push({ local, steps });
      }
      return local;
    });
  }

  /** Sets coordinates and offsets for a row number. */
  start(row: Value): void {
    const { f } = this.#e;
    const rest = f.define(row);
    for (let axis = this.#axes.length - 1; axis >= 0; axis--) {
      const coordinate = this.coordinates[axis];
      if (axis === 0) f.set(coordinate, rest);
      else {
        f.set(coordinate, i32.rem_u(rest, this.#axes[axis].size));
        f.set(rest, i32.div_u(rest, this.#axes[axis].size));
      }
    }
    for (const { local, steps } of this.#moved) {
      let sum: Value | undefined;
      for (const [axis, step] of steps.entries()) {
        if (step === 0) continue;
        const term = i32.mul(this.coordinates[axis], step | 0);
        sum = sum ? i32.add(sum, term) : term;
      }
      f.set(local, sum ?? 0);
    }
  }

  /** Goes to the next row; behind the last one it returns to the first. */
  advance(axis = this.#axes.length - 1): void {
    if (axis < 0) return;
    const { f } = this.#e;
    const { size } = this.#axes[axis];
    f.increase(this.coordinates[axis], 1);
    for (const { local, steps } of this.#moved) if (steps[axis] !== 0) f.increase(local, steps[axis] | 0);
    if (axis === 0) return;
    f.if(i32.ge_s(this.coordinates[axis], size), () => {
      f.set(this.coordinates[axis], 0);
      for (const { local, steps } of this.#moved) if (steps[axis] !== 0) f.increase(local, (-steps[axis] * size) | 0);
      this.advance(axis - 1);
    });
  }
}

/** Bytes of an element in memory: 8 for float64 and int64. */
export const elementBytes = (type: DType): number => bytesOf(type);

/** One element as float64. */
export function loadNumber(type: DType, address: Value, offset = 0): Value {
  switch (type) {
    case "float32":
      return f64.promote_f32(load("f32.load", address, offset));
    case "float64":
    case "int64":
      return load("f64.load", address, offset);
    default:
      return f64.convert_i32_s(load("i32.load", address, offset));
  }
}

/** One element as a 32-bit integer. */
export function loadInteger(type: DType, address: Value, offset = 0): Value {
  switch (type) {
    case "float32":
      return i32.trunc_sat_f32_s(load("f32.load", address, offset));
    case "float64":
    case "int64":
      return i32.trunc_sat_f64_s(load("f64.load", address, offset));
    default:
      return load("i32.load", address, offset);
  }
}

/** Stores a float64 as an element; integers are cut towards zero. */
export function storeNumber(e: Emitter, type: DType, address: Value, value: Value, offset = 0): void {
  if (type === "float32") e.f.store("f32.store", address, f32.demote_f64(value), offset);
  else if (type === "float64" || type === "int64") e.f.store("f64.store", address, value, offset);
  else e.f.store("i32.store", address, i32.trunc_sat_f64_s(value), offset);
}

/** Whether an element can be held in a float32 lane without loss. */
export const fitsLanes = (type: DType): boolean => type === "float32" || type === "bool" || type === "uint8";
