// Geometry of one picture: each target pixel looks up where it comes from, x' = A x + t, and mixes the four pixels
// around that place (bilinear) or takes the nearest. Beyond the edge stands `fill`, or the nearest edge pixel.

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

/** The picture seen through a look-up; without `fill` the edge pixels go on beyond the edge. */
export function warp(
  picture: Picture,
  lookUp: Affine | Projective,
  fill?: number,
  interpolation: Interpolation = "bilinear",
): Float32Array {
  const names = picture.outside !== undefined;
  const beyond = names && fill !== undefined ? picture.outside : fill;
  const seen = names || interpolation === "nearest" ? nearest : bilinear;
  const { height, width } = picture;
  const result = new Float32Array(picture.pixels.length);
  const [xs, ys] = [new Float64Array(width), new Float64Array(width)];
  const row = seen(picture, result, xs, ys, beyond);
  for (let y = 0; y < height; y++) {
    placesOf(lookUp, y, xs, ys);
    row(y * width);
  }
  return result;
}

/** Where the pixels of row `y` come from. */
function placesOf(lookUp: Affine | Projective, y: number, xs: Float64Array, ys: Float64Array): void {
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

/** Writes a row of the result, from its place on, from where its pixels come from. */
type Row = (target: number) => void;

/** The pixels nearest to where each comes from. */
function nearest(
  { pixels, channels, height, width }: Picture,
  result: Float32Array,
  xs: Float64Array,
  ys: Float64Array,
  fill: number | undefined,
): Row {
  const plane = height * width;
  const from = new Int32Array(width);
  return (target) => {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = [Math.round(xs[x]), Math.round(ys[x])];
      const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
      from[x] = inside || fill === undefined ? clamp(fromY, height) * width + clamp(fromX, width) : -1;
    }
    for (let c = 0; c < channels; c++) {
      const base = c * plane;
      for (let x = 0; x < width; x++) result[base + target + x] = from[x] < 0 ? fill! : pixels[base + from[x]];
    }
  };
}

const clamp = (place: number, size: number): number => Math.min(Math.max(place, 0), size - 1);

/** A mixture of the four pixels around where each comes from. */
function bilinear(
  { pixels, channels, height, width }: Picture,
  result: Float32Array,
  xs: Float64Array,
  ys: Float64Array,
  fill: number | undefined,
): Row {
  const plane = height * width;
  const [from, rights, downs] = [new Int32Array(width), new Float64Array(width), new Float64Array(width)];
  const at = (base: number, y: number, x: number): number =>
    fill === undefined || (x >= 0 && x < width && y >= 0 && y < height)
      ? pixels[base + clamp(y, height) * width + clamp(x, width)]
      : fill;
  return (target) => {
    for (let x = 0; x < width; x++) {
      const [left, top] = [Math.floor(xs[x]), Math.floor(ys[x])];
      rights[x] = xs[x] - left;
      downs[x] = ys[x] - top;
      // All four lie inside, or some are looked up one by one.
      from[x] = left >= 0 && top >= 0 && left < width - 1 && top < height - 1 ? top * width + left : -1;
    }
    for (let c = 0; c < channels; c++) {
      const base = c * plane;
      for (let x = 0; x < width; x++) {
        const [right, down] = [rights[x], downs[x]];
        let above: number;
        let below: number;
        if (from[x] >= 0) {
          const first = base + from[x];
          above = pixels[first] * (1 - right) + pixels[first + 1] * right;
          below = pixels[first + width] * (1 - right) + pixels[first + width + 1] * right;
        } else {
          const [left, top] = [Math.floor(xs[x]), Math.floor(ys[x])];
          above = at(base, top, left) * (1 - right) + at(base, top, left + 1) * right;
          below = at(base, top + 1, left) * (1 - right) + at(base, top + 1, left + 1) * right;
        }
        result[base + target + x] = above * (1 - down) + below * down;
      }
    }
  };
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

/** Moves a picture by whole pixels (right and down), filling the gap by `padding`. */
export function shift(picture: Picture, dx: number, dy: number, padding: Padding, fill: number): Float32Array {
  const { pixels, channels, height, width } = picture;
  const result = new Float32Array(pixels.length);
  const beyond = picture.outside ?? fill;
  const columns = Int32Array.from({ length: width }, (_, x) => sourceOf(x - dx, width, padding));
  for (let c = 0, target = 0; c < channels; c++) {
    for (let y = 0; y < height; y++, target += width) {
      const fromY = sourceOf(y - dy, height, padding);
      if (fromY < 0) {
        result.fill(beyond, target, target + width);
        continue;
      }
      const from = (c * height + fromY) * width;
      for (let x = 0; x < width; x++) result[target + x] = columns[x] < 0 ? beyond : pixels[from + columns[x]];
    }
  }
  return result;
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
