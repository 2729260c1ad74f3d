// A choice that was made for a person, and why: what `train` prints before it begins.

/** One choice, and why. */
export interface Choice {
  /** What was chosen, in a word or two: "network". */
  readonly what: string;
  /** The option that says otherwise, of openData, createModel or fit; on the command line by the same name. */
  readonly option: string;
  /** What it is. */
  readonly value: string;
  /** Why, in a few words. */
  readonly why: string;
}
