// What each kind of layer does to a shape, as types. A layer that the compiler follows is `Shaped`: beside being plain data it
// carries, for the compiler only, a rule; `After<Rule, S>` is the shape that comes out when S goes in (without the batch), a
// Mistake where it cannot go in, and a list of unknown sizes where the compiler cannot know.

import type { Add, Divide, Multiply, Product } from "./arithmetic.ts";
import type {
  Adaptive,
  Chain,
  ChannelsToPlaces,
  Convolution,
  Dense,
  Join,
  Keep,
  Known,
  Padded,
  PlacesToChannels,
  Pool,
  Reshaped,
  Resized,
  RuleOf,
  SideBySide,
  Sizes,
  Sum,
  Transposed,
} from "./kinds.ts";
import type { Format, Mistake, Within, Wrong } from "./mistake.ts";
import type { AxisOf, TransposedOutput, WindowOutput } from "./window.ts";

/** An option as it was given, or undefined. */
export type Given<O, Name extends string> = O extends { readonly [K in Name]?: infer V }
  ? unknown extends V
    ? undefined
    : V
  : undefined;

/** `height`, `width`, … of an axis among `Rank` spatial ones. */
type AxisName<Axis extends number, Rank extends number> = Rank extends 1
  ? "width"
  : Rank extends 2
    ? ["height", "width"][Axis & (0 | 1)]
    : ["depth", "height", "width"][Axis & (0 | 1 | 2)];

type AxesOf<Rank extends number> = Rank extends 1 ? "width" : Rank extends 2 ? "height, width" : "depth, height, width";

/** Sizes whose number of axes is not known. */
type Unknown<S extends Sizes> = number extends S["length"] ? true : false;

/** The first mistake of a list of sizes, or the list. */
type Checked<L extends readonly unknown[]> =
  Extract<L[number], Mistake> extends infer M ? ([M] extends [never] ? L : M) : never;

/** The shape that comes out of layer L when S goes in: a list of sizes without the batch, or a Mistake. */
export type Output<L, S extends Sizes> =
  RuleOf<L> extends infer R ? (R extends Known ? Within<After<R, S>, "", R["name"]> : Sizes) : never;

/** Where a layer needs [C, …sizes] of a number of spatial axes. */
type NeedsRank<Rank extends number, S extends Sizes> =
  Unknown<S> extends true
    ? undefined
    : S["length"] extends Add<Rank, 1>
      ? undefined
      : Wrong<`it needs an input [channels, ${AxesOf<Rank>}], not ${Format<S>}; add or reshape axes before it`>;

type After<R extends Known, S extends Sizes> =
  R extends Keep<string, infer Rank>
    ? Rank extends number
      ? NeedsRank<Rank, S> extends infer M extends Mistake
        ? M
        : S
      : S
    : R extends Convolution<infer Rank, infer Out, infer K, infer O>
      ? Windowed<S, Rank, Out, Geometry<K, O, 1>, Given<O, "groups">>
      : R extends Pool<string, infer Rank, infer K, infer O>
        ? Windowed<S, Rank, undefined, Geometry<K, O, K>, undefined>
        : R extends Transposed<infer Rank, infer Out, infer K, infer O>
          ? Grown<S, Rank, Out, K, O>
          : R extends Dense<infer Out>
            ? DenseOutput<S, Out>
            : R extends Join<infer O>
              ? Flattened<S, O>
              : R extends Chain<infer L>
                ? ChainOutput<L, S>
                : R extends Sum<infer Body, infer Shortcut, infer Last>
                  ? SumOutput<Body, Shortcut, Last, S>
                  : R extends SideBySide<infer L>
                    ? JoinedOutput<L, S>
                    : R extends Adaptive<string, infer Rank, infer Size>
                      ? NeedsRank<Rank, S> extends infer M extends Mistake
                        ? M
                        : [S[0], ...EachAxis<Rank, Size>]
                      : Further<R, S>;

/** What is said for all of `Rank` axes, or one an axis, as a list. */
type EachAxis<Rank extends number, V> = Rank extends 1
  ? [AxisOf<V, 0>]
  : Rank extends 2
    ? [AxisOf<V, 0>, AxisOf<V, 1>]
    : [AxisOf<V, 0>, AxisOf<V, 1>, AxisOf<V, 2>];

type Further<R extends Known, S extends Sizes> =
  R extends Resized<infer O>
    ? Upsampled<S, O>
    : R extends ChannelsToPlaces<infer F>
      ? NeedsRank<2, S> extends infer M extends Mistake
        ? M
        : Shuffled<S, F>
      : R extends PlacesToChannels<infer F>
        ? NeedsRank<2, S> extends infer M extends Mistake
          ? M
          : Unshuffled<S, F>
        : R extends Padded<string, infer Rank, infer W>
          ? NeedsRank<Rank, S> extends infer M extends Mistake
            ? M
            : PaddedOutput<S, W>
          : R extends Reshaped<infer T>
            ? ReshapedOutput<S, T>
            : Sizes;

