// The definitions against numbers worked out by hand (the claims of the textbooks on convolution, pooling and transposed convolution).
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromNested, type NdArray, type Nested, ndarray } from "../base/array.ts";
import { constant, multiply, operand, unary } from "./expression.ts";
import { contractShape, interpret } from "./interpret.ts";
import type { ConvolutionGeometry, Kernel, WindowKernel } from "./kernel.ts";

const numbers = (array: NdArray): number[] => Array.from(array.data);
const counting = (shape: readonly number[], from = 0): NdArray =>
  ndarray(
    shape,
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + from),
  );
const run = (kernel: Kernel, ...inputs: NdArray[]): number[] => numbers(interpret(kernel, inputs)[0]);

/** A plane under one 2-D kernel; sizes of the output follow from the rest. */
function geometry(size: number[], kernel: number[], change: Partial<ConvolutionGeometry> = {}): ConvolutionGeometry {
  const padBefore = change.padBefore ?? size.map(() => 0);
  const stride = change.stride ?? size.map(() => 1);
  const output = size.map((n, i) => Math.floor((n + 2 * padBefore[i] - kernel[i]) / stride[i]) + 1);
  const dilation = size.map(() => 1);
  const base = { batch: 1, groups: 1, inChannels: 1, outChannels: 1, input: size, kernel, output };
  return { ...base, stride, dilation, padBefore, ...change };
}
const convolution = (role: "forward" | "inputGradient" | "filterGradient", g: ConvolutionGeometry): Kernel => ({
  kind: "contract",
  form: { kind: "convolution", role, geometry: g },
});
const square = fromNested([
  [0, 1],
  [2, 3],
]);

test("convolution: no padding, padding 1, stride (3, 2)", () => {
  const image = counting([3, 3]);
  assert.deepEqual(run(convolution("forward", geometry([3, 3], [2, 2])), image, square), [19, 25, 37, 43]);
  assert.deepEqual(
    run(convolution("forward", geometry([3, 3], [2, 2], { padBefore: [1, 1] })), image, square),
    [0, 3, 8, 4, 9, 19, 25, 10, 21, 37, 43, 16, 6, 7, 8, 0],
  );
  assert.deepEqual(
    run(convolution("forward", geometry([3, 3], [2, 2], { padBefore: [1, 1], stride: [3, 2] })), image, square),
    [0, 8, 6, 8],
  );
});

test("convolution over channels sums maps, and equals a 3-D one as deep as the input", () => {
  const image = ndarray([2, 3, 3], [...counting([9]).data, ...counting([9], 1).data]);
  const weight = ndarray([2, 2, 2], [0, 1, 2, 3, 1, 2, 3, 4]);
  const flipped = ndarray([2, 2, 2], [1, 2, 3, 4, 0, 1, 2, 3]);
  const sum = [56, 72, 104, 120];
  assert.deepEqual(run(convolution("forward", geometry([3, 3], [2, 2], { inChannels: 2 })), image, weight), sum);
  const deep = convolution("forward", geometry([2, 3, 3], [2, 2, 2]));
  assert.deepEqual(run(deep, image, weight), sum);
  assert.deepEqual(run(deep, image, flipped), [52, 68, 100, 116]);
});

test("input gradient is the transposed convolution: stride 1, stride 2, padding 1", () => {
  const transposed = (size: number, change: Partial<ConvolutionGeometry>): number[] =>
    run(convolution("inputGradient", geometry([size, size], [2, 2], change)), square, square);
  assert.deepEqual(transposed(3, {}), [0, 0, 1, 0, 4, 6, 4, 12, 9]);
  assert.deepEqual(transposed(4, { stride: [2, 2] }), [0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9]);
  assert.deepEqual(transposed(1, { padBefore: [1, 1], output: [2, 2] }), [4]);
});

test("the three roles of a grouped, dilated, strided convolution are adjoint", () => {
  const g = geometry([7, 6], [3, 2], {
    batch: 2,
    groups: 2,
    inChannels: 4,
    outChannels: 6,
    stride: [2, 1],
    dilation: [1, 2],
    padBefore: [1, 2],
    output: [4, 6],
  });
  const wave = (shape: number[], rate: number): NdArray => {
    const flat = counting(shape);
    return ndarray(
      shape,
      Float64Array.from(flat.data, (i) => Math.sin(rate * i + 1)),
    );
  };
  const x = wave([2, 4, 7, 6], 0.7);
  const w = wave([6, 2, 3, 2], 1.3);
  const y = wave([2, 6, 4, 6], 2.1);
  const dot = (a: NdArray, b: number[]): number => b.reduce((sum, value, i) => sum + value * a.data[i], 0);
  const forward = dot(y, run(convolution("forward", g), x, w));
  assert.ok(Math.abs(forward) > 0.1);
  assert.ok(Math.abs(forward - dot(x, run(convolution("inputGradient", g), y, w))) < 1e-10);
  assert.ok(Math.abs(forward - dot(w, run(convolution("filterGradient", g), x, y))) < 1e-10);
});

test("matmul with a transposed factor, a broadcast batch and an epilogue", () => {
  const kernel: Kernel = {
    kind: "contract",
    form: {
      kind: "matmul",
      batch: [2],
      m: 1,
      n: 2,
      k: 3,
      a: { batchStrides: [3], row: 3, column: 1 },
      b: { batchStrides: [0], row: 1, column: 3 },
    },
    epilogue: {
      shape: [2, 1, 2],
      operands: [{ strides: [0, 0, 1], offset: 0 }],
      expression: multiply(operand(0), operand(1)),
    },
  };
  assert.deepEqual(contractShape(kernel.form), [2, 1, 2]);
  const scale = ndarray([2], [1, 10]);
  assert.deepEqual(run(kernel, counting([2, 1, 3]), counting([2, 3]), scale), [5, 140, 14, 500]);
});

