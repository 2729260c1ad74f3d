// A picture seen from another place: its corners are moved, and all between goes with them. Coordinates as torchvision and Pillow
// have them: corners are named by whole pixels, and pixels are looked up by their centres at halves.

import { type Interpolation, type Picture, type Projective, warp } from "./warp.ts";

/** A place, right and down. */
export type Point = readonly [number, number];

/** The corners of a picture: top left, top right, bottom right, bottom left. */
export const corners = ({ height, width }: Picture): readonly Point[] => [
  [0, 0],
  [width - 1, 0],
  [width - 1, height - 1],
  [0, height - 1],
];

/** The picture with its corners moved to these places. */
export function perspective(
  picture: Picture,
  moved: readonly Point[],
  fill: number,
  interpolation: Interpolation = "bilinear",
): Float32Array {
  const [a, b, c, d, e, f, g, h] = lookUpOf(moved, corners(picture));
  const half = (x: number, y: number, z: number): number => (x + y) / 2 + z;
  const w = half(g, h, 1);
  // From centres at halves to centres at whole numbers: half is added before, and taken away after the division.
  const lookUp: Projective = [
    ...[a - g / 2, b - h / 2, half(a, b, c) - w / 2],
    ...[d - g / 2, e - h / 2, half(d, e, f) - w / 2],
    ...[g, h, w],
  ] as unknown as Projective;
  return warp(picture, lookUp, fill, interpolation);
}

/** x' = (ax + by + c) / (gx + hy + 1), y' = (dx + ey + f) / (gx + hy + 1), which takes four places to four others. */
function lookUpOf(from: readonly Point[], to: readonly Point[]): number[] {
  const rows = from.flatMap(([x, y], i) => {
    const [u, v] = to[i];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  return solve(rows);
}

/** Gauss and Jordan, with the largest pivot of each column; the last entry of a row is its right side. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let best = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(rows[row][column]) > Math.abs(rows[best][column])) best = row;
    [rows[column], rows[best]] = [rows[best], rows[column]];
    const pivot = rows[column];
    for (let row = 0; row < size; row++) {
      const share = row === column ? 0 : rows[row][column] / pivot[column];
      if (share !== 0) for (let k = column; k <= size; k++) rows[row][k] -= share * pivot[k];
    }
  }
  return rows.map((row, i) => row[size] / row[i]);
}
