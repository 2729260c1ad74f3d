// Axes of length 0: every op, each axis of each input in turn, forward and gradient. What the definition gives, every engine
// gives; where the definition refuses, every engine refuses with the same sentence.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type NdArray, ndarray, storageOf } from "../src/base/array.ts";
import { type DType, isFloat } from "../src/base/dtype.ts";
import { NeocogError } from "../src/base/errors.ts";
import { type Shape, sizeOf } from "../src/base/shape.ts";
import { gradients } from "../src/compile/grad.ts";
import type { Engine } from "../src/engines/engine.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { constantOp, input, inputOp, type Tensor, variableOp } from "../src/graph/graph.ts";
import { walk } from "../src/graph/walk.ts";
import { adaptiveAvgPool, adaptiveMaxPool } from "../src/ops/adaptive.ts";
import { add, mul, square } from "../src/ops/arithmetic.ts";
import { allOps } from "../src/ops/cards/list.ts";
import { conv2d, convTranspose2d } from "../src/ops/convolution.ts";
import { concat, flip, pad, permute, slice } from "../src/ops/copy.ts";
import { deformConv2d } from "../src/ops/deform.ts";
import { einsum } from "../src/ops/einsum.ts";
import { gather, oneHot, scatterAdd, takeAlongDim } from "../src/ops/gather.ts";
import { gridSample } from "../src/ops/grid.ts";
import { binaryCrossEntropy, crossEntropy, mseLoss } from "../src/ops/loss.ts";
import { linear, matmul } from "../src/ops/matmul.ts";
import { activation } from "../src/ops/named.ts";
import { batchNorm, batchNormInference, groupNorm, layerNorm } from "../src/ops/normalization.ts";
import { cumsum, sort } from "../src/ops/order.ts";
import { avgPool2d, globalAvgPool, maxPool2d } from "../src/ops/pooling.ts";
import { lstm } from "../src/ops/recurrent.ts";
import { amax, argmax, prod } from "../src/ops/reduce.ts";
import { flatten } from "../src/ops/reshape.ts";
import { interpolate } from "../src/ops/resize.ts";
import { alignedBoxes } from "../src/ops/roiAlign.ts";
import { scatterElements } from "../src/ops/scatter.ts";
import { logSoftmax, logsumexp, softmax } from "../src/ops/softmax.ts";
import { mean, sum } from "../src/ops/sum.ts";
import { openSession } from "../src/run/session.ts";
import { closeEngines, testEngines } from "./engines.ts";

after(closeEngines);

type Build = (inputs: readonly Tensor[]) => Tensor;
interface Row {
  readonly name: string;
  readonly build: Build;
  /** One word for each input, a letter for each axis: "nchw", "kcrs". A word that begins with # is int32. */
  readonly inputs: readonly string[];
  /** Lengths of axes by letter; each small letter is 0 in turn, the length of a capital one belongs to the op. */
  readonly sizes: Readonly<Record<string, number>>;
}

const picture = { n: 2, c: 2, h: 4, w: 5 };
const row = (name: string, build: Build, inputs: readonly string[], sizes: Row["sizes"] = picture): Row => ({
  ...{ name, build, inputs, sizes },
});

const boxed = { outputSize: [2, 2], spatialScale: 1, samplingRatio: 2, aligned: false } as const;

