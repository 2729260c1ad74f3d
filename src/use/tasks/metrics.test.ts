// SSIM and the scores of classes of pixels against their definitions, written out here in other ways, and in closed forms.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import { segmentation } from "./segmentation.ts";
import { ssim } from "./ssim.ts";

const near = (found: number, wanted: number, what = "") =>
  assert.ok(Math.abs(found - wanted) < 1e-10, `${what} ${found}, not ${wanted}`);
const [c1, c2] = [0.01 ** 2, 0.03 ** 2];

test("SSIM of flat pictures is that of their means, of equal ones 1, of a negative below 0", () => {
  const flat = (value: number) => new Float64Array(300).fill(value);
  for (const [a, b] of [
    [0.2, 0.8],
    [0, 1],
    [0.5, 0.5],
  ])
    near(ssim(flat(a), flat(b), [1, 20, 15]), (2 * a * b + c1) / (a * a + b * b + c1));
  const noise = Float64Array.from({ length: 300 }, (_, i) => ((i * 7919) % 97) / 96);
  near(ssim(noise, noise, [1, 15, 20]), 1);
  assert.ok(
    ssim(
      noise,
      noise.map((pixel) => 1 - pixel),
      [1, 15, 20],
    ) < -0.5,
  );
});

test("SSIM is the mean over all windows of 11x11 and all channels of what Wang et al. define, with weights of a Gaussian", () => {
  const random = new Random(4, "ssim");
  for (const [channels, height, width, side] of [
    [1, 11, 11, 11],
    [2, 16, 13, 11],
    [3, 8, 9, 7],
    [1, 5, 30, 5],
  ]) {
    const draw = () => Float64Array.from({ length: channels * height * width }, () => random.uniform());
    const [a, b] = [draw(), draw()];
    const middle = (side - 1) / 2;
    const bell = Array.from({ length: side * side }, (_, i) =>
      Math.exp(-((Math.floor(i / side) - middle) ** 2 + ((i % side) - middle) ** 2) / (2 * 1.5 ** 2)),
    );
    const all = bell.reduce((sum, weight) => sum + weight, 0);
    const weights = bell.map((weight) => weight / all);
    const values: number[] = [];
    for (let c = 0; c < channels; c++)
      for (let top = 0; top + side <= height; top++)
        for (let left = 0; left + side <= width; left++) {
          const window = (pixels: Float64Array): number[] =>
            weights.map((_, i) => pixels[(c * height + top + Math.floor(i / side)) * width + left + (i % side)]);
          const mean = (of: readonly number[]): number => of.reduce((sum, value, i) => sum + weights[i] * value, 0);
          const [x, y] = [window(a), window(b)];
          const [mx, my] = [mean(x), mean(y)];
          const vx = mean(x.map((value) => (value - mx) ** 2));
          const vy = mean(y.map((value) => (value - my) ** 2));
          const both = mean(x.map((value, i) => (value - mx) * (y[i] - my)));
          values.push(((2 * mx * my + c1) * (2 * both + c2)) / ((mx ** 2 + my ** 2 + c1) * (vx + vy + c2)));
        }
    near(
      ssim(a, b, [channels, height, width]),
      values.reduce((sum, value) => sum + value, 0) / values.length,
      `${channels}x${height}x${width}`,
    );
  }
});

test("IoU, recall and precision of each class are those of sets of pixels; unknown pixels count for nothing", () => {
  const random = new Random(9, "areas");
  const [count, classes, height, width] = [5, 4, 6, 7];
  const plane = height * width;
  // The last class is neither shown nor claimed.
  const masks = Uint8Array.from({ length: count * plane }, () => (random.uniform() < 0.1 ? 255 : random.below(3)));
  const logits = Float64Array.from({ length: count * classes * plane }, (_, i) =>
    Math.floor(i / plane) % classes === 3 ? -9 : random.normal(),
  );
  const set = {
    ...{ name: "made", images: ndarray([count, 1, height, width], new Float32Array(count * plane)) },
    labels: { kind: "masks", values: ndarray([count, height, width], masks, "uint8") } as const,
    classes: ["a", "b", "c", "d"],
  };
  const judge = segmentation.judge(set, { classes: set.classes }, [classes, height, width]);
  const [shown, claimed] = [set.classes.map(() => new Set<number>()), set.classes.map(() => new Set<number>())];
  let [loss, known] = [0, 0];
  for (let i = 0; i < count; i++) {
    const own = logits.subarray(i * classes * plane, (i + 1) * classes * plane);
    judge.add(i, own);
    for (let at = 0; at < plane; at++) {
      const label = masks[i * plane + at];
      if (label === 255) continue;
      const row = set.classes.map((_, c) => own[c * plane + at]);
      shown[label].add(i * plane + at);
      claimed[row.indexOf(Math.max(...row))].add(i * plane + at);
      loss += Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label];
      known++;
    }
  }
  const found = judge.result();
  near(found.loss, loss / known, "loss");
  const overlaps = set.classes.map((_, c) => {
    const both = [...shown[c]].filter((at) => claimed[c].has(at)).length;
    const either = new Set([...shown[c], ...claimed[c]]).size;
    if (either === 0) {
      assert.deepEqual(found.perClass[c], { name: "d", pixels: 0, recall: 0, precision: 0 });
      return undefined;
    }
    near(found.perClass[c].iou!, both / either);
    near(found.perClass[c].recall, both / shown[c].size);
    near(found.perClass[c].precision, both / claimed[c].size);
    return both / either;
  });
  const told = overlaps.filter((value) => value !== undefined);
  assert.equal(told.length, 3);
  near(found.meanIoU, told.reduce((a, b) => a + b) / 3);
});
