// Non-maximum suppression, by its definition.
import type { NdArray } from "../../../base/array.ts";

export interface SuppressionOptions {
  /** Most boxes a class and image. */
  readonly most: number;
  readonly overlap: number;
  readonly score: number;
  /** Boxes are (centre x, centre y, width, height) instead of two corners (y, x, y, x). */
  readonly centred: boolean;
}

/**
 * Non-maximum suppression: boxes in order of falling score, each kept unless it overlaps a kept one too much
 * (intersection over union). boxes [N, B, 4] and scores [N, C, B] give rows (image, class, box).
 */
export function suppress(
  boxes: NdArray,
  scores: NdArray,
  { most, overlap, score, centred }: SuppressionOptions,
): number[][] {
  const [images, count] = boxes.shape;
  const classes = scores.shape[1];
  const chosen: number[][] = [];
  for (let n = 0; n < images; n++) {
    const corners = Array.from({ length: count }, (_, b) =>
      cornersOf(boxes.data.subarray((n * count + b) * 4, (n * count + b) * 4 + 4), centred),
    );
    for (let c = 0; c < classes; c++) {
      const own = scores.data.subarray((n * classes + c) * count, (n * classes + c + 1) * count);
      const order = Array.from({ length: count }, (_, b) => b).filter((b) => own[b] > score);
      order.sort((a, b) => own[b] - own[a]);
      const kept: number[] = [];
      for (const b of order) {
        if (kept.length >= most) break;
        if (kept.every((k) => intersectionOverUnion(corners[k], corners[b]) <= overlap)) kept.push(b);
      }
      chosen.push(...kept.map((b) => [n, c, b]));
    }
  }
  return chosen;
}

type Box = readonly [top: number, left: number, bottom: number, right: number];

function cornersOf([a, b, c, d]: ArrayLike<number> & Iterable<number>, centred: boolean): Box {
  if (centred) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

function intersectionOverUnion(a: Box, b: Box): number {
  const height = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const width = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (height <= 0 || width <= 0) return 0;
  const shared = height * width;
  const area = ([top, left, bottom, right]: Box): number => (bottom - top) * (right - left);
  return shared / (area(a) + area(b) - shared);
}
