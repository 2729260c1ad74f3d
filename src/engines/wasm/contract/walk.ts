// A walk says where the j-th thing of a mixed-radix order lies: digits of j, outermost first, times their strides.
// Sizes and strides are in elements of 4 bytes; generated addresses are in bytes.
import {
  choose,
  constI32,
  type FunctionBuilder,
  i32,
  type Local,
  type Operand,
  type Value,
} from "../code/assembler.ts";

export interface Dimension {
  readonly count: number;
  readonly stride: number;
  /** Where the places lie when they are not `stride` apart (a small table; stride is then 0). */
  readonly places?: readonly number[];
}
export type Walk = readonly Dimension[];

export function lengthOf(walk: readonly { readonly count: number }[]): number {
  let length = 1;
  for (const { count } of walk) length *= count;
  return length;
}

/** A dimension at the given places: with a stride, where they are evenly spaced from 0. */
export function dimensionOf(places: readonly number[]): Dimension {
  const stride = places.length > 1 ? places[1] - places[0] : 0;
  const even = places.every((place, i) => place === i * stride);
  return even ? { count: places.length, stride } : { count: places.length, stride: 0, places };
}

/** Without dimensions of one place, and with neighbours joined where the outer goes on where the inner ends. */
export function joined(walk: Walk): Walk {
  const result: Dimension[] = [];
  for (const dimension of walk) {
    if (dimension.count === 1 && !dimension.places?.[0]) continue;
    const last = result.at(-1);
    const plain = !last?.places && !dimension.places;
    if (last && plain && last.stride === dimension.count * dimension.stride)
      result[result.length - 1] = { count: last.count * dimension.count, stride: dimension.stride };
    else result.push(dimension);
  }
  return result;
}

/** Where place `index` lies, as a number. */
export function placeOf(walk: Walk, index: number): number {
  let rest = index;
  let place = 0;
  for (let d = walk.length - 1; d >= 0; d--) {
    const { count, stride, places } = walk[d];
    place += places ? places[rest % count] : (rest % count) * stride;
    rest = Math.floor(rest / count);
  }
  return place;
}

export const times = (a: Value, factor: number): Operand => (factor === 0 ? 0 : factor === 1 ? a : i32.mul(a, factor));

/** Adds, leaving out zeros. */
export function plus(...operands: readonly Operand[]): Operand {
  const terms = operands.filter((term) => term !== 0);
  return terms.length === 0 ? 0 : terms.reduce((a, b) => i32.add(a, b));
}

/** Byte offset of place `index` (a local, below the walk's length), computed now. */
export function byteOffset(f: FunctionBuilder, walk: Walk, index: Local): Operand {
  const dimensions = joined(walk);
  if (dimensions.every(({ stride, places }) => stride === 0 && !places)) return 0;
  const terms: Operand[] = [];
  let rest: Local = index;
  for (let d = dimensions.length - 1; d >= 0; d--) {
    const { count, stride, places } = dimensions[d];
    const digit = d === 0 ? rest : i32.rem_u(rest, count);
    if (places) terms.push(lookUp(f, places, f.define(digit)));
    else if (stride !== 0) terms.push(times(digit, stride * 4));
    if (d > 0) rest = f.define(i32.div_u(rest, count));
  }
  return plus(...terms);
}

/** A value as a local; a number becomes a local too. */
export function keep(f: FunctionBuilder, value: Operand): Local {
  const local = f.local("i32");
  f.set(local, value);
  return local;
}

/** 4 * places[digit], by comparing: the tables are as short as a kernel is wide. */
function lookUp(f: FunctionBuilder, places: readonly number[], digit: Local): Value {
  const found = f.local("i32");
  f.set(found, places[0] * 4);
  for (let i = 1; i < places.length; i++) f.set(found, choose(i32.eq(digit, i), constI32(places[i] * 4), found));
  return found;
}

/** How far neighbours lie apart along the innermost dimension; 0 where that is not one distance, or none. */
export function spacingOf(walk: Walk): number {
  const last = joined(walk).at(-1);
  return last && !last.places && last.stride > 0 ? last.stride : 0;
}

/** Whether neighbours lie side by side: then four places that span 12 bytes can move as one vector. */
export const isAdjacent = (walk: Walk): boolean => spacingOf(walk) === 1;
