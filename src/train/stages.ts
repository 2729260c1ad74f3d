// The stages of a run whose network is opened part by part: which parts move in an epoch, and since which steps.

import type { Shape } from "../base/shape.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { variableOf } from "../nn/state.ts";
import { type PartOptions, partsOf } from "./parts.ts";
import type { Stage } from "./step.ts";

export interface OpenStage extends Stage {
  /** Whether a parameter moves from this stage on, and has no state of an optimizer before. */
  opening(name: string): boolean;
}

/** The stage of an epoch (from 0) with so many steps each. `inputShape`: [batch, channels, height, width]. */
export function stageAt(
  model: Layer,
  inputShape: Shape,
  { unfreeze, freeze }: PartOptions,
  epoch: number,
  steps: number,
): OpenStage {
  if (!unfreeze) return { stage: 0, startOf: () => 0, opening: () => false };
  const parameters = build(model, inputShape).variables.filter((tensor) => variableOf(tensor).trainable);
  const { stages, since } = partsOf({ freeze, unfreeze }, parameters);
  const stage = Math.min(Math.floor(epoch / unfreeze.every), stages - 1);
  return { unfreeze, stage, startOf: (of) => of * unfreeze.every * steps, opening: (name) => since(name) === stage };
}
