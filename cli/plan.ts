// What a training run is to be: the recipe of the data, or the settings of the run that is resumed, with what the command
// line tells over it. An option is never ignored: one that cannot be meant is refused.

import { count } from "../src/base/amounts.ts";
import {
  type Checkpoint,
  type Choice,
  chooseRecipe,
  createModel,
  type EngineName,
  engineNames,
  type Layer,
  optionsOf,
  type RecipeOptions,
  recipes,
  type TaskName,
} from "../src/doors/neocog.ts";
import { UsageError } from "./command.ts";
import type { GivenData } from "./data.ts";
import { type GivenTraining, withGiven } from "./given.ts";
import type { AnyView } from "./tasks/list.ts";

/** What training starts from. */
export interface GivenSource {
  readonly from?: string;
  readonly head?: string;
  readonly norms?: "frozen" | "trained";
}

export interface TrainingPlan {
  readonly title: string;
  readonly model: Layer;
  readonly options: RecipeOptions;
  /** The engine that the resumed run was on. */
  readonly engine?: EngineName;
  /** What was chosen for the data where nothing was told, with the reasons. */
  readonly choices?: readonly Choice[];
}

export async function startAfresh(
  name: string,
  { plan: planned, augmented }: AnyView,
  split: Parameters<NonNullable<AnyView["plan"]>>[0],
  given: GivenTraining & GivenData,
): Promise<TrainingPlan> {
  const { train: data } = split;
  const plan = planned?.(split, given);
  const told = recipes.find((known) => known.name === given.recipe);
  const recipe: { model: string; options: RecipeOptions; choices?: readonly Choice[] } =
    told ?? plan ?? (await chooseRecipe(name, data, given.model));
  const [, inChannels, height, width] = data.images.shape;
  // Networks that make maps halve their picture as often as it can be halved evenly.
  const inputSize = plan ? evenly(height, width) : Math.min(height, width);
  const built = createModel(given.model ?? recipe.model, {
    classes: data.classes.length || inChannels,
    inChannels,
    inputSize,
  });
  const { augment, ...options } = recipe.options;
  const kept = augmented && augment ? { ...options, augment } : options;
  const choices = recipe.choices?.filter(({ option }) => augmented || option !== "augment");
  return {
    title: `${built.name}: ${built.about}`,
    model: built.layer,
    options: withGiven(kept, given),
    ...(choices ? { choices } : {}),
  };
}

/** A side that says how often both can be halved evenly. */
function evenly(height: number, width: number): number {
  let side = 1;
  while (height % (2 * side) === 0 && width % (2 * side) === 0) side *= 2;
  return side;
}

export function goOn(
  { trained, settings, epoch, cursor, ...rest }: Checkpoint<TaskName>,
  given: GivenTraining & GivenSource,
): TrainingPlan {
  for (const name of ["model", "recipe", "from", "head", "norms"] as const) {
    if (given[name] !== undefined)
      throw new UsageError(`--resume goes on with the network of the folder; leave out --${name}.`);
  }
  const resume = { trained, settings, epoch, ...(cursor ? { cursor } : {}), ...rest };
  const engine = engineNames.find((known) => known === settings.engine);
  const options = withGiven(optionsOf(resume), given);
  const over = options.epochs === epoch && !cursor ? ", which are all; --epochs with a higher number goes on" : "";
  return {
    title: `The network of the folder, after ${howFar(epoch, cursor?.batch)}${over}`,
    model: trained.model,
    options: { ...options, resume },
    ...(engine ? { engine } : {}),
  };
}

/** 3 epochs and 40 batches */
export const howFar = (epochs: number, batches = 0): string =>
  [
    ...(epochs > 0 || batches === 0 ? [count(epochs, "epoch")] : []),
    ...(batches > 0 ? [count(batches, "batch", "batches")] : []),
  ].join(" and ");
