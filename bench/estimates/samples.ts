// A strategy on a shape as a function of the machine profile.
import type { Features } from "../../src/engines/wasm/code/features.ts";
import type { Profile } from "../../src/engines/wasm/profile.ts";
import { kernelOf, type LayerShape } from "../shapes.ts";
import { contextOf, strategies } from "../timing.ts";

/** Every strategy that takes the shape, with its estimate by a profile, in nanoseconds. */
export function estimatesOf(shape: LayerShape, features: Features): Map<string, (profile: Profile) => number> {
  const kernel = kernelOf(shape);
  const context = contextOf(shape, kernel, features);
  const found = new Map<string, (profile: Profile) => number>();
  for (const strategy of strategies.contract) {
    if (!strategy.way(kernel, context)) continue;
    found.set(strategy.name, (profile) => strategy.way(kernel, { ...context, profile })?.time ?? Number.NaN);
  }
  return found;
}
