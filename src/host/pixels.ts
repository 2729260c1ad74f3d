// What every host does with decoded pixels, so that all of them give the same bytes.
import type { Pixels } from "./host.ts";

/** Red, green, blue on white from rows of 1 (gray), 2 (gray, alpha), 3 or 4 (with alpha) numbers a pixel, alpha apart. */
export function onWhite(data: ArrayLike<number>, height: number, width: number, channels: number): Pixels {
  const count = height * width;
  if (channels === 3 && data instanceof Uint8Array) return { data, height, width, channels: 3 };
  const result = new Uint8Array(count * 3);
  const colours = channels < 3 ? 1 : 3;
  const clear = channels % 2 === 0;
  for (let i = 0, from = 0; i < count; i++, from += channels) {
    const alpha = clear ? data[from + channels - 1] : 255;
    for (let c = 0; c < 3; c++) {
      const value = data[from + (colours === 1 ? 0 : c)];
      result[3 * i + c] = alpha === 255 ? value : Math.round((value * alpha) / 255) + 255 - alpha;
    }
  }
  return { data: result, height, width, channels: 3 };
}

/** Red, green, blue of cyan, magenta, yellow and black, 0..255 of ink a pixel: what an ink and the black let through. */
export function ofInks(data: ArrayLike<number>, height: number, width: number): Pixels {
  const count = height * width;
  const result = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const paper = 255 - data[4 * i + 3];
    for (let c = 0; c < 3; c++) result[3 * i + c] = Math.round(((255 - data[4 * i + c]) * paper) / 255);
  }
  return { data: result, height, width, channels: 3 };
}
