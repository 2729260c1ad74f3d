// From findings to pictures, uint8 [3, height, width]: a map by itself, a map over its picture, maps side by side. Small
// pictures are enlarged by whole factors without smoothing, so that every pixel stays what the network saw.
import { understand } from "../base/arguments.ts";
import { filled, type NdArray, ndarray, ndarrayRule } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { flag, like, optional, real, whole } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { colourOf } from "./colours.ts";
import type { Drawing } from "./method.ts";

/** Pictures are enlarged until the shorter side has at least this many pixels. */
const leastSide = 256;
/** Tiles of many maps are enlarged until their sheet is about this wide. */
const sheetSide = 640;
const gap = 2;
const paper = 24;

/** The value that gets the last colour: the largest magnitude, without the most extreme of large maps. */
export function scaleOf({ data }: NdArray): number {
  const sizes = Float64Array.from(data, Math.abs).sort();
  const last = sizes.length - 1;
  const most = sizes[last] ?? 0;
  const near = sizes[Math.floor(last * 0.995)] ?? 0;
  return near > 0 ? near : most > 0 ? most : 1;
}

/**
 * A map [height, width] in colours, uint8 [3, height, width]; `scale` is the value of the last colour, the map's own
 * unless told. Signed maps have 0 in the middle of the colours.
 */
export function drawMap(map: NdArray, signed: boolean, scale?: number): NdArray {
  understand("drawMap", arguments, { map: ndarrayRule, signed: flag, scale: optional(real()) });
  const largest = scale ?? scaleOf(map);
  const [height, width] = map.shape;
  const drawn = filled([3, height, width], 0, "uint8");
  for (let i = 0; i < map.data.length; i++) {
    colourOf(map.data[i] / largest, signed).forEach((value, c) => {
      drawn.data[c * height * width + i] = value;
    });
  }
  return drawn;
}

/**
 * A map [height, width] over its picture [1 or 3, height, width] of 0..1, as uint8 [3, height, width]: the picture in
 * gray, coloured where the map is larger than elsewhere. Throws where their sizes differ.
 */
export function drawOverlay(photo: NdArray, map: NdArray, signed: boolean): NdArray {
  understand("drawOverlay", arguments, { photo: ndarrayRule, map: ndarrayRule, signed: flag });
  const [height, width] = map.shape;
  const plane = height * width;
  const scale = scaleOf(map);
  const least = signed ? 0 : leastBelow(map, scale);
  const gray = luminance(photo, plane);
  const drawn = filled([3, height, width], 0, "uint8");
  for (let i = 0; i < plane; i++) {
    const value = (map.data[i] - least) / (scale - least);
    const strength = Math.min(1, Math.abs(value));
    // Colours of the bright half only: what is faint shows the picture, not the dark end of the colours.
    const colour = signed
      ? colourOf(Math.sign(value) * (0.4 + 0.6 * strength), true)
      : colourOf(0.25 + 0.75 * strength, false);
    const share = 0.85 * strength ** 0.7;
    colour.forEach((part, c) => {
      drawn.data[c * plane + i] = Math.round((1 - share) * (20 + 0.75 * gray[i] * 255) + share * part);
    });
  }
  return drawn;
}

/** The smallest value, unless all are the same. */
function leastBelow({ data }: NdArray, scale: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of data) least = Math.min(least, value);
  return least < scale ? least : 0;
}

/** One number of 0..1 a pixel from 1 or 3 channels of 0..1. */
function luminance({ shape, data }: NdArray, plane: number): Float64Array {
  const channels = data.length / plane;
  if (!Number.isInteger(channels))
    throw new NeocogError(`The picture ${formatShape(shape)} does not have the size of its map.`);
  const weights = channels === 3 ? [0.2126, 0.7152, 0.0722] : new Array<number>(channels).fill(1 / channels);
  const gray = new Float64Array(plane);
  weights.forEach((weight, c) => {
    for (let i = 0; i < plane; i++) gray[i] += weight * data[c * plane + i];
  });
  return gray;
}

