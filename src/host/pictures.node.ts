// Pictures in Node: sharp (libvips), loaded when the first picture is asked for, so that nothing else pays for it.

import type { Sharp } from "sharp";
import { DataError } from "../base/errors.ts";
import type { PictureForm, Pictures } from "./host.ts";

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

/** The steps from the file's pixels to the form that is wanted. */
function shaped(picture: Sharp, form: PictureForm): Sharp {
  let result = picture.autoOrient().flatten({ background: "#ffffff" });
  if (form.size) {
    const { height, width, resize } = form.size;
    result = result.resize({ height, width, fit: resize === "cover" ? "cover" : "fill", kernel: "linear" });
  }
  return form.channels === 1 ? result.grayscale().toColourspace("b-w") : result.toColourspace("srgb");
}

export const pictures: Pictures = {
  readHeader: (bytes, name) =>
    attempt(name, async () => {
      const header = await (await open(bytes)).metadata();
      const { height, width } = header.autoOrient;
      return { height, width, gray: header.channels <= 2 };
    }),
  decode: (bytes, name, form) =>
    attempt(name, async () => {
      const { data, info } = await shaped(await open(bytes), form)
        .raw({ depth: "uchar" })
        .toBuffer({
          resolveWithObject: true,
        });
      if (info.channels !== form.channels) throw new Error(`it gave ${info.channels} channels, not ${form.channels}`);
      return { data: new Uint8Array(data), height: info.height, width: info.width, channels: info.channels };
    }),
  encodePng: async ({ data, height, width, channels }) => {
    const { default: sharp } = await import("sharp");
    const raw = { height, width, channels: channels as 1 | 2 | 3 | 4 };
    const picture = sharp(data, { raw, limitInputPixels: mostPixels });
    return new Uint8Array(await (channels < 3 ? picture.toColourspace("b-w") : picture).png().toBuffer());
  },
};
