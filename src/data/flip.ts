// A picture's mirror image.

import type { NdArray } from "../base/array.ts";
import type { Shape } from "../base/shape.ts";

interface Planes<P> {
  readonly pixels: P;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Left and right change sides ("horizontal"), or top and bottom. A new array. */
export function flip<P extends NdArray["data"]>(
  { pixels, channels, height, width }: Planes<P>,
  axis: "horizontal" | "vertical" = "horizontal",
): P {
  const result = pixels.slice() as P;
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

/** The mirror image of pictures of any shape that ends in [height, width]. */
export function mirrored<P extends NdArray["data"]>(pixels: P, shape: Shape): P {
  const [height, width] = shape.slice(-2);
  return flip({ pixels, channels: pixels.length / (height * width), height, width });
}
