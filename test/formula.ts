// Weights and images by formula, exact in 32-bit integers and float64: the twin of test/fixtures/make_torchvision.py, which
// fills torchvision's models with the same numbers. For element i (row-major) of the array with the state-dict key `key`:
//
//   h = (i + 1) * 0x9e3779b1 xor FNV-1a(key), mixed as in MurmurHash3;   u = h / 2^31 - 1 in [-1, 1)
//
// scaled by the kind of array that the key and the shape tell, and rounded to float32.
import type { NdArray } from "../src/base/array.ts";
import { NeocogError } from "../src/base/errors.ts";
import { hashText } from "../src/base/random.ts";
import { type Shape, sizeOf } from "../src/base/shape.ts";

/** Offset and scale of u for an array of a state dict. */
function ruleOf(key: string, shape: Shape): [offset: number, scale: number] {
  if (key === "image") return [0, 1];
  if (shape.length >= 2) return [0, Math.sqrt(6 / sizeOf(shape.slice(1)))];
  if (key.endsWith("running_mean")) return [0, 0.1];
  if (key.endsWith("running_var")) return [1, 0.5];
  if (key.endsWith("weight")) return [1, 0.25];
  if (key.endsWith("bias")) return [0, 0.1];
  if (key.endsWith("num_batches_tracked")) return [0, 0];
  throw new NeocogError(`No formula for the key "${key}".`);
}

/** The array of a state-dict key, or the image for the key "image". The numbers are float32 in a Float32Array. */
export function formulaArray(key: string, shape: Shape): NdArray {
  const [offset, scale] = ruleOf(key, shape);
  const seed = hashText(key);
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    let h = Math.imul(i + 1, 0x9e3779b1) ^ seed;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h = (h ^ (h >>> 16)) >>> 0;
    data[i] = offset + (h / 2 ** 31 - 1) * scale;
  }
  return { shape, dtype: "float32", data };
}
