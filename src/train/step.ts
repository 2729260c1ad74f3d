// The explicit long road: one training step as one program. Forward, backward and update are one graph, so they are
// compiled into one plan over one arena.
//
//   images ─ model(training) ─ logits ─ loss ─ gradients ─ clip ─ optimizer ─ new weights (─ their running average)
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import {
  options as byName,
  flag,
  integer,
  type OptionsOf,
  oneOf,
  type Rules,
  record,
  required,
  seed as seedRule,
  shape as shapeRule,
  share,
} from "../base/rules.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../base/shape.ts";
import { gradients } from "../compile/grad.ts";
import type { Program, Update } from "../compile/program.ts";
import { atPath, attributesIf, input, type Tensor, variable, variableOp } from "../graph/graph.ts";
import { type BuiltModel, build } from "../nn/build.ts";
import type { InitRule, Layer } from "../nn/layer.ts";
import { initRule, layer as layerRule } from "../nn/rules.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import type { State } from "../run/session.ts";
import { type TaskName, taskNames, usualTask } from "../use/tasks/list.ts";
import { scaled } from "../use/tasks/regression.ts";
import type { NumberScale } from "../use/tasks/task.ts";
import { type ClipOptions, checkClip, clipGradients, clipRules } from "./clip.ts";
import { buildLoss, checkLoss, type LossDescription, type LossFunction, lossRule } from "./loss.ts";
import { type OptimizerDescription, type OptimizerName, SGD } from "./optimizers/optimizer.ts";
import { openOptimizer, optimizerRule } from "./optimizers/update.ts";
import { learnerOf } from "./tasks/list.ts";

/** Options of trainingStep. */
export interface StepOptions {
  /** [batch, channels, height, width]. */
  readonly inputShape: Shape;
  /** What is learnt; classification unless told. */
  readonly task?: TaskName;
  /** What is made small; the task's usual loss unless told: cross-entropy without label smoothing for classification. */
  readonly loss?: LossDescription | LossFunction;
  /** What stands in masks for pixels that count for nothing; there are none unless told. */
  readonly ignoreIndex?: number;
  /** How outputs become the numbers that are meant (regression); they are what is meant unless told. */
  readonly scale?: NumberScale;
  /** A name or a description; SGD with rate 0.05, momentum 0.9 and Nesterov unless told. */
  readonly optimizer?: OptimizerDescription | OptimizerName;
  /** How gradients are clipped before the step; not at all unless told. */
  readonly clip?: ClipOptions;
  /** Decay of a running average of the weights, kept in variables `average.<name>`. */
  readonly average?: number;
  /** The loss reads shares of the classes, an input "targets" [batch, classes], instead of the labels. */
  readonly softTargets?: boolean;
  /** Seed of the initialisers. */
  readonly seed?: number;
  /** Initialisers for layers that do not name their own. */
  readonly init?: InitRule;
}

/** One step of training as a program: forward, backward and update. */
export interface TrainingStep {
  /**
   * Inputs: images, labels (int32 [batch] for classification), learningRate, and where needed targets, seed, step and
   * optimizer.*. Outputs: loss, and sums of which the task's metric is made: for classification "correct", the number of images
   * whose largest logit is their label's.
   */
  readonly program: Program;
  /** The network, built for training. */
  readonly model: BuiltModel;
  /** The scalar that is made small. */
  readonly loss: Tensor;
  /** The inputs that the program reads or accepts. */
  readonly inputs: readonly Tensor[];
  /** Trainable variables. */
  readonly parameters: readonly Tensor[];
  /** Values of all scalar inputs at a step (from 0). */
  scalars(step: number, learningRate: number, seed: number): Record<string, NdArray>;
}

/** Name of the variable that holds the average of `name`. */
export const averageName = (name: string): string => `average.${name}`;

/** What the options of a step may be. */
export const stepRules = {
  task: oneOf(taskNames),
  loss: lossRule,
  ignoreIndex: integer,
  scale: record,
  optimizer: optimizerRule,
  ...{ clip: byName(clipRules), average: share(), softTargets: flag, seed: seedRule, init: initRule },
} satisfies Omit<Rules<StepOptions>, "inputShape">;

/**
 * One step of training as a program (forward, backward, clip, update) for inputs [batch, channels, height, width]:
 * what `fit` runs, for those who write the loop themselves. Throws one sentence for options that cannot be, or a
 * model that does not give what the task needs: [batch, classes] for classification.
 */
