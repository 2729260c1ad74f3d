// What a value may be, as data. A rule is said once and read by a layer's options, a function's arguments and a file's
// fields alike; arguments.ts holds values against them.

export interface Rule {
  /** Completes the sentence "x must be …". */
  readonly must: string;
  readonly accepts: (value: unknown) => boolean;
  /** The largest number that is accepted, for the sentence on one that is too large. */
  readonly most?: number;
  /** The words that are accepted, where these are all: a slip of the finger gets a suggestion. */
  readonly words?: readonly string[];
  /** An argument may be left out; an option always may, unless it is required. */
  readonly optional?: boolean;
  readonly required?: boolean;
  /** What each field may hold, where the value is a record of options. */
  readonly fields?: RuleTable;
}

/** Rules by name, in the order in which the names are listed. */
export type RuleTable = Readonly<Record<string, Rule>>;

/** A rule for every field of a type of options. */
export type Rules<O> = { readonly [K in keyof O]-?: Rule };

/** Sizes and counts stay below: no axis of an engine is longer. */
const LARGEST = 2 ** 31 - 1;

/** The same rule for an option that must be given. */
export const required = (rule: Rule): Rule => ({ ...rule, required: true, optional: false });

/** The same rule for an argument that may be left out. */
export const optional = (rule: Rule): Rule => ({ ...rule, optional: true });

/** A whole number between two bounds. */
export const whole = (least: number, most = LARGEST): Rule => ({
  must: most < LARGEST ? `a whole number from ${least} to ${most}` : `a whole number of at least ${least}`,
  accepts: (value) => isWhole(value, least, most),
  most,
});

const isWhole = (value: unknown, least: number, most = LARGEST): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

/** A seed or a place in a stream: any whole number that is held exactly. */
export const seed: Rule = whole(0, Number.MAX_SAFE_INTEGER);

/** A number between two bounds (either may be infinite); never NaN. */
export function real(low = -Infinity, high = Infinity): Rule {
  const bounds = low === -Infinity ? "" : high === Infinity ? ` of at least ${low}` : ` between ${low} and ${high}`;
  return {
    must: `a number${bounds}`,
    accepts: (value) => typeof value === "number" && value >= low && value <= high,
  };
}

/** A number above a bound and, if told, below another. */
export const above = (low: number, below = Infinity): Rule => ({
  must: `a number above ${low}${below === Infinity ? "" : ` and below ${below}`}`,
  accepts: (value) => typeof value === "number" && value > low && (value < below || below === Infinity),
});

/** A number of at least `least` and below `below`. */
export const share = (least = 0, below = 1): Rule => ({
  must: `a number of at least ${least} and below ${below}`,
  accepts: (value) => typeof value === "number" && value >= least && value < below,
});

/** Any number at all, NaN among them: a value of the caller's own. */
export const anyNumber: Rule = { must: "a number", accepts: (value) => typeof value === "number" };

export const flag: Rule = { must: "true or false", accepts: (value) => typeof value === "boolean" };

export const text: Rule = { must: "a text", accepts: (value) => typeof value === "string" };

/** A text that is not empty, such as a path. */
export const path: Rule = { must: "a path", accepts: (value) => typeof value === "string" && value !== "" };

/** What is checked by its own sentence later on: anything but null. */
export const something = (must: string): Rule => ({ must, accepts: (value) => value !== null });

export const oneOf = (words: readonly string[]): Rule => ({
  must: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
  accepts: (value) => typeof value === "string" && words.includes(value),
  words,
});

/** Any whole number. */
export const integer: Rule = { must: "a whole number", accepts: Number.isInteger };

/** An axis from the front, or from the end where it is negative. */
export const axis: Rule = {
  must: "a whole number (negative counts from the end)",
  accepts: (value) => isWhole(value, -LARGEST),
};

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);

/** A list whose every entry follows a rule, with at least and at most so many entries. */
export const listOf = (entry: Rule, what: string, least = 0, most = Infinity): Rule => ({
  must: what,
  accepts: (value) =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every((each) => entry.accepts(each)),
});

/** Either of two rules. */
export const either = (one: Rule, other: Rule): Rule => ({
  must: `${one.must}, or ${other.must}`,
  accepts: (value) => one.accepts(value) || other.accepts(value),
});

/** One whole number for all axes, or one an axis; any number of axes unless told. */
export const perAxis = (least: number, rank?: number): Rule => ({
  must: `a whole number of at least ${least}${rank === 1 ? "" : rank === undefined ? ", or one an axis" : `, or ${rank} of them`}`,
  accepts: (value) =>
    isWhole(value, least) ||
    (Array.isArray(value) && value.length === (rank ?? value.length) && value.every((entry) => isWhole(entry, least))),
  most: LARGEST,
});

