// Pictures for the trained exhibits: drawn by rules, or made of the digits that come with the package.
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Dataset, dataset, type TestedSplit } from "../data/dataset.ts";
import { digits } from "../data/digits.ts";

/** Writes one picture [channels, height, width] and tells its class. */
type Draw = (pixel: (channel: number, row: number, column: number, value: number) => void, random: Random) => number;

export interface DrawnOptions {
  readonly name: string;
  readonly count: number;
  readonly channels: number;
  readonly size: number;
  readonly classes: readonly string[];
  readonly seed: number;
}

/** A data set of drawn pictures. */
export function drawn({ name, count, channels, size, classes, seed }: DrawnOptions, draw: Draw): Dataset {
  const random = new Random(seed, name);
  const images = new Float32Array(count * channels * size * size);
  const labels = new Int32Array(count);
  for (let image = 0; image < count; image++) {
    labels[image] = draw((channel, row, column, value) => {
      images[((image * channels + channel) * size + row) * size + column] = value;
    }, random);
  }
  return dataset({ name, images: ndarray([count, channels, size, size], images), labels, classes });
}

/** Each picture changed by a function from place to place: `to` tells where pixel (row, column) of picture `image` goes. */
export function moved(
  source: Dataset,
  size: number,
  to: (image: number, row: number, column: number) => number | readonly number[],
): Dataset {
  const [count, channels, height, width] = source.images.shape;
  const images = new Float32Array(count * channels * size * size);
  for (let image = 0; image < count; image++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < height * width; i++) {
        const value = source.images.data[(image * channels + c) * height * width + i];
        const places = to(image, Math.floor(i / width), i % width);
        for (const place of typeof places === "number" ? [places] : places) {
          images[(image * channels + c) * size * size + place] = value;
        }
      }
    }
  }
  return dataset({ ...source, images: ndarray([count, channels, size, size], images) });
}

/** The digits (8x8) enlarged `by` times, each pixel a square, with black around up to `size`. */
export async function enlargedDigits(by: number, size: number): Promise<TestedSplit> {
  const split = await digits();
  const margin = Math.floor((size - 8 * by) / 2);
  const enlarge = (source: Dataset): Dataset =>
    moved(source, size, (_, row, column) =>
      Array.from(
        { length: by * by },
        (_unused, i) => (margin + row * by + Math.floor(i / by)) * size + margin + column * by + (i % by),
      ),
    );
  return { ...split, train: enlarge(split.train), test: enlarge(split.test) };
}

/** The digits at random places of a larger black picture. */
export async function scatteredDigits(size: number, seed: number): Promise<TestedSplit> {
  const split = await digits();
  const scatter = (source: Dataset): Dataset => {
    const random = new Random(seed, source.name);
    const corners = Array.from(source.labels, () => [random.below(size - 7), random.below(size - 7)]);
    return moved(source, size, (image, row, column) => (corners[image][0] + row) * size + corners[image][1] + column);
  };
  return { ...split, train: scatter(split.train), test: scatter(split.test) };
}

/** The same permutation of the pixels in every picture. */
export function shuffled(source: Dataset, order: Int32Array): Dataset {
  const size = source.images.shape[2];
  return moved(source, size, (_, row, column) => order[row * size + column]);
}

/** A picture of a data set as [height, width], or [3, height, width] where it has colours, for showing. */
export function pictureOf({ images }: Dataset, place: number): ReturnType<typeof ndarray> {
  const [, channels, height, width] = images.shape;
  const size = channels * height * width;
  const data = Float64Array.from(images.data.subarray(place * size, (place + 1) * size));
  return ndarray(channels === 1 ? [height, width] : [channels, height, width], data);
}
