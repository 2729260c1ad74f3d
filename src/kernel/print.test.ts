import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, maximum, multiply, operand } from "./expression.ts";
import type { Kernel } from "./kernel.ts";
import type { Plan } from "./plan.ts";
import { formatKernel, kernelDetails, printPlan, printSteps } from "./print.ts";

const flat = { strides: [1], offset: 0 };

const kernels: readonly (readonly [Kernel, string, readonly string[]])[] = [
  [
    { kind: "map", shape: [6], operands: [flat], outputs: [maximum(operand(0), constant(0))] },
    "map [6]",
    ["out0 = maximum(x0, 0)", "x0 at strides [1]"],
  ],
  [
    {
      kind: "reduce",
      shape: [2, 3],
      axes: [1],
      operands: [{ strides: [3, 1], offset: 2 }],
      accumulators: [{ combine: "sum", value: multiply(operand(0), operand(0)) }],
      finishOperands: [],
      outputs: [operand(0)],
    },
    "reduce sum of [2, 3] over axis 1",
    ["acc0 = sum multiply(x0, x0)", "out0 = x0   (x0 … are the accumulators)", "x0 at 2 + strides [3, 1]"],
  ],
  [
    {
      kind: "contract",
      form: {
        kind: "convolution",
        role: "inputGradient",
        geometry: {
          batch: 2,
          groups: 2,
          inChannels: 4,
          outChannels: 6,
          input: [8, 8],
          kernel: [3, 3],
          output: [4, 4],
          stride: [2, 2],
          dilation: [1, 1],
          padBefore: [1, 1],
        },
      },
      epilogue: { shape: [2, 4, 8, 8], operands: [], expression: maximum(operand(0), constant(0)) },
    },
    "contract convolution inputGradient, 2 x 4 x 8x8 → 6 x 4x4, kernel 3x3, stride 2x2, padding 1x1, groups 2",
    ["then out = maximum(x0, 0)   (x0 is the sum)"],
  ],
  [
    {
      kind: "contract",
      form: {
        kind: "matmul",
        batch: [],
        m: 2,
        n: 3,
        k: 4,
        a: { batchStrides: [], row: 4, column: 1 },
        b: { batchStrides: [], row: 3, column: 1 },
      },
    },
    "contract matmul [2, 4] · [4, 3]",
    [],
  ],
  [
    {
      kind: "window",
      combine: "maximum",
      role: "forward",
      withIndices: false,
      countIncludePad: false,
      planes: 3,
      input: [5],
      output: [3],
      window: [3],
      stride: [2],
      dilation: [1],
      padBefore: [1],
      padAfter: [1],
    },
    "window maximum forward, 3 planes 5 → 3, window 3, stride 2, padding 1 before, 1 after",
    [],
  ],
  [
    {
      kind: "copy",
      shape: [4],
      fill: 0,
      pieces: [{ operand: 0, shape: [2], from: flat, to: { strides: [1], offset: 1 }, accumulate: false }],
    },
    "copy into [4] filled with 0, 1 piece",
    ["[2] x0 at strides [1] to out at 1 + strides [1]"],
  ],
  [
    { kind: "index", form: "gather", outer: 1, inner: 3, size: 5, count: 2 },
    "index gather, 1 x 3 lines, 5 and 2 long",
    [],
  ],
];

test("every loop says in a line what it is, and its formulas below", () => {
  for (const [kernel, line, details] of kernels) {
    assert.equal(formatKernel(kernel), line);
    assert.deepEqual(kernelDetails(kernel), details);
  }
});

test("a plan prints its slots with their places, then its steps", () => {
  const slot = { shape: [6], dtype: "float32", output: false } as const;
  const plan: Plan = {
    slots: [
      { ...slot, id: 0, role: "input", name: "x", offset: 0 },
      { ...slot, id: 1, role: "temporary", name: "relu", offset: 64, output: true },
      { ...slot, id: 2, role: "temporary", name: "unused", offset: -1 },
    ],
    steps: [{ kernel: kernels[0][0], inputs: [0], outputs: [1], label: "act · relu" }],
    arenaBytes: 128,
  };
  assert.equal(
    printPlan(plan),
    [
      "arena 128 bytes",
      "",
      "s0  input       0…24  float32  [6]  x",
      "s1  temporary  64…88  float32  [6]  relu   (read after the run)",
      "",
      "0  map [6]  (s0) → s1   # act · relu",
    ].join("\n"),
  );
  assert.equal(
    printSteps(plan.steps, true),
    ["0  map [6]  (s0) → s1   # act · relu", "     out0 = maximum(x0, 0)", "     x0 at strides [1]"].join("\n"),
  );
});
