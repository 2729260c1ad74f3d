// Changes of a picture's colours by torchvision's names and meaning, on pixels of 0..1. What torchvision does with 8-bit pictures
// it does here with pixels that are all of the 256 levels k / 255, as 8-bit files give them; posterize and equalize, which know
// no others, bring floats to the nearest level first. Pixels may be changed in place; use what is returned.

import { scratch } from "./scratch.ts";
import type { Picture } from "./warp.ts";

/** The levels of 8-bit pixels. */
const levels = Float32Array.from({ length: 256 }, (_, level) => level / 255);

export const unit = (pixel: number): number => (pixel < 0 ? 0 : Math.min(pixel, 1));
const levelOf = (pixel: number): number => (pixel * 255 + 0.5) | 0;

/** Dark becomes bright. */
export function invert({ pixels }: Picture): Float32Array {
  for (let i = 0; i < pixels.length; i++) pixels[i] = 1 - pixels[i];
  return pixels;
}

/** Pixels of at least `threshold` are inverted. */
export function solarize({ pixels }: Picture, threshold: number): Float32Array {
  // Rounded as pixels are, so that a level is at least itself.
  const least = Math.fround(threshold);
  for (let i = 0; i < pixels.length; i++) if (pixels[i] >= least) pixels[i] = 1 - pixels[i];
  return pixels;
}

/** The first `bits` of 8 are kept. */
export function posterize({ pixels }: Picture, bits: number): Float32Array {
  const mask = 256 - 2 ** (8 - bits);
  for (let i = 0; i < pixels.length; i++) pixels[i] = levels[levelOf(pixels[i]) & mask];
  return pixels;
}

/** The darkest pixel of each channel becomes 0, the brightest 1; a channel of one value stays. */
export function autocontrast({ pixels, channels }: Picture): Float32Array {
  const plane = pixels.length / channels;
  const ofLevels = isOfLevels(pixels);
  for (let start = 0; start < pixels.length; start += plane) {
    const end = start + plane;
    let least = pixels[start];
    let most = least;
    for (let i = start; i < end; i++) {
      const pixel = pixels[i];
      if (pixel < least) least = pixel;
      else if (pixel > most) most = pixel;
    }
    if (least === most) continue;
    if (ofLevels) {
      const table = stretchedLevels(levelOf(least), levelOf(most));
      for (let i = start; i < end; i++) pixels[i] = table[levelOf(pixels[i])];
    } else {
      const scale = Math.fround(1 / Math.fround(most - least));
      for (let i = start; i < end; i++) pixels[i] = unit(Math.fround(pixels[i] - least) * scale);
    }
  }
  return pixels;
}

/** In float32, and what is left of a level is dropped. */
function stretchedLevels(least: number, most: number): Float32Array {
  const scale = Math.fround(255 / (most - least));
  const table = new Float32Array(256);
  for (let level = least; level <= most; level++)
    table[level] = levels[Math.min(255, Math.fround((level - least) * scale) | 0)];
  return table;
}

function isOfLevels(pixels: Float32Array): boolean {
  for (let i = 0; i < pixels.length; i++) if (levels[levelOf(pixels[i])] !== pixels[i]) return false;
  return true;
}

/** The levels of each channel become about equally frequent. */
export function equalize({ pixels, channels }: Picture): Float32Array {
  const plane = pixels.length / channels;
  for (let c = 0; c < channels; c++) {
    const channel = pixels.subarray(c * plane, (c + 1) * plane);
    const counts = new Int32Array(256);
    for (let i = 0; i < plane; i++) counts[levelOf(channel[i])]++;
    let last = 255;
    while (counts[last] === 0) last--;
    const step = Math.floor((plane - counts[last]) / 255);
    const table = levels.slice();
    let below = Math.floor(step / 2);
    for (let level = 0; level < 256 && step > 0; level++) {
      table[level] = levels[Math.min(255, Math.floor(below / step))];
      below += counts[level];
    }
    for (let i = 0; i < plane; i++) channel[i] = table[levelOf(channel[i])];
  }
  return pixels;
}

