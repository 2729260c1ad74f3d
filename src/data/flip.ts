// A picture's mirror image.

import type { NdArray } from "../base/array.ts";
import type { Shape } from "../base/shape.ts";

interface Planes<P> {
  readonly pixels: P;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Left and right change sides ("horizontal"), or top and bottom; in place. */
export function flip<P extends NdArray["data"]>(
  { pixels, channels, height, width }: Planes<P>,
  axis: "horizontal" | "vertical" = "horizontal",
): P {
  if (axis === "vertical") {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height >> 1; y++) {
        const [one, other] = [(c * height + y) * width, (c * height + height - 1 - y) * width];
        for (let x = 0; x < width; x++) swap(pixels, one + x, other + x);
      }
    }
    return pixels;
  }
  for (let row = 0; row < channels * height; row++) {
    for (let left = row * width, right = left + width - 1; left < right; left++, right--) swap(pixels, left, right);
  }
  return pixels;
}

function swap(pixels: NdArray["data"], one: number, other: number): void {
  const held = pixels[one];
  pixels[one] = pixels[other];
  pixels[other] = held;
}

/** The mirror image of pictures of any shape that ends in [height, width]; a new array. */
export function mirrored<P extends NdArray["data"]>(pixels: P, shape: Shape): P {
  const [height, width] = shape.slice(-2);
  return flip({ pixels: pixels.slice() as P, channels: pixels.length / (height * width), height, width });
}
