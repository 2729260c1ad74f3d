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
];

const named = (name: string): Recipe => recipes.find((recipe) => recipe.name === name)!;

/** The recipe for a data set: its own by name, otherwise that of pictures of about its size. */
export function recipeFor(name: string, { images }: Dataset): Recipe {
  const own = recipes.find((recipe) => recipe.name === name);
  if (own) return own;
  const [, , height, width] = images.shape;
  return Math.min(height, width) < 16 ? named("digits") : named("fashion-mnist");
}
