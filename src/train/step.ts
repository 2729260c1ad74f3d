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
  whole,
} from "../base/rules.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../base/shape.ts";
import { gradients } from "../compile/grad.ts";
import type { Program, Update } from "../compile/program.ts";
import { atPath, attributesIf, input, type Tensor, variable, variableOp } from "../graph/graph.ts";
import { type BuiltModel, build } from "../nn/build.ts";
import type { InitRule, Layer } from "../nn/layer.ts";
import { initRule, layer as layerRule } from "../nn/rules.ts";
import { variableOf } from "../nn/state.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import type { State } from "../run/session.ts";
import { type TaskName, taskNames, usualTask } from "../use/tasks/list.ts";
import { scaled } from "../use/tasks/regression.ts";
import type { NumberScale } from "../use/tasks/task.ts";
import { gather } from "./accumulate.ts";
import { type ClipOptions, checkClip, clipGradients, clipRules } from "./clip.ts";
import { buildLoss, checkLoss, countedIn, type LossDescription, type LossFunction, lossRule } from "./loss.ts";
import { type OptimizerDescription, type OptimizerName, SGD } from "./optimizers/optimizer.ts";
import { openOptimizer, optimizerRule } from "./optimizers/update.ts";
import { allParts, type PartRate, partRules, partsOf, type Unfreezing } from "./parts.ts";
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
  /** Patterns of layers and parameters that stay as they are, such as "layer1.*"; none unless told. */
  readonly freeze?: readonly string[];
  /** How fast parts move, of several that fit the first; all by the learning rate unless told. */
  readonly rates?: readonly PartRate[];
  /** Batches whose gradients are summed before the weights move, each once; 1 unless told. */
  readonly accumulate?: number;
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
  /**
   * Values of all scalar inputs at a step (from 0). Where gradients are accumulated, `part` says which batch of the whole run
   * it is (from 0), and whether the weights move with it.
   */
  scalars(step: number, learningRate: number, seed: number, part?: StepPart): Record<string, NdArray>;
}

/** A batch of a step that takes several. */
export interface StepPart {
  /** Its number in the whole run, from 0: what dropout draws by. */
  readonly batch: number;
  /** Whether it is the last one of its step. */
  readonly last: boolean;
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
  ...{ ...partRules, accumulate: whole(1) },
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
  return stepOf(model, options);
}

/** Which parts of the network move by now (parts.ts), and since which steps. */
export interface Stage {
  readonly unfreeze?: Unfreezing;
  /** From 0. */
  readonly stage: number;
  /** The step that a stage begins with. */
  startOf(stage: number): number;
}

/** `trainingStep` without its look at the arguments, in a stage of a run. */
export function stepOf(model: Layer, options: StepOptions, stage?: Stage): TrainingStep {
  const { inputShape, task = usualTask, ignoreIndex, scale, clip, average, softTargets = false } = options;
  const { freeze, rates, accumulate = 1 } = options;
  const learner = learnerOf(task);
  const { loss: description = usualLoss(task) } = options;
  const optimizer = openOptimizer(options.optimizer ?? SGD({ lr: 0.05, momentum: 0.9, nesterov: true }));
  checkLoss(description, learner.losses);
  if (clip) checkClip(clip);
  const images = input("images", inputShape);
  const random = { seed: input("seed", [], "int32"), step: input("step", [], "int32") };
  const tuned = freeze?.length || rates?.length || stage?.unfreeze;
  const parts = tuned
    ? partsOf(
        { freeze, rates, unfreeze: stage?.unfreeze },
        build(model, inputShape).variables.filter(isTrainable),
        stage?.stage,
      )
    : allParts;
  const evaluating = tuned ? { evaluating: parts.frozen } : {};
  const built = build(model, images, { training: true, seed: options.seed, init: options.init, random, ...evaluating });
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
  const parameters = built.variables.filter((tensor) => isTrainable(tensor) && !parts.frozen(variableOf(tensor).name));
  const learningRate = input("learningRate", []);
  const found = gradients([loss], parameters);
  const counted = () => atPath("loss", () => countedIn(description, output, targets ?? labels, ignoreIndex));
  const gathered = accumulate > 1 ? gather(parameters, found, counted()) : undefined;
  const slopes = gathered?.means ?? found;
  const clipped = clip ? atPath("clip", () => clipGradients(slopes, clip)) : slopes;
  const startOf = (name: string): number => stage?.startOf(parts.since(name)) ?? 0;
  const moves = optimizer.updates(parameters, clipped, learningRate, { times: parts.times, since: startOf });
  const since = [...new Set(parameters.map((tensor) => startOf(variableOf(tensor).name)))];
  const statistics = built.updates;
  const share = average === undefined ? undefined : input("average.share", []);
  const moved = share
    ? [...moves.updates, ...averages(built.variables, [...moves.updates, ...statistics], share)]
    : moves.updates;
  return {
    program: {
      outputs: { loss, [watch.output]: watched },
      updates: gathered
        ? [...gathered.once(moved), ...statistics, ...gathered.sums]
        : [...moves.updates, ...statistics, ...moved.slice(moves.updates.length)],
    },
    model: built,
    loss,
    inputs: [
      ...[images, labels, ...(targets ? [targets] : []), learningRate, random.seed, random.step],
      ...[...moves.inputs, ...(share ? [share] : []), ...(gathered ? [gathered.last] : [])],
    ],
    parameters,
    scalars: (step, rate, seed, part) => ({
      learningRate: number(rate),
      seed: ndarray([], Int32Array.of(seed), "int32"),
      step: ndarray([], Int32Array.of(part?.batch ?? step), "int32"),
      ...Object.fromEntries(
        Object.entries(optimizer.scalars(step, since)).map(([name, value]) => [name, number(value)]),
      ),
      ...(share ? { "average.share": number(averageShare(average!, step)) } : {}),
      ...(gathered ? { "accumulated.last": number((part?.last ?? true) ? 1 : 0) } : {}),
    }),
  };
}

const number = (value: number): NdArray => ndarray([], Float64Array.of(value));

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

/**
 * Refuses variables that lack one that the step changes, such as a momentum, or have it in another shape. `opening`: whether a
 * parameter moves from now on; its momentum starts at zero.
 */
export function checkState(
  { program, model, parameters }: TrainingStep,
  variables: State,
  opening: (name: string) => boolean = () => false,
): void {
  const opened = parameters.map((tensor) => variableOf(tensor).name).filter(opening);
  for (const { node } of [...model.variables, ...program.updates.map((update) => update.variable)]) {
    const { name, shape } = attributesIf(node, variableOp)!;
    const value = variables.get(name);
    if (value && sameShape(value.shape, shape)) continue;
    if (!value && /^(optimizer|accumulated)\./.test(name) && opened.some((one) => name.endsWith(`.${one}`))) continue;
    const what = value ? `has "${name}" as ${formatShape(value.shape)}` : `lacks "${name}"`;
    throw new NeocogError(`The state of training ${what}, but the run needs it as ${formatShape(shape)}.`);
  }
}

/** How many numbers an optimizer may move. */
export const countParameters = (parameters: readonly Tensor[]): number =>
  parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
