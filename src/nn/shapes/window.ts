// The number of places of a window along one axis, computed by the compiler as ops/geometry.ts computes it at run time:
//
//   out = ⌊(n + before + after − d(k − 1) − 1) / s⌋ + 1
import type { Add, Divide, IsLiteral, Multiply, Subtract } from "./arithmetic.ts";
import type { Wrong } from "./mistake.ts";

/** Cells that a window spans: d(k − 1) + 1. */
type Reach<K extends number, D extends number> = Plus1<Multiply<Minus1<K>, D>>;
type Minus1<N extends number> = Subtract<N, 1> extends infer M extends number ? M : number;
type Plus1<N extends number> = Add<N, 1>;

/** Cells before and after an axis, for each way of saying padding. `Axis` is the place among the spatial axes. */
type PadsOf<P, Axis extends number, K extends number, D extends number> = P extends undefined
  ? [0, 0]
  : P extends number
    ? [P, P]
    : P extends "valid"
      ? [0, 0]
      : P extends "full"
        ? [Multiply<Minus1<K>, D>, Multiply<Minus1<K>, D>]
        : P extends { readonly total: infer T }
          ? AxisOf<T, Axis> extends infer N extends number
            ? [Divide<N, 2>[0], N extends 0 ? 0 : Subtract<N, Divide<N, 2>[0]> & number]
            : [number, number]
          : P extends readonly unknown[]
            ? P[Axis] extends readonly [infer B extends number, infer A extends number]
              ? [B, A]
              : P[Axis] extends number
                ? [P[Axis], P[Axis]]
                : [number, number]
            : [number, number];

/** What is said for all axes, or one an axis. */
export type AxisOf<V, Axis extends number, Default extends number = number> = V extends undefined
  ? Default
  : V extends number
    ? V
    : V extends readonly number[]
      ? V[Axis] extends infer N extends number
        ? N
        : number
      : Default;

/** ⌈A / B⌉. */
export type CeilingDivide<A extends number, B extends number> =
  Divide<A, B> extends [infer Q extends number, infer R extends number]
    ? number extends R
      ? number
      : R extends 0
        ? Q
        : Plus1<Q>
    : number;

export interface Geometry {
  readonly kernel: unknown;
  readonly stride: unknown;
  readonly dilation: unknown;
  readonly padding: unknown;
  readonly ceil: unknown;
}

/** Output places along an axis of N cells, or a mistake in words. */
export type WindowOutput<N extends number, Axis extends number, Name extends string, G extends Geometry> = Axial<
  N,
  AxisOf<G["kernel"], Axis>,
  AxisOf<G["stride"], Axis, 1>,
  AxisOf<G["dilation"], Axis, 1>,
  G["padding"],
  Axis,
  Name,
  G["ceil"]
>;

type Axial<
  N extends number,
  K extends number,
  S extends number,
  D extends number,
  P,
  Axis extends number,
  Name extends string,
  Ceil,
> = P extends "same" | "same-lower"
  ? CeilingDivide<N, S>
  : PadsOf<P, Axis, K, D> extends [infer B extends number, infer A extends number]
    ? Places<N, Add<Add<N, B>, A>, Reach<K, D>, S, Add<N, B>, Ceil> extends infer Out
      ? [Out] extends [never]
        ? Wrong<`along the ${Name} the input has ${N} cells and padding adds ${Add<A, B>}, but the kernel of ${K} needs ${Reach<K, D>}; use a larger input, a smaller kernel or more padding`>
        : Out
      : never
    : number;

/** `never` where the window is larger than what it moves on. */
type Places<N extends number, Padded extends number, R extends number, S extends number, Starts extends number, Ceil> =
  Subtract<Padded, R> extends infer Room
    ? [Room] extends [undefined]
      ? never
      : Room extends number
        ? IsLiteral<Room> extends true
          ? Ceil extends true
            ? CeilPlaces<CeilingDivide<Room, S>, S, Starts>
            : Ceil extends false | undefined
              ? Plus1<Divide<Room, S>[0]>
              : number
          : number
        : N
    : never;

/** The last window must start inside the input or the padding before it (PyTorch's rule). `Last`: its place. */
type CeilPlaces<Last extends number, S extends number, Starts extends number> =
  IsLiteral<Last> extends true
    ? Subtract<Multiply<Last, S>, Starts> extends infer Over
      ? [Over] extends [undefined]
        ? Plus1<Last>
        : Last
      : never
    : number;

/** Places along an axis of a transposed convolution: (n − 1)s − before − after + d(k − 1) + 1 + extra. */
export type TransposedOutput<N extends number, Axis extends number, O> = O extends {
  readonly kernel: infer K;
  readonly stride: infer S;
  readonly dilation: infer D;
  readonly padding: infer P;
  readonly extra: infer E;
}
  ? PadsOf<P, Axis, AxisOf<K, Axis>, AxisOf<D, Axis, 1>> extends [infer B extends number, infer A extends number]
    ? P extends string
      ? number
      : Subtract<
            Add<
              Add<Multiply<Minus1<N>, AxisOf<S, Axis, 1>>, Reach<AxisOf<K, Axis>, AxisOf<D, Axis, 1>>>,
              AxisOf<E, Axis, 0>
            >,
            Add<B, A>
          > extends infer Out
        ? [Out] extends [undefined]
          ? Wrong<"the padding is larger than what it is taken from; use less padding">
          : Out
        : never
    : number
  : number;