const rows: readonly Row[] = [
  row("add", ([a, b]) => add(a, b), ["nchw", "cIJ"], { ...picture, I: 1, J: 1 }),
  row("relu", ([x]) => activation("relu", x), ["nchw"]),
  row("matmul", ([a, b]) => matmul(a, b), ["bmk", "bkn"], { b: 2, m: 3, k: 4, n: 5 }),
  row("einsum", ([a, b]) => einsum("bmk,bkn->nbm", [a, b]), ["bmk", "bkn"], { b: 2, m: 3, k: 4, n: 5 }),
  row("linear", ([x, w, b]) => activation("relu", add(linear(x, w), b)), ["nk", "mk", "m"], { n: 3, k: 4, m: 5 }),
  row("convolution", ([x, w, b]) => activation("relu", conv2d(x, w, { bias: b, padding: 1 })), ["nchw", "kcrs", "k"], {
    ...{ ...picture, k: 4, r: 3, s: 3 },
  }),
  row("depthwise convolution", ([x, w]) => conv2d(x, w, { padding: 1, groups: 2 }), ["nchw", "kIrs"], {
    ...{ ...picture, k: 2, I: 1, r: 3, s: 3 },
  }),
  row("transposed convolution", ([x, w]) => convTranspose2d(x, w, { stride: 2 }), ["nchw", "ckrs"], {
    ...{ ...picture, k: 3, r: 3, s: 3 },
  }),
  row("maximum pooling", ([x]) => maxPool2d(x, 2), ["nchw"]),
  row("padded maximum pooling", ([x]) => maxPool2d(x, 3, { padding: 1, stride: 2 }), ["nchw"]),
  row("average pooling", ([x]) => avgPool2d(x, 3, { padding: 1, stride: 2 }), ["nchw"]),
  row("adaptive average pooling", ([x]) => adaptiveAvgPool(x, 3), ["nchw"]),
  row("adaptive maximum pooling", ([x]) => adaptiveMaxPool(x, 3), ["nchw"]),
  row("global pooling", ([x]) => globalAvgPool(x), ["nchw"]),
  row("batch normalisation", ([x, w, b]) => batchNorm(x, { weight: w, bias: b }).y, ["nchw", "c", "c"]),
  row(
    "batch normalisation with known statistics",
    ([x, m, v]) => batchNormInference(x, { runningMean: m, runningVar: square(v) }),
    [...["nchw", "c", "c"]],
  ),
  row("layer normalisation", ([x]) => layerNorm(x, [x.shape.at(-1) ?? 1]), ["nw"]),
  row("group normalisation", ([x]) => groupNorm(x, 2), ["nchw"]),
  row("softmax", ([x]) => softmax(x, 1), ["nc"]),
  row("logSoftmax", ([x]) => logSoftmax(x, 1), ["nc"]),
  row("logsumexp", ([x]) => logsumexp(x, [1]), ["nc"]),
  row("cross-entropy", ([x, t]) => crossEntropy(x, t), ["nc", "#n"]),
  row("binary cross-entropy", ([p, t]) => binaryCrossEntropy(p, t), ["nc", "nc"]),
  row("mean squared error", ([a, b]) => mseLoss(a, b), ["nc", "nc"]),
  row("sum of an axis", ([x]) => sum(x, 1), ["nchw"]),
  row("sum", ([x]) => sum(mul(x, x)), ["nchw"]),
  row("mean", ([x]) => mean(x, [2, 3]), ["nchw"]),
  row("largest", ([x]) => amax(x, 1), ["nchw"]),
  row("place of the largest", ([x]) => argmax(x, 1), ["nchw"]),
  row("product", ([x]) => prod(x, 1), ["nchw"]),
  row("concat", ([a, b]) => concat([a, b], 1), ["nchw", "nkhw"], { ...picture, k: 3 }),
  row("slice", ([x]) => slice(x, [undefined, { start: 1 }]), ["nchw"]),
  row("pad", ([x]) => pad(x, [0, 0, 1, 1], [0, 0, 1, 1]), ["nchw"]),
  row("permute", ([x]) => square(permute(x, [0, 2, 3, 1])), ["nchw"]),
  row("flip", ([x]) => flip(x, [2, 3]), ["nchw"]),
  row("flatten", ([x]) => square(flatten(x)), ["nchw"]),
  row("gather", ([x, i]) => gather(x, i, 1), ["nch", "#k"], { ...picture, k: 3 }),
  row("scatterAdd", ([x, i]) => scatterAdd(x, i, 1, 4), ["nkh", "#k"], { ...picture, k: 3 }),
  row("takeAlongDim", ([x, i]) => takeAlongDim(x, i, 1), ["nc", "#nk"], { ...picture, k: 3 }),
  row("scatterElements", ([x, i, u]) => scatterElements(x, i, u, 1), ["nc", "#nk", "nk"], { ...picture, k: 3 }),
  row("oneHot", ([i]) => oneHot(i, 4), ["#nk"], { n: 2, k: 3 }),
  row("boxes of a map", ([x, b, i]) => alignedBoxes(x, b, i, boxed), ["nchw", "rI", "#r"], {
    ...picture,
    r: 3,
    I: 4,
  }),
  row("moved taps", ([x, o, w]) => deformConv2d(x, o, w), ["nCHW", "nOPQ", "kCRS"], {
    ...{ n: 2, C: 2, H: 4, W: 5, O: 8, P: 3, Q: 4, k: 3, R: 2, S: 2 },
  }),
  row("gridSample", ([x, g]) => gridSample(x, g), ["nchw", "npqI"], { ...picture, p: 3, q: 2, I: 2 }),
  row("resize", ([x]) => interpolate(x, { scaleFactor: 2, mode: "bilinear" }), ["nchw"]),
  row("nearest", ([x]) => interpolate(x, { size: [3, 7], mode: "nearest" }), ["nchw"]),
  row("running sum", ([x]) => cumsum(x, 1), ["nch"]),
  row("recurrence", ([x, w, r]) => lstm(x, w, r).output, ["tnI", "GI", "GH"], { t: 3, n: 2, I: 4, G: 8, H: 2 }),
  row("sort", ([x]) => sort(x, 1).values, ["nch"]),
];

