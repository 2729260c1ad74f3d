// What a model says of pictures. Pictures in, names and probabilities out; arrays in, arrays out.

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, something, whole } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { checkFinite } from "../data/dataset.ts";
import { checkPixels, isArray, openImage, type Picture } from "../data/picture.ts";
import { completePreprocessing, type Preprocessing } from "../data/preprocessing.ts";
import type { Sizes } from "../nn/shapes/kinds.ts";
import type { N, TypedModel } from "../nn/shapes/typed.ts";
import { meantOf, stack } from "./answers.ts";
import { type EvaluateOptions, useRules, withNetwork } from "./evaluate.ts";
import { type AnyTask, type TaskName, type TaskTypes, taskOf } from "./tasks/list.ts";
import { type ClassifierModel, trainedRule } from "./trained.ts";

/** Options of predict. */
export interface PredictOptions extends EvaluateOptions {
  /** Classes to name for each picture; 5 unless told. */
  readonly top?: number;
}

/** What `predict` gives for an array of pixels: [N, classes], known to the compiler where the model's shapes are. */
export type Probabilities<T extends ClassifierModel<TaskName>> =
  T["model"] extends TypedModel<Sizes, infer O> ? NdArray & { readonly shape: readonly [N, ...O] } : NdArray;

/** Classes named for a picture unless told. */
export const defaultTop = 5;

/** An answer does not depend on what else is asked in the same call. */
const alone = true;

/**
 * What a model says of a picture, as its task has it: for classification what it takes it for. A picture is a path or an
 * address, a Blob or File, bytes, ImageData, in a page whatever can be drawn; it is brought to size and prepared as the model's
 * preprocessing says. Throws one sentence for what cannot be read, and where the model gives no numbers.
 */
export async function predict<T extends TaskName = "classification">(
  trained: ClassifierModel<T>,
  picture: Exclude<Picture, NdArray>,
  options?: PredictOptions,
): Promise<TaskTypes[T]["prediction"]>;
/** Several pictures, of which some may be arrays of pixels [channels, height, width]. */
export async function predict<T extends TaskName = "classification">(
  trained: ClassifierModel<T>,
  pictures: readonly Picture[],
  options?: PredictOptions,
): Promise<TaskTypes[T]["prediction"][]>;
/**
 * Probabilities [count, classes] of stored pixels [count, channels, height, width], uint8 of 0..255 or floats of 0..1: not
 * normalised, which is left to the model. Bytes of another size are resized. Of another task the numbers it means: of each
 * tag, the numbers themselves, [count, classes, height, width] or pictures [count, channels, height, width].
 */
export async function predict<M extends ClassifierModel<TaskName>>(
  trained: M,
  pixels: NdArray,
  options?: EvaluateOptions,
): Promise<Probabilities<M>>;
export async function predict(
  trained: ClassifierModel<TaskName>,
  given: Picture | readonly Picture[],
  options: PredictOptions = {},
): Promise<unknown> {
  understand("predict", arguments, {
    trained: trainedRule,
    picture: something("a picture, a list of pictures or an array of pixels"),
    options: byName<PredictOptions>({ ...useRules, top: whole(1) }),
  });
  const { top = defaultTop } = options;
  const task: AnyTask = taskOf(trained);
  const form = completePreprocessing(trained.preprocessing);
  if (isArray(given)) {
    const pixels = await storedPixels(given, form);
    const count = pixels.shape[0];
    return withNetwork(trained, count, { ...options, alone }, async (network) => {
      const found = await meantOf(network, task, pixels);
      options.onProgress?.(count, count);
      return ndarray([count, ...network.shape], Float32Array.from(found));
    });
  }
  const pictures: readonly Picture[] = Array.isArray(given) ? given : [given];
  const predictions = await withNetwork(trained, pictures.length, { ...options, alone }, async (network, batch) => {
    const { shape } = network;
    const width = sizeOf(shape);
    const found: unknown[] = [];
    for (let first = 0; first < pictures.length; first += batch) {
      const opened: NdArray[] = [];
      for (const picture of pictures.slice(first, first + batch)) opened.push(await openImage(picture, form));
      const data = await meantOf(network, task, stack(opened));
      opened.forEach((_, i) => {
        found.push(task.answer(data.subarray(i * width, (i + 1) * width), shape, trained, top));
      });
      options.onProgress?.(found.length, pictures.length);
    }
    return found;
  });
  return Array.isArray(given) ? predictions : predictions[0];
}

async function storedPixels(array: NdArray, form: Preprocessing): Promise<NdArray> {
  const { shape, data, dtype } = array;
  const [count, ...picture] = shape;
  if (shape.length !== 4 || count < 1) {
    throw new NeocogError(
      `predict takes pixels as [count, channels, height, width], not ${formatShape(shape)}; put one picture as an array into a list.`,
    );
  }
  checkFinite(array, (i) => `Image ${i}`);
  const [channels, height, width] = picture;
  if (channels === form.channels && height === form.height && width === form.width && form.crop === 1) {
    checkPixels(array);
    return array;
  }
  const size = channels * height * width;
  const opened: NdArray[] = [];
  for (let i = 0; i < count; i++)
    opened.push(await openImage(ndarray(picture, data.subarray(i * size, (i + 1) * size), dtype), form));
  return stack(opened);
}
