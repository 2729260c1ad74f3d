// Errors are sentences: what is wrong, where, and the likely mend. No caller needs a stack trace to understand one. The
// parts are fields and are put into words here alone: whoever knows more of the place, or a better mend, says so by `within`,
// `at` or `tell`, and nobody takes a sentence apart.

/** Where something is wrong: a file, a layer, a node of a file's graph, a step of a plan. */
export interface ErrorPlace {
  /** What kind of place it is. */
  readonly kind: "file" | "layer" | "node" | "step";
  /** A file's path, a layer's path (empty for the whole model), a node's or a step's name. */
  readonly name: string;
  /** Type of the layer or node, where it is known. */
  readonly type?: string;
  /** The sentence goes on after the name: "digits.npy holds no array", not "digits.npy: its data is cut off". */
  readonly asSubject?: boolean;
}

/** How an option is written where a sentence is read: `resize: "cover"` in code, `--resize cover` on a command line. */
export type OptionNaming = (option: string, value?: string | readonly number[]) => string;

/** A part of a sentence; one that names options is told how they are written. */
type Words = string | ((name: OptionNaming) => string);

/** The parts of an error besides what is wrong. */
export interface ErrorFields {
  /** Where, from the outside in. */
  readonly where?: readonly ErrorPlace[];
  /** The likely mend, with its period or question mark; what is wrong then ends without one. */
  readonly mend?: Words;
  /** Whole sentences that follow: what came in, what else is known. */
  readonly notes?: readonly string[];
}

/** Options as they are written in code. */
export const optionInCode: OptionNaming = (option, value) =>
  value === undefined ? option : `${option}: ${typeof value === "string" ? `"${value}"` : `[${value.join(", ")}]`}`;

interface ErrorDetails extends ErrorFields {
  /** The error below, if there is one. */
  readonly cause?: unknown;
}

/** An error whose message is meant for the person who uses the library. */
export class NeocogError extends Error {
  /** "NeocogError": tells the kind where `instanceof` cannot. */
  override name = "NeocogError";
  readonly #what: Words;
  #fields: Required<Omit<ErrorFields, "mend">> & Pick<ErrorFields, "mend">;

  /** An error of these words, which are told how options are written if they name some; the message is made of all parts. */
  constructor(what: Words, { cause, where = [], mend, notes = [] }: ErrorDetails = {}) {
    const fields = { where, notes, ...(mend === undefined ? {} : { mend }) };
    super(inWords(what, fields, optionInCode), cause === undefined ? {} : { cause });
    this.#what = what;
    this.#fields = fields;
  }

  /** What is wrong, without the place, the mend and the notes. */
  get what(): string {
    return spelt(this.#what, optionInCode);
  }

  /** The message with its options written in another way; undefined where it names none. */
  get said(): ((name: OptionNaming) => string) | undefined {
    const [what, fields] = [this.#what, this.#fields];
    const names = [what, fields.mend].some((part) => typeof part === "function");
    return names ? (name) => inWords(what, fields, name) : undefined;
  }

  /** Where it is wrong, from the outside in. */
  get where(): readonly ErrorPlace[] {
    return this.#fields.where;
  }

  /** The likely mend, if it is told apart from what is wrong. */
  get mend(): string | undefined {
    const { mend } = this.#fields;
    return mend === undefined ? undefined : spelt(mend, optionInCode);
  }

  /** Sentences that follow. */
  get notes(): readonly string[] {
    return this.#fields.notes;
  }

  /**
   * Names the place that the error came from, once. Around a layer only files are named: the innermost layer says it best.
   */
  at(place: ErrorPlace): this {
    const told = this.where.some(({ kind, name }) =>
      place.kind === "file" ? kind === "file" && name === place.name : kind === "layer",
    );
    return told ? this : this.tell({ where: [place, ...this.where] });
  }

  /** Tells more of this error: its message changes, its class, its cause and its trace stay. */
  tell(more: ErrorFields): this {
    const before = this.message;
    this.#fields = { ...this.#fields, ...more };
    this.message = inWords(this.#what, this.#fields, optionInCode);
    if (this.stack) this.stack = this.stack.replace(before, () => this.message);
    return this;
  }
}

const spelt = (words: Words, name: OptionNaming): string => (typeof words === "string" ? words : words(name));

function inWords(what: Words, { where = [], mend, notes = [] }: ErrorFields, name: OptionNaming): string {
  const places = where.map((place) => placeInWords(place) + (place.asSubject ? " " : ": "));
  const told = mend === undefined ? "" : `; ${spelt(mend, name)}`;
  return [`${places.join("")}${spelt(what, name)}${told}`, ...notes].join(" ");
}

function placeInWords({ kind, name, type }: ErrorPlace): string {
  if (kind === "layer") return `${name === "" ? "The model" : `Layer "${name}"`}${type ? ` (${type})` : ""}`;
  return kind === "node" ? `${type} "${name}"` : name;
}

/** Runs `work`; an error that comes out of it names the place. Other things that are thrown pass as they are. */
export function within<T>(place: ErrorPlace, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof NeocogError ? error.at(place) : error;
  }
}

/** Why something of another's making failed, as the end of a sentence: its first line without the period. */
export function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message || error.name : String(error);
  return words.split("\n")[0].replace(/[\s.:]+$/, "");
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
  return new NeocogError(`Unknown ${what} "${name}"`, {
    mend: near ? `did you mean "${near}"?` : `there are: ${known.join(", ")}.`,
  });
}

/** `MaxPool2d has no option "strid"; did you mean "stride"?` or the list of its options. */
export function unknownOption(what: string, name: string, known: readonly string[]): NeocogError {
  const near = nearest(name, known);
  const mend = near
    ? `did you mean "${near}"?`
    : known.length > 0
      ? `its options are: ${known.join(", ")}.`
      : "it has no options.";
  return new NeocogError(`${what} has no option "${name}"`, { mend });
}

/** Refuses options that a function does not know: a misspelt option must never be ignored. */
export function checkOptions(what: string, options: object | undefined, known: readonly string[]): void {
  for (const key of Object.keys(options ?? {})) if (!known.includes(key)) throw unknownOption(what, key, known);
}
