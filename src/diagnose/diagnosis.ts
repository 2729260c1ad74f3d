// What a diagnosis is, as a card: what it finds, what it needs to look at, where it draws the line and by whose word, and what
// to try next. The doctor, its help, its page and its tests go over the list (list.ts).
import type { ClassEvidence } from "./evidence/classes.ts";
import type { GradientEvidence } from "./evidence/gradients.ts";
import type { HistoryEvidence } from "./evidence/history.ts";
import type { PictureEvidence } from "./evidence/pictures.ts";
import type { WeightEvidence } from "./evidence/weights.ts";

/** What can be looked at. */
export interface Parts {
  /** Every variable, and the filters among them. */
  readonly weights: WeightEvidence;
  /** The course of the training. */
  readonly history: HistoryEvidence;
  /** Some pictures of each part, and what units make of them. */
  readonly pictures: PictureEvidence;
  /** What is answered to pictures of one class each. */
  readonly classes: ClassEvidence;
  /** Those of one step of training. */
  readonly gradients: GradientEvidence;
}

/** The name of something to look at. */
export type Need = keyof Parts;

/** Whatever could be looked at. */
export type Evidence = Partial<Parts>;

/** How bad a finding is: `severe` spoils the model or its figures, a `warning` may. */
export type Severity = "severe" | "warning";

/** One thing that was found. */
export interface Found {
  readonly severity: Severity;
  /** One sentence with the numbers. */
  readonly said: string;
  /** The numbers by name: where, how much, and the threshold that it was held against. */
  readonly evidence: Readonly<Record<string, number | string | readonly string[]>>;
  /** What to try, where that is another thing than the diagnosis says. */
  readonly next?: string;
}

/** One kind of fault. */
export interface Diagnosis {
  /** Stable, in kebab-case. */
  readonly name: string;
  /** What is wrong with such a model. */
  readonly about: string;
  /** What it cannot do without. */
  readonly needs: readonly Need[];
  /** Where the line is drawn. */
  readonly threshold: string;
  /** By whose word. */
  readonly source: string;
  /** What to try next. */
  readonly next: string;
  /** Whether it says something of a network that has learnt nothing yet too. */
  readonly untrained: boolean;
  /** What of it is found; nothing on a healthy model. */
  look(evidence: Evidence): readonly Found[];
}

/** What a diagnosis is written as: `look` gets all that it needs. */
interface Given<N extends Need> extends Omit<Diagnosis, "needs" | "look" | "untrained"> {
  readonly needs: readonly N[];
  readonly untrained?: true;
  look(evidence: Evidence & Pick<Parts, N>): readonly Found[];
}

/** Writes down a diagnosis. */
export const diagnosis = <const N extends Need>({ untrained, look, ...card }: Given<N>): Diagnosis => ({
  ...card,
  untrained: untrained ?? false,
  look: (evidence) =>
    card.needs.every((need) => evidence[need] !== undefined) ? look(evidence as Evidence & Pick<Parts, N>) : [],
});

/** 12.3 % */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** Four digits. */
export const short = (value: number): string => String(Number(value.toPrecision(4)));

/** The first few names, and how many more. */
export const some = (names: readonly string[], most = 5): string =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
