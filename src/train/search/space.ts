// What a sweep tries: lists of values, or ranges that values are drawn from.
import { NeocogError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { isRecord } from "../../base/rules.ts";

/** One value that is tried. */
export type TriedValue = number | string | boolean;

/** A range that numbers are drawn from. */
export interface TriedRange {
  /** The smallest number. */
  readonly low: number;
  /** The largest number. */
  readonly high: number;
  /** Drawn evenly on a scale of powers, as learning rates are; true unless told, where both ends are above 0. */
  readonly logarithmic?: boolean;
  /** Whole numbers only; false unless told. */
  readonly whole?: boolean;
}

/** What is tried, by name: values one after the other, or a range. */
export type Space = Readonly<Record<string, readonly TriedValue[] | TriedRange>>;

/** What one run tries. */
export type Tried = Readonly<Record<string, TriedValue>>;

const isList = (choice: readonly TriedValue[] | TriedRange): choice is readonly TriedValue[] => Array.isArray(choice);

/** Every combination of the lists, or so many draws. Throws for what cannot be tried. */
export function triedIn(space: Space, runs: number | undefined, seed: number): Tried[] {
  const entries = Object.entries(space);
  if (entries.length === 0) throw new NeocogError((name) => `${name("space")} must name something to try, such as lr.`);
  for (const [name, choice] of entries) checkChoice(name, choice);
  if (runs === undefined) {
    const open = entries.find(([, choice]) => !isList(choice));
    if (open)
      throw new NeocogError(
        (name) => `${open[0]} is a range, of which numbers are drawn: say how many with ${name("runs")}.`,
      );
    return entries.reduce<Tried[]>(
      (all, [name, choice]) =>
        all.flatMap((one) => (choice as readonly TriedValue[]).map((value) => ({ ...one, [name]: value }))),
      [{}],
    );
  }
  return Array.from({ length: runs }, (_, i) => {
    // A draw of its own for each run: the first ones stay the same where more are asked for.
    const random = new Random(seed, `sweep ${i}`);
    return Object.fromEntries(entries.map(([name, choice]) => [name, drawn(choice, random)]));
  });
}

function drawn(choice: readonly TriedValue[] | TriedRange, random: Random): TriedValue {
  if (isList(choice)) return choice[random.below(choice.length)];
  const { low, high, whole = false, logarithmic = low > 0 } = choice;
  const share = random.uniform();
  const value = logarithmic ? low * (high / low) ** share : low + (high - low) * share;
  // Four digits are enough of a number that is drawn, and can be typed again.
  return whole ? Math.round(value) : Number(value.toPrecision(4));
}

function checkChoice(name: string, choice: unknown): void {
  if (Array.isArray(choice)) {
    if (choice.length > 0 && choice.every((value) => ["number", "string", "boolean"].includes(typeof value))) return;
    throw new NeocogError(`space: ${name} must be a list of numbers, texts or flags, at least one.`);
  }
  const { low, high, logarithmic } = (isRecord(choice) ? choice : {}) as Partial<TriedRange>;
  if (!Number.isFinite(low) || !Number.isFinite(high) || low! >= high!)
    throw new NeocogError(`space: ${name} must be a list of values, or { low, high } with low below high.`);
  if (logarithmic && low! <= 0)
    throw new NeocogError(`space: ${name} is drawn on a scale of powers, so low must be above 0.`);
}
