// What an augmentation is: a row of rules for its options, and of what it does to one picture with a stream of random numbers.

import type { Random } from "../../base/random.ts";
import type { Picture } from "../warp.ts";

/** What an option may be: a number, a whole number, a rising pair or one of some words. No `initial`: it must be given. */
export type Rule =
  | { readonly is: "number" | "whole"; readonly least: number; readonly most: number; readonly initial?: number }
  | { readonly is: "pair"; readonly least: number; readonly most: number; readonly initial: readonly [number, number] }
  | { readonly is: "word"; readonly words: readonly string[]; readonly initial: string }
  /** Places in a list, which may be left out. */
  | { readonly is: "places"; readonly initial?: undefined };

export interface Card<A> {
  readonly rules: { readonly [Key in Exclude<keyof A, "kind">]-?: Rule };
  /** What options that are possible one by one cannot be together, as the end of a sentence. */
  readonly refuses?: (options: Required<A>) => string | undefined;
  /** The changed pixels of one picture; may change them in place. Absent for what concerns a whole batch. */
  readonly apply?: (picture: Picture, random: Random, options: Required<A>) => Float32Array;
  /**
   * It moves pixels: what is known of each pixel (a mask, another picture) moves with them. `apply` is then given that map too,
   * with `map` set, and draws the same numbers for it.
   */
  readonly moves?: true;
  /** It does so in maps of any size alike: it knows no pixels, only sides. */
  readonly anySize?: true;
  /** What it does to a picture's numbers, with a stream that begins as that of `apply`; may change them in place. */
  readonly numbers?: (row: Float32Array, random: Random, options: Required<A>) => void;
  /** It blends the pictures of a batch, and their labels with them. */
  readonly blends?: true;
}

export const number = (least: number, most: number, initial?: number): Rule => ({ is: "number", least, most, initial });
export const whole = (least: number, most: number, initial?: number): Rule => ({ is: "whole", least, most, initial });
export const pair = (least: number, most: number, initial: readonly [number, number]): Rule => ({
  ...{ is: "pair", least, most, initial },
});
export const word = (words: readonly string[], initial: string): Rule => ({ is: "word", words, initial });
export const fill = number(0, 1, 0);
export const probability = number(0, 1, 0.5);
export const axis = word(["horizontal", "vertical"], "horizontal");

export const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();
