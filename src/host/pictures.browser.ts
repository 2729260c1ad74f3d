// Pictures in a browser: its own decoders (createImageBitmap follows the EXIF rotation) and a canvas. Resampling
// is the browser's own, so resized pixels differ a little from those that Node gets.

import { DataError } from "../base/errors.ts";
import type { PictureForm, Pictures, Pixels } from "./host.ts";

async function open(bytes: Uint8Array, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([new Uint8Array(bytes)]), { imageOrientation: "from-image" });
  } catch (error) {
    throw new DataError(`${name} is not a picture that this browser can read.`, { cause: error });
  }
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new DataError(`A canvas of ${width} x ${height} pixels cannot be made here.`);
  return context;
}

/** Draws on white at the wanted size; `cover` shows the middle of the picture. Gives red, green, blue, alpha. */
function draw(bitmap: ImageBitmap, size: PictureForm["size"]): ImageData {
  const height = size?.height ?? bitmap.height;
  const width = size?.width ?? bitmap.width;
  const context = contextOf(width, height);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  const scale = Math.min(bitmap.width / width, bitmap.height / height);
  const seen =
    size?.resize === "cover"
      ? { width: width * scale, height: height * scale }
      : { width: bitmap.width, height: bitmap.height };
  const left = (bitmap.width - seen.width) / 2;
  const top = (bitmap.height - seen.height) / 2;
  context.drawImage(bitmap, left, top, seen.width, seen.height, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** Drops alpha, or weighs red, green and blue to gray (ITU-R BT.709). */
function convert(image: ImageData, channels: 1 | 3): Pixels {
  const { data: rgba, height, width } = image;
  const data = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const [red, green, blue] = [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]];
    if (channels === 1) data[i] = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    else data.set([red, green, blue], 3 * i);
  }
  return { data, height, width, channels };
}

export const pictures: Pictures = {
  readHeader: async (bytes, name) => {
    const bitmap = await open(bytes, name);
    const { data } = draw(bitmap, undefined);
    let gray = true;
    for (let i = 0; gray && i < data.length; i += 4) gray = data[i] === data[i + 1] && data[i] === data[i + 2];
    return { height: bitmap.height, width: bitmap.width, gray };
  },
  decode: async (bytes, name, form) => convert(draw(await open(bytes, name), form.size), form.channels),
  encodePng: async ({ data, height, width, channels }) => {
    const context = contextOf(width, height);
    const image = context.createImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = data[channels < 3 ? channels * i : channels * i + c];
      image.data[4 * i + 3] = channels % 2 === 0 ? data[channels * i + channels - 1] : 255;
    }
    context.putImageData(image, 0, 0);
    const blob = await context.canvas.convertToBlob({ type: "image/png" });
    return new Uint8Array(await blob.arrayBuffer());
  },
};
