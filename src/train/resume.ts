// The options that a run was started with, from its checkpoint: what `fit` needs to go on as it began.
import { understand } from "../base/arguments.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { type Checkpoint, checkpointRule } from "./checkpoint.ts";
import type { RecipeOptions } from "./recipes.ts";
import { functionName } from "./settings.ts";

const kept = [
  ...(["epochs", "batch", "seed", "schedule", "optimizer", "loss", "augment", "normalization"] as const),
  ...(["clip", "average", "init", "dropLast"] as const),
  ...(["freeze", "rates", "unfreeze", "accumulate", "balanced"] as const),
];

/**
 * Options of the run that a checkpoint is of, those that shape its result; give them to `fit` together with { resume:
 * checkpoint }. A loss that is a function cannot be kept: give it again.
 */
export function optionsOf(checkpoint: Checkpoint<TaskName>): RecipeOptions {
  understand("optionsOf", arguments, { checkpoint: checkpointRule });
  const { settings } = checkpoint;
  const found = kept.map((name) => [name, settings[name]] as const);
  const isFunction = (value: unknown): boolean => (value as { name?: unknown })?.name === functionName;
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null && !isFunction(value)));
}
