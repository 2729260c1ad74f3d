import assert from "node:assert/strict";
import { test } from "node:test";
import type { NdArray } from "../../../base/array.ts";
import { ndarray } from "../../../base/array.ts";
import { Random } from "../../../base/random.ts";
import { sizeOf } from "../../../base/shape.ts";
import { interpret } from "../../../kernel/interpret.ts";
import type { WindowKernel } from "../../../kernel/kernel.ts";
import { largestDifference, normals, runKernel, withEngines } from "../run/testing.ts";

interface Case {
  readonly planes: number;
  readonly input: number[];
  readonly window: number[];
  readonly stride: number[];
  readonly dilation?: number[];
  readonly padBefore?: number[];
  readonly padAfter?: number[];
}

function kernelOf(given: Case, combine: WindowKernel["combine"], countIncludePad: boolean): WindowKernel {
  const none = given.input.map(() => 0);
  const dilation = given.dilation ?? given.input.map(() => 1);
  const { padBefore = none, padAfter = padBefore } = given;
  const output = given.input.map((size, i) => {
    const covered = (given.window[i] - 1) * dilation[i] + 1;
    return Math.floor((size + padBefore[i] + padAfter[i] - covered) / given.stride[i]) + 1;
  });
  const { planes, input, window, stride } = given;
  const forward = { kind: "window", role: "forward", combine, countIncludePad } as const;
  return {
    ...forward,
    withIndices: combine === "maximum",
    planes,
    input,
    output,
    window,
    stride,
    dilation,
    padBefore,
    padAfter,
  };
}

const cases: Case[] = [
  { planes: 6, input: [8, 8], window: [2, 2], stride: [2, 2] },
  { planes: 3, input: [9, 11], window: [3, 3], stride: [2, 2], padBefore: [1, 1] },
  { planes: 2, input: [12, 13], window: [3, 3], stride: [1, 1], padBefore: [1, 1] },
  { planes: 2, input: [7, 9], window: [2, 3], stride: [1, 3], padBefore: [0, 1], padAfter: [1, 2] },
  { planes: 2, input: [10, 17], window: [3, 2], stride: [2, 1], dilation: [2, 3], padBefore: [2, 1] },
  { planes: 5, input: [7, 7], window: [7, 7], stride: [1, 1] },
  { planes: 3, input: [19], window: [3], stride: [2], padBefore: [1] },
  { planes: 2, input: [5, 6, 7], window: [2, 3, 3], stride: [2, 2, 1], padBefore: [0, 1, 1] },
  { planes: 2, input: [4, 40], window: [2, 20], stride: [2, 4] },
  { planes: 2, input: [3, 3], window: [2, 2], stride: [2, 2], padBefore: [0, 0], padAfter: [2, 2] },
  { planes: 3, input: [13, 23], window: [3, 3], stride: [2, 2] },
  { planes: 3, input: [7, 9], window: [3, 3], stride: [1, 1] },
  { planes: 2, input: [9, 19], window: [2, 2], stride: [2, 2] },
  { planes: 2, input: [12, 14], window: [2, 2], stride: [2, 2], padBefore: [1, 1] },
  { planes: 2, input: [10, 30], window: [3, 3], stride: [3, 3] },
  { planes: 2, input: [9, 26], window: [4, 4], stride: [4, 4] },
  { planes: 2, input: [11, 21], window: [5, 5], stride: [1, 1], padBefore: [2, 2] },
  { planes: 2, input: [6, 6, 12], window: [3, 3, 3], stride: [2, 2, 2], padBefore: [1, 1, 1] },
  { planes: 2, input: [4, 4], window: [3, 3], stride: [2, 2] },
  { planes: 40, input: [56, 56], window: [3, 3], stride: [2, 2], padBefore: [1, 1] },
];

for (const given of cases) {
  test(`pooling ${given.planes} x ${given.input} by ${given.window}, stride ${given.stride}`, async () => {
    const random = new Random(31);
    const x = normals(random, [given.planes, ...given.input]);
    for (let i = 0; i < x.data.length; i += 5) x.data[i] = Math.round(x.data[i]); // ties
    x.data[3] = Number.NaN;
    for (let i = 8; i < 24; i++) x.data[i] = Number.NEGATIVE_INFINITY;
    const finite = ndarray(
      x.shape,
      (x.data as Float32Array).map((value) => (Number.isFinite(value) ? value : 1)),
    );
    const maximum = kernelOf(given, "maximum", false);
    const dy = normals(random, [given.planes, ...maximum.output]);
    const indices = { ...interpret(maximum, [x])[1], dtype: "int32" as const };
    await withEngines(async (engine) => {
      const results: NdArray[] = [];
      const check = async (kernel: WindowKernel, inputs: NdArray[]): Promise<void> => {
        const { actual, expected } = await runKernel(engine, kernel, inputs, ["float32", "int32"]);
        const scale = sizeOf(given.window);
        actual.forEach((result, i) => {
          assert.ok(largestDifference(result, expected[i]) < 3e-7 * scale, `${kernel.combine} ${kernel.role} ${i}`);
        });
        results.push(...actual);
      };
      await check(maximum, [x]);
      await check({ ...maximum, withIndices: false }, [x]);
      await check({ ...maximum, role: "gradient" }, [dy, indices]);
      for (const countIncludePad of [true, false]) {
        const average = kernelOf(given, "average", countIncludePad);
        await check(average, [finite]);
        await check({ ...average, role: "gradient" }, [dy]);
      }
      return results;
    });
  });
}

test("a NaN at any of the nine places of a window is the maximum, whatever its sign bit", async () => {
  const kernel = {
    ...kernelOf({ planes: 9, input: [3, 13], window: [3, 3], stride: [2, 2] }, "maximum", false),
    withIndices: false,
  };
  for (const pattern of [0x7fc00000, 0xffc00000]) {
    const x = normals(new Random(5), [9, 3, 13]);
    const bits = new Int32Array(x.data.buffer, (x.data as Float32Array).byteOffset, x.data.length);
    // The window of output 1 begins at column 2.
    for (let place = 0; place < 9; place++) bits[place * 39 + Math.floor(place / 3) * 13 + 2 + (place % 3)] = pattern;
    await withEngines(async (engine) => {
      const { actual, expected } = await runKernel(engine, kernel, [x], ["float32"]);
      for (let plane = 0; plane < 9; plane++) assert.ok(Number.isNaN(actual[0].data[plane * 6 + 1]), `place ${plane}`);
      assert.equal(largestDifference(actual[0], expected[0]), 0);
      return actual;
    });
  }
});
