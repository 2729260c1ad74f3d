// Applies an optimizer to parameters and their gradients: updates and state variables, as graph. The state of parameter p is
// called `optimizer.<name>.<p>`, the scalar inputs `optimizer.<name>`.
import { filled } from "../../base/array.ts";
import { checkOptions, NeocogError, unknownName } from "../../base/errors.ts";
import type { Update } from "../../compile/program.ts";
import { atPath, attributesIf, input, type Tensor, variable, variableOp } from "../../graph/graph.ts";
import { adam, adamW } from "./adam.ts";
import type { OptimizerDescription } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import type { Rule, Scalars } from "./rule.ts";
import { sgd } from "./sgd.ts";

const rules = { sgd, adam, adamW, rmsprop } as const;

export const optimizerNames = Object.keys(rules) as readonly OptimizerDescription["name"][];

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
  /** Values of the scalar inputs at a step (from 0), by input name. */
  scalars(step: number): Scalars;
  /** The update of every parameter and of its state. */
  updates(parameters: readonly Tensor[], gradients: readonly Tensor[], learningRate: Tensor): OptimizerUpdates;
}

export interface OptimizerUpdates {
  /** Parameters and state, each parameter beside its own state. */
  readonly updates: readonly Update[];
  /** Scalar inputs that `scalars` fills. */
  readonly inputs: readonly Tensor[];
}

/** Checks a description. Throws one sentence for an unknown name or option, or an impossible value. */
export function openOptimizer(description: OptimizerDescription): Optimizer {
  const { name, ...given } = description;
  if (!Object.hasOwn(rules, name)) throw unknownName("optimizer", String(name), optimizerNames);
  const rule = rules[name] as unknown as Rule<Anything>;
  checkOptions(`Optimizer ${name}`, given, Object.keys(rule.defaults));
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options: Required<Anything> = { ...rule.defaults, ...present };
  checkOptionValues(name, options);
  return {
    description: { name, ...options } as OptimizerDescription,
    lr: options.lr,
    scalars: (step) => prefixed(rule.scalars?.(options, step) ?? {}),
    updates(parameters, gradients, learningRate) {
      const names = Object.keys(rule.scalars?.(options, 0) ?? {});
      const scalar = Object.fromEntries(names.map((key) => [key, input(`optimizer.${key}`, [])]));
      const updates = parameters.flatMap((weight, i) =>
        updatesOf(rule, options, weight, gradients[i], learningRate, scalar),
      );
      return { updates, inputs: Object.values(scalar) };
    },
  };
}

const prefixed = (scalars: Scalars): Scalars =>
  Object.fromEntries(Object.entries(scalars).map(([key, value]) => [`optimizer.${key}`, value]));

function updatesOf(
  rule: Rule<Anything>,
  options: Required<Anything>,
  weight: Tensor,
  gradient: Tensor,
  learningRate: Tensor,
  scalar: Readonly<Record<string, Tensor>>,
): Update[] {
  const attributes = attributesIf(weight.node, variableOp);
  if (!attributes) throw new NeocogError("An optimizer moves variables only; a parameter was something else.");
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

function checkOptionValues(name: string, options: object): void {
  for (const [key, value] of Object.entries(options)) {
    const refuse = (must: string): never => {
      throw new NeocogError(`Optimizer ${name}: ${key} must be ${must}, not ${JSON.stringify(value)}.`);
    };
    const within = (least: number, below: number, n: unknown): boolean =>
      typeof n === "number" && Number.isFinite(n) && n >= least && n < below;
    if (key === "betas") {
      if (!Array.isArray(value) || value.length !== 2 || !value.every((beta) => within(0, 1, beta)))
        refuse("two numbers of at least 0 and below 1");
    } else if (key === "decayOn") {
      if (value !== "all" && value !== "weights") refuse('"all" or "weights"');
    } else if (["nesterov", "amsgrad", "centered"].includes(key)) {
      if (typeof value !== "boolean") refuse("true or false");
    } else if (!within(0, Infinity, value)) {
      refuse("a number of at least 0");
    }
  }
  const { nesterov, momentum, dampening } = options as { nesterov?: boolean; momentum?: number; dampening?: number };
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new NeocogError(`Optimizer ${name}: nesterov needs a momentum above 0 and no dampening.`);
  }
}