interface Geometry<K, O, Stride> {
  readonly kernel: K;
  readonly stride: Given<O, "stride"> extends infer V ? (V extends undefined ? Stride : V) : never;
  readonly dilation: Given<O, "dilation">;
  readonly padding: Given<O, "padding">;
  readonly ceil: Given<O, "ceilMode">;
}

/** Convolution and pooling; `Out` channels, or those of the input. */
type Windowed<S extends Sizes, Rank extends number, Out, G extends Geometry<unknown, unknown, unknown>, Groups> =
  Unknown<S> extends true
    ? Sizes
    : NeedsRank<Rank, S> extends infer M extends Mistake
      ? M
      : GroupsFit<S[0], Groups> extends infer M extends Mistake
        ? M
        : Checked<
            Rank extends 1
              ? [Channels<Out, S>, Axis<S, 0, Rank, G>]
              : Rank extends 2
                ? [Channels<Out, S>, Axis<S, 0, Rank, G>, Axis<S, 1, Rank, G>]
                : [Channels<Out, S>, Axis<S, 0, Rank, G>, Axis<S, 1, Rank, G>, Axis<S, 2, Rank, G>]
          >;

type Channels<Out, S extends Sizes> = Out extends number ? Out : S[0];
type Axis<
  S extends Sizes,
  A extends number,
  Rank extends number,
  G extends Geometry<unknown, unknown, unknown>,
> = WindowOutput<SizeAt<S, A>, A, AxisName<A, Rank>, G>;
/** The size of spatial axis A of [C, …sizes]. */
type SizeAt<S extends Sizes, A extends number> = S extends readonly [number, ...infer Spatial extends Sizes]
  ? Spatial[A] extends infer N extends number
    ? N
    : number
  : number;

type GroupsFit<C extends number, G> = G extends number
  ? Divide<C, G>[1] extends infer R
    ? number extends R
      ? undefined
      : R extends 0
        ? undefined
        : Wrong<`groups = ${G} must divide the ${C} channels of the input`>
    : undefined
  : undefined;

type Grown<S extends Sizes, Rank extends number, Out extends number, K, O> =
  Unknown<S> extends true
    ? Sizes
    : NeedsRank<Rank, S> extends infer M extends Mistake
      ? M
      : GroupsFit<S[0], Given<O, "groups">> extends infer M extends Mistake
        ? M
        : Checked<
            Rank extends 1
              ? [Out, GrownAxis<S, 0, K, O>]
              : Rank extends 2
                ? [Out, GrownAxis<S, 0, K, O>, GrownAxis<S, 1, K, O>]
                : [Out, GrownAxis<S, 0, K, O>, GrownAxis<S, 1, K, O>, GrownAxis<S, 2, K, O>]
          >;
type GrownAxis<S extends Sizes, A extends number, K, O> = TransposedOutput<
  SizeAt<S, A>,
  A,
  {
    readonly kernel: K;
    readonly stride: Given<O, "stride">;
    readonly dilation: Given<O, "dilation">;
    readonly padding: Given<O, "padding">;
    readonly extra: Given<O, "outputPadding">;
  }
>;

type DenseOutput<S extends Sizes, Out extends number> = S extends readonly [...infer Leading extends Sizes, number]
  ? Leading extends readonly []
    ? [Out]
    : [...Leading, Out]
  : Sizes;

type Flattened<S extends Sizes, O> = Given<O, "startDim"> | Given<O, "endDim"> extends undefined
  ? Unknown<S> extends true
    ? readonly [number]
    : [Product<S>]
  : Sizes;

type ChainOutput<L, S extends Sizes, Before extends 0[] = []> = L extends readonly [infer First, ...infer Rest]
  ? Output<Entry<First>, S> extends infer T
    ? T extends Sizes
      ? ChainOutput<Rest, T, [...Before, 0]>
      : Within<T, NameOf<First, Before["length"]>, "">
    : never
  : L extends readonly []
    ? S
    : Sizes;
/** The name of a child: its own, or its place. */
type NameOf<E, Place extends number> = E extends readonly [infer Name extends string, unknown] ? Name : `${Place}`;
/** A child as it is, or of a pair [name, layer]. */
type Entry<E> = E extends readonly [string, infer L] ? L : E;

type SumOutput<Body, Shortcut, Last, S extends Sizes> =
  Output<Body, S> extends infer Inner
    ? Inner extends Sizes
      ? (Shortcut extends undefined ? S : Within<Output<Shortcut, S>, "downsample", "">) extends infer Around
        ? Around extends Sizes
          ? Fit<Inner, Around> extends true
            ? Last extends undefined
              ? Inner
              : Output<Last, Inner>
            : Wrong<`the body gives ${Format<Inner>}, but the shortcut gives ${Format<Around>}; give Residual a shortcut such as Conv2d(${Inner[0]}, 1, { stride: … }) that makes them equal`>
          : Around
        : never
      : Inner
    : never;

