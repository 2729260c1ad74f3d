// Recipes: a network with the options that train it well, as data. What a person does not tell is taken from here.
import { understand } from "../base/arguments.ts";
import { optional, text } from "../base/rules.ts";
import type { Augmentation } from "../data/augment.ts";
import type { Choice } from "../data/choice.ts";
import { datasetRule } from "../data/dataset.ts";
import type { ClassSet, PictureSet } from "../data/images.ts";
import { measure } from "../data/normalize.ts";
import type { DataName } from "../data/source.ts";
import { type Change, type Symmetry, symmetries } from "../data/symmetry.ts";
import { findModel, type ModelName } from "../nn/models/list.ts";
import { choose, factsOf } from "./defaults.ts";
import { Adam, AdamW, SGD } from "./optimizers/optimizer.ts";
import type { RecipeOptions } from "./options.ts";

export type { RecipeOptions } from "./options.ts";

import type { Schedule } from "./schedules.ts";

/** The name of a recipe. */
export type RecipeName = DataName | "fashion-mnist-long" | "lenet" | "lenet-modern" | "pictures";

/** A network with the options that train it well. */
export interface Recipe {
  /** Name of the recipe. */
  readonly name: RecipeName;
  /** One line: for what, and what it reaches. */
  readonly about: string;
  /** Name of the data set that it was made for. */
  readonly data?: DataName;
  /** Name of a built-in model: what createModel takes. */
  readonly model: ModelName;
  /** What fit takes. */
  readonly options: RecipeOptions;
  /** What was chosen for the data, with the reasons; absent of recipes that were made by hand. */
  readonly choices?: readonly Choice[];
}

const nesterov = (lr: number) => SGD({ lr, momentum: 0.9, nesterov: true, weightDecay: 5e-4, decayOn: "weights" });
const moved: Augmentation = { kind: "affine", degrees: 10, translate: 0.08, scale: [0.9, 1.1] };
const oneCycle = { kind: "oneCycle" } as const satisfies Schedule;

/** All recipes; recipeFor chooses one. */
export const recipes: readonly Recipe[] = [
  {
    name: "digits",
    about: "Written digits of 8x8: 0.99 in seconds",
    data: "digits",
    model: "digits",
    options: { epochs: 20, batch: 32, optimizer: nesterov(0.1), schedule: oneCycle, augment: [moved] },
  },
  {
    name: "fashion-mnist",
    about: "Clothes of 28x28: 0.92 in minutes",
    data: "fashion-mnist",
    model: "fashion",
    options: { epochs: 8, batch: 128, optimizer: nesterov(0.2), schedule: oneCycle, augment: [{ kind: "flip" }] },
  },
  {
    name: "fashion-mnist-long",
    about: "Clothes of 28x28: a larger network, with more patience",
    model: "resnet10",
    options: {
      ...{ epochs: 20, batch: 128, optimizer: nesterov(0.15), schedule: oneCycle, average: 0.998 },
      loss: { name: "crossEntropy", labelSmoothing: 0.1 },
      augment: [
        { kind: "flip" },
        { kind: "shift", pixels: 2 },
        { kind: "erase", probability: 0.5, area: [0.02, 0.15] },
      ],
    },
  },
  {
    name: "mnist",
    about: "Written digits of 28x28: as for clothes, but turned and moved a little instead of mirrored",
    data: "mnist",
    model: "fashion",
    options: { epochs: 8, batch: 128, optimizer: nesterov(0.2), schedule: oneCycle, augment: [moved] },
  },
  {
    name: "lenet",
    about: "LeNet-5 with sigmoids, which need Adam to get going: 0.89 on clothes within a minute",
    model: "lenet",
    options: { epochs: 8, batch: 64, optimizer: Adam({ lr: 0.01 }), schedule: { ...oneCycle, pctStart: 0.2 } },
  },
  {
    name: "lenet-modern",
    about: "LeNet-5 with ReLU and max pooling: 0.90 on clothes within a minute",
    model: "lenet-modern",
    options: { epochs: 8, batch: 64, optimizer: Adam({ lr: 0.004 }), schedule: { ...oneCycle, pctStart: 0.2 } },
  },
];

/** What suits most networks, normalised or not. */
const careful: RecipeOptions = {
  optimizer: AdamW({ lr: 0.002, decayOn: "weights" }),
  schedule: { kind: "oneCycle" },
  clip: { norm: 5 },
};

/**
 * The recipe for a data set: its own by name; for other pictures one made by rules from how many there are, how large, and of how
 * many classes (`choices` gives the reasons). With a model's name, the recipe that was made for that model, or else the data's
 * with an optimizer that suits most networks. Throws for an unknown model, with the nearest right name.
 */
export function recipeFor(
  data: DataName | (string & {}),
  dataset: PictureSet,
  model?: ModelName | (string & {}),
): Recipe {
  understand("recipeFor", arguments, { data: text, dataset: datasetRule, model: optional(text) });
  return recipeWith(data, dataset, model);
}

/** The same, with a look at the pictures: whether classes are kept by mirroring and turning them decides the augmentation. */
export async function chooseRecipe(
  data: DataName | (string & {}),
  dataset: PictureSet,
  model?: ModelName | (string & {}),
): Promise<Recipe> {
  understand("chooseRecipe", arguments, { data: text, dataset: datasetRule, model: optional(text) });
  const classed = dataset.labels instanceof Int32Array && dataset.classes.length > 1 && !byHand(data, dataset);
  return recipeWith(data, dataset, model, classed ? await symmetries(dataset as ClassSet) : undefined);
}

/** One that was made by hand: for this data, or for pictures as small as digits. */
function byHand(data: string, { images }: PictureSet): Recipe | undefined {
  const [, , height, width] = images.shape;
  const named = recipes.find((recipe) => recipe.data === data);
  return named ?? (Math.min(height, width) < 16 ? recipes.find(({ name }) => name === "digits") : undefined);
}

function recipeWith(
  data: string,
  dataset: PictureSet,
  model: string | undefined,
  found?: Readonly<Record<Change, Symmetry>>,
): Recipe {
  const own = byHand(data, dataset) ?? made(dataset, found);
  if (model === undefined) return own;
  const { name } = findModel(model);
  if (name === own.model) return own;
  const about = `${own.about}, with an optimizer that suits most networks`;
  const choices = own.choices?.filter(({ option }) => option !== "model");
  return (
    recipes.find((recipe) => recipe.model === name) ?? {
      ...{ ...own, about, model: name, options: { ...own.options, ...careful } },
      ...(choices ? { choices } : {}),
    }
  );
}

/** By the rules. */
function made(dataset: PictureSet, symmetries?: Readonly<Record<Change, Symmetry>>): Recipe {
  const facts = { ...factsOf(dataset, measure(dataset.images).mean), ...(symmetries ? { symmetries } : {}) };
  return { name: "pictures", about: "Chosen by the rules for pictures", ...choose(facts) };
}
