// Pictures to another size, in integer arithmetic, so that Node and every browser give the same bytes. The filter is the
// triangle, stretched by the factor where a picture shrinks, so that every pixel of the source counts; columns first, then
// rows, each rounded to 0..255. It is what Pillow's `resize(size, BILINEAR, box)` computes (and so torchvision on pictures of
// Pillow), to the bit.
import type { Pixels } from "../host/host.ts";

/** The part of a picture that is shown, in pixels; edges may lie inside a pixel. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** 8 bits of pixel, 22 of weight, and the sum of a row fits into 32. */
const fraction = 22;
const half = 1 << (fraction - 1);

/** For each target place the first source place, how many, and their weights, `most` a place. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly most: number;
}

function tapsOf(source: number, target: number, start: number, length: number): Taps {
  const scale = length / target;
  const support = Math.max(scale, 1);
  const most = Math.ceil(support) * 2 + 1;
  const taps = {
    first: new Int32Array(target),
    count: new Int32Array(target),
    weights: new Int32Array(target * most),
    most,
  };
  for (let place = 0; place < target; place++) {
    const centre = start + (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(source, Math.trunc(centre + support + 0.5)) - first;
    const shares = Array.from({ length: count }, (_, i) =>
      Math.max(0, 1 - Math.abs((first + i - centre + 0.5) * (1 / support))),
    );
    const total = shares.reduce((sum, share) => sum + share, 0);
    taps.first[place] = first;
    taps.count[place] = count;
    shares.forEach((share, i) => {
      taps.weights[place * most + i] = Math.trunc(0.5 + (share / total) * (1 << fraction));
    });
  }
  return taps;
}

/** Brings the part of a picture in `box` to a size. A part that has the size already is copied. */
export function resample(source: Pixels, { left, top, width, height }: Box, target: Size): Pixels {
  const acrossNeeded = width !== target.width || left !== Math.trunc(left);
  const downNeeded = height !== target.height || top !== Math.trunc(top);
  const down = tapsOf(source.height, target.height, top, height);
  // Only the rows that are looked at.
  const firstRow = downNeeded ? down.first[0] : top;
  const last = target.height - 1;
  const rows = downNeeded ? down.first[last] + down.count[last] - firstRow : height;
  const across = acrossNeeded
    ? shrinkRows(source, firstRow, rows, tapsOf(source.width, target.width, left, width), target.width)
    : cut(source, firstRow, rows, left, target.width);
  if (!downNeeded) return across;
  return shrinkColumns(across, firstRow, down, target.height);
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

function cut(source: Pixels, firstRow: number, rows: number, left: number, width: number): Pixels {
  const { channels } = source;
  const data = new Uint8Array(rows * width * channels);
  for (let y = 0; y < rows; y++) {
    const from = ((firstRow + y) * source.width + left) * channels;
    data.set(source.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { data, height: rows, width, channels };
}

function shrinkRows(source: Pixels, firstRow: number, rows: number, taps: Taps, width: number): Pixels {
  const { channels } = source;
  const data = new Uint8Array(rows * width * channels);
  const row = channels === 3 ? rowOfThree : rowOfOne;
  for (let y = 0; y < rows; y++)
    row(source.data, (firstRow + y) * source.width * channels, taps, data, y * width * channels, width);
  return { data, height: rows, width, channels };
}

function rowOfOne(from: Uint8Array, start: number, taps: Taps, to: Uint8Array, at: number, width: number): void {
  const { first, count, weights, most } = taps;
  for (let x = 0; x < width; x++) {
    let sum = half;
    let w = x * most;
    for (let i = start + first[x], end = i + count[x]; i < end; i++) sum = (sum + Math.imul(from[i], weights[w++])) | 0;
    to[at + x] = sum >> fraction;
  }
}

function rowOfThree(from: Uint8Array, start: number, taps: Taps, to: Uint8Array, at: number, width: number): void {
  const { first, count, weights, most } = taps;
  for (let x = 0; x < width; x++) {
    let [red, green, blue] = [half, half, half];
    let w = x * most;
    for (let i = start + 3 * first[x], end = i + 3 * count[x]; i < end; i += 3) {
      const weight = weights[w++];
      red = (red + Math.imul(from[i], weight)) | 0;
      green = (green + Math.imul(from[i + 1], weight)) | 0;
      blue = (blue + Math.imul(from[i + 2], weight)) | 0;
    }
    to[at + 3 * x] = red >> fraction;
    to[at + 3 * x + 1] = green >> fraction;
    to[at + 3 * x + 2] = blue >> fraction;
  }
}

function shrinkColumns({ data: from, width, channels }: Pixels, firstRow: number, taps: Taps, height: number): Pixels {
  const length = width * channels;
  const data = new Uint8Array(height * length);
  const sums = new Int32Array(length);
  for (let y = 0; y < height; y++) {
    sums.fill(half);
    const start = taps.first[y] - firstRow;
    for (let k = 0; k < taps.count[y]; k++) {
      const weight = taps.weights[y * taps.most + k];
      const row = (start + k) * length;
      for (let i = 0; i < length; i++) sums[i] += Math.imul(from[row + i], weight);
    }
    for (let i = 0; i < length; i++) data[y * length + i] = sums[i] >> fraction;
  }
  return { data, height, width, channels };
}
