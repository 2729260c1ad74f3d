// Errors are sentences: what is wrong, where, and the likely mend. No caller needs a stack trace to understand one.

/** How an option is written where a sentence is read: `resize: "cover"` in code, `--resize cover` on a command line. */
export type OptionNaming = (option: string, value?: string) => string;

/** Options as they are written in code. */
export const optionInCode: OptionNaming = (option, value) => (value === undefined ? option : `${option}: "${value}"`);

/** An error whose message is meant for the person who uses the library. */
export class NeocogError extends Error {
  /** "NeocogError": tells the kind where `instanceof` cannot. */
  override name = "NeocogError";
  /** The message with its options written in another way; absent where it names none. */
  readonly said?: (name: OptionNaming) => string;

  /** A message that names options is told how they are written. */
  constructor(message: string | ((name: OptionNaming) => string), options?: ErrorOptions) {
    super(typeof message === "string" ? message : message(optionInCode), options);
    if (typeof message === "function") this.said = message;
  }
}

/** A shape that cannot be: names the layer's path once the graph knows it. */
export class ShapeError extends NeocogError {
  /** "ShapeError": tells the kind where `instanceof` cannot. */
  override name = "ShapeError";
}

/** A file, folder or picture that is not what it should be. */
export class DataError extends NeocogError {
  /** "DataError": tells the kind where `instanceof` cannot. */
  override name = "DataError";
}

/**
 * The known word that is meant: the first that begins with `word` and goes on with a number ("resnet" is resnet18), else the
 * nearest (Levenshtein distance), if it is near enough to be a slip of the finger.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const start = word.toLowerCase();
  for (const candidate of start === "" ? [] : known) {
    if (candidate.toLowerCase().startsWith(start) && /^\d/.test(candidate.slice(word.length))) return candidate;
  }
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 0.5;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** `unknown model "resnt18"; did you mean "resnet18"?` or the list of what there is. */
export function unknownName(what: string, name: string, known: readonly string[]): NeocogError {
  const near = nearest(name, known);
  const mend = near ? `did you mean "${near}"?` : `there are: ${known.join(", ")}.`;
  return new NeocogError(`Unknown ${what} "${name}"; ${mend}`);
}

/** `MaxPool2d has no option "strid"; did you mean "stride"?` or the list of its options. */
export function unknownOption(what: string, name: string, known: readonly string[]): NeocogError {
  const near = nearest(name, known);
  const mend = near
    ? `did you mean "${near}"?`
    : known.length > 0
      ? `its options are: ${known.join(", ")}.`
      : "it has no options.";
  return new NeocogError(`${what} has no option "${name}"; ${mend}`);
}

/** Refuses options that a function does not know: a misspelt option must never be ignored. */
export function checkOptions(what: string, options: object | undefined, known: readonly string[]): void {
  for (const key of Object.keys(options ?? {})) if (!known.includes(key)) throw unknownOption(what, key, known);
}
