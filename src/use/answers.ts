// From logits to answers: pictures in one array, probabilities of the classes, the likeliest by name.
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import type { Classifier } from "./classifier.ts";
import { softmaxRow } from "./evaluate.ts";

/** A class with its probability. */
export interface ClassProbability {
  /** Name of the class. */
  readonly name: string;
  /** Its place among the model's classes. */
  readonly label: number;
  /** 0 to 1; those of all classes sum to 1. */
  readonly probability: number;
}

/** What a model takes a picture for. */
export interface Prediction {
  /** The likeliest class. */
  readonly name: string;
  /** How sure the model is of it, 0 to 1. */
  readonly probability: number;
  /** The likeliest classes, the surest first. */
  readonly classes: readonly ClassProbability[];
}

/** Pictures of one size behind one another; bytes stay bytes where all are. */
export function stack(pictures: readonly NdArray[]): NdArray {
  if (pictures.length === 1) return pictures[0];
  const [, ...picture] = pictures[0].shape;
  const size = pictures[0].data.length;
  const bytes = pictures.every(({ dtype }) => dtype === "uint8");
  const data = bytes ? new Uint8Array(pictures.length * size) : new Float32Array(pictures.length * size);
  pictures.forEach((one, i) => {
    const unit = !bytes && one.dtype === "uint8";
    data.set(unit ? Float32Array.from(one.data, (pixel) => pixel / 255) : one.data, i * size);
  });
  return ndarray([pictures.length, ...picture], data, bytes ? "uint8" : "float32");
}

/** Probabilities in rows. A network whose numbers are broken gives none, and that is said. */
export async function probabilities(classifier: Classifier, pixels: NdArray): Promise<Float64Array> {
  const logits = await classifier.logits(pixels);
  const classes = logits.length / pixels.shape[0];
  const result = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i += classes) {
    const row = softmaxRow(logits.subarray(i, i + classes));
    if (!row.every(Number.isFinite)) {
      throw new NeocogError(
        "The model gives no numbers (NaN or infinity) for this picture; its weights are broken, or its input is not prepared as it was trained.",
      );
    }
    result.set(row, i);
  }
  return result;
}

export function likeliest(row: Float64Array, classes: readonly string[], top: number): Prediction {
  const all = classes.map((name, label) => ({ name, label, probability: row[label] }));
  const sorted = all.sort((a, b) => b.probability - a.probability || a.label - b.label).slice(0, top);
  return { name: sorted[0].name, probability: sorted[0].probability, classes: sorted };
}
