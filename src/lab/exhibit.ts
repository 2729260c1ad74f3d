// What an exhibit is: one claim about convolutional networks that runs. Its run builds graphs, computes them with the engine
// that trains, and gives back findings: numbers, tables, pictures, curves, and checks. The verdict is that all checks hold;
// nothing in it is typed in, so other parameters give other numbers and the same claim.

import { like, type Rule } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import type { Engine } from "../engines/engine.ts";
import type { Check, Part } from "./parts.ts";

export interface NumberParameter {
  readonly kind: "whole" | "real";
  readonly about: string;
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

export interface ChoiceParameter<T extends string = string> {
  readonly kind: "choice";
  readonly about: string;
  readonly default: T;
  readonly words: readonly T[];
}

/** A parameter of an exhibit with its range. */
export type Parameter = NumberParameter | ChoiceParameter;
/** Parameters of an exhibit by name. */
export type Parameters = Readonly<Record<string, Parameter>>;
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends ChoiceParameter<infer T> ? T : number;
};

/** Where an exhibit runs and whom it tells how far it is. */
export interface LabContext {
  /** The engine that trains. */
  readonly engine: Engine;
  /** The same without Winograd: for what must be zero, or equal to the bit. */
  readonly direct: Engine;
  /** The definition in float64, for claims about exactness. */
  readonly exact: Engine;
  /** `done` of `total` parts are finished; `what` says which is next. */
  progress(done: number, total: number, what: string): void;
  readonly signal?: StopSignal;
}

/** What an exhibit found. */
export interface Findings {
  readonly parts: readonly Part[];
  readonly checks: readonly Check[];
}

interface Card<P extends Parameters> {
  /** Kebab case, as it is typed. */
  readonly id: string;
  readonly title: string;
  readonly group: Group;
  /** One sentence. */
  readonly claim: string;
  /** The claim as formula, plain text; several lines may be given. */
  readonly formula: string;
  readonly parameters: P;
  /** Trains networks: takes minutes instead of a blink. */
  readonly trained?: boolean;
  /** What to try next, one sentence each. */
  readonly tryThis: readonly string[];
  readonly source: string;
  run(values: Values<P>, context: LabContext): Promise<Findings>;
}

export const groups = [
  "Why not a plain MLP",
  "The kernel",
  "Receptive field",
  "Padding and stride",
  "Channels, pooling, 1x1",
  "Equivariance and invariance",
  "Learning",
] as const;
export type Group = (typeof groups)[number];

/** A report as an argument. */
export const reportRule: Rule = like("a report, as runExhibit() gives it", "exhibit", "parts", "checks");

/** An exhibit as an argument. */
export const exhibitRule: Rule = like("an exhibit of the list `exhibits`", "id", "claim", "parameters", "run");

/** A claim that runs. */
export type Exhibit = Omit<Card<Parameters>, "run"> & {
  run(values: Readonly<Record<string, number | string>>, context: LabContext): Promise<Findings>;
};

/** Writes down an exhibit; `run` is typed by the parameters above it. */
export function exhibit<const P extends Parameters>(card: Card<P>): Exhibit {
  return { ...card, run: (values, context) => card.run(values as Values<P>, context) };
}

// ---- parameters -----------------------------------------------------------------------------------------------------

/** A whole number from `least` to `most`. */
export const whole = (usual: number, least: number, most: number, about: string): NumberParameter => ({
  kind: "whole",
  about,
  default: usual,
  least,
  most,
});

/** A number from `least` to `most`. */
export const real = (usual: number, least: number, most: number, about: string): NumberParameter => ({
  kind: "real",
  about,
  default: usual,
  least,
  most,
});

/** One of a few words. */
export const choice = <const T extends string>(
  usual: NoInfer<T>,
  words: readonly T[],
  about: string,
): ChoiceParameter<T> => ({ kind: "choice", about, default: usual, words });
