// Geometry of one picture: each target pixel looks up where it comes from, x' = A x + t, and mixes the four pixels
// around that place (bilinear) or takes the nearest. Beyond the edge stands `fill`, or the nearest edge pixel.

import { scratch } from "./scratch.ts";

/** One picture, planar: [channels, height, width] of float32 0..1. */
export interface Picture {
  readonly pixels: Float32Array;
  /** Set for what is known of each pixel: a mask, or another picture. It moves with the picture, and its colours stay. */
  readonly map?: true;
  /** Set where the numbers are names (a mask's classes): the nearest is taken, none is mixed, and this stands beyond the edge. */
  readonly outside?: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Source = matrix x target: [xx, xy, tx, yx, yy, ty], in pixels, pixel centres at whole numbers. */
export type Affine = readonly [number, number, number, number, number, number];

/** The same, divided by a third row: [xx, xy, tx, yx, yy, ty, wx, wy, tw]. */
export type Projective = readonly [number, number, number, number, number, number, number, number, number];

/** What stands beyond the edge: `zeros` the fill value, `reflect` a mirror on the edge pixel, `replicate` the edge pixel. */
export type Padding = "zeros" | "reflect" | "replicate";

/** What is seen between pixels: `bilinear` mixes the four around a place, `nearest` takes the nearest. */
export type Interpolation = "bilinear" | "nearest";

/** The picture seen through a look-up, in place; without `fill` the edge pixels go on beyond the edge. */
export function warp(
  picture: Picture,
  lookUp: Affine | Projective,
  fill?: number,
  interpolation: Interpolation = "bilinear",
): Float32Array {
  const { pixels, height, width, outside } = picture;
  const beyond = outside !== undefined && fill !== undefined ? outside : fill;
  const row = outside !== undefined || interpolation === "nearest" ? nearest : bilinear;
  const result = scratch(pixels.length);
  const [xx, xy, tx, yx, yy, ty] = lookUp;
  if (row === bilinear && fill === undefined && xy === 0 && yx === 0 && lookUp.length === 6) {
    stretch(picture, result, { scale: xx, first: tx }, { scale: yy, first: ty });
    pixels.set(result);
    return pixels;
  }
  const places: Places = { xs: new Float64Array(width), ys: new Float64Array(width) };
  for (let y = 0; y < height; y++) {
    findPlaces(places, lookUp, y);
    row(picture, result, y, places, beyond);
  }
  pixels.set(result);
  return pixels;
}

/** Where the pixels of an axis come from: of the first, and how far apart they are. */
interface Steps {
  readonly scale: number;
  readonly first: number;
}

/**
 * Both axes by themselves, with edges that go on: rows are mixed along x once, and each row of the result mixes two of them. The
 * same sums as those of `bilinear`.
 */
function stretch(picture: Picture, result: Float32Array, across: Steps, down: Steps): void {
  const { pixels, channels, height, width } = picture;
  const plane = height * width;
  const lefts = new Int32Array(width);
  const rights = new Int32Array(width);
  const shares = new Float64Array(width);
  for (let x = 0; x < width; x++) {
    const from = across.scale * x + across.first;
    const left = Math.floor(from);
    shares[x] = from - left;
    lefts[x] = clamp(left, width);
    rights[x] = clamp(left + 1, width);
  }
  let [above, below] = [new Float64Array(width), new Float64Array(width)];
  for (let base = 0, c = 0; c < channels; c++, base += plane) {
    let [heldAbove, heldBelow] = [-1, -1];
    for (let y = 0; y < height; y++) {
      const from = down.scale * y + down.first;
      const top = Math.floor(from);
      const share = from - top;
      const [first, second] = [clamp(top, height), clamp(top + 1, height)];
      if (heldBelow === first) {
        [above, below] = [below, above];
        [heldAbove, heldBelow] = [heldBelow, heldAbove];
      }
      if (heldAbove !== first) mixRow(pixels, base + first * width, lefts, rights, shares, above);
      heldAbove = first;
      if (heldBelow !== second) mixRow(pixels, base + second * width, lefts, rights, shares, below);
      heldBelow = second;
      const target = base + y * width;
      const rest = 1 - share;
      for (let x = 0; x < width; x++) result[target + x] = above[x] * rest + below[x] * share;
    }
  }
}

function mixRow(
  pixels: Float32Array,
  row: number,
  lefts: Int32Array,
  rights: Int32Array,
  shares: Float64Array,
  mixed: Float64Array,
): void {
  for (let x = 0; x < mixed.length; x++)
    mixed[x] = pixels[row + lefts[x]] * (1 - shares[x]) + pixels[row + rights[x]] * shares[x];
}

/** Where the pixels of a row come from. */
interface Places {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

function findPlaces({ xs, ys }: Places, lookUp: Affine | Projective, y: number): void {
  const [xx, xy, tx, yx, yy, ty, wx = 0, wy = 0, tw = 1] = lookUp;
  for (let x = 0; x < xs.length; x++) {
    xs[x] = xx * x + xy * y + tx;
    ys[x] = yx * x + yy * y + ty;
  }
  if (lookUp.length === 6) return;
  for (let x = 0; x < xs.length; x++) {
    const w = wx * x + wy * y + tw;
    xs[x] /= w;
    ys[x] /= w;
  }
}

const clamp = (place: number, size: number): number => Math.min(Math.max(place, 0), size - 1);

/** Row `y` of the result: the pixels nearest to where each comes from. */
function nearest(
  { pixels, channels, height, width }: Picture,
  result: Float32Array,
  y: number,
  { xs, ys }: Places,
  fill: number | undefined,
): void {
  const plane = height * width;
  for (let x = 0, target = y * width; x < width; x++, target++) {
    const fromX = Math.round(xs[x]);
    const fromY = Math.round(ys[x]);
    if (fill === undefined || (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height)) {
      const from = clamp(fromY, height) * width + clamp(fromX, width);
      for (let base = 0, c = 0; c < channels; c++, base += plane) result[target + base] = pixels[from + base];
    } else {
      for (let base = 0, c = 0; c < channels; c++, base += plane) result[target + base] = fill;
    }
  }
}

/** Row `y` of the result: mixtures of the four pixels around where each comes from. */
function bilinear(
  picture: Picture,
  result: Float32Array,
  y: number,
  { xs, ys }: Places,
  fill: number | undefined,
): void {
  const { pixels, channels, height, width } = picture;
  const plane = height * width;
  for (let x = 0, target = y * width; x < width; x++, target++) {
    const left = Math.floor(xs[x]);
    const top = Math.floor(ys[x]);
    const right = xs[x] - left;
    const down = ys[x] - top;
    if (left >= 0 && top >= 0 && left < width - 1 && top < height - 1) {
      for (let from = top * width + left, to = target, c = 0; c < channels; c++, from += plane, to += plane) {
        const above = pixels[from] * (1 - right) + pixels[from + 1] * right;
        const below = pixels[from + width] * (1 - right) + pixels[from + width + 1] * right;
        result[to] = above * (1 - down) + below * down;
      }
    } else if (fill !== undefined && (left < -1 || top < -1 || left >= width || top >= height)) {
      for (let to = target, c = 0; c < channels; c++, to += plane) result[to] = fill;
    } else {
      for (let base = 0, c = 0; c < channels; c++, base += plane) {
        const above = at(picture, base, top, left, fill) * (1 - right) + at(picture, base, top, left + 1, fill) * right;
        const below =
          at(picture, base, top + 1, left, fill) * (1 - right) + at(picture, base, top + 1, left + 1, fill) * right;
        result[target + base] = above * (1 - down) + below * down;
      }
    }
  }
}

/** A pixel that may lie beyond the edge. */
function at({ pixels, height, width }: Picture, base: number, y: number, x: number, fill: number | undefined): number {
  return fill === undefined || (x >= 0 && x < width && y >= 0 && y < height)
    ? pixels[base + clamp(y, height) * width + clamp(x, width)]
    : fill;
}

/**
 * The look-up of a picture that is turned by `degrees` (counter-clockwise as seen), enlarged by `scale`, sheared by
 * `shear` degrees along x, all about its centre, then moved by (dx, dy) pixels.
 */
export function affineAbout({ height, width }: Picture, { degrees = 0, scale = 1, shear = 0, dx = 0, dy = 0 }): Affine {
  const turn = (degrees * Math.PI) / 180;
  const slant = Math.tan((shear * Math.PI) / 180);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  // Forward, with y pointing down: scale * [cos sin; -sin cos] * [1 slant; 0 1]. The look-up is its inverse.
  const [xx, xy] = [(cos - slant * sin) / scale, (-sin - slant * cos) / scale];
  const [yx, yy] = [sin / scale, cos / scale];
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const [x, y] = [centreX + dx, centreY + dy];
  return [xx, xy, centreX - xx * x - xy * y, yx, yy, centreY - yx * x - yy * y];
}

/** Moves a picture by whole pixels (right and down), in place, filling the gap by `padding`. */
export function shift(picture: Picture, dx: number, dy: number, padding: Padding, fill: number): Float32Array {
  const { pixels, channels, height, width } = picture;
  const result = scratch(pixels.length);
  const beyond = picture.outside ?? fill;
  // The columns that come from within lie together; those on either side of them are looked up.
  const first = Math.min(width, Math.max(0, dx));
  const last = Math.max(first, Math.min(width, width + dx));
  for (let c = 0, target = 0; c < channels; c++) {
    for (let y = 0; y < height; y++, target += width) {
      const fromY = sourceOf(y - dy, height, padding);
      if (fromY < 0) {
        result.fill(beyond, target, target + width);
        continue;
      }
      const from = (c * height + fromY) * width;
      const edge = (x: number): number => {
        const column = sourceOf(x - dx, width, padding);
        return column < 0 ? beyond : pixels[from + column];
      };
      for (let x = 0; x < first; x++) result[target + x] = edge(x);
      for (let x = first, place = from + first - dx; x < last; x++, place++) result[target + x] = pixels[place];
      for (let x = last; x < width; x++) result[target + x] = edge(x);
    }
  }
  pixels.set(result);
  return pixels;
}

/** The place that stands for `place` on an axis of `size`, or -1 for the fill value. */
function sourceOf(place: number, size: number, padding: Padding): number {
  if (place >= 0 && place < size) return place;
  if (padding === "zeros") return -1;
  if (padding === "replicate" || size === 1) return place < 0 ? 0 : size - 1;
  const period = 2 * (size - 1);
  const folded = ((place % period) + period) % period;
  return folded < size ? folded : period - folded;
}
