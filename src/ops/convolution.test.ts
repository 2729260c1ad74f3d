// Convolution as the textbook has it: small examples that can be done by hand, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers } from "../../test/check-op.ts";
import { outputShapes } from "../../test/output_shapes.ts";
import { fromNested, type NdArray, type Nested, ndarray, toNested } from "../base/array.ts";
import { ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { gradients } from "../compile/grad.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { runOnce } from "../run/session.ts";
import { relu } from "./activations.ts";
import { convolutionOp } from "./cards/convolution.ts";
import { type ConvolveOptions, conv, conv2d, convTranspose2d } from "./convolution.ts";
import { flip, permute } from "./copy.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";

async function run(build: (inputs: Tensor[]) => Tensor, ...arrays: NdArray[]): Promise<NdArray> {
  const inputs = arrays.map(({ shape }, i) => input(`x${i}`, shape));
  const feeds = Object.fromEntries(arrays.map((array, i) => [`x${i}`, array]));
  const { y } = await runOnce({ y: build(inputs) }, feeds, referenceEngine());
  return y;
}

/** The only map of an answer [1, 1, H, W]. */
const mapOf = (array: NdArray): Nested => ((toNested(array) as Nested[])[0] as Nested[])[0];

const counting = (shape: Shape, from = 0): NdArray =>
  ndarray(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => i + from),
  );

const ones = (shape: Shape): NdArray => ndarray(shape, new Array<number>(sizeOf(shape)).fill(1));
const X = counting([1, 1, 3, 3]);
const K = counting([1, 1, 2, 2]);

test("an identity kernel changes nothing; a 1 at b = +1 moves the content left by one", async () => {
  const identity = ndarray([1, 1, 3, 3], [0, 0, 0, 0, 1, 0, 0, 0, 0]);
  assert.deepEqual((await run(([x, w]) => conv2d(x, w, { padding: 1 }), X, identity)).data, Float64Array.from(X.data));
  const right = ndarray([1, 1, 3, 3], [0, 0, 0, 0, 0, 1, 0, 0, 0]);
  assert.deepEqual(mapOf(await run(([x, w]) => conv2d(x, w, { padding: 1 }), X, right)), [
    [1, 2, 0],
    [4, 5, 0],
    [7, 8, 0],
  ]);
});

test("in 3 -> 10, 3x3 each unit has 27 inputs of all 3 maps", async () => {
  const x = input("x", [1, 3, 5, 5]);
  const y = conv2d(x, input("w", [10, 3, 3, 3]));
  const [dx] = gradients([y], [x], [input("dy", y.shape)]);
  const dy = ndarray(y.shape, new Array<number>(sizeOf(y.shape)).fill(0));
  dy.data[4] = 1;
  const feeds = { w: ones([10, 3, 3, 3]), dy };
  const answer = await runOnce({ dx }, feeds, referenceEngine());
  assert.equal(Array.from(answer.dx.data).filter((value) => value !== 0).length, 27);
});

test("correlation does not flip, convolution does", async () => {
  assert.deepEqual(mapOf(await run(([x, w]) => conv2d(x, w), X, K)), [
    [19, 25],
    [37, 43],
  ]);
  assert.deepEqual(mapOf(await run(([x, w]) => conv2d(x, flip(w, [2, 3])), X, K)), [
    [5, 11],
    [23, 29],
  ]);
});

test("3x3 then 5x5 is one 7x7, unless a ReLU stands between", async () => {
  const random = new Random(9);
  const arrays = [numbers(random, [1, 2, 12, 12]), numbers(random, [3, 2, 3, 3]), numbers(random, [2, 3, 5, 5])];
  // The kernels composed: w[k, c] = Σ over the maps between of the full convolution of b[k, m] with a[m, c].
  const folded = ([x, a, b]: Tensor[]): Tensor =>
    conv2d(
      x,
      flip(permute(conv2d(permute(flip(a, [2, 3]), [1, 0, 2, 3]), b, { padding: "full" }), [1, 0, 2, 3]), [2, 3]),
    );
  const two = await run(([x, a, b]) => conv2d(conv2d(x, a), b), ...arrays);
  const bent = await run(([x, a, b]) => conv2d(relu(conv2d(x, a)), b), ...arrays);
  const one = await run(folded, ...arrays);
  const distance = (a: NdArray, b: NdArray): number => Math.max(...a.data.map((v, i) => Math.abs(v - b.data[i])));
  assert.ok(distance(two, one) < 1e-12 * 100, `${distance(two, one)}`);
  assert.ok(distance(bent, one) > 0.01);
});

