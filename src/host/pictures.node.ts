// Pictures in Node: sharp (libvips), loaded when the first picture is asked for, so that nothing else pays for it. It
// decodes; what follows (white below, sizes, gray) is arithmetic of our own, the same as in a browser.

import { fileURLToPath } from "node:url";
import type { Sharp } from "sharp";
import { DataError } from "../base/errors.ts";
import { fetchBytes } from "./fetch.ts";
import { files } from "./files.node.ts";
import type { Pictures } from "./host.ts";
import { onWhite } from "./pixels.ts";

/** More pixels than any camera gives; a small file that claims more is a bomb. */
const mostPixels = 2 ** 27;

/** Opens a picture strictly: a truncated file is an error, not a gray lower half. */
async function open(bytes: Uint8Array): Promise<Sharp> {
  if (bytes.length === 0) throw new Error("it is empty");
  const { default: sharp } = await import("sharp");
  return sharp(bytes, { limitInputPixels: mostPixels, failOn: "warning", animated: false });
}

async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0].replace(/[\s.:]+$/, "") : String(error);
    throw new DataError(`${name} is not a picture that can be read: ${reason}.`, { cause: error });
  }
}

export const pictures: Pictures = {
  readHeader: (bytes, name) =>
    attempt(name, async () => {
      const header = await (await open(bytes)).metadata();
      const { height, width } = header.autoOrient;
      return { height, width, gray: header.channels <= 2 };
    }),
  decode: (bytes, name) =>
    attempt(name, async () => {
      const { data, info } = await (await open(bytes))
        .autoOrient()
        .toColourspace("srgb")
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true });
      return onWhite(data, info.height, info.width, info.channels);
    }),
  draw: async (_source, name) => {
    throw new DataError(`${name} cannot be drawn in Node; give a path, an address, bytes, or pixels.`);
  },
  fetch: (address) => {
    if (/^(https?|data):/i.test(address)) return fetchBytes(address);
    return files.readFile(/^file:/i.test(address) ? fileURLToPath(address) : address);
  },
  encodePng: async ({ data, height, width, channels }) => {
    const { default: sharp } = await import("sharp");
    const raw = { height, width, channels: channels as 1 | 2 | 3 | 4 };
    const picture = sharp(data, { raw, limitInputPixels: mostPixels });
    return new Uint8Array(await (channels < 3 ? picture.toColourspace("b-w") : picture).png().toBuffer());
  },
};
