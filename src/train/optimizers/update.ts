// Applies an optimizer to parameters and their gradients: updates and state variables, as graph. The state of parameter p is
// called `optimizer.<name>.<p>`, the scalar inputs `optimizer.<name>`.

import { checkRecord, show } from "../../base/arguments.ts";
import { filled } from "../../base/array.ts";
import { NeocogError, unknownName } from "../../base/errors.ts";
import { isRecord, type Rule as OptionRule } from "../../base/rules.ts";
import type { Update } from "../../compile/program.ts";
import {
  atPath,
  attributesIf,
  input,
  type Tensor,
  type VariableAttributes,
  variable,
  variableOp,
} from "../../graph/graph.ts";
import { mul } from "../../ops/arithmetic.ts";
import { adam, adamW } from "./adam.ts";
import { type OptimizerDescription, type OptimizerName, optimizerRules } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import type { Rule, Scalars } from "./rule.ts";
import { sgd } from "./sgd.ts";

const rules = { sgd, adam, adamW, rmsprop } as const;

export const optimizerNames = Object.keys(rules) as readonly OptimizerDescription["name"][];

/** An optimizer as an option; its own options are looked into by openOptimizer. */
export const optimizerRule: OptionRule = {
  must: 'a name ("sgd", "adam", "adamW", "rmsprop") or what SGD(), Adam(), AdamW() or RMSprop() gives',
  accepts: (value) => typeof value === "string" || typeof value === "function" || isRecord(value),
};

interface Anything {
  readonly lr: number;
  readonly weightDecay: number;
  readonly decayOn: "all" | "weights";
}

/** An optimizer whose options are complete and possible. */
export interface Optimizer {
  /** With every option filled in: what a checkpoint stores. */
  readonly description: OptimizerDescription;
  readonly lr: number;
  /** Values of the scalar inputs at a step (from 0), by input name; `since`: the steps at which parameters began to move. */
  scalars(step: number, since?: readonly number[]): Scalars;
  /** The update of every parameter and of its state. */
  updates(
    parameters: readonly Tensor[],
    gradients: readonly Tensor[],
    learningRate: Tensor,
    pace?: ParameterPace,
  ): OptimizerUpdates;
}

/** What differs from parameter to parameter, by its name. */
export interface ParameterPace {
  /** What the learning rate is multiplied by. */
  times(name: string): number;
  /** The step at which it began to move: an optimizer counts its steps from there, as PyTorch's do. */
  since(name: string): number;
}

const even: ParameterPace = { times: () => 1, since: () => 0 };

export interface OptimizerUpdates {
  /** Parameters and state, each parameter beside its own state. */
  readonly updates: readonly Update[];
  /** Scalar inputs that `scalars` fills. */
  readonly inputs: readonly Tensor[];
}

/** Checks a description. Throws one sentence for an unknown name or option, or an impossible value. */
export function openOptimizer(description: OptimizerDescription | OptimizerName): Optimizer {
  const { name, ...given } = described(description);
  if (!Object.hasOwn(rules, name)) throw unknownName("optimizer", String(name), optimizerNames);
  const rule = rules[name] as unknown as Rule<Anything>;
  checkRecord(`Optimizer ${name}`, given, optimizerRules[name]);
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options: Required<Anything> = { ...rule.defaults, ...present };
  checkTogether(name, options);
  return {
    description: { name, ...options } as OptimizerDescription,
    lr: options.lr,
    scalars: (step, since = [0]) =>
      Object.assign({}, ...since.map((first) => prefixed(rule.scalars?.(options, step - first) ?? {}, first))),
    updates(parameters, gradients, learningRate, pace = even) {
      const names = Object.keys(rule.scalars?.(options, 0) ?? {});
      const scalars = new Map<number, Record<string, Tensor>>();
      const scalarsSince = (first: number): Record<string, Tensor> => {
        const known = scalars.get(first);
        if (known) return known;
        const made = Object.fromEntries(names.map((key) => [key, input(inputName(key, first), [])]));
        scalars.set(first, made);
        return made;
      };
      const rates = new Map([[1, learningRate]]);
      const rateTimes = (times: number): Tensor => {
        const rate = rates.get(times) ?? mul(learningRate, times);
        rates.set(times, rate);
        return rate;
      };
      const updates = parameters.flatMap((weight, i) => {
        const { name } = variableOf(weight);
        const rate = rateTimes(pace.times(name));
        return updatesOf(rule, options, weight, gradients[i], rate, scalarsSince(pace.since(name)));
      });
      return { updates, inputs: [...scalars.values()].flatMap((scalar) => Object.values(scalar)) };
    },
  };
}

const inputName = (key: string, since: number): string =>
  since === 0 ? `optimizer.${key}` : `optimizer.${key}.${since}`;

const prefixed = (scalars: Scalars, since: number): Scalars =>
  Object.fromEntries(Object.entries(scalars).map(([key, value]) => [inputName(key, since), value]));

function variableOf(weight: Tensor): VariableAttributes {
  const attributes = attributesIf(weight.node, variableOp);
  if (attributes) return attributes;
  throw new NeocogError("An optimizer moves variables only; a parameter was something else.");
}

function updatesOf(
  rule: Rule<Anything>,
  options: Required<Anything>,
  weight: Tensor,
  gradient: Tensor,
  learningRate: Tensor,
  scalar: Readonly<Record<string, Tensor>>,
): Update[] {
  const attributes = variableOf(weight);
  const states: Update[] = [];
  const state = (key: string, next: (now: Tensor) => Tensor): Tensor => {
    const now = variable(`optimizer.${key}.${attributes.name}`, weight.shape, () => filled(weight.shape), false);
    const value = next(now);
    states.push({ variable: now, value });
    return value;
  };
  const decays = options.decayOn === "all" || weight.shape.length >= 2;
  const value = atPath(attributes.name, () =>
    rule.move(decays ? options : { ...options, weightDecay: 0 }, { weight, gradient, learningRate, scalar, state }),
  );
  return [...states, { variable: weight, value }];
}

/** A name stands for the optimizer with PyTorch's defaults. */
function described(given: OptimizerDescription | OptimizerName): OptimizerDescription {
  if (typeof given === "string") return { name: given } as OptimizerDescription;
  if (isRecord(given)) return given;
  const mend = typeof given === "function" ? "did you forget to call it, as in Adam()?" : "such as Adam({ lr: 1e-3 }).";
  throw new NeocogError(
    `The optimizer must be a name or what SGD, Adam, AdamW or RMSprop gives, not ${show(given)}: ${mend}`,
  );
}

function checkTogether(name: string, options: object): void {
  const { nesterov, momentum, dampening } = options as { nesterov?: boolean; momentum?: number; dampening?: number };
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new NeocogError(`Optimizer ${name}: nesterov needs a momentum above 0 and no dampening.`);
  }
}