test("output sizes, and impossible ones are errors", () => {
  const out = (n: number, k: number, options: ConvolveOptions): number =>
    conv(input("x", [1, 1, n]), input("w", [1, 1, k]), options).shape[2];
  assert.equal(out(28, 5, { padding: 2 }), 28);
  assert.equal(out(28, 5, { padding: { total: 2 } }), 26);
  assert.equal(out(224, 11, { stride: 4, padding: 1 }), 54);
  assert.equal(out(224, 11, { stride: 4, padding: 2 }), 55);
  assert.equal(out(227, 11, { stride: 4 }), 55);
  for (const [n, k, total, s, expected] of outputShapes) {
    assert.equal(out(n, k, { stride: s, padding: { total } }), expected, `n ${n} k ${k} p ${total} s ${s}`);
  }
  for (let n = 1; n <= 12; n++)
    for (let k = 1; k <= 6; k++)
      for (let s = 1; s <= 4; s++) {
        assert.equal(out(n, k, { stride: s, padding: { total: k - 1 } }), Math.ceil(n / s), `n ${n} k ${k} s ${s}`);
        assert.equal(out(n, k, { stride: s, padding: "same" }), Math.ceil(n / s));
        assert.equal(out(n, k, { stride: s, padding: "same-lower" }), Math.ceil(n / s));
      }
  for (const [n, k, p, s] of [
    [3, 5, 0, 3],
    [4, 5, 0, 2],
    [2, 5, 0, 4],
    [1, 5, 0, 1],
  ]) {
    assert.throws(() => out(n, k, { padding: p, stride: s }), ShapeError);
    assert.throws(() => out(n, k, { padding: p, stride: s }), /along the width the input has/);
  }
});

test("padding 1 per side, and stride (3, 2)", async () => {
  assert.deepEqual(mapOf(await run(([x, w]) => conv2d(x, w, { padding: 1 }), X, K)), [
    [0, 3, 8, 4],
    [9, 19, 25, 10],
    [21, 37, 43, 16],
    [6, 7, 8, 0],
  ]);
  assert.deepEqual(mapOf(await run(([x, w]) => conv2d(x, w, { padding: 1, stride: [3, 2] }), X, K)), [
    [0, 8],
    [6, 8],
  ]);
});

test("an all-ones image under an all-ones 3x3, by padding mode", async () => {
  const seen = async (paddingMode: ConvolveOptions["paddingMode"]): Promise<number[]> => {
    const y = await run(([x, w]) => conv2d(x, w, { padding: 1, paddingMode }), ones([1, 1, 5, 5]), ones([1, 1, 3, 3]));
    return [y.data[0], y.data[2], y.data[12]];
  };
  assert.deepEqual(await seen("zeros"), [4, 6, 9]);
  for (const mode of ["reflect", "replicate", "circular"] as const) assert.deepEqual(await seen(mode), [9, 9, 9]);
});

test("how often each pixel of 5x5 is used by a 3x3", async () => {
  for (const [padding, expected] of [
    ["valid", [1, 3, 9]],
    ["same", [4, 6, 9]],
    ["full", [9, 9, 9]],
  ] as const) {
    const x = input("x", [1, 1, 5, 5]);
    const y = conv2d(x, input("w", [1, 1, 3, 3]), { padding });
    const [dx] = gradients([y], [x], [input("dy", y.shape)]);
    const answer = await runOnce({ dx }, { w: ones([1, 1, 3, 3]), dy: ones(y.shape) }, referenceEngine());
    // Along an edge, the pixel in the middle; valid windows use it as often as three of them fit.
    assert.deepEqual([answer.dx.data[0], answer.dx.data[2], answer.dx.data[12]], expected, padding);
  }
});

const X2 = ndarray([1, 2, 3, 3], [...counting([9]).data, ...counting([9], 1).data]);
const K2 = ndarray([1, 2, 2, 2], [...counting([4]).data, ...counting([4], 1).data]);

test("channels are summed, filters are stacked", async () => {
  assert.deepEqual(mapOf(await run(([x, w]) => conv2d(x, w), X2, K2)), [
    [56, 72],
    [104, 120],
  ]);
  const deep = (w: Tensor, x: Tensor): Tensor => reshape(conv(reshape(x, [1, 1, 2, 3, 3]), w), [1, 1, 2, 2]);
  assert.deepEqual(mapOf(await run(([x, w]) => deep(reshape(w, [1, 1, 2, 2, 2]), x), X2, K2)), [
    [56, 72],
    [104, 120],
  ]);
  assert.deepEqual(mapOf(await run(([x, w]) => deep(flip(reshape(w, [1, 1, 2, 2, 2]), [2]), x), X2, K2)), [
    [52, 68],
    [100, 116],
  ]);
  const stacked = ndarray(
    [3, 2, 2, 2],
    [0, 1, 2].flatMap((more) => Array.from(K2.data, (v) => v + more)),
  );
  const y = toNested(await run(([x, w]) => conv2d(x, w), X2, stacked));
  assert.deepEqual(y, [
    [
      [
        [56, 72],
        [104, 120],
      ],
      [
        [76, 100],
        [148, 172],
      ],
      [
        [96, 128],
        [192, 224],
      ],
    ],
  ]);
});

