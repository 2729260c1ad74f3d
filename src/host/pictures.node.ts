// Pictures in Node: sharp (libvips), loaded when the first picture is asked for, so that nothing else pays for it. It
// decodes; what follows (white below, sizes, gray) is arithmetic of our own, the same as in a browser.

import { fileURLToPath } from "node:url";
import type sharp from "sharp";
import type { Metadata, Sharp } from "sharp";
import { DataError, reasonOf } from "../base/errors.ts";
import { fetchBytes } from "./fetch.ts";
import { files } from "./files.node.ts";
import type { Pictures } from "./host.ts";
import { Budget, mostPixelsOfAny, whyRefused } from "./limits.ts";
import { ofInks, onWhite } from "./pixels.ts";

/** Pixels that are decoded at the same time, in however many pictures. */
const decoding = new Budget(mostPixelsOfAny);

interface Opened {
  readonly picture: Sharp;
  readonly header: Metadata;
}

/** The decoder. It keeps nothing of what it has read: every picture is another. */
const decoder = (): Promise<typeof sharp> =>
  (loading ??= import("sharp").then(({ default: loaded }) => {
    loaded.cache(false);
    return loaded;
  }));
let loading: Promise<typeof sharp> | undefined;

/** Opens a picture strictly: a truncated file is an error, not a gray lower half. Its header says whether it may be decoded. */
async function open(bytes: Uint8Array): Promise<Opened> {
  if (bytes.length === 0) throw new Error("it is empty");
  const sharp = await decoder();
  const strictly = { limitInputPixels: mostPixelsOfAny, failOn: "warning", animated: false } as const;
  // The limit is ours to tell: sharp's own does not name the sizes.
  const header = await sharp(bytes, { ...strictly, limitInputPixels: false }).metadata();
  const refused = whyRefused(header);
  if (refused !== undefined) throw new Error(refused);
  return { picture: sharp(bytes, strictly), header };
}

async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DataError(`${name} is not a picture that can be read: ${reasonOf(error)}.`, { cause: error });
  }
}

export const pictures: Pictures = {
  readHeader: (bytes, name) =>
    attempt(name, async () => {
      const { header } = await open(bytes);
      const { height, width } = header.autoOrient;
      return { height, width, gray: header.channels <= 2 };
    }),
  decode: (bytes, name) =>
    attempt(name, async () => {
      const { picture, header } = await open(bytes);
      return decoding.run(header.width * header.height, async () => {
        // Inks without a profile have no one red: they are mixed as Pillow and browsers do, and not by a press of libvips' choice.
        const inks = header.space === "cmyk" && header.channels === 4 && !header.hasProfile;
        const upright = picture.autoOrient();
        const seen = inks ? upright.pipelineColourspace("cmyk").toColourspace("cmyk") : upright.toColourspace("srgb");
        const { data, info } = await seen.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
        if (inks) return ofInks(data, info.height, info.width);
        return onWhite(data, info.height, info.width, info.channels);
      });
    }),
  draw: async (_source, name) => {
    throw new DataError(`${name} cannot be drawn in Node; give a path, an address, bytes, or pixels.`);
  },
  fetch: (address) => {
    if (/^(https?|data):/i.test(address)) return fetchBytes(address);
    return files.readFile(/^file:/i.test(address) ? fileURLToPath(address) : address);
  },
  encodePng: async ({ data, height, width, channels }) => {
    const sharp = await decoder();
    const raw = { height, width, channels: channels as 1 | 2 | 3 | 4 };
    const picture = sharp(data, { raw, limitInputPixels: mostPixelsOfAny });
    return new Uint8Array(await (channels < 3 ? picture.toColourspace("b-w") : picture).png().toBuffer());
  },
  encodeJpeg: async ({ data, height, width }) => {
    const sharp = await decoder();
    return new Uint8Array(
      await sharp(data, { raw: { height, width, channels: 3 } })
        .jpeg({ quality: 80 })
        .toBuffer(),
    );
  },
};
