// Geometry of one picture: each target pixel looks up where it comes from, x' = A x + t, and mixes the four pixels
// around that place (bilinear). Beyond the edge stands `fill`, or the nearest edge pixel.

/** One picture, planar: [channels, height, width] of float32 0..1. */
export interface Picture {
  readonly pixels: Float32Array;
  /** Set where the numbers are names (a mask's classes): the nearest is taken, none is mixed, and this stands beyond the edge. */
  readonly outside?: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Source = matrix x target: [xx, xy, tx, yx, yy, ty], in pixels, pixel centres at whole numbers. */
export type Affine = readonly [number, number, number, number, number, number];

/** What stands beyond the edge: `zeros` the fill value, `reflect` a mirror on the edge pixel, `replicate` the edge pixel. */
export type Padding = "zeros" | "reflect" | "replicate";

/** The picture seen through a look-up; without `fill` the edge pixels go on beyond the edge. */
export function warp(picture: Picture, affine: Affine, fill?: number): Float32Array {
  const { pixels, channels, height, width } = picture;
  if (picture.outside !== undefined) return nearest(picture, affine, fill === undefined ? undefined : picture.outside);
  const [xx, xy, tx, yx, yy, ty] = affine;
  const result = new Float32Array(pixels.length);
  const plane = height * width;
  const clamp = (place: number, size: number): number => Math.min(Math.max(place, 0), size - 1);
  const at = (c: number, y: number, x: number): number =>
    fill === undefined || (x >= 0 && x < width && y >= 0 && y < height)
      ? pixels[c * plane + clamp(y, height) * width + clamp(x, width)]
      : fill;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = xx * x + xy * y + tx;
      const fromY = yx * x + yy * y + ty;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const right = fromX - left;
      const down = fromY - top;
      for (let c = 0; c < channels; c++) {
        const above = at(c, top, left) * (1 - right) + at(c, top, left + 1) * right;
        const below = at(c, top + 1, left) * (1 - right) + at(c, top + 1, left + 1) * right;
        result[c * plane + y * width + x] = above * (1 - down) + below * down;
      }
    }
  }
  return result;
}

/** The numbers nearest to where each comes from; without `fill` those of the edge go on beyond it. */
function nearest(picture: Picture, [xx, xy, tx, yx, yy, ty]: Affine, fill: number | undefined): Float32Array {
  const { pixels, channels, height, width } = picture;
  const result = new Float32Array(pixels.length);
  const clamp = (place: number, size: number): number => Math.min(Math.max(place, 0), size - 1);
  for (let c = 0, target = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const fromX = Math.round(xx * x + xy * y + tx);
        const fromY = Math.round(yx * x + yy * y + ty);
        const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
        const at = (c * height + clamp(fromY, height)) * width + clamp(fromX, width);
        result[target++] = inside || fill === undefined ? pixels[at] : fill;
      }
    }
  }
  return result;
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
  let target = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const fromY = sourceOf(y - dy, height, padding);
      for (let x = 0; x < width; x++) {
        const fromX = sourceOf(x - dx, width, padding);
        result[target++] =
          fromX < 0 || fromY < 0 ? (picture.outside ?? fill) : pixels[(c * height + fromY) * width + fromX];
      }
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
