// Pictures in a browser: its own decoders (createImageBitmap follows the EXIF rotation) and a canvas. What follows (sizes,
// gray) is arithmetic of our own, the same as in Node.

import { DataError } from "../base/errors.ts";
import { fetchBytes } from "./fetch.ts";
import type { Pictures, Pixels } from "./host.ts";
import { onWhite } from "./pixels.ts";

async function open(source: ImageBitmapSource, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, { imageOrientation: "from-image" });
  } catch (error) {
    throw new DataError(`${name} is not a picture that this browser can read.`, { cause: error });
  }
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new DataError(`A canvas of ${width} x ${height} pixels cannot be made here.`);
  return context;
}

/** The pixels of a bitmap on white; the bitmap is given back. */
function pixelsOf(bitmap: ImageBitmap): Pixels {
  const { height, width } = bitmap;
  const context = contextOf(width, height);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return onWhite(context.getImageData(0, 0, width, height).data, height, width, 4);
}

const decode = async (bytes: Uint8Array, name: string): Promise<Pixels> =>
  pixelsOf(await open(new Blob([new Uint8Array(bytes)]), name));

export const pictures: Pictures = {
  readHeader: async (bytes, name) => {
    const { data, height, width } = await decode(bytes, name);
    let gray = true;
    for (let i = 0; gray && i < data.length; i += 3) gray = data[i] === data[i + 1] && data[i] === data[i + 2];
    return { height, width, gray };
  },
  decode,
  draw: async (source, name) => pixelsOf(await open(source as ImageBitmapSource, name)),
  fetch: (address) => fetchBytes(address),
  encodePng: (pixels) => encode(pixels, "image/png"),
  encodeJpeg: (pixels) => encode(pixels, "image/jpeg"),
};

async function encode({ data, height, width, channels }: Pixels, type: string): Promise<Uint8Array> {
  const context = contextOf(width, height);
  const image = context.createImageData(width, height);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = data[channels < 3 ? channels * i : channels * i + c];
    image.data[4 * i + 3] = channels % 2 === 0 ? data[channels * i + channels - 1] : 255;
  }
  context.putImageData(image, 0, 0);
  const blob = await context.canvas.convertToBlob({ type, quality: 0.8 });
  return new Uint8Array(await blob.arrayBuffer());
}
