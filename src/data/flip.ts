// A picture's mirror image.

import type { Picture } from "./warp.ts";

/** Left and right change sides ("horizontal"), or top and bottom. A new array. */
export function flip(
  { pixels, channels, height, width }: Pick<Picture, "pixels" | "channels" | "height" | "width">,
  axis: "horizontal" | "vertical",
): Float32Array {
  const result = new Float32Array(pixels.length);
  for (let row = 0; row < channels * height; row++) {
    const start = row * width;
    if (axis === "vertical") {
      const from = (row + height - 1 - 2 * (row % height)) * width;
      result.set(pixels.subarray(from, from + width), start);
    } else {
      const end = start + width - 1;
      for (let x = 0; x < width; x++) result[start + x] = pixels[end - x];
    }
  }
  return result;
}
