// What a bundle carries beside its payload, as plain data: where in the payload everything stands, and where in memory it goes.
import type { DType } from "../base/dtype.ts";
import type { LabelKind } from "../data/labels.ts";
import type { Preprocessing } from "../data/preprocessing.ts";

/** Start and length in the payload. */
export type Part = readonly [start: number, length: number];

/** WebAssembly for some machines. */
export interface Variant {
  readonly module: Part;
  readonly pages: number;
  /** Where the plan's slots begin in memory. */
  readonly arena: number;
  /** Written into memory at the start. */
  readonly data: readonly (readonly [address: number, start: number, length: number])[];
  /** Records that run once: packing of weights. */
  readonly preparations: readonly (readonly [start: number, end: number])[];
  /** A run is the records before this one. */
  readonly end: number;
  /** The word that says that an index was refused. */
  readonly refused: number;
}

/** A slot of the plan. */
export interface Spot {
  /** From the arena on. */
  readonly offset: number;
  readonly dtype: DType;
  readonly size: number;
}

export interface Contents {
  readonly classes: readonly string[];
  /** What the answer is: as the labels that it was learnt from. */
  readonly labels: LabelKind;
  /** Of the numbers of one answer. */
  readonly shape: readonly number[];
  /** How a picture becomes the input. */
  readonly form: Preprocessing;
  /** The first that the machine can run is taken. */
  readonly variants: readonly Variant[];
  /** f32 and f16: numbers by planes of their bytes; f16 becomes float32 in memory. */
  readonly constants: readonly (readonly [
    offset: number,
    kind: "f32" | "f16" | "raw",
    start: number,
    length: number,
  ])[];
  readonly input: Spot;
  readonly output: Spot;
}