/** Whole numbers, one or several. */
export const wholes = (least: number): Rule => ({
  must: `a whole number of at least ${least}, or a list of them`,
  accepts: (value) =>
    isWhole(value, least) ||
    (Array.isArray(value) && value.length > 0 && value.every((entry) => isWhole(entry, least))),
  most: LARGEST,
});

/** Axes as reductions take them: one, several, or left out for all. */
export const axes: Rule = {
  must: "an axis or a list of axes (negative counts from the end)",
  accepts: (value) => axis.accepts(value) || (Array.isArray(value) && value.every((entry) => axis.accepts(entry))),
};

/** A list of whole numbers, such as a shape. */
export const shape = (least = 0): Rule => ({
  must: `a list of whole numbers of at least ${least}, such as [1, 28, 28]`,
  accepts: (value) => Array.isArray(value) && value.every((size) => isWhole(size, least, Number.MAX_SAFE_INTEGER)),
});

const isPad = (value: unknown): boolean => isWhole(value, 0);
const isPadEntry = (value: unknown): boolean =>
  isPad(value) || (Array.isArray(value) && value.length === 2 && value.every(isPad));

const sidesOf = (rank: number | undefined): string =>
  `cells on either side (a whole number of at least 0, or ${rank ?? "one"} ${rank === undefined ? "entry an axis" : "entries"}, each a number or a pair)`;

/** Cells on either side as a number, or one entry an axis, a number or a pair. */
export const sides = (rank?: number): Rule => ({
  must: sidesOf(rank),
  accepts: (value) =>
    isPad(value) || (Array.isArray(value) && value.length === (rank ?? value.length) && value.every(isPadEntry)),
  most: LARGEST,
});

/** Cells on either side, a word, or a textbook's total. */
export const padding = (rank?: number): Rule => ({
  must: `${sidesOf(rank)}, "same", "same-lower", "valid", "full", or { total }`,
  accepts: (value) => {
    if (typeof value === "string") return ["same", "same-lower", "valid", "full"].includes(value);
    if (isRecord(value) && "total" in value) {
      return perAxis(0, rank).accepts(value.total) && Object.keys(value).length === 1;
    }
    return sides(rank).accepts(value);
  },
  most: LARGEST,
});

/** A function of the caller's. */
export const callback: Rule = { must: "a function", accepts: (value) => typeof value === "function" };

/** The bytes of a file. */
export const bytes: Rule = { must: "bytes (a Uint8Array)", accepts: (value) => value instanceof Uint8Array };

/** Numbers as a typed array or a list. */
export const numbers: Rule = {
  must: "a typed array or a list of numbers",
  accepts: (value) => isList(value) && (!Array.isArray(value) || value.every((entry) => typeof entry === "number")),
};

/** An object with these members: told by its form, so that it may come from another copy of the library. */
export const like = (what: string, ...members: readonly string[]): Rule => ({
  must: what,
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    members.every((name) => (value as Readonly<Record<string, unknown>>)[name] !== undefined),
});

export const signal: Rule = like("a signal, such as new AbortController().signal", "addEventListener", "aborted");

/** Several named things: a plain record. */
export const recordOf = (entry: Rule, what: string): Rule => ({
  must: what,
  accepts: (value) => isRecord(value) && Object.values(value).every((each) => entry.accepts(each)),
});

/** Named things of any kind. */
export const record: Rule = { must: "an object of named values", accepts: isRecord };

/** A map from names to texts. */
export const mapRule: Rule = { must: "a Map", accepts: (value) => value instanceof Map };

/** [name, value] pairs, as a Map or a list gives them. */
export const iterable: Rule = {
  must: "[name, array] pairs, such as a Map",
  accepts: (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
};

/** Whole or broken sizes: a list of numbers, for what only shows or counts them. */
export const sizes: Rule = { must: "a list of numbers", accepts: (value) => numbers.accepts(value) };

/** The options of a function: its last argument. */
export type OptionsOf<F extends (...given: never[]) => unknown> =
  Required<Parameters<F>> extends readonly [...unknown[], infer O extends object] ? O : never;

/**
 * Options by name; they may be left out. Of a type that is told, every option must have its rule and no other may:
 * `options<OptionsOf<typeof sort>>({ descending: flag })`.
 */
export function options<O extends object = Readonly<Record<string, unknown>>>(fields: Rules<NoInfer<O>>): Rule {
  const names = Object.keys(fields);
  const shown = names.length > 3 ? [...names.slice(0, 3), "…"] : names;
  return {
    must: `options by name, { ${shown.join(", ")} }`,
    accepts: isRecord,
    optional: true,
    fields: fields as RuleTable,
  };
}

/** A plain object: no list, no function, no null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !isList(value) && !(value instanceof Map);
}
