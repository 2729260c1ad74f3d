import assert from "node:assert/strict";
import { test } from "node:test";
import type { NdArray } from "../../../base/array.ts";
import type { DType } from "../../../base/dtype.ts";
import { Random } from "../../../base/random.ts";
import { stridesOf } from "../../../base/shape.ts";
import type { CopyKernel } from "../../../kernel/kernel.ts";
import { integers, normals, runKernel, withEngines } from "../run/testing.ts";

function copy(shape: number[], pieces: CopyKernel["pieces"], fill?: number): CopyKernel {
  return { kind: "copy", shape, pieces, ...(fill === undefined ? {} : { fill }) };
}

const random = new Random(21);
const piece = (
  operand: number,
  shape: number[],
  from: [number[], number],
  to: [number[], number],
  accumulate = false,
): CopyKernel["pieces"][number] => ({
  operand,
  shape,
  from: { strides: from[0], offset: from[1] },
  to: { strides: to[0], offset: to[1] },
  accumulate,
});

const cases: { name: string; kernel: CopyKernel; inputs: NdArray[]; types?: DType[] }[] = [
  {
    name: "pad",
    kernel: copy([2, 7, 9], [piece(0, [2, 5, 6], [[30, 6, 1], 0], [[63, 9, 1], 10])], -2),
    inputs: [normals(random, [2, 5, 6])],
  },
  {
    name: "concatenation along channels",
    kernel: copy(
      [3, 5, 40],
      [
        piece(0, [3, 2, 40], [[80, 40, 1], 0], [[200, 40, 1], 0]),
        piece(1, [3, 3, 40], [[120, 40, 1], 0], [[200, 40, 1], 80]),
      ],
    ),
    inputs: [normals(random, [3, 2, 40]), normals(random, [3, 3, 40])],
  },
  {
    name: "transpose of a large array, over two threads",
    kernel: copy([300, 200], [piece(0, [300, 200], [[1, 300], 0], [[200, 1], 0])]),
    inputs: [normals(random, [200, 300])],
  },
  {
    name: "flip and broadcast",
    kernel: copy([4, 6], [piece(0, [4, 6], [[0, -1], 5], [[6, 1], 0])]),
    inputs: [normals(random, [6])],
  },
  {
    name: "every second place, then others added on top",
    kernel: copy(
      [4, 6],
      [
        piece(0, [2, 3], [[3, 1], 0], [[12, 2], 0]),
        piece(0, [2, 3], [[3, 1], 0], [[12, 2], 0], true),
        piece(0, [2, 3], [[3, 1], 0], [[6, 1], 1], true),
      ],
      0,
    ),
    inputs: [normals(random, [2, 3])],
  },
  {
    name: "integers",
    kernel: copy([10], [piece(0, [4], [[2], 0], [[1], 3])], -1),
    inputs: [integers(random, [8], 2 ** 23)],
    types: ["int32"],
  },
  {
    name: "booleans added",
    kernel: copy([3], [piece(0, [3, 2], [[2, 1], 0], [[1, 0], 0], true)], 0),
    inputs: [integers(random, [3, 2], 2, "uint8")],
    types: ["uint8"],
  },
  {
    name: "float64",
    kernel: copy([2, 3], [piece(0, [2, 3], [[1, 2], 0], [[3, 1], 0])]),
    inputs: [{ shape: [3, 2], dtype: "float64", data: Float64Array.from([1e300, 1 / 3, 2, 3, 4, 5]) }],
    types: ["float64"],
  },
  { name: "a scalar", kernel: copy([], [piece(0, [], [[], 0], [[], 0])]), inputs: [normals(random, [])] },
  {
    name: "nothing at all",
    kernel: copy([0, 3], [piece(0, [0, 3], [stridesOf([0, 3]), 0], [[3, 1], 0])]),
    inputs: [normals(random, [0, 3])],
  },
];

for (const { name, kernel, inputs, types } of cases) {
  test(`copy: ${name}`, async () => {
    await withEngines(async (engine) => {
      const { actual, expected } = await runKernel(engine, kernel, inputs, types ?? []);
      assert.deepEqual([...actual[0].data], [...expected[0].data].map(types ? Number : Math.fround));
      return actual;
    });
  });
}
