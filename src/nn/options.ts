// What a layer's options may hold, as rows of rules. Options are checked when the layer is written down, not when it is
// built: an unknown name is refused with the nearest right one, an impossible value with what it must be.
import { NeocogError } from "../base/errors.ts";
import { isInitialiser } from "./init.ts";

export interface Rule {
  /** Completes the sentence "option x must be …". */
  readonly must: string;
  readonly accepts: (value: unknown) => boolean;
  readonly required?: boolean;
}

/** A rule for every option of a layer. */
export type Rules<O> = { readonly [K in keyof O]-?: Rule };

const isWhole = (value: unknown, least: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least;

/** A whole number of at least `least`. */
export const whole = (least: number): Rule => ({
  must: `a whole number of at least ${least}`,
  accepts: (value) => isWhole(value, least),
});

/** A number between two bounds (either may be infinite). */
export function real(low = -Infinity, high = Infinity): Rule {
  const bounds = low === -Infinity ? "" : high === Infinity ? ` of at least ${low}` : ` between ${low} and ${high}`;
  return {
    must: `a number${bounds}`,
    accepts: (value) => typeof value === "number" && value >= low && value <= high,
  };
}

export const flag: Rule = { must: "true or false", accepts: (value) => typeof value === "boolean" };

export const oneOf = (words: readonly string[]): Rule => ({
  must: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
  accepts: (value) => typeof value === "string" && words.includes(value),
});

/** One whole number for all axes, or one an axis. */
export const perAxis = (rank: number, least: number): Rule => ({
  must: rank === 1 ? `a whole number of at least ${least}` : `a whole number of at least ${least}, or ${rank} of them`,
  accepts: (value) =>
    isWhole(value, least) ||
    (Array.isArray(value) && value.length === rank && value.every((entry) => isWhole(entry, least))),
});

/** Whole numbers, one or several. */
export const wholes = (least: number): Rule => ({
  must: `a whole number of at least ${least}, or a list of them`,
  accepts: (value) =>
    isWhole(value, least) ||
    (Array.isArray(value) && value.length > 0 && value.every((entry) => isWhole(entry, least))),
});

const isPad = (value: unknown): boolean => isWhole(value, 0);
const isPadEntry = (value: unknown): boolean =>
  isPad(value) || (Array.isArray(value) && value.length === 2 && value.every(isPad));

/** Cells on either side as a number, one entry an axis (a number or a pair), a word, or a textbook's total. */
export const padding = (rank: number): Rule => ({
  must: `cells on either side (a whole number of at least 0, or ${rank} entries, each a number or a pair), "same", "same-lower", "valid", "full", or { total }`,
  accepts: (value) => {
    if (typeof value === "string") return ["same", "same-lower", "valid", "full"].includes(value);
    if (typeof value === "object" && value !== null && "total" in value) {
      return perAxis(rank, 0).accepts(value.total) && Object.keys(value).length === 1;
    }
    return isPad(value) || (Array.isArray(value) && value.length === rank && value.every(isPadEntry));
  },
});

export const initialiser: Rule = {
  must: "an initialiser such as kaimingNormal() or constant(0)",
  accepts: isInitialiser,
};

/** The same rule for an option that must be given. */
export const required = (rule: Rule): Rule => ({ ...rule, required: true });

/** The value as a person would write it, for messages. */
const show = (value: unknown): string => (value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)));

/** Refuses missing and impossible values. Unknown names are refused before (checkOptions in base/errors.ts). */
export function checkValues(
  what: string,
  options: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, Rule>>,
): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = options[name];
    if (value === undefined && !rule.required) continue;
    if (value === undefined || !rule.accepts(value)) {
      throw new NeocogError(`${what}: ${name} must be ${rule.must}; it is ${show(value)}.`);
    }
  }
}
