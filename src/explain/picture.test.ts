import assert from "node:assert/strict";
import { test } from "node:test";
import { filled, ndarray } from "../base/array.ts";
import { type Colour, colourOf, diverging, heat } from "./colours.ts";
import { drawMap, drawOverlay, drawPhoto, drawTiles, enlarge, legible, scaleOf } from "./picture.ts";

/** OKLab of a screen's colour. */
function lab(colour: Colour): number[] {
  const [r, g, b] = colour.map((value) => {
    const s = value / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

test("colours are evenly spaced, and lightness tells the order", () => {
  for (const table of [heat, diverging.slice(128), diverging.slice(0, 128).reverse()]) {
    const points = table.map(lab);
    const stride = 16;
    const steps: number[] = [];
    for (let i = stride; i < points.length; i += stride) {
      steps.push(Math.hypot(...points[i].map((value, k) => value - points[i - stride][k])));
      const rise = points[i][0] - points[i - stride][0];
      assert.ok(table === heat ? rise > 0.01 : rise < -0.01, `step ${i} changes lightness by ${rise}`);
    }
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    for (const step of steps) assert.ok(Math.abs(step / mean - 1) < 0.12, `${step} beside ${mean}`);
  }
  assert.equal(heat.length, 256);
  assert.equal(diverging.length, 256);
});

test("the ends and the middle", () => {
  assert.deepEqual(colourOf(0, false), heat[0]);
  assert.deepEqual(colourOf(7, false), heat[255]);
  assert.ok(colourOf(0, true).every((value) => value > 240));
  const [red, , blue] = colourOf(1, true);
  assert.ok(red > blue + 50);
  assert.throws(() => colourOf(Number.NaN, true), /NaN/);
});

test("a map in colours, and over its picture", () => {
  const map = ndarray([2, 2], [0, 1, 2, 4]);
  const drawn = drawMap(map, false);
  assert.deepEqual(drawn.shape, [3, 2, 2]);
  assert.deepEqual(
    [0, 1, 2].map((c) => drawn.data[4 * c + 3]),
    [...heat[255]],
  );
  const photo = ndarray([1, 2, 2], [1, 0, 0, 0]);
  const over = drawOverlay(photo, map, false);
  assert.deepEqual([over.data[0], over.data[4], over.data[8]], [211, 211, 211]);
  assert.throws(() => drawOverlay(ndarray([1, 3], [0, 0, 0]), map, false), /does not have the size of its map/);
});

test("an empty map is drawn too; one wild pixel of many does not hide the others", () => {
  assert.equal(scaleOf(filled([3, 3])), 1);
  assert.ok(drawMap(filled([3, 3]), true).data.every((value) => value > 240));
  const large = filled([100, 100], 1);
  large.data[7] = 1000;
  assert.equal(scaleOf(large), 1);
});

test("enlarging repeats pixels by a whole factor", () => {
  const two = ndarray([1, 1, 2], [5, 9], "uint8");
  assert.deepEqual([...enlarge(two, 2).data], [5, 5, 9, 9, 5, 5, 9, 9]);
  assert.deepEqual(legible(drawMap(filled([8, 8]), false)).shape, [3, 256, 256]);
  assert.deepEqual(legible(filled([3, 224, 300], 0, "uint8")).shape, [3, 448, 600]);
});

test("tiles lie side by side with a gap; gray pictures get three channels", () => {
  const array = filled([5, 1, 4, 4], 1);
  const sheet = drawTiles({ kind: "tiles", array, signed: false });
  assert.equal(sheet.shape[0], 3);
  assert.ok(sheet.shape[1] < sheet.shape[2] && sheet.shape[2] <= 640);
  assert.deepEqual(drawPhoto(ndarray([1, 1, 2], [0, 1])).data, Uint8Array.of(0, 255, 0, 255, 0, 255));
  const coloured = drawTiles({ kind: "tiles", array: filled([2, 3, 4, 4], 0), signed: true });
  assert.equal(coloured.data[coloured.shape[1] * 10 + 10], 128);
});
