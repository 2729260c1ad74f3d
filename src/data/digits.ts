// 1,797 handwritten digits of 8 x 8 pixels, which come with the package (see assets/digits.README.md): small enough to
// train on in seconds, real enough to learn from. Always split the same way: 1,438 for training, 359 for testing.

import { files } from "#host";
import { ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { dataset, subset, type TestedSplit } from "./dataset.ts";
import { stratify } from "./split.ts";

const name = "digits.csv.gz";
const count = 1797;
const testCount = 359;
/** Seed of the split; part of the data's definition, so that accuracies can be compared. */
const splitSeed = 0;

/** The digits: float32 images [count, 1, 8, 8] of 0..1 (the file's 0..16 divided by 16), classes "0" to "9". */
export async function digits(): Promise<TestedSplit> {
  const { digitsFile } = await import("./digitsFile.ts");
  const packed = Uint8Array.from(atob(digitsFile), (letter) => letter.charCodeAt(0));
  const text = new TextDecoder().decode(await files.gunzip(packed, name, 2 ** 20));
  const lines = text.trimEnd().split("\n");
  if (lines.length !== count) throw new DataError(`${name} has ${lines.length} lines instead of ${count}.`);
  const images = new Float32Array(count * 64);
  const labels = new Int32Array(count);
  lines.forEach((line, i) => {
    const numbers = line.split(",").map(Number);
    if (numbers.length !== 65 || !numbers.every((n) => n >= 0 && n <= 16)) {
      throw new DataError(`${name} line ${i + 1} is not 64 pixels of 0 to 16 and a class.`);
    }
    for (let p = 0; p < 64; p++) images[i * 64 + p] = numbers[p] / 16;
    labels[i] = numbers[64];
  });
  const classes = Array.from({ length: 10 }, (_, c) => String(c));
  const all = dataset({ name: "digits", images: ndarray([count, 1, 8, 8], images), labels, classes });
  const places = stratify(labels, classes.length, testCount, splitSeed);
  return {
    train: subset(all, places.train, "digits (training)"),
    test: subset(all, places.test, "digits (test)"),
    skipped: [],
  };
}
