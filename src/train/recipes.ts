// Recipes: a network with the options that train it well, as data. What a person does not tell is taken from here.
import type { Dataset } from "../data/dataset.ts";
import { SGD } from "./optimizers/optimizer.ts";
import type { FitOptions } from "./options.ts";

export interface Recipe {
  readonly name: string;
  /** One line: for what, and what it reaches. */
  readonly about: string;
  /** Name of a built-in model. */
  readonly model: string;
  readonly options: FitOptions;
}

const nesterov = (lr: number, weightDecay = 5e-4) =>
  SGD({ lr, momentum: 0.9, nesterov: true, weightDecay, decayOn: "weights" });

export const recipes: readonly Recipe[] = [
  {
    name: "digits",
    about: "Digits of 8x8: 0.99 in seconds",
    model: "digits",
    options: {
      epochs: 20,
      batch: 32,
      optimizer: nesterov(0.1),
      schedule: { kind: "oneCycle" },
      augment: [{ kind: "affine", degrees: 10, translate: 0.08, scale: [0.9, 1.1] }],
    },
  },
  {
    name: "fashion-mnist",
    about: "Clothes of 28x28: 0.92 in minutes",
    model: "fashion",
    options: {
      epochs: 8,
      batch: 128,
      optimizer: nesterov(0.2),
      schedule: { kind: "oneCycle" },
      augment: [{ kind: "flip" }],
    },
  },
  {
    name: "mnist",
    about: "Written digits of 28x28: as for clothes, but turned and moved a little instead of mirrored",
    model: "fashion",
    options: {
      epochs: 8,
      batch: 128,
      optimizer: nesterov(0.2),
      schedule: { kind: "oneCycle" },
      augment: [{ kind: "affine", degrees: 10, translate: 0.08, scale: [0.9, 1.1] }],
    },
  },
];

const named = (name: string): Recipe => recipes.find((recipe) => recipe.name === name)!;

/**
 * The recipe for a data set: its own by name, otherwise that of pictures of about its size. With a model, the recipe that
 * was made for that model where there is one.
 */
export function recipeFor(data: string, { images }: Dataset, model?: string): Recipe {
  const [, , height, width] = images.shape;
  const usual = Math.min(height, width) < 16 ? named("digits") : named("fashion-mnist");
  const own = recipes.find(({ name }) => name === data) ?? usual;
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, "");
  if (model === undefined || plain(model) === plain(own.model)) return own;
  return recipes.find((recipe) => plain(recipe.model) === plain(model)) ?? own;
}
