// A picture's outlines as a short row of numbers: how strong they are in each direction, on a grid that is laid over where they
// lie, so that neither place nor size nor colour of what is seen counts for much (after histograms of oriented gradients).
import type { NdArray } from "../base/array.ts";

const cells = 5;
const directions = 6;
/** Numbers a picture, with a constant. */
export const width = cells * cells * directions + 1;

/** Rows of numbers for stored pictures [count, channels, height, width], each changed as told before it is looked at. */
export function onGrid(
  { data, shape: [count, channels, h, w], dtype }: NdArray,
  change: "plain" | "mirrored" | "upsideDown" | "turned",
): Float64Array {
  const rows = new Float64Array(count * width);
  const scale = dtype === "uint8" ? 1 / 255 : 1;
  const [tall, wide] = change === "turned" ? [w, h] : [h, w];
  const at = (base: number, y: number, x: number): number => {
    if (change === "mirrored") return data[base + y * w + (w - 1 - x)] * scale;
    if (change === "upsideDown") return data[base + (h - 1 - y) * w + x] * scale;
    if (change === "turned") return data[base + (h - 1 - x) * w + y] * scale;
    return data[base + y * w + x] * scale;
  };
  for (let i = 0; i < count; i++) {
    const strengths = new Float64Array(tall * wide);
    const angles = new Float64Array(tall * wide);
    for (let y = 1; y < tall - 1; y++) {
      for (let x = 1; x < wide - 1; x++) {
        // The channel in which the outline is clearest.
        let [down, across] = [0, 0];
        for (let c = 0; c < channels; c++) {
          const base = (i * channels + c) * h * w;
          const [v, u] = [at(base, y + 1, x) - at(base, y - 1, x), at(base, y, x + 1) - at(base, y, x - 1)];
          if (u * u + v * v > down * down + across * across) [down, across] = [v, u];
        }
        strengths[y * wide + x] = Math.hypot(down, across);
        // Light on dark and dark on light are alike: directions from 0 to a half turn.
        const angle = Math.atan2(down, across);
        angles[y * wide + x] = angle < 0 ? angle + Math.PI : angle;
      }
    }
    layGrid(strengths, angles, wide, rows.subarray(i * width, (i + 1) * width));
  }
  return rows;
}

/** Sums up strengths by cell and direction; the grid spans two deviations from the middle of all outlines. */
function layGrid(strengths: Float64Array, angles: Float64Array, wide: number, row: Float64Array): void {
  let [sum, middleY, middleX] = [1e-9, 0, 0];
  for (let i = 0; i < strengths.length; i++) {
    sum += strengths[i];
    middleY += strengths[i] * Math.floor(i / wide);
    middleX += strengths[i] * (i % wide);
  }
  middleY /= sum;
  middleX /= sum;
  let spread = 0;
  for (let i = 0; i < strengths.length; i++)
    spread += strengths[i] * ((Math.floor(i / wide) - middleY) ** 2 + ((i % wide) - middleX) ** 2);
  const reach = 2 * Math.sqrt(spread / sum / 2) + 1e-9;
  for (let i = 0; i < strengths.length; i++) {
    if (strengths[i] === 0) continue;
    const cellOf = (offset: number): number => Math.floor(((offset / reach + 1) / 2) * cells);
    const [cy, cx] = [cellOf(Math.floor(i / wide) - middleY), cellOf((i % wide) - middleX)];
    if (cy < 0 || cx < 0 || cy >= cells || cx >= cells) continue;
    const turn = (angles[i] / Math.PI) * directions;
    const low = Math.floor(turn) % directions;
    const share = turn - Math.floor(turn);
    row[(cy * cells + cx) * directions + low] += strengths[i] * (1 - share);
    row[(cy * cells + cx) * directions + ((low + 1) % directions)] += strengths[i] * share;
  }
  const length = Math.sqrt(row.reduce((total, n) => total + n * n, 1e-12));
  for (let j = 0; j < row.length - 1; j++) row[j] = Math.sqrt(row[j] / length);
  row[row.length - 1] = 1;
}
