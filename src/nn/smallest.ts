// Which input a network needs at least: the smallest square picture at which every layer has an output. Found by building
// the graph, so it holds for any network; nothing is allocated.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { optional, whole } from "../base/rules.ts";
import { construct } from "./construct.ts";
import type { Layer } from "./layer.ts";
import { layer as layerRule } from "./rules.ts";

/** The smallest n such that [batch, channels, n, n] passes through; undefined where none up to `most` does. */
export function smallestInput(model: Layer, channels: number, most = 1024): number | undefined {
  understand("smallestInput", arguments, { model: layerRule, channels: whole(1), most: optional(whole(1)) });
  const fits = (n: number): boolean => {
    try {
      construct(model, [1, channels, n, n]);
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
