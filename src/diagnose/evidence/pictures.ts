// Pictures as they are looked at: some of every part, what they look like to the network, and what the network's units make of
// them, in one pass each.
import { type NdArray, ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import type { StopSignal } from "../../base/web.ts";
import { subset } from "../../data/dataset.ts";
import { imageName, type PictureSet, partsOf } from "../../data/images.ts";
import { prepare } from "../../data/normalize.ts";
import type { Preprocessing } from "../../data/preprocessing.ts";

/** The name of a part of data. */
export type PartName = "train" | "validation" | "test";

/** Some pictures of a part. */
export interface Sample {
  readonly part: PartName;
  /** All pictures of the part. */
  readonly whole: PictureSet;
  /** Those that are looked at. */
  readonly set: PictureSet;
  /** What messages call one of them, by its place in `set`. */
  nameOf(index: number): string;
}

/** One channel of the network's input, over the pictures of a sample. */
export interface Channel {
  readonly mean: number;
  readonly std: number;
  readonly least: number;
  readonly most: number;
}

/** Shares of the stored pixels. */
export interface Pixels {
  /** At the least and at the greatest value that a pixel can have. */
  readonly low: number;
  readonly high: number;
}

/** The units of a ReLU over all pictures of a sample. */
export interface Units {
  readonly layer: string;
  readonly units: number;
  /** Those that were 0 at every place of every picture. */
  readonly dead: number;
}

/** A batch norm's running statistics beside those of the pictures. */
export interface Norm {
  readonly layer: string;
  readonly channels: number;
  /** Channels whose mean is off by more than a deviation, or whose variance by more than four times. */
  readonly off: number;
  /** A channel whose variance is below 0 or not finite. */
  readonly impossible: number;
}

export interface PictureEvidence {
  readonly samples: readonly Sample[];
  readonly channels: readonly Channel[];
  readonly pixels: Pixels;
  readonly preprocessing: Preprocessing;
  /** Whether the network itself begins by bringing its input to another scale. */
  readonly scalesItself: boolean;
  readonly units: readonly Units[];
  readonly norms: readonly Norm[];
  /** How many pictures the units and the statistics were looked at with. */
  readonly pictures: number;
}

/** At most `most` pictures of a part, chosen at random but always the same. */
export function sampleOf(part: PartName, whole: PictureSet, most: number): Sample {
  const [count] = whole.images.shape;
  const places = new Random(0, `doctor/${part}`).permutation(count).slice(0, most).sort();
  const set = count <= most ? whole : subset<PictureSet>(whole, places);
  return { part, whole, set, nameOf: (i) => imageName(whole, count <= most ? i : places[i]) };
}

/** What a network's input is like, and the pixels behind it. */
export async function channelsOf(
  set: PictureSet,
  preprocessing: Preprocessing,
  signal?: StopSignal,
): Promise<{ readonly channels: Channel[]; readonly pixels: Pixels }> {
  const { channels: count, layout } = preprocessing;
  const sums = Array.from({ length: count }, () => ({ n: 0, sum: 0, squares: 0, least: Infinity, most: -Infinity }));
  let [low, high, all] = [0, 0, 0];
  for await (const part of partsOf(set.images, 64, signal)) {
    const top = part.dtype === "uint8" ? 255 : 1;
    for (const value of part.data) {
      if (value <= 0) low++;
      if (value >= top) high++;
    }
    all += part.data.length;
    const { data } = prepare(part, preprocessing);
    const plane = preprocessing.height * preprocessing.width;
    for (let i = 0; i < data.length; i++) {
      const channel = layout === "NHWC" ? i % count : Math.floor(i / plane) % count;
      const into = sums[channel];
      const value = data[i];
      into.n++;
      into.sum += value;
      into.squares += value * value;
      if (value < into.least) into.least = value;
      if (value > into.most) into.most = value;
    }
  }
  return {
    channels: sums.map(({ n, sum, squares, least, most }) => {
      const mean = sum / n;
      return { mean, std: Math.sqrt(Math.max(0, squares / n - mean * mean)), least, most };
    }),
    pixels: { low: low / all, high: high / all },
  };
}

/** The pictures of a sample as a network's input, a full batch at a time; pictures that do not fill the last one are left out. */
export async function* inputsOf(
  { images }: PictureSet,
  preprocessing: Preprocessing,
  batch: number,
  signal?: StopSignal,
): AsyncGenerator<NdArray, void, undefined> {
  for await (const part of partsOf(images, batch, signal)) {
    if (part.shape[0] === batch) yield prepare(ndarray(part.shape, part.data, part.dtype), preprocessing);
  }
}
