// From a network's numbers to answers: pictures in one array, what their numbers mean in rows.
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Network } from "./network.ts";
import type { AnyTask } from "./tasks/list.ts";

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

/** What the answer to one picture means. A network whose numbers are broken gives none, and that is said. */
export function meantByRow(numbers: Float64Array, shape: Shape, task: AnyTask): Float64Array {
  const row = task.meant(numbers, shape);
  if (row.every(Number.isFinite)) return row;
  throw new NeocogError(
    "The model gives no numbers (NaN or infinity) for this picture; its weights are broken, or its input is not prepared as it was trained.",
  );
}

/** What the answers mean, a row a picture: of a classifier probabilities. */
export async function meantOf(network: Network, task: AnyTask, pixels: NdArray): Promise<Float64Array> {
  const answers = await network.answers(pixels);
  const width = sizeOf(network.shape);
  const result = new Float64Array(answers.length);
  for (let i = 0; i < answers.length; i += width) {
    result.set(meantByRow(answers.subarray(i, i + width), network.shape, task), i);
  }
  return result;
}
