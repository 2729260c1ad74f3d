// What an exhibit is: one claim about convolutional networks that runs. Its run builds graphs, computes them with the engine
// that trains, and gives back findings: numbers, tables, pictures, curves, and checks. The verdict is that all checks hold;
// nothing in it is typed in, so other parameters give other numbers and the same claim.

import { like, type Rule } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import type { Engine } from "../engines/engine.ts";
import type { Check, Part } from "./parts.ts";

export interface NumberParameter {
  /** A whole number or any. */
  readonly kind: "whole" | "real";
  /** What it is, for a table. */
  readonly about: string;
  /** Its value unless told. */
  readonly default: number;
  /** The least value that is taken. */
  readonly least: number;
  /** The largest value that is taken. */
  readonly most: number;
}

export interface ChoiceParameter<T extends string = string> {
  /** One of a few words. */
  readonly kind: "choice";
  /** What it is, for a table. */
  readonly about: string;
  /** The word unless told. */
  readonly default: T;
  /** The words that are taken. */
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
  /** Stops the run. */
  readonly signal?: StopSignal;
}

/** What an exhibit found. */
export interface Findings {
  /** What to show, in order. */
  readonly parts: readonly Part[];
  /** What was checked: the verdict is that all hold. */
  readonly checks: readonly Check[];
}

interface Card<P extends Parameters> {
  /** Kebab case, as it is typed. */
  readonly id: string;
  /** Its heading. */
  readonly title: string;
  /** The chapter that it stands in. */
  readonly group: Group;
  /** One sentence. */
  readonly claim: string;
  /** The claim as formula, plain text; several lines may be given. */
  readonly formula: string;
  /** What may be changed, with ranges. */
  readonly parameters: P;
  /** Trains networks: takes minutes instead of a blink. */
  readonly trained?: boolean;
  /** What to try next, one sentence each. */
  readonly tryThis: readonly string[];
  /** Paper or book that the claim is from. */
  readonly source: string;
  /** Computes the findings for values of the parameters. Rejects with the signal's reason once it is aborted. */
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
  /** Computes the findings for a value of every parameter; runExhibit fills in and checks them. */
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
