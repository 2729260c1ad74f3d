// Recipes: a network with the options that train it well, as data. What a person does not tell is taken from here.
import { understand } from "../base/arguments.ts";
import { optional, text } from "../base/rules.ts";
import type { Augmentation } from "../data/augment.ts";
import { datasetRule } from "../data/dataset.ts";
import type { PictureSet } from "../data/images.ts";
import type { DataName } from "../data/source.ts";
import { findModel, type ModelName } from "../nn/models/list.ts";
import { Adam, AdamW, type OptimizerDescription, SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";
import type { Schedule } from "./schedules.ts";

/** Options of fit with an optimizer that is written out. */
export interface RecipeOptions extends FitOptions {
  /** What SGD, Adam, AdamW or RMSprop gives: no mere name, so that its learning rate can be read and changed. */
  readonly optimizer?: OptimizerDescription;
}

/** The name of a recipe. */
export type RecipeName = DataName | "fashion-mnist-long" | "lenet" | "lenet-modern" | "pictures" | "photos";

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
    about: "Clothes of 28x28: 0.93 with more patience",
    model: "fashion",
    options: {
      ...{ epochs: 24, batch: 128, optimizer: nesterov(0.2), schedule: oneCycle, average: 0.998 },
      augment: [{ kind: "flip" }, { kind: "shift", pixels: 1 }],
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
  {
    name: "pictures",
    about: "A folder of small pictures",
    model: "fashion",
    options: {
      ...{ epochs: 30, batch: 32, optimizer: nesterov(0.05), schedule: oneCycle },
      augment: [{ kind: "flip" }, { kind: "shift", pixels: 4, padding: "reflect" }],
    },
  },
  {
    name: "photos",
    about: "A folder of pictures of 128x128 and more",
    model: "resnet18",
    options: {
      ...{ epochs: 30, batch: 32, optimizer: nesterov(0.05), schedule: oneCycle },
      augment: [{ kind: "flip" }, { kind: "resizedCrop", area: [0.5, 1] }],
    },
  },
];

/** What suits most networks, normalised or not. */
const careful: RecipeOptions = {
  optimizer: AdamW({ lr: 0.002, decayOn: "weights" }),
  schedule: { kind: "oneCycle" },
  clip: { norm: 5 },
};

/**
 * The recipe for a data set: its own by name, otherwise that of pictures of about its size (below 16, below 128 or more
 * pixels along the shorter side). With a model's name, the recipe that was made for that model, or else the data's with an
 * optimizer that suits most networks. Throws for an unknown model, with the nearest right name.
 */
export function recipeFor(
  data: DataName | (string & {}),
  dataset: PictureSet,
  model?: ModelName | (string & {}),
): Recipe {
  understand("recipeFor", arguments, { data: text, dataset: datasetRule, model: optional(text) });
  const { images } = dataset;
  const [, , height, width] = images.shape;
  const size = Math.min(height, width);
  const usual = size < 16 ? "digits" : size < 128 ? "pictures" : "photos";
  const own = recipes.find((recipe) => recipe.data === data) ?? recipes.find(({ name }) => name === usual)!;
  if (model === undefined) return own;
  const { name } = findModel(model);
  if (name === own.model) return own;
  const made = recipes.find((recipe) => recipe.model === name);
  const about = `${own.about}, with an optimizer that suits most networks`;
  return made ?? { ...own, about, model: name, options: { ...own.options, ...careful } };
}
