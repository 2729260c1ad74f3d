// From decoded pixels to those that a network is shown: the part of the picture, gray or in colours, channels outermost. It knows
// nothing of files and hosts, so that a bundle carries it as it is.
import type { Pixels } from "../host/host.ts";
import type { Preprocessing } from "./preprocessing.ts";
import { type Box, resample } from "./resample.ts";

/** Stored pixels [channels, height, width] of a picture, whatever its size. */
export function shownPixels(pixels: Pixels, form: Preprocessing): Uint8Array {
  const { channels, height, width } = form;
  return planar(resample(inChannels(pixels, channels), shownBox(pixels, form), { height, width }));
}

/** The part of a picture that the network sees. */
export function shownBox({ height: h, width: w }: Pick<Pixels, "height" | "width">, form: Preprocessing): Box {
  const { height, width, resize, crop } = form;
  const scale = Math.min(h / height, w / width);
  const [seenHeight, seenWidth] =
    resize === "squash" ? [h * crop, w * crop] : [height * scale * crop, width * scale * crop];
  const start = (all: number, seen: number, target: number): number => {
    const middle = (all - seen) / 2;
    // Pixels that keep their size keep their places too.
    return seen === target ? Math.floor(middle) : middle;
  };
  return {
    left: start(w, seenWidth, width),
    top: start(h, seenHeight, height),
    width: seenWidth,
    height: seenHeight,
  };
}

/** Red, green and blue as they are, or weighed to gray (ITU-R BT.601, in whole numbers, as Pillow does). */
function inChannels({ data, height, width }: Pixels, channels: number): Pixels {
  if (channels === 3) return { data, height, width, channels };
  const gray = new Uint8Array(height * width);
  for (let i = 0; i < gray.length; i++) {
    gray[i] = (19595 * data[3 * i] + 38470 * data[3 * i + 1] + 7471 * data[3 * i + 2] + 32768) >> 16;
  }
  return { data: gray, height, width, channels: 1 };
}

/** Channels outermost instead of innermost. */
function planar({ data, height, width, channels }: Pixels): Uint8Array {
  if (channels === 1) return data;
  const plane = height * width;
  const result = new Uint8Array(data.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < plane; i++) result[c * plane + i] = data[i * channels + c];
  return result;
}
