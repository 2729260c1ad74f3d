// The options that a run was started with, from its checkpoint: what `fit` needs to go on as it began.
import { understand } from "../base/arguments.ts";
import { type Checkpoint, checkpointRule } from "./checkpoint.ts";
import type { RecipeOptions } from "./recipes.ts";

const kept = [
  ...(["epochs", "batch", "seed", "schedule", "optimizer", "loss", "augment", "normalization"] as const),
  ...(["clip", "average", "init", "dropLast"] as const),
];

/**
 * Options of the run that a checkpoint is of, those that shape its result; give them to `fit` together with { resume:
 * checkpoint }.
 */
export function optionsOf(checkpoint: Checkpoint): RecipeOptions {
  understand("optionsOf", arguments, { checkpoint: checkpointRule });
  const { settings } = checkpoint;
  const found = kept.map((name) => [name, settings[name]] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null));
}
