// What a command is: a card of plain data, and a `run` that is loaded when the command is called. The program, its help and
// its tests are made by looping over the cards. The types of an option's values follow from how it is read, so `run` gets
// them checked and typed.
import { nearest } from "../src/base/errors.ts";
import type { FitOptions } from "../src/doors/neocog.ts";
import type { Context } from "./context.ts";

type CheckpointEvery = NonNullable<FitOptions["checkpointEvery"]>;

/** A command line that cannot be: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What a command gives back: the document for --json, and lines for people, made only when they are wanted. */
export interface Answer {
  readonly json: object;
  /** No name in them can break a line: see door.ts. */
  readonly lines: () => readonly string[];
  /** Exit code; 0 unless told. */
  readonly code?: number;
}

export interface OptionCard<T = unknown> {
  /** As it is typed: `-b, --batch <n>`. */
  readonly flags: string;
  readonly about: string;
  /** Reads the value, or throws a UsageError; flags without a value have none. */
  readonly read?: (text: string) => T;
  /** What is read where the option stands without a value, which its flags then have in [ ]. */
  readonly usual?: string;
}

export interface ArgumentCard {
  /** `<data>`, `[model]` where it may be left out, `<image...>` for several. */
  readonly name: string;
  readonly about: string;
}

type Values<O> = { readonly [K in keyof O]: O[K] extends OptionCard<infer T> ? T | undefined : never };

/** All that help and completion know of a command. A card loads nothing of the library but what is below it: see start.test.ts. */
export interface Card<O = Readonly<Record<string, OptionCard>>> {
  readonly name: string;
  readonly group: "Train and use" | "Understand" | "Under the hood";
  readonly summary: string;
  /** Further lines of the help. */
  readonly about?: string;
  readonly arguments: readonly ArgumentCard[];
  readonly options: O;
  /** Further flags are not refused but handed to `run` after the arguments, as they were typed. */
  readonly furtherFlags?: boolean;
  /** It goes on to its end where nobody reads its words any more: what it makes is worth more. The exit code tells. */
  readonly goesOn?: true;
  /** It runs until a signal ends it: that is its regular end, with exit code 0. */
  readonly untilStopped?: true;
  /** What is typed after `neocog`, and what it does. */
  readonly examples: readonly (readonly [command: string, what: string])[];
}

/** What a command does with what was typed, of the type of its card. */
export type Run<C> =
  C extends Card<infer O>
    ? (given: readonly string[], options: Values<O>, context: Context) => Answer | Promise<Answer>
    : never;

export interface Command extends Card {
  run(given: readonly string[], options: Readonly<Record<string, unknown>>, context: Context): Promise<Answer>;
}

/** Writes down a card, its options with their types. */
export const card = <O extends Readonly<Record<string, OptionCard>>>(given: Card<O>): Card<O> => given;

/** A card with the file that runs it, which is loaded when the command is called. */
export function command<O extends Readonly<Record<string, OptionCard>>>(
  card: Card<O>,
  load: () => Promise<{ readonly run: Run<Card<O>> }>,
): Command {
  return {
    ...card,
    async run(given, options, context) {
      const { run } = await load();
      return run(given, options as Values<O>, context);
    },
  };
}

// ---- how options are read -------------------------------------------------------------------------------------------

/** `--force` */
export const flag = (flags: string, about: string): OptionCard<boolean> => ({ flags, about });

export const text = (flags: string, about: string): OptionCard<string> => ({ flags, about, read: (value) => value });

/** One of a few words. */
export function choice<const T extends string>(flags: string, about: string, words: readonly T[]): OptionCard<T> {
  return {
    flags,
    about: `${about} (${words.join(", ")})`,
    read(value) {
      const found = words.find((word) => word === value);
      if (found === undefined) {
        const near = nearest(value, words);
        const mend = near === undefined ? "" : `; did you mean ${near}?`;
        throw new UsageError(`${long(flags)} can be ${words.join(", ")}, not "${value}"${mend || "."}`);
      }
      return found;
    },
  };
}

/** A whole number of at least `least`. */
export function whole(flags: string, about: string, least = 1): OptionCard<number> {
  return { flags, about, read: (value) => readWhole(value, long(flags), least) };
}

/** Any number above `above`. */
export function real(flags: string, about: string, above = Number.NEGATIVE_INFINITY): OptionCard<number> {
  return {
    flags,
    about,
    read(value) {
      const number = Number(value);
      if (value.trim() === "" || !Number.isFinite(number) || number <= above) {
        const range = Number.isFinite(above) ? ` above ${above}` : "";
        throw new UsageError(`${long(flags)} must be a number${range}, not "${value}".`);
      }
      return number;
    },
  };
}

/** A share of at least 0 and below 1. */
export function share(flags: string, about: string): OptionCard<number> {
  return {
    flags,
    about,
    read(value) {
      const number = Number(value);
      if (value.trim() === "" || !(number >= 0 && number < 1))
        throw new UsageError(`${long(flags)} must be a number of at least 0 and below 1, not "${value}".`);
      return number;
    },
  };
}

/** Sizes with an x between them, `3x224x224`; between `fewest` and `most` of them. */
export function sizes(flags: string, about: string, least = 1, fewest = 1, most = 3): OptionCard<readonly number[]> {
  return { flags, about, read: (value) => readSizes(value, long(flags), least, fewest, most) };
}

/** `500` steps, or a time: `90s`, `10m`, `2h`. */
export function interval(flags: string, about: string): OptionCard<CheckpointEvery> {
  return {
    flags,
    about,
    read(value) {
      const [, number, unit] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(value) ?? [];
      const count = Number(number);
      if (!(count > 0) || (unit === undefined && !Number.isSafeInteger(count)))
        throw new UsageError(`${long(flags)} must be a number of steps, or a time such as 10m or 90s, not "${value}".`);
      return unit === undefined ? { steps: count } : { minutes: count * { s: 1 / 60, m: 1, h: 60 }[unit as "s"] };
    },
  };
}

export function readWhole(value: string, what: string, least: number): number {
  const number = Number(value);
  if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number) || number < least) {
    throw new UsageError(`${what} must be a whole number of at least ${least}, not "${value}".`);
  }
  return number;
}

export function readSizes(value: string, what: string, least: number, fewest: number, most: number): readonly number[] {
  const parts = value.toLowerCase().split(/[x×,]/);
  if (parts.length < fewest || parts.length > most) {
    const count = fewest === most ? `${most}` : `${fewest} to ${most}`;
    throw new UsageError(`${what} takes ${count} numbers with an x between them, not "${value}".`);
  }
  if (parts.some((part) => !/^\d+$/.test(part) || Number(part) < least)) {
    throw new UsageError(`${what} must be made of whole numbers of at least ${least}, not "${value}".`);
  }
  return parts.map(Number);
}

/** `--batch` of `-b, --batch <n>`. */
export function long(flags: string): string {
  return flags.match(/--[a-z-]+/)?.[0] ?? flags;
}