const pool = (change: Partial<WindowKernel>): WindowKernel => ({
  kind: "window",
  combine: "maximum",
  role: "forward",
  withIndices: false,
  countIncludePad: true,
  planes: 1,
  input: [4, 4],
  output: [2, 2],
  window: [3, 3],
  stride: [2, 2],
  dilation: [1, 1],
  padBefore: [1, 1],
  padAfter: [1, 1],
  ...change,
});

test("pooling: maximum, average with and without the padding, and their gradients", () => {
  const image = counting([4, 4]);
  const whole = pool({ output: [1, 1], stride: [3, 3], padBefore: [0, 0], padAfter: [0, 0] });
  assert.deepEqual(run(whole, image), [10]);
  const [values, places] = interpret(pool({ withIndices: true }), [image]);
  assert.deepEqual(numbers(values), [5, 7, 13, 15]);
  assert.deepEqual(numbers(places), [5, 7, 13, 15]);
  const gradient = run(pool({ role: "gradient" }), ndarray([2, 2], [1, 2, 3, 4]), ndarray([2, 2], [5, 7, 5, 15]));
  assert.deepEqual(gradient, [0, 0, 0, 0, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4]);
  const rounded = (values: number[]): number[] => values.map((v) => Math.round(v * 1e4) / 1e4);
  assert.deepEqual(rounded(run(pool({ combine: "average" }), image)), [1.1111, 2.6667, 5.6667, 10]);
  assert.deepEqual(run(pool({ combine: "average", countIncludePad: false }), image), [2.5, 4, 8.5, 10]);
  const spread = run(
    pool({ combine: "average", role: "gradient", countIncludePad: false }),
    ndarray([2, 2], [4, 6, 6, 9]),
  );
  assert.deepEqual(spread, [1, 2, 1, 1, 2, 4, 2, 2, 1, 2, 1, 1, 1, 2, 1, 1]);
});

test("a NaN wins a maximum pool, and padding never does", () => {
  const image = ndarray([2, 2], [-3, NaN, -1, -2]);
  const [value, place] = interpret(
    pool({ withIndices: true, input: [2, 2], output: [1, 1], padBefore: [1, 1], padAfter: [0, 0] }),
    [image],
  );
  assert.ok(Number.isNaN(value.data[0]));
  assert.equal(place.data[0], 1);
});

test("map broadcasts, and knows its place", () => {
  const kernel: Kernel = {
    kind: "map",
    shape: [2, 3],
    operands: [{ strides: [0, 1], offset: 1 }],
    outputs: [unary("negate", operand(0)), { kind: "axisIndex", axis: 0 }],
  };
  const [negated, rows] = interpret(kernel, [ndarray([4], [9, 1, 2, 3])]);
  assert.deepEqual(numbers(negated), [-1, -2, -3, -1, -2, -3]);
  assert.deepEqual(numbers(rows), [0, 0, 0, 1, 1, 1]);
});

test("reduce: sums with a finish, and the first of equal maxima", () => {
  const kernel: Kernel = {
    kind: "reduce",
    shape: [2, 3],
    axes: [1],
    operands: [{ strides: [3, 1], offset: 0 }],
    accumulators: [
      { combine: "sum", value: multiply(operand(0), operand(0)) },
      { combine: "argMaximum", value: operand(0) },
      { combine: "minimum", value: operand(0) },
    ],
    finishOperands: [{ strides: [1], offset: 0 }],
    outputs: [multiply(operand(0), operand(3)), operand(1), multiply(operand(2), constant(2))],
  };
  const results = interpret(kernel, [ndarray([2, 3], [1, 2, 2, 5, 4, 3]), ndarray([2], [10, 100])]);
  assert.deepEqual(results.map(numbers), [
    [90, 5000],
    [1, 0],
    [2, 6],
  ]);
});

test("copy: fill, flip, and add where cells meet", () => {
  const kernel: Kernel = {
    kind: "copy",
    shape: [4],
    fill: 7,
    pieces: [
      {
        operand: 0,
        shape: [3],
        accumulate: false,
        from: { strides: [-1], offset: 2 },
        to: { strides: [1], offset: 0 },
      },
      {
        operand: 0,
        shape: [2],
        accumulate: true,
        from: { strides: [1], offset: 0 },
        to: { strides: [0], offset: 1 },
      },
    ],
  };
  assert.deepEqual(run(kernel, ndarray([3], [1, 2, 3])), [3, 5, 1, 7]);
});

test("index: table, gather with negative indices, and its adjoint", () => {
  const shape = { kind: "index", outer: 1, inner: 2, size: 3, count: 2 } as const;
  const rows: Nested = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  const table: Kernel = {
    ...shape,
    form: "table",
    start: Int32Array.of(0, 2, 3),
    source: Int32Array.of(0, 2, 1),
    weight: Float64Array.of(0.5, 0.5, 2),
  };
  assert.deepEqual(run(table, fromNested(rows)), [3, 4, 6, 8]);
  const indices = ndarray([2], [-1, 0], "int32");
  assert.deepEqual(run({ ...shape, form: "gather" }, fromNested(rows), indices), [5, 6, 1, 2]);
  const gradient = ndarray([2, 2], [1, 2, 3, 4]);
  assert.deepEqual(run({ ...shape, form: "scatterAdd" }, gradient, indices), [3, 4, 0, 0, 1, 2]);
});
