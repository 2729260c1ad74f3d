// What the command line tells of the training, laid over the options of a recipe or of the run that is gone on with.
import {
  type Augmentation,
  type FitOptions,
  type LossDescription,
  type OptimizerDescription,
  type RecipeOptions,
  type Schedule,
  SGD,
} from "../src/doors/neocog.ts";
import type { optimizerNames } from "./cards/names.ts";
import { UsageError } from "./command.ts";

export interface GivenTraining {
  readonly model?: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly optimizer?: (typeof optimizerNames)[number];
  readonly seed?: number;
  readonly augment?: readonly Augmentation[];
  readonly recipe?: string;
  readonly classWeights?: "balanced" | readonly number[];
  readonly balanced?: boolean;
  readonly labelSmoothing?: number;
  readonly patience?: number;
  readonly weightDecay?: number;
  readonly schedule?: keyof typeof schedules;
  readonly average?: number;
  readonly freeze?: FitOptions["freeze"];
  readonly rates?: FitOptions["rates"];
  /** Epochs after which one more part of the network moves. */
  readonly unfreeze?: number;
  readonly accumulate?: number;
}

/** Schedules that need nothing told but their name; a line goes down to nothing. */
const schedules = {
  constant: { kind: "constant" },
  cosine: { kind: "cosine" },
  linear: { kind: "linear", startFactor: 1, endFactor: 0 },
  "one-cycle": { kind: "oneCycle" },
} as const satisfies Readonly<Record<string, Schedule>>;

export function withGiven(options: RecipeOptions, given: GivenTraining): RecipeOptions {
  const { epochs, batch, lr, seed, augment, balanced, patience, average, freeze, rates, accumulate } = given;
  const unfreeze = given.unfreeze === undefined ? undefined : { every: given.unfreeze };
  const schedule = given.schedule ? schedules[given.schedule] : options.schedule;
  const told = { epochs, batch, seed, augment, balanced, patience, average, freeze, rates, unfreeze, accumulate };
  return {
    ...options,
    ...optimizerOf(options, given),
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
    ...(schedule ? { schedule } : {}),
    ...(lr === undefined ? {} : { schedule: withRate(schedule, lr) }),
    ...lossOf(options, given),
  };
}

/** Usual rates, where only the optimizer is told. */
const usual: Readonly<Record<(typeof optimizerNames)[number], OptimizerDescription>> = {
  sgd: SGD({ lr: 0.05, momentum: 0.9, nesterov: true }),
  adam: { name: "adam", lr: 0.001 },
  adamW: { name: "adamW", lr: 0.001, weightDecay: 0.01 },
  rmsprop: { name: "rmsprop", lr: 0.001 },
};

function optimizerOf(
  options: RecipeOptions,
  { optimizer, lr, weightDecay }: GivenTraining,
): Pick<RecipeOptions, "optimizer"> {
  const known = options.optimizer ?? usual.sgd;
  const rule = optimizer === undefined || optimizer === known.name ? known : usual[optimizer];
  return {
    optimizer: {
      ...rule,
      ...(lr === undefined ? {} : { lr }),
      ...(weightDecay === undefined ? {} : { weightDecay }),
    },
  };
}

/** A schedule that names its own highest rate takes the told one. */
function withRate(schedule: Schedule | undefined, lr: number): Schedule {
  if (schedule === undefined) return { kind: "constant" };
  return schedule.kind === "oneCycle" && schedule.maxLr !== undefined ? { ...schedule, maxLr: lr } : schedule;
}

/** Class weights and smoothing are parts of a loss of classes. */
function lossOf(
  { loss }: RecipeOptions,
  { classWeights, labelSmoothing, task }: GivenTraining & { readonly task?: string },
): Pick<RecipeOptions, "loss"> {
  if (classWeights === undefined && labelSmoothing === undefined) return {};
  const option = classWeights === undefined ? "--label-smoothing" : "--class-weights";
  if (typeof loss === "function" || (loss && loss.name !== "crossEntropy") || !ofClasses(task))
    throw new UsageError(`${option} is for classes, and this task learns none.`);
  const { classWeights: known, ...own }: Partial<Extract<LossDescription, { name: "crossEntropy" }>> = loss ?? {};
  const weights = classWeights ?? known;
  return {
    loss: {
      ...own,
      name: "crossEntropy",
      ...(weights && weights.length > 0 ? { classWeights: weights } : {}),
      ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
    },
  };
}

const ofClasses = (task = "classification"): boolean => task === "classification" || task === "segmentation";
