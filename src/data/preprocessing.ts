// How a picture becomes a network's input, as plain data: one object, kept with the model and used by whatever shows it a
// picture. From a picture of any size to numbers:
//
//   the part that is shown (resize, crop) → height x width → colours → x = (pixel · range / 255 − mean) / std → layout, dtype

import { understand } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { checkOptions, DataError, NeocogError } from "../base/errors.ts";
import { isRecord, numbers, type Rule, something, text } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";

/** How a picture of another size is brought to size: cropped to `cover`, stretched by `squash`, or refused. */
export type Resize = "cover" | "squash" | "refuse";

/** What the channels stand for; `none` for channels that no picture file gives. */
export type Colour = "gray" | "rgb" | "bgr" | "none";

/** What must be told of a preprocessing; the rest has defaults. */
export interface PreprocessingOptions {
  /** Of the network's input: 1 for gray, 3 for colours. */
  readonly channels: number;
  /** Rows of the network's input, in pixels. */
  readonly height: number;
  /** Columns of the network's input, in pixels. */
  readonly width: number;
  /** `cover` unless told. */
  readonly resize?: Resize;
  /** Share of each side of the resized picture that the middle shows, 224 / 256 for most networks of ImageNet; 1 unless told. */
  readonly crop?: number;
  /** Unless told: gray for 1 channel, rgb for 3. */
  readonly colour?: Colour;
  /** What white is before mean and deviation: 1 or 255; 1 unless told. */
  readonly range?: 1 | 255;
  /** One number a channel, in the network's order of channels and on the scale 0..range; 0 unless told. */
  readonly mean?: readonly number[];
  /** One number above 0 a channel; 1 unless told. */
  readonly std?: readonly number[];
  /** Where the channels stand: NCHW (PyTorch) unless told, or NHWC (TensorFlow). */
  readonly layout?: "NCHW" | "NHWC";
  /** Element type of the network's input; float32 unless told. Whole numbers are rounded and cut off at the type's ends. */
  readonly dtype?: DType;
}

/** How a picture becomes a network's input, with everything told. */
export type Preprocessing = Required<PreprocessingOptions>;

const dtypes: readonly DType[] = ["float32", "float64", "int32", "int64", "uint8", "bool"];
const words = {
  resize: ["cover", "squash", "refuse"],
  colour: ["gray", "rgb", "bgr", "none"],
  layout: ["NCHW", "NHWC"],
  dtype: dtypes,
  range: [1, 255],
} as const;
const names = ["channels", "height", "width", "crop", "mean", "std", ...Object.keys(words)];

const preprocessingRecord: Rule = {
  must: "a preprocessing, such as { channels: 3, height: 64, width: 64 }",
  accepts: isRecord,
};

/**
 * A preprocessing with its defaults filled in: cover, crop 1, range 1, mean 0, std 1, NCHW and float32 unless told.
 * Throws one sentence for what is missing, unknown or cannot be.
 */
export function completePreprocessing(given: PreprocessingOptions): Preprocessing {
  understand("completePreprocessing", arguments, { given: preprocessingRecord });
  checkOptions("The preprocessing", given, names);
  const { channels, height, width } = given;
  for (const [name, size] of Object.entries({ channels, height, width })) {
    if (!Number.isInteger(size) || size < 1)
      throw new NeocogError(`The preprocessing needs ${name} as a whole number of at least 1, not ${String(size)}.`);
  }
  const usual: Colour = channels === 1 ? "gray" : channels === 3 ? "rgb" : "none";
  const complete: Preprocessing = {
    ...{ channels, height, width, resize: given.resize ?? "cover", crop: given.crop ?? 1 },
    ...{ colour: given.colour ?? usual, range: given.range ?? 1 },
    mean: given.mean ?? new Array<number>(channels).fill(0),
    std: given.std ?? new Array<number>(channels).fill(1),
    ...{ layout: given.layout ?? "NCHW", dtype: given.dtype ?? "float32" },
  };
  for (const [name, known] of Object.entries(words)) {
    const value: unknown = complete[name as keyof typeof words];
    if (!(known as readonly unknown[]).includes(value))
      throw new NeocogError(
        `The preprocessing has the ${name} ${JSON.stringify(value)}; there are ${known.join(", ")}.`,
      );
  }
  const { crop, colour } = complete;
  if (typeof crop !== "number" || !(crop > 0 && crop <= 1))
    throw new NeocogError(`The preprocessing's crop is a share above 0 and at most 1, not ${String(crop)}.`);
  const wanted = { gray: 1, rgb: 3, bgr: 3, none: channels }[colour];
  if (channels !== wanted)
    throw new NeocogError(`The preprocessing's colour ${colour} means ${wanted} channels, not ${channels}.`);
  checkNormalization(complete, channels);
  return complete;
}

/** A normalization as an argument. */
export const normalizationRule: Rule = {
  must: "{ mean, std }: a list of numbers each, one a channel",
  accepts: (value) => isRecord(value) && numbers.accepts(value.mean) && numbers.accepts(value.std),
};

/** One number a channel each: x = (pixel − mean) / std. */
export type Normalization = Pick<Preprocessing, "mean" | "std">;

/** Refuses a normalization that does not fit the channels. */
export function checkNormalization({ mean, std }: Normalization, channels: number): void {
  if (!Array.isArray(mean) || !Array.isArray(std) || mean.length !== channels || std.length !== channels) {
    throw new NeocogError(
      `The normalization has ${mean?.length} means and ${std?.length} deviations, but the images have ${channels} ${channels === 1 ? "channel" : "channels"}.`,
    );
  }
  if (![...mean, ...std].every(Number.isFinite) || std.some((deviation) => deviation <= 0)) {
    throw new NeocogError("The normalization needs finite means and deviations above 0.");
  }
}

/** A preprocessing from a file; what older files do not say has its default. `name` stands in messages. */
export function readPreprocessing(value: unknown, name: string): Preprocessing {
  understand("readPreprocessing", arguments, { value: something("what a file says"), name: text });
  try {
    return completePreprocessing(value as PreprocessingOptions);
  } catch (error) {
    throw new DataError(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** The shape of the network's input for a number of pictures. */
export function inputShape({ channels, height, width, layout = "NCHW" }: PreprocessingOptions, batch: number): Shape {
  return layout === "NCHW" ? [batch, channels, height, width] : [batch, height, width, channels];
}
