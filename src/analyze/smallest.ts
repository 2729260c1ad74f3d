// Which input a network needs at least: the smallest square picture at which every layer has an output. Found by building
// the graph, so it holds for any network; nothing is allocated.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { optional, shape as shapeRule, whole } from "../base/rules.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import { type BuiltModel, buildModel } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { layer as layerRule } from "../nn/rules.ts";

/** The smallest n such that [batch, channels, n, n] passes through; undefined where none up to `most` does. */
export function smallestInput(model: Layer, channels: number, most = 1024): number | undefined {
  understand("smallestInput", arguments, { model: layerRule, channels: whole(1), most: optional(whole(1)) });
  const fits = (n: number): boolean => {
    try {
      buildModel(model, [1, channels, n, n]);
      return true;
    } catch (error) {
      if (error instanceof ShapeError) return false;
      throw error;
    }
  };
  let high = 1;
  while (!fits(high)) {
    high *= 2;
    if (high > most) return undefined;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Builds a model; where a layer has no output, the error names it and the smallest size that works. */
export function buildOrExplain(model: Layer, shape: Shape): BuiltModel {
  understand("buildOrExplain", arguments, { model: layerRule, shape: shapeRule(1) });
  try {
    return buildModel(model, shape);
  } catch (error) {
    if (!(error instanceof ShapeError) || shape.length !== 4) throw error;
    const size = smallestInput(model, shape[1]);
    // A larger picture helps only where the picture was too small.
    if (size === undefined || Math.min(shape[2], shape[3]) >= size) throw error;
    const note = `The whole network was given ${formatShape(shape)}; the smallest picture that works is ${size} x ${size}.`;
    throw error.tell({ notes: [...error.notes, note] });
  }
}
