// What is wrong with a window that cannot be, in words. The arithmetic itself is base/window.ts.
import { ShapeError } from "../../base/errors.ts";
import { placesAlong, reachOf, type Slide } from "../../base/window.ts";

export interface WindowAxis extends Slide {
  readonly what: string;
  readonly axis: number;
  /** Number of spatial axes, for naming this one. */
  readonly rank: number;
  readonly size: number;
  readonly kernel: number;
  /** Count a last window that starts inside the input or its padding before but hangs over the end. */
  readonly ceilMode?: boolean;
}

/** `height`, `width`, … of an axis among `rank` spatial ones. */
export function axisName(axis: number, rank: number): string {
  return (["width", "height", "depth"] as const)[rank - 1 - axis] ?? `axis ${axis}`;
}

/** Output places along one axis; an impossible one is an error that names the axis and the numbers. */
export function windowOutput(window: WindowAxis): number {
  const { what, axis, rank, size, kernel, stride, dilation, padBefore, padAfter, ceilMode } = window;
  const name = axisName(axis, rank);
  for (const [word, value, least] of [
    ["kernel size", kernel, 1],
    ["stride", stride, 1],
    ["dilation", dilation, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least)
      throw new ShapeError(
        `${what}: ${word} along the ${name} must be a whole number of at least ${least}, not ${value}.`,
      );
  }
  const reach = reachOf(kernel, dilation);
  if (size + padBefore + padAfter < reach) {
    throw new ShapeError(
      `${what}: along the ${name} the input has ${size} ${size === 1 ? "cell" : "cells"}${padBefore + padAfter > 0 ? ` and padding adds ${padBefore + padAfter}` : ""}, but the kernel of ${kernel}${dilation > 1 ? ` with dilation ${dilation}` : ""} needs ${reach}; use a larger input, a smaller kernel or more padding.`,
    );
  }
  return placesAlong(size, kernel, window, ceilMode);
}