export function trainingStep(model: Layer, options: StepOptions): TrainingStep {
  understand("trainingStep", arguments, {
    model: layerRule,
    options: required(byName<OptionsOf<typeof trainingStep>>({ inputShape: required(shapeRule(1)), ...stepRules })),
  });
  const { inputShape, task = usualTask, ignoreIndex, scale, clip, average, softTargets = false } = options;
  const learner = learnerOf(task);
  const { loss: description = usualLoss(task) } = options;
  const optimizer = openOptimizer(options.optimizer ?? SGD({ lr: 0.05, momentum: 0.9, nesterov: true }));
  checkLoss(description, learner.losses);
  if (clip) checkClip(clip);
  const images = input("images", inputShape);
  const random = { seed: input("seed", [], "int32"), step: input("step", [], "int32") };
  const built = build(model, images, { training: true, seed: options.seed, init: options.init, random });
  const { output } = built;
  const { shape, dtype } = learner.target(output, {
    ...{ input: inputShape, ...(scale ? { names: scale.mean.length } : {}) },
  });
  const labels = input("labels", shape, dtype);
  const targets = softTargets ? input("targets", output.shape) : undefined;
  const { watch } = learner;
  const { loss, watched } = atPath("loss", () => ({
    loss: buildLoss(description, output, targets ?? labels, ignoreIndex, scale),
    watched: watch.of(scaled(output, scale), labels, ignoreIndex),
  }));
  const parameters = built.variables.filter(isTrainable);
  const learningRate = input("learningRate", []);
  const slopes = gradients([loss], parameters);
  const clipped = clip ? atPath("clip", () => clipGradients(slopes, clip)) : slopes;
  const moves = optimizer.updates(parameters, clipped, learningRate);
  const updates = [...moves.updates, ...built.updates];
  const share = average === undefined ? undefined : input("average.share", []);
  return {
    program: {
      outputs: { loss, [watch.output]: watched },
      updates: share ? [...updates, ...averages(built.variables, updates, share)] : updates,
    },
    model: built,
    loss,
    inputs: [
      ...[images, labels, ...(targets ? [targets] : []), learningRate, random.seed, random.step],
      ...[...moves.inputs, ...(share ? [share] : [])],
    ],
    parameters,
    scalars: (step, rate, seed) => ({
      learningRate: ndarray([], Float64Array.of(rate)),
      seed: ndarray([], Int32Array.of(seed), "int32"),
      step: ndarray([], Int32Array.of(step), "int32"),
      ...Object.fromEntries(
        Object.entries(optimizer.scalars(step)).map(([name, value]) => [name, ndarray([], Float64Array.of(value))]),
      ),
      ...(share ? { "average.share": ndarray([], Float64Array.of(averageShare(average!, step))) } : {}),
    }),
  };
}

/** The loss that a task is learnt with unless told. */
export const usualLoss = (task: TaskName): LossDescription => ({ name: learnerOf(task).losses[0] }) as LossDescription;

/** What the newest weights count: 1 − decay, but more in the first steps, when the average still holds the start. */
const averageShare = (decay: number, step: number): number => 1 - Math.min(decay, (step + 1) / (step + 10));

/** a ← a + share (w − a) for weights and running statistics. */
function averages(variables: readonly Tensor[], updates: readonly Update[], share: Tensor): Update[] {
  const next = new Map(updates.map((update) => [update.variable, update.value]));
  return variables.map((weight) => {
    const { name, initial, shape } = attributesIf(weight.node, variableOp)!;
    const held = variable(averageName(name), shape, initial, false);
    const value = atPath(name, () => add(held, mul(sub(next.get(weight) ?? weight, held), share)));
    return { variable: held, value };
  });
}

const isTrainable = (tensor: Tensor): boolean => attributesIf(tensor.node, variableOp)?.trainable === true;

/** Refuses variables that lack one that the step changes, such as a momentum, or have it in another shape. */
export function checkState({ program, model }: TrainingStep, variables: State): void {
  for (const { node } of [...model.variables, ...program.updates.map((update) => update.variable)]) {
    const { name, shape } = attributesIf(node, variableOp)!;
    const value = variables.get(name);
    if (value && sameShape(value.shape, shape)) continue;
    const what = value ? `has "${name}" as ${formatShape(value.shape)}` : `lacks "${name}"`;
    throw new NeocogError(`The state of training ${what}, but the run needs it as ${formatShape(shape)}.`);
  }
}

/** How many numbers an optimizer may move. */
export const countParameters = (parameters: readonly Tensor[]): number =>
  parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