/** Multiplied by the factor. */
export function brightness({ pixels }: Picture, factor: number): Float32Array {
  for (let i = 0; i < pixels.length; i++) pixels[i] = unit(pixels[i] * factor);
  return pixels;
}

/** Blended with the mean of the picture as gray: 0 gives that gray alone, 1 the picture. */
export function contrast(picture: Picture, factor: number): Float32Array {
  const { pixels } = picture;
  const plane = picture.height * picture.width;
  let sum = 0;
  for (let i = 0; i < plane; i++) sum += grayAt(picture, i, plane);
  const rest = (1 - factor) * (sum / plane);
  for (let i = 0; i < pixels.length; i++) pixels[i] = unit(factor * pixels[i] + rest);
  return pixels;
}

/** Blended with the picture as gray: 0 gives gray, 1 the picture. Gray pictures stay. */
export function saturation(picture: Picture, factor: number): Float32Array {
  const { pixels, channels } = picture;
  const plane = picture.height * picture.width;
  if (channels !== 3) return pixels;
  for (let i = 0; i < plane; i++) {
    const rest = (1 - factor) * grayAt(picture, i, plane);
    pixels[i] = unit(factor * pixels[i] + rest);
    pixels[i + plane] = unit(factor * pixels[i + plane] + rest);
    pixels[i + 2 * plane] = unit(factor * pixels[i + 2 * plane] + rest);
  }
  return pixels;
}

const grayAt = ({ pixels, channels }: Picture, i: number, plane: number): number =>
  channels === 3 ? 0.2989 * pixels[i] + 0.587 * pixels[i + plane] + 0.114 * pixels[i + 2 * plane] : pixels[i];

/** Turns the hue by a share of the circle of colours. Gray pictures stay. */
export function hue({ pixels, channels }: Picture, turn: number): Float32Array {
  if (channels !== 3) return pixels;
  const plane = pixels.length / 3;
  for (let i = 0; i < plane; i++) {
    const [r, g, b] = [pixels[i], pixels[i + plane], pixels[i + 2 * plane]];
    const [top, low] = [Math.max(r, g, b), Math.min(r, g, b)];
    const range = top - low;
    if (range === 0) continue;
    const sixth = top === r ? (g - b) / range : top === g ? 2 + (b - r) / range : 4 + (r - g) / range;
    const place = 6 * ((((sixth / 6 + turn) % 1) + 1) % 1);
    // Each channel is full around its own colour, and falls off over the next sixth on either side.
    pixels[i] = top - range * away(place + 5);
    pixels[i + plane] = top - range * away(place + 3);
    pixels[i + 2 * plane] = top - range * away(place + 1);
  }
  return pixels;
}

/** How much of a channel is missing at a place of the circle of six. */
function away(place: number): number {
  const at = place % 6;
  return Math.max(0, Math.min(at, 4 - at, 1));
}

/** Blended with a blurred picture: 0 gives that one, 1 the picture, 2 is twice as sharp. Pixels at the edge stay. */
export function sharpness({ pixels, channels, height, width }: Picture, factor: number): Float32Array {
  if (height < 3 || width < 3) return pixels;
  const result = scratch(pixels.length);
  result.set(pixels);
  const rest = (1 - factor) / 13;
  for (let row = 0; row < channels * height; row++) {
    const y = row % height;
    if (y === 0 || y === height - 1) continue;
    const [above, at, below] = [(row - 1) * width, row * width, (row + 1) * width];
    for (let x = 1; x < width - 1; x++) {
      const around =
        pixels[above + x - 1] +
        pixels[above + x] +
        pixels[above + x + 1] +
        pixels[at + x - 1] +
        pixels[at + x + 1] +
        pixels[below + x - 1] +
        pixels[below + x] +
        pixels[below + x + 1];
      result[at + x] = unit(factor * pixels[at + x] + rest * (around + 5 * pixels[at + x]));
    }
  }
  pixels.set(result);
  return pixels;
}
