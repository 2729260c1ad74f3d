// Channels last outside, channels first inside. TensorFlow means [N, H, W, C]; the engines want [N, C, H, W]. A Value is a
// tensor together with the order in which it is held, so that a chain of convolutions never moves a number back and forth:
//
//   plain   held as the file means it
//   first   meant as [N, …sizes, C], held as [N, C, …sizes]
//   flat    meant as [N, …sizes · C], held as [N, C · …sizes]: what flattening leaves. A dense layer behind it gets its
//           weight's rows in the other order; anything else gets the numbers moved.
//
// Whoever asks for another order gets a transposition, or a mere view where only one axis is longer than 1.
import type { NdArray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { formatShape, type Shape, sizeOf } from "../../base/shape.ts";
import { constantTensor, type Tensor, variable } from "../../graph/graph.ts";
import { permute } from "../../ops/copy.ts";
import { reshape } from "../../ops/reshape.ts";

export interface Value {
  /** As the file means it. */
  readonly shape: Shape;
  readonly order: "plain" | "first" | "flat";
  /** The numbers in the order in which they are held; a weight becomes a variable when this is first asked. */
  readonly held: () => Tensor;
  /** What a flat value was: [N, C, …sizes]. */
  readonly maps?: Shape;
  /** The numbers in the file's order, where no input of the network decides them. */
  readonly known?: NdArray;
  /** A weight of the file, which may still be taken in another order. */
  readonly weight?: Weight;
}

/** Tensors of more elements cannot be addressed by any engine. */
const LARGEST = 2 ** 31 - 1;

export function checkSize(shape: Shape): void {
  if (!(sizeOf(shape) <= LARGEST) || shape.length > 12) {
    throw new NeocogError(
      `a result would be ${formatShape(shape)}, which is larger than any engine can hold; use smaller inputs.`,
    );
  }
}

function heldAs(tensor: Tensor, order: Value["order"], shape: Shape, maps?: Shape): Value {
  checkSize(tensor.shape);
  return { shape, order, held: () => tensor, maps };
}

export const plain = (tensor: Tensor): Value => heldAs(tensor, "plain", tensor.shape);

export function knownValue(array: NdArray): Value {
  let tensor: Tensor | undefined;
  const held = (): Tensor => {
    tensor ??= constantTensor(array);
    return tensor;
  };
  return { shape: array.shape, order: "plain", held, known: array };
}

/** A tensor [N, C, …sizes] that the file means as [N, …sizes, C]. */
export function channelsFirst(tensor: Tensor): Value {
  const [n, c, ...sizes] = tensor.shape;
  return tensor.shape.length < 3 ? plain(tensor) : heldAs(tensor, "first", [n, ...sizes, c]);
}

/** Moves channels from the last axis to axis 1, by a view where that moves no number. */
export function toFirst(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  if (last < 2) return x;
  const shape = [x.shape[0], x.shape[last], ...x.shape.slice(1, last)];
  if (x.shape[last] === 1 || sizeOf(x.shape.slice(1, last)) === 1) return reshape(x, shape);
  return permute(x, [0, last, ...x.shape.map((_, i) => i).slice(1, last)]);
}

export function toLast(x: Tensor): Tensor {
  if (x.shape.length < 3) return x;
  const [n, c, ...sizes] = x.shape;
  if (c === 1 || sizeOf(sizes) === 1) return reshape(x, [n, ...sizes, c]);
  return permute(x, [0, ...sizes.map((_, i) => i + 2), 1]);
}

/** The numbers in the file's order. */
export function asPlain(value: Value): Tensor {
  if (value.order === "plain") return value.held();
  if (value.order === "first") return toLast(value.held());
  return reshape(toLast(reshape(value.held(), value.maps!)), value.shape);
}

/** The numbers as [N, C, …sizes]. */
export const asFirst = (value: Value): Tensor => (value.order === "first" ? value.held() : toFirst(asPlain(value)));

/** Where an axis of the file lies in a value held channels first. */
export function heldAxis(value: Value, axis: number): number {
  if (value.order !== "first" || axis === 0) return axis;
  return axis === value.shape.length - 1 ? 1 : axis + 1;
}

/** The result of something done to each number by itself: held in the order in which the input was. */
export const like = (value: Value, tensor: Tensor): Value => ({
  ...heldAs(tensor, value.order, value.shape, value.maps),
});

/** [N, …sizes, C] to [N, …sizes · C]; maps stay as they are held. */
export function flattened(value: Value): Value {
  const shape = [value.shape[0], sizeOf(value.shape.slice(1))];
  if (value.order !== "first") return plain(reshape(asPlain(value), shape));
  const held = value.held();
  const flat = reshape(held, shape);
  const alike = held.shape[1] === 1 || sizeOf(held.shape.slice(2)) === 1;
  return alike ? plain(flat) : heldAs(flat, "flat", shape, held.shape);
}

/** Values of one kind of broadcasting, all held in one order: channels first where any of them is held so. */
export function aligned(values: readonly Value[]): { tensors: Tensor[]; wrap: (tensor: Tensor) => Value } {
  const rank = Math.max(...values.map(({ shape }) => shape.length));
  const model = values.find(({ order, shape }) => order === "first" && shape.length === rank);
  if (!model) {
    const flat = values.find(({ order }) => order === "flat");
    const each = (value: Value): boolean =>
      sizeOf(value.shape) === 1 || (value.order === "flat" && String(value.maps) === String(flat?.maps));
    if (flat && values.every(each)) return { tensors: values.map(({ held }) => held()), wrap: (t) => like(flat, t) };
    return { tensors: values.map(asPlain), wrap: plain };
  }
  const tensors = values.map((value) => {
    if (value.order === "first" && value.shape.length === rank) return value.held();
    const x = asPlain(value);
    return toFirst(reshape(x, [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]));
  });
  return { tensors, wrap: channelsFirst };
}

// ---- weights ------------------------------------------------------------------------------------------------------------

/** Numbers of the file, which become a variable of the same name when a layer takes them. */
export interface Weight {
  readonly name: string;
  readonly value: NdArray;
  /** The numbers as a variable: axes in the order `axes` of the file's, then shaped; the same one for the same wish. */
  take(form?: WeightForm): Tensor;
}

export interface WeightForm {
  readonly axes?: readonly number[];
  /** Shape before the axes are moved, and after. */
  readonly before?: Shape;
  readonly shape?: Shape;
  /** False for running statistics. */
  readonly trainable?: boolean;
}

export function weightOf(name: string, value: NdArray): Weight {
  const taken = new Map<string, Tensor>();
  return {
    name,
    value,
    take({ axes, before = value.shape, shape, trainable = true } = {}) {
      const moved = axes ? axes.map((axis) => before[axis]) : before;
      const key = JSON.stringify([before, axes, shape]);
      const known = taken.get(key);
      if (known) return known;
      const initial = (): NdArray => ({ ...permuted({ ...value, shape: before }, axes), shape: shape ?? moved });
      // A weight that is used in two orders is two variables.
      const own = taken.size === 0 ? name : `${name}:${taken.size}`;
      const made = variable(own, shape ?? moved, initial, trainable, value.dtype);
      taken.set(key, made);
      return made;
    },
  };
}

/** A weight as a value that any op may read. */
export function weightValue(weight: Weight): Value {
  const { value } = weight;
  return { shape: value.shape, order: "plain", held: () => weight.take(), known: value, weight };
}

/** The array with its axes in another order. */
export function permuted(array: NdArray, axes: readonly number[] | undefined): NdArray {
  if (!axes || axes.every((axis, i) => axis === i)) return array;
  const rank = axes.length;
  const shape = axes.map((axis) => array.shape[axis]);
  const strides = new Array<number>(rank);
  let step = 1;
  for (let axis = rank - 1; axis >= 0; axis--) {
    strides[axes.indexOf(axis)] = step;
    step *= array.shape[axis];
  }
  const data = array.data.slice();
  const place = new Array<number>(rank).fill(0);
  let from = 0;
  for (let i = 0; i < data.length; i++) {
    data[i] = array.data[from];
    for (let axis = rank - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++place[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      place[axis] = 0;
    }
  }
  return { shape, dtype: array.dtype, data };
}