/** Whether two shapes may be the same: unknown sizes fit all. */
type Fit<A extends Sizes, B extends Sizes> =
  Unknown<A> extends true
    ? true
    : Unknown<B> extends true
      ? true
      : [A, B] extends [
            readonly [infer M extends number, ...infer Rest extends Sizes],
            readonly [infer N extends number, ...infer Others extends Sizes],
          ]
        ? SameSize<M, N> extends true
          ? Fit<Rest, Others>
          : false
        : [A, B] extends [readonly [], readonly []]
          ? true
          : false;
type SameSize<M extends number, N extends number> = number extends M | N ? true : [M] extends [N] ? true : false;

type JoinedOutput<L, S extends Sizes> = L extends readonly [infer First, ...infer Rest]
  ? Output<Entry<First>, S> extends infer T
    ? T extends Sizes
      ? JoinRest<Rest, S, T>
      : T
    : never
  : Sizes;
type JoinRest<L extends readonly unknown[], S extends Sizes, Sofar extends Sizes> = L extends readonly [
  infer First,
  ...infer Rest,
]
  ? Output<Entry<First>, S> extends infer T
    ? T extends Sizes
      ? BesideEachOther<Sofar, T> extends infer Both
        ? Both extends Sizes
          ? JoinRest<Rest, S, Both>
          : Both
        : never
      : T
    : never
  : Sofar;
type BesideEachOther<A extends Sizes, B extends Sizes> = [A, B] extends [
  readonly [infer C extends number, ...infer Places extends Sizes],
  readonly [infer D extends number, ...infer Others extends Sizes],
]
  ? Fit<Places, Others> extends true
    ? [Add<C, D>, ...Places]
    : Wrong<`one branch gives ${Format<A>}, another ${Format<B>}; only the channels may differ: give them the same strides and enough padding`>
  : Sizes;

type Upsampled<S extends Sizes, O> = S extends readonly [infer C extends number, ...infer Spatial extends Sizes]
  ? Given<O, "size"> extends infer Size
    ? Size extends undefined
      ? Given<O, "scaleFactor"> extends infer F extends number
        ? [C, ...Scaled<Spatial, F>]
        : [C, ...Blank<Spatial>]
      : Size extends number
        ? [C, ...{ [A in keyof Spatial]: Size }]
        : Size extends Sizes
          ? [C, ...Size]
          : [C, ...Blank<Spatial>]
    : never
  : Sizes;
type Blank<S extends Sizes> = { [A in keyof S]: number };
type Scaled<S extends Sizes, F extends number> = { [A in keyof S]: Multiply<S[A], F> };

type Shuffled<S extends Sizes, F extends number> = S extends readonly [
  infer C extends number,
  infer H extends number,
  infer W extends number,
]
  ? Divide<C, Multiply<F, F>> extends [infer Q extends number, infer R extends number]
    ? R extends 0
      ? [Q, Multiply<H, F>, Multiply<W, F>]
      : number extends R
        ? [number, Multiply<H, F>, Multiply<W, F>]
        : Wrong<`${C} channels are no multiple of ${Multiply<F, F>}, the square of the factor ${F}`>
    : Sizes
  : Sizes;

type Unshuffled<S extends Sizes, F extends number> = S extends readonly [
  infer C extends number,
  infer H extends number,
  infer W extends number,
]
  ? [Divide<H, F>, Divide<W, F>] extends [
      [infer H2 extends number, infer RH extends number],
      [infer W2 extends number, infer RW extends number],
    ]
    ? RH | RW extends 0
      ? [Multiply<C, Multiply<F, F>>, H2, W2]
      : number extends RH | RW
        ? [Multiply<C, Multiply<F, F>>, number, number]
        : Wrong<`a map of ${H} by ${W} cells does not divide by the factor ${F}`>
    : Sizes
  : Sizes;

type PaddedOutput<S extends Sizes, W> = S extends readonly [infer C extends number, ...infer Spatial extends Sizes]
  ? [C, ...PaddedAxes<Spatial, W>]
  : Sizes;
/** Widths are told from the last axis on, two for each. */
type PaddedAxes<Spatial extends Sizes, W> = Spatial extends readonly [
  ...infer Outer extends Sizes,
  infer N extends number,
]
  ? W extends number
    ? [...PaddedAxes<Outer, W>, Add<N, Multiply<W, 2>>]
    : W extends readonly [infer Before extends number, infer Behind extends number, ...infer Rest]
      ? [...PaddedAxes<Outer, Rest>, Add<Add<N, Before>, Behind>]
      : [...PaddedAxes<Outer, W>, number]
  : [];

type ReshapedOutput<S extends Sizes, T> = T extends Sizes
  ? Unknown<T> extends true
    ? Sizes
    : `${T[number]}` extends `-${string}`
      ? Blank<T>
      : -1 extends T[number]
        ? { [A in keyof T]: T[A] extends -1 ? number : T[A] } & Sizes
        : SameSize<Product<S>, Product<T>> extends true
          ? { -readonly [A in keyof T]: T[A] }
          : Wrong<`${Format<S>} holds ${Product<S>} numbers, ${Format<T>} ${Product<T>}`>
  : Sizes;
