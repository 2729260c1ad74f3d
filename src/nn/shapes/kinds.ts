// The kinds of layers that the compiler follows: what each one remembers of its arguments, for rules.ts.
import type { Layer } from "../layer.ts";

export type Sizes = readonly number[];
declare const rule: unique symbol;

/** A layer whose effect on shapes is known to the compiler. */
export interface Shaped<R> extends Layer {
  /** Exists for the compiler alone. */
  readonly [rule]?: R;
}

export type RuleOf<L> = L extends Shaped<infer R> ? (unknown extends R ? undefined : R) : undefined;

export interface Known {
  readonly kind: string;
  readonly name: string;
}

/** Hands on what comes in; `rank` spatial axes where it needs a number of them. */
export interface Keep<Name extends string = string, Rank extends number | undefined = undefined> {
  readonly kind: "keep";
  readonly name: Name;
  readonly rank: Rank;
}
export interface Convolution<Rank extends number, Out extends number, K, O> {
  readonly kind: "convolution";
  readonly name: `Conv${Rank}d`;
  readonly rank: Rank;
  readonly out: Out;
  readonly kernel: K;
  readonly options: O;
}
export interface Transposed<Rank extends number, Out extends number, K, O> {
  readonly kind: "transposed";
  readonly name: `ConvTranspose${Rank}d`;
  readonly rank: Rank;
  readonly out: Out;
  readonly kernel: K;
  readonly options: O;
}
export interface Pool<Name extends string, Rank extends number, K, O> {
  readonly kind: "pool";
  readonly name: Name;
  readonly rank: Rank;
  readonly kernel: K;
  readonly options: O;
}
export interface Adaptive<Name extends string, Rank extends number, Size> {
  readonly kind: "adaptive";
  readonly name: Name;
  readonly rank: Rank;
  readonly size: Size;
}
export interface Dense<Out extends number> {
  readonly kind: "dense";
  readonly name: "Linear";
  readonly out: Out;
}
export interface Join<O> {
  readonly kind: "flatten";
  readonly name: "Flatten";
  readonly options: O;
}
export interface Resized<O> {
  readonly kind: "upsample";
  readonly name: "Upsample";
  readonly options: O;
}
export interface ChannelsToPlaces<R extends number> {
  readonly kind: "pixelShuffle";
  readonly name: "PixelShuffle";
  readonly factor: R;
}
export interface PlacesToChannels<R extends number> {
  readonly kind: "pixelUnshuffle";
  readonly name: "PixelUnshuffle";
  readonly factor: R;
}
export interface Padded<Name extends string, Rank extends number, W> {
  readonly kind: "pad";
  readonly name: Name;
  readonly rank: Rank;
  readonly widths: W;
}
export interface Reshaped<S> {
  readonly kind: "reshape";
  readonly name: "Reshape";
  readonly shape: S;
}
export interface Chain<L> {
  readonly kind: "chain";
  readonly name: "Sequential";
  readonly layers: L;
}
export interface Sum<Body, Shortcut, Last> {
  readonly kind: "sum";
  readonly name: "Residual";
  readonly body: Body;
  readonly shortcut: Shortcut;
  readonly last: Last;
}
export interface SideBySide<L> {
  readonly kind: "sideBySide";
  readonly name: "Branches";
  readonly layers: L;
}
