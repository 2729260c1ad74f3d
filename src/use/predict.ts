// What a model takes pictures for. Pictures in, names and probabilities out; arrays in, arrays out.

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, type Rules, something, whole } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { checkFinite } from "../data/dataset.ts";
import { checkPixels, isArray, openImage, type Picture } from "../data/picture.ts";
import { completePreprocessing, type Preprocessing } from "../data/preprocessing.ts";
import type { Sizes } from "../nn/shapes/rules.ts";
import type { N, TypedModel } from "../nn/shapes/typed.ts";
import { likeliest, type Prediction, probabilities, stack } from "./answers.ts";
import { type EvaluateOptions, useRules, withClassifier } from "./evaluate.ts";
import { type ClassifierModel, trainedRule } from "./trained.ts";

/** Options of predict. */
export interface PredictOptions extends EvaluateOptions {
  /** Classes to name for each picture; 5 unless told. */
  readonly top?: number;
}

/** What `predict` gives for an array of pixels: [N, classes], known to the compiler where the model's shapes are. */
export type Probabilities<T extends ClassifierModel> =
  T["model"] extends TypedModel<Sizes, infer O> ? NdArray & { readonly shape: readonly [N, ...O] } : NdArray;

/** Classes named for a picture unless told. */
export const defaultTop = 5;

/** An answer does not depend on what else is asked in the same call. */
const alone = true;

/**
 * What a model takes a picture for. A picture is a path or an address, a Blob or File, bytes, ImageData, in a page whatever
 * can be drawn; it is brought to size and prepared as the model's preprocessing says. Throws one sentence for what cannot be
 * read, and where the model gives no numbers.
 */
export async function predict(
  trained: ClassifierModel,
  picture: Exclude<Picture, NdArray>,
  options?: PredictOptions,
): Promise<Prediction>;
/** Several pictures, of which some may be arrays of pixels [channels, height, width]. */
export async function predict(
  trained: ClassifierModel,
  pictures: readonly Picture[],
  options?: PredictOptions,
): Promise<Prediction[]>;
/**
 * Probabilities [count, classes] of stored pixels [count, channels, height, width], uint8 of 0..255 or floats of 0..1: not
 * normalised, which is left to the model. Bytes of another size are resized.
 */
export async function predict<T extends ClassifierModel>(
  trained: T,
  pixels: NdArray,
  options?: EvaluateOptions,
): Promise<Probabilities<T>>;
export async function predict(
  trained: ClassifierModel,
  given: Picture | readonly Picture[],
  options: PredictOptions = {},
): Promise<Prediction | Prediction[] | NdArray> {
  understand("predict", arguments, {
    trained: trainedRule,
    picture: something("a picture, a list of pictures or an array of pixels"),
    options: byName({ ...useRules, top: whole(1) } satisfies Rules<PredictOptions>),
  });
  const { top = defaultTop } = options;
  const { classes } = trained;
  const form = completePreprocessing(trained.preprocessing);
  if (isArray(given)) {
    const pixels = await storedPixels(given, form);
    const count = pixels.shape[0];
    const data = await withClassifier(trained, count, { ...options, alone }, (classifier) =>
      probabilities(classifier, pixels),
    );
    return ndarray([count, classes.length], Float32Array.from(data));
  }
  const pictures: readonly Picture[] = Array.isArray(given) ? given : [given];
  const predictions = await withClassifier(
    trained,
    pictures.length,
    { ...options, alone },
    async (classifier, batch) => {
      const found: Prediction[] = [];
      for (let first = 0; first < pictures.length; first += batch) {
        const opened: NdArray[] = [];
        for (const picture of pictures.slice(first, first + batch)) opened.push(await openImage(picture, form));
        const data = await probabilities(classifier, stack(opened));
        opened.forEach((_, i) => {
          found.push(likeliest(data.subarray(i * classes.length, (i + 1) * classes.length), classes, top));
        });
      }
      return found;
    },
  );
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