/**
 * A picture [1 or 3, height, width] of 0..1 as red, green and blue, uint8 [3, height, width]; what lies outside is
 * cut off.
 */
export function drawPhoto(photo: NdArray): NdArray {
  understand("drawPhoto", arguments, { photo: ndarrayRule });
  const { shape, data } = photo;
  const [height, width] = shape.slice(-2);
  const plane = height * width;
  const channels = data.length / plane;
  const drawn = filled([3, height, width], 0, "uint8");
  for (let i = 0; i < 3 * plane; i++) {
    const source = channels === 3 ? i : i % plane;
    drawn.data[i] = Math.round(255 * Math.min(1, Math.max(0, data[source])));
  }
  return drawn;
}

/**
 * Maps [count, 1 or 3, height, width] side by side as one sheet, uint8 [3, height', width'], each on its own scale
 * (one scale for all if signed); the first 256 unless told.
 */
export function drawTiles(drawing: Drawing, most = 256): NdArray {
  understand("drawTiles", arguments, {
    drawing: like("a drawing of tiles", "array", "signed"),
    most: optional(whole(1)),
  });
  const { array, signed } = drawing;
  const [all, channels, height, width] = array.shape;
  const count = Math.min(all, most);
  const columns = Math.ceil(Math.sqrt((count * height) / width));
  const rows = Math.ceil(count / columns);
  const factor = Math.max(1, Math.floor((sheetSide - gap) / columns / (width + gap)));
  const [tall, wide] = [height * factor + gap, width * factor + gap];
  const sheet = filled([3, rows * tall + gap, columns * wide + gap], paper, "uint8");
  const size = channels * height * width;
  const common = signed ? scaleOf(array) : undefined;
  for (let k = 0; k < count; k++) {
    const part = ndarray([channels, height, width], array.data.subarray(k * size, (k + 1) * size));
    const tile = enlarge(drawTile(part, signed, common), factor);
    paste(sheet, tile, gap + Math.floor(k / columns) * tall, gap + (k % columns) * wide);
  }
  return sheet;
}

function drawTile(part: NdArray, signed: boolean, common: number | undefined): NdArray {
  const [channels, height, width] = part.shape;
  const scale = common ?? scaleOf(part);
  if (channels === 1) return drawMap(ndarray([height, width], part.data), signed, scale);
  // Red, green and blue, with 0 as middle gray.
  return drawPhoto(
    ndarray(
      part.shape,
      Float64Array.from(part.data, (value) => 0.5 + value / scale / 2),
    ),
  );
}

function paste(sheet: NdArray, tile: NdArray, top: number, left: number): void {
  const [, tall, wide] = sheet.shape;
  const [channels, height, width] = tile.shape;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const row = tile.data.subarray((c * height + y) * width, (c * height + y + 1) * width);
      sheet.data.set(row, (c * tall + top + y) * wide + left);
    }
  }
}

/** Every pixel becomes factor x factor pixels. */
export function enlarge(picture: NdArray, factor: number): NdArray {
  const [channels, height, width] = picture.shape;
  const large = filled([channels, height * factor, width * factor], 0, picture.dtype);
  for (let i = 0; i < large.data.length; i++) {
    const x = Math.floor((i % (width * factor)) / factor);
    const row = Math.floor(i / (width * factor));
    const y = Math.floor((row % (height * factor)) / factor);
    large.data[i] = picture.data[(Math.floor(row / (height * factor)) * height + y) * width + x];
  }
  return large;
}

/**
 * A picture [channels, height, width] enlarged by a whole factor where its shorter side has less than 256 pixels,
 * without smoothing.
 */
export function legible(picture: NdArray): NdArray {
  understand("legible", arguments, { picture: ndarrayRule });
  const [, height, width] = picture.shape;
  return enlarge(picture, Math.max(1, Math.ceil(leastSide / Math.min(height, width))));
}