test("a 1x1 convolution is the same linear map at every pixel", async () => {
  const random = new Random(25);
  const x = numbers(random, [2, 5, 3, 4]);
  const w = numbers(random, [6, 5, 1, 1]);
  const y = await run(([a, b]) => conv2d(a, b), x, w);
  const product = await run(
    ([a, b]) => reshape(matmul(reshape(b, [6, 5]), reshape(a, [2, 5, 12])), [2, 6, 3, 4]),
    x,
    w,
  );
  assert.deepEqual(y.data, product.data);
  const order = random.permutation(12);
  const shuffle = ({ shape, dtype, data }: NdArray): NdArray => ({
    shape,
    dtype,
    data: data.map((_, i) => data[Math.floor(i / 12) * 12 + order[i % 12]]),
  });
  const shuffled = await run(([a, b]) => conv2d(a, b), shuffle(x), w);
  assert.deepEqual(shuffled.data, shuffle(y).data);
  const type = (shape: Shape) => ({ shape, dtype: "float32" }) as const;
  const macs = (x: Shape, w: Shape, padding: number): number => {
    const pads = [padding, padding];
    const attributes = { stride: [1, 1], dilation: [1, 1], padBefore: pads, padAfter: pads, groups: 1 };
    const types = convolutionOp.infer([type(x), type(w)], attributes);
    return convolutionOp.macs!([type(x), type(w)], attributes, types);
  };
  assert.equal(macs([1, 192, 28, 28], [32, 192, 5, 5], 2), 120_422_400);
  assert.equal(macs([1, 192, 28, 28], [16, 192, 1, 1], 0) + macs([1, 16, 28, 28], [32, 16, 5, 5], 2), 12_443_648);
});

test("an edge kernel finds where columns change", async () => {
  const picture = fromNested([[Array.from({ length: 6 }, () => [1, 1, 0, 0, 0, 0, 1, 1])]]);
  const kernel = fromNested([[[[1, -1]]]]);
  const row = [0, 1, 0, 0, 0, -1, 0];
  assert.deepEqual(
    mapOf(await run(([x, w]) => conv2d(x, w), picture, kernel)),
    Array.from({ length: 6 }, () => row),
  );
  const turned = await run(([x, w]) => conv2d(permute(x, [0, 1, 3, 2]), w), picture, kernel);
  assert.ok(turned.data.every((value) => value === 0));
});

test("the gradient of x is a full correlation with the flipped kernel, that of w a correlation of x and dy", async () => {
  const random = new Random(32);
  const [xs, ws] = [numbers(random, [1, 1, 5, 6]), numbers(random, [1, 1, 3, 2])];
  const [x, w] = [input("x", xs.shape), input("w", ws.shape)];
  const y = conv2d(x, w);
  const dys = numbers(random, y.shape);
  const dy = input("dy", y.shape);
  const [dx, dw] = gradients([y], [x, w], [dy]);
  const full = conv2d(dy, flip(w, [2, 3]), { padding: "full" });
  const answer = await runOnce({ dx, dw, full, slid: conv2d(x, dy) }, { x: xs, w: ws, dy: dys }, referenceEngine());
  const close = (a: NdArray, b: NdArray): void =>
    a.data.forEach((value, i) => {
      assert.ok(Math.abs(value - b.data[i]) < 1e-12);
    });
  close(answer.dx, answer.full);
  close(answer.dw, answer.slid);
});

test("transposed convolution", async () => {
  const two = counting([1, 1, 2, 2]);
  const at = async (options: object): Promise<Nested> =>
    mapOf(await run(([x, w]) => convTranspose2d(x, w, options), two, two));
  assert.deepEqual(await at({}), [
    [0, 0, 1],
    [0, 4, 6],
    [4, 12, 9],
  ]);
  assert.deepEqual(await at({ stride: 2 }), [
    [0, 0, 0, 1],
    [0, 0, 2, 3],
    [0, 2, 0, 3],
    [4, 6, 6, 9],
  ]);
  assert.deepEqual(await at({ padding: 1 }), [[4]]);
});

test("what cannot be is refused in words", () => {
  const x = input("x", [1, 4, 8, 8]);
  assert.throws(() => conv2d(x, input("w", [8, 3, 3, 3])), /has 4 channels, but the weight \[8, 3, 3, 3\] expects 3/);
  assert.throws(() => conv2d(x, input("w", [8, 4, 3, 3]), { groups: 3 }), /groups = 3 must divide/);
  assert.throws(() => conv2d(x, input("w", [8, 4, 3])), /needs a weight with 4 axes/);
  assert.throws(() => conv2d(input("x", [4, 8, 8]), input("w", [8, 4, 3])), /conv2d needs an input of 4 axes/);
  assert.throws(
    () => conv2d(x, input("w", [8, 4, 3, 3]), { stride: 0 }),
    /conv2d: stride must be a whole number of at least 1, or 2 of them; it is 0/,
  );
  assert.throws(
    () => conv2d(x, input("w", [8, 4, 3, 3]), { pad: 1 } as object),
    /did you mean "padding"|its options are/,
  );
  assert.throws(() => conv2d(x, input("w", [8, 4, 3, 3]), { bias: input("b", [4]) }), /there are 8 output channels/);
  assert.throws(
    () => conv2d(x, input("w", [8, 4, 3, 3]), { paddingMode: "mirror" as "reflect" }),
    /paddingMode must be one of "zeros", .* it is "mirror"/,
  );
});