const letters = ({ inputs, sizes }: Row): string[] => [
  ...new Set(
    inputs
      .join("")
      .split("")
      .filter((letter) => letter >= "a" && letter in sizes),
  ),
];

function arraysOf({ inputs, sizes }: Row, zero: string): NdArray[] {
  return inputs.map((word) => {
    const dtype: DType = word.startsWith("#") ? "int32" : "float32";
    const shape: Shape = word
      .replace("#", "")
      .split("")
      .map((letter) => (letter === zero ? 0 : sizes[letter]));
    const data = new (storageOf(dtype))(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = dtype === "int32" ? i % 2 : ((i * 7) % 11) / 4 - 1;
    return ndarray(shape, data, dtype);
  });
}

const met = new Set<object>();

/** Outputs and gradients, or the sentence of the refusal. */
async function answersOf(one: Row, zero: string, engine: Engine): Promise<Record<string, NdArray> | string> {
  const arrays = arraysOf(one, zero);
  try {
    const inputs = arrays.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype));
    const y = one.build(inputs);
    const floats = inputs.filter(({ dtype }) => isFloat(dtype));
    const slopes = isFloat(y.dtype) && floats.length > 0 ? gradients([sum(square(y))], floats) : [];
    const outputs = Object.fromEntries([["y", y], ...slopes.map((slope, i) => [`d${i}`, slope])]);
    for (const node of walk(Object.values(outputs))) met.add(node.op);
    const session = await openSession({ outputs, updates: [] }, engine, { inputs });
    const answers = await session.run(Object.fromEntries(arrays.map((array, i) => [`x${i}`, array])));
    session.release();
    return answers;
  } catch (error) {
    if (error instanceof NeocogError) return error.message;
    throw error;
  }
}

for (const one of rows) {
  test(`${one.name} over nothing`, async () => {
    for (const zero of letters(one)) {
      const expected = await answersOf(one, zero, referenceEngine());
      for (const { name, make } of testEngines) {
        const actual = await answersOf(one, zero, await make());
        const what = `${name}, ${zero} = 0`;
        if (typeof expected === "string" || typeof actual === "string") {
          assert.equal(actual, expected, what);
          continue;
        }
        for (const [key, { shape, dtype, data }] of Object.entries(expected)) {
          assert.deepEqual([actual[key].shape, actual[key].dtype], [shape, dtype], `${what}: ${key}`);
          assert.equal(actual[key].data.length, data.length, `${what}: ${key}`);
          for (let i = 0; i < data.length; i++) {
            const [a, b] = [actual[key].data[i], data[i]];
            const same = Object.is(a, b) || Math.abs(a - b) <= 1e-5 * (1 + Math.abs(b)) || a === b;
            assert.ok(same, `${what}: ${key}[${i}] is ${a}, not ${b}`);
          }
        }
      }
    }
  });
}

test("every op card was met", () => {
  const elsewhere = new Map<string, string>([
    ["gatherPlaces", "second derivatives only"],
    ["scatterPlaces", "second derivatives only"],
  ]);
  const missing = allOps.filter((op) => {
    const leaf = [inputOp, variableOp, constantOp].some((one) => (one as object) === op);
    return !leaf && !met.has(op) && !elsewhere.has(op.name);
  });
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});
