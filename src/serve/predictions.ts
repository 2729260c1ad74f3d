// A request for predictions: from its body and the words behind the question mark to what every picture is taken for.
import { pictures as decoder } from "#host";
import type { NdArray } from "../base/array.ts";
import type { StopSignal } from "../base/web.ts";
import { openImage } from "../data/picture.ts";
import { Budget } from "../host/limits.ts";
import type { Size } from "./drawn.ts";
import type { Given } from "./given.ts";
import { asRefusal, Refusal } from "./refusal.ts";
import type { Version } from "./served.ts";

export interface Wanted {
  readonly model?: string;
  /** Classes to name for each picture. */
  readonly top: number;
  /** Turn dark into bright first. */
  readonly invert: boolean;
}

const names = ["model", "top", "invert"];

/** What the query asks for. */
export function wantedOf(query: URLSearchParams): Wanted {
  for (const name of query.keys()) {
    if (!names.includes(name)) throw new Refusal(400, `The query knows ${names.join(", ")}, not ${name.slice(0, 40)}.`);
  }
  const top = query.get("top") ?? "5";
  if (!/^\d{1,6}$/.test(top) || Number(top) < 1) throw new Refusal(400, "top is a whole number of at least 1.");
  const invert = query.get("invert") ?? "false";
  if (invert !== "true" && invert !== "false") throw new Refusal(400, "invert is true or false.");
  return {
    top: Number(top),
    invert: invert === "true",
    ...(query.has("model") && { model: query.get("model") ?? "" }),
  };
}

interface Opened {
  readonly pixels: NdArray;
  readonly size?: Size;
}

/** What is said of a picture. */
export interface Said {
  readonly file?: string;
  readonly answer: object;
  /** Its own, where it came as a file. */
  readonly size?: Size;
}

/** Decodes pictures, so many pixels at a time, none larger than is let pass. */
export class Decoder {
  readonly #limit: number;
  readonly #budget: Budget;

  constructor(pixelLimit: number) {
    this.#limit = pixelLimit;
    this.#budget = new Budget(2 * pixelLimit);
  }

  /** Stored pixels [1, channels, height, width] as a version takes them, with the picture's own size where it came as a file. */
  async open({ file, picture }: Given, { preprocessing }: Version, signal: StopSignal): Promise<Opened> {
    const name = file ?? "The picture";
    try {
      if (!(picture instanceof Uint8Array)) return { pixels: await openImage(picture, preprocessing) };
      const { height, width } = await decoder.readHeader(picture, name);
      if (height * width > this.#limit) {
        const grouped = (n: number): string => n.toLocaleString("en-US");
        throw new Refusal(
          413,
          `${name} claims ${grouped(width)} x ${grouped(height)} pixels, and ${grouped(this.#limit)} are taken at most.`,
        );
      }
      const pixels = await this.#budget.run(height * width, async () => {
        signal.throwIfAborted();
        const bytes = Uint8Array.from(picture).buffer;
        return openImage({ name, arrayBuffer: async () => bytes }, preprocessing);
      });
      return { pixels, size: { height, width } };
    } catch (error) {
      throw asRefusal(error, 422);
    }
  }
}

/** What each picture is taken for. */
export async function answer(
  given: readonly Given[],
  version: Version,
  { top, invert }: Wanted,
  decoding: Decoder,
  signal: StopSignal,
): Promise<Said[]> {
  const opened: Opened[] = [];
  for (const one of given) {
    const { pixels, ...size } = await decoding.open(one, version, signal);
    opened.push({ pixels: invert ? inverted(pixels) : pixels, ...size });
  }
  try {
    const pictures = opened.map(({ pixels }) => pixels);
    const answers = await version.predict(pictures, top, signal);
    return given.map(({ file }, i) => ({
      ...(file !== undefined && { file }),
      ...(opened[i].size && { size: opened[i].size }),
      answer: answers[i],
    }));
  } catch (error) {
    throw asRefusal(error, 500);
  }
}

const inverted = (picture: NdArray): NdArray => {
  const white = picture.dtype === "uint8" ? 255 : 1;
  return { ...picture, data: picture.data.map((pixel: number) => white - pixel) };
};
