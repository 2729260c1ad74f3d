// What a method of explaining is: a card of plain data and a way to open it on a network. Opened once, it answers for any
// picture, any class and any weights by the same compiled program.
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { Engine } from "../engines/engine.ts";
import type { State } from "../run/session.ts";
import type { Subject } from "./network.ts";

/**
 * What is to be drawn. map [height, width] lies over the picture; image [channels, height, width] is one, on the scale of the
 * network's input; tiles [count, 1 or 3, height, width] stand side by side. Signed ones have 0 in the middle.
 */
export interface Drawing {
  /** Which of the three it is. */
  readonly kind: "map" | "image" | "tiles";
  /** The numbers to draw. */
  readonly array: NdArray;
  /** Whether 0 stands in the middle of the scale. */
  readonly signed: boolean;
}

/** What a method found. */
export interface Finding {
  /** The method's answer in full, such as the gradient [1, channels, height, width]. */
  readonly values: NdArray;
  /** What to show of it. */
  readonly drawing: Drawing;
  /** What else is to be known, by name. */
  readonly numbers: Readonly<Record<string, number>>;
  /** The layer that was looked at, where the method looks at one. */
  readonly layer?: string;
  /** The score before each step, where there are steps. */
  readonly curve?: readonly number[];
}

/** An explainer made ready for one network. */
export interface OpenMethod {
  /** Explains why the network gives the class its score for a picture [1, channels, height, width]. */
  find(picture: NdArray, target: number): Promise<Finding>;
  /** Other weights by name, for the next pictures. */
  load(weights: State): void;
  /** Gives its memory back; it cannot be used any more. */
  release(): void;
}

/** An explainer as a card. */
export interface Method<O extends object> {
  /** Its name as its paper has it. */
  readonly title: string;
  /** One line: what the picture shows. */
  readonly about: string;
  /** The paper that it is from. */
  readonly source: string;
  /** Names of its options. */
  readonly options: readonly (keyof O & string)[];
  /** Makes it ready for a network and pictures [channels, height, width]. Throws for options that cannot be. */
  open(subject: Subject, picture: Shape, engine: Engine, options: O): Promise<OpenMethod>;
}

/** Refuses a number that is not whole or too small. */
export function checkWhole(what: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new NeocogError(`${what} must be a whole number of at least ${least}, not ${value}.`);
}

/** Refuses a number that is not finite or below `least`. */
export function checkReal(what: string, value: number, least: number): void {
  if (!Number.isFinite(value) || value < least)
    throw new NeocogError(`${what} must be a number of at least ${least}, not ${value}.`);
}

/** Refuses an array whose pictures are not the network's. */
export function checkPictures(what: string, { shape }: NdArray, picture: Shape, count?: number): void {
  const fits = shape.length === picture.length + 1 && picture.every((n, axis) => shape[axis + 1] === n);
  if (!fits || shape[0] < 1 || (count !== undefined && shape[0] !== count)) {
    throw new NeocogError(`${what} must be ${formatShape([count ?? 1, ...picture])}, but is ${formatShape(shape)}.`);
  }
}
