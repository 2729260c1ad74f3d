// How layers are called where the compiler follows shapes: the same functions, whose types remember what they were given.
import type { PerAxis } from "../../ops/geometry.ts";
import type { Layer } from "../layer.ts";
import type {
  Adaptive,
  ChannelsToPlaces,
  Convolution,
  Dense,
  Join,
  Keep,
  Padded,
  PlacesToChannels,
  Pool,
  Reshaped,
  Resized,
  Shaped,
  Transposed,
} from "./kinds.ts";

/** Refuses options that do not exist, and what is no options at all, which a type parameter alone would let pass. */
export type Only<O, All> = O & { readonly [K in Exclude<keyof O, keyof All> | typeof untold]?: never };
type None = Readonly<Record<never, never>>;
declare const untold: unique symbol;
/** Marks options that were left out. */
interface Untold {
  readonly [untold]?: never;
}
/** Options as they were given. */
type Told<O> = typeof untold extends keyof O ? None : O;

export type ConvolutionCall<Rank extends number, Options extends object> = <
  const Out extends number,
  const K extends PerAxis,
  const O extends Options = Options & Untold,
>(
  outChannels: Out,
  kernelSize: K,
  options?: Only<O, Options>,
) => Shaped<Convolution<Rank, Out, K, Told<O>>>;

export type TransposedCall<Rank extends number, Options extends object> = <
  const Out extends number,
  const K extends PerAxis,
  const O extends Options = Options & Untold,
>(
  outChannels: Out,
  kernelSize: K,
  options?: Only<O, Options>,
) => Shaped<Transposed<Rank, Out, K, Told<O>>>;

export type PoolCall<Name extends string, Rank extends number, Options extends object> = <
  const K extends PerAxis,
  const O extends Options = Options & Untold,
>(
  kernelSize: K,
  options?: Only<O, Options>,
) => Shaped<Pool<Name, Rank, K, Told<O>>>;

export type LpPoolCall<Name extends string, Rank extends number, Options extends object> = <
  const K extends PerAxis,
  const O extends Options = Options & Untold,
>(
  normType: number,
  kernelSize: K,
  options?: Only<O, Options>,
) => Shaped<Pool<Name, Rank, K, Told<O>>>;

export type AdaptiveCall<Name extends string, Rank extends number> = <const Size extends PerAxis>(
  outputSize: Size,
) => Shaped<Adaptive<Name, Rank, Size>>;

export type GlobalCall<Name extends string, Rank extends number> = () => Shaped<Adaptive<Name, Rank, 1>>;

export type LinearCall<Options extends object> = <const Out extends number>(
  outFeatures: Out,
  options?: Options,
) => Shaped<Dense<Out>>;

export type FlattenCall<Options extends object> = <const O extends Options = Options & Untold>(
  options?: Only<O, Options>,
) => Shaped<Join<Told<O>>>;

export type UpsampleCall<Options extends object> = <const O extends Options>(
  options: Only<O, Options>,
) => Shaped<Resized<O>>;

export type PixelShuffleCall = <const R extends number>(upscaleFactor: R) => Shaped<ChannelsToPlaces<R>>;
export type PixelUnshuffleCall = <const R extends number>(downscaleFactor: R) => Shaped<PlacesToChannels<R>>;

export type PadCall<Name extends string, Rank extends number, Widths, More extends readonly unknown[] = []> = <
  const W extends Widths,
>(
  padding: W,
  ...more: More
) => Shaped<Padded<Name, Rank, W>>;

export type ReshapeCall = <const S extends readonly number[]>(shape: S) => Shaped<Reshaped<S>>;

/** A layer that hands the shape on, called with arguments A; it needs `Rank` spatial axes where that is a number. */
export type KeepCall<Name extends string, A extends readonly unknown[], Rank extends number | undefined = undefined> = (
  ...given: A
) => Shaped<Keep<Name, Rank>>;

/** Any other layer: what comes out is known at run time. */
export type AnyCall<A extends readonly unknown[]> = (...given: A) => Layer;
