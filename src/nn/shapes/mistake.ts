// A shape that cannot be, as a type that holds the sentence. Where a layer was expected and a sentence is found, the compiler
// prints the sentence.

/** What is wrong in words, the kind of layer that says so, and its path from the layer outside. */
export interface Mistake<Text extends string = string, Name extends string = string, Path extends string = string> {
  readonly text: Text;
  readonly name: Name;
  readonly path: Path;
}

/** A mistake of the very layer that is looked at. */
export type Wrong<Text extends string> = Mistake<Text, "", "">;

/** The same mistake, seen from a layer further out, in which the path goes on by Step ("" adds nothing). */
export type Within<M, Step extends string, Name extends string> =
  M extends Mistake<infer Text, infer Inner, infer Path>
    ? Mistake<
        Text,
        Inner extends "" ? Name : Inner,
        Step extends "" ? Path : Path extends "" ? Step : `${Step}.${Path}`
      >
    : M;

/** The sentence that the compiler prints, as the message at run time is written. */
export type Sentence<M, S extends readonly number[]> =
  M extends Mistake<infer Text, infer Name, infer Path>
    ? `Layer "${Path}" (${Name}): ${Text}. The input of the model is ${Format<S>}.`
    : never;

/** `[64, 56, 56]`, as the messages at run time write it. Unknown sizes are `?`. */
export type Format<S extends readonly number[]> = number extends S["length"] ? "[…]" : `[${Join<S>}]`;

type Join<S extends readonly number[]> = S extends readonly [
  infer First extends number,
  ...infer Rest extends readonly number[],
]
  ? Rest extends readonly []
    ? Size<First>
    : `${Size<First>}, ${Join<Rest>}`
  : "";
type Size<N extends number> = number extends N ? "?" : `${N}`;
