// Every function of neocog/ops on numbers of every type: each engine answers as the definition does, or the function refuses the
// type in a sentence when the graph is built. Nothing is computed of bits that mean something else.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type NdArray, ndarray } from "../src/base/array.ts";
import type { DType } from "../src/base/dtype.ts";
import { NeocogError } from "../src/base/errors.ts";
import { Random } from "../src/base/random.ts";
import { type Shape, sizeOf } from "../src/base/shape.ts";
import * as ops from "../src/doors/ops.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { wasmEngine } from "../src/engines/wasm/run/engine.ts";
import { constantTensor, input, type Tensor } from "../src/graph/graph.ts";
import { pairsOf, rowsOf } from "../src/ops/row.ts";
import { runOnce } from "../src/run/session.ts";

type Answer = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;
type Row = readonly [shapes: readonly Shape[], build: (x: Tensor, y: Tensor, z: Tensor) => Answer];
type Called = (...given: readonly unknown[]) => Answer;
const functions = ops as unknown as Readonly<Record<string, Called>>;

const matrix = [3, 4];
const picture = [2, 4, 6, 6];
const one: Shape[] = [picture];
const norm: Shape[] = [picture, [4], [4]];
/** x, and the weights of a recurrence of two units. */
const sequence = (gates: number): Shape[] => [
  [3, 2, 4],
  [2 * gates, 4],
  [2 * gates, 2],
];
const places = (...at: number[]): Tensor => constantTensor(ndarray([at.length], at, "int32"));

const written: Readonly<Record<string, Row>> = {
  activation: [[matrix], (x) => ops.activation("relu", x)],
  prelu: [[picture, [4, 1, 1]], ops.prelu],
  where: [[matrix, matrix], (x, y) => ops.where(ops.gt(x, y), x, y)],
  cast: [[matrix], (x) => ops.cast(x, "float32")],
  clamp: [[matrix], (x) => ops.clamp(x, -1, 2)],
  // What a whole number is divided by nothing is no number, and no two machines agree on its bits.
  div: [[matrix, matrix], (x, y) => ops.div(x, ops.maximum(ops.abs(y), 1))],
  matmul: [[matrix, [4, 5]], (x, y) => ops.matmul(x, y)],
  linear: [[matrix, [5, 4]], ops.linear],
  einsum: [[matrix, [4, 3]], (x, y) => ops.einsum("ij,jk->k", [x, y])],
  scaledDotProductAttention: [[matrix, [5, 4], [5, 2]], (q, k, v) => ops.scaledDotProductAttention(q, k, v)],
  roiAlign: [
    [picture, [3, 4]],
    (x, b) =>
      ops.roiAlign(x, ops.concat([constantTensor(ndarray([3, 1], [0, 1, 0])), ops.cast(b, "float32")], 1), 2, {
        samplingRatio: 2,
      }),
  ],
  deformConv2d: [[picture, [2, 18, 4, 4], [3, 4, 3, 3]], (x, o, w) => ops.deformConv2d(x, o, w)],
  gridSample: [[picture, [2, 3, 3, 2]], (x, g) => ops.gridSample(x, g)],
  affineGrid: [[[2, 2, 3]], (theta) => ops.affineGrid(theta, [2, 1, 3, 4])],
  unfold: [one, (x) => ops.unfold(x, 3, { padding: 1 })],
  fold: [[[2, 8, 9]], (x) => ops.fold(x, 4, 2)],
  rnn: [sequence(1), (x, w, r) => ops.rnn(x, w, r).output],
  gru: [sequence(3), (x, w, r) => ops.gru(x, w, r).output],
  lstm: [sequence(4), (x, w, r) => ops.lstm(x, w, r).output],
  interpolate: [one, (x) => ops.interpolate(x, { size: [7, 9], mode: "bilinear" })],
  batchNorm: [norm, (x, w, b) => ops.batchNorm(x, { weight: w, bias: b }).y],
  batchNormInference: [norm, (x, w, b) => ops.batchNormInference(x, { runningMean: w, runningVar: ops.mul(b, b) })],
  layerNorm: [[matrix], (x) => ops.layerNorm(x, [4])],
  groupNorm: [one, (x) => ops.groupNorm(x, 2)],
  instanceNorm: [one, (x) => ops.instanceNorm(x)],
  localResponseNorm: [one, (x) => ops.localResponseNorm(x, 3)],
  rmsNorm: [[matrix, [4]], (x, w) => ops.rmsNorm(x, [4], { weight: w })],
  normalize: [[matrix], (x) => ops.normalize(x)],
  softmax: [[matrix], (x) => ops.softmax(x, 1)],
  logSoftmax: [[matrix], (x) => ops.logSoftmax(x, 1)],
  logsumexp: [[matrix], (x) => ops.logsumexp(x, 1)],
  sum: [[picture], (x) => ops.sum(x, [2, 3])],
  mean: [[picture], (x) => ops.mean(x, [2, 3])],
  amax: [[matrix], (x) => ops.amax(x, [1])],
  amin: [[matrix], (x) => ops.amin(x, [1])],
  prod: [[[5, 2]], (x) => ops.prod(x, [1])],
  argmax: [[matrix], (x) => ops.argmax(x, 1)],
  argmin: [[matrix], (x) => ops.argmin(x, 1)],
  cumsum: [[matrix], (x) => ops.cumsum(x, 1)],
  sort: [[matrix], (x) => ops.sort(x, 1)],
  topk: [[matrix], (x) => ops.topk(x, 2)],
  reshape: [[matrix], (x) => ops.reshape(x, [2, 6])],
  flatten: [[picture], (x) => ops.flatten(x)],
  squeeze: [[[3, 1, 4]], (x) => ops.squeeze(x, [1])],
  unsqueeze: [[matrix], (x) => ops.unsqueeze(x, 1)],
  permute: [[picture], (x) => ops.permute(x, [0, 2, 3, 1])],
  slice: [[matrix], (x) => ops.slice(x, [undefined, { start: 3, step: -2 }])],
  flip: [[matrix], (x) => ops.flip(x, [1])],
  concat: [[matrix, matrix], (x, y) => ops.concat([x, y], 0)],
  pad: [[matrix], (x) => ops.pad(x, [1, 0], [0, 2], "constant")],
  tile: [[matrix], (x) => ops.tile(x, [2, 1])],
  broadcastTo: [[[1, 4]], (x) => ops.broadcastTo(x, [3, 4])],
  gather: [[[5, 4]], (x) => ops.gather(x, places(4, 0, 2))],
  embedding: [[[5, 4]], (x) => ops.embedding(places(4, 0, 2), x)],
  scatterAdd: [[matrix], (x) => ops.scatterAdd(x, places(1, 1, 4), 0, 5)],
  takeAlongDim: [[matrix], (x) => ops.takeAlongDim(x, constantTensor(ndarray([3, 2], [0, 3, 1, 1, 2, 0], "int32")), 1)],
  oneHot: [[[4]], (x) => ops.oneHot(ops.cast(ops.clamp(x, 0, 3), "int32"), 4)],
  pixelShuffle: [one, (x) => ops.pixelShuffle(x, 2)],
  pixelUnshuffle: [one, (x) => ops.pixelUnshuffle(x, 2)],
  channelShuffle: [one, (x) => ops.channelShuffle(x, 2)],
  blurPool: [one, (x) => ops.blurPool(x)],
  crossEntropy: [[matrix], (x) => ops.crossEntropy(x, places(0, 3, 1))],
  nllLoss: [[matrix], (x) => ops.nllLoss(x, places(0, 3, 1))],
  ...ofPairs("mseLoss", "l1Loss", "smoothL1Loss", "huberLoss", "klDiv"),
  ...ofPairs("binaryCrossEntropy", "binaryCrossEntropyWithLogits"),
  ...Object.fromEntries(rowsOf(functions).map(({ row: { name } }) => [name, [[matrix], functions[name]]])),
  ...Object.fromEntries(pairsOf(functions).map(({ pair: { name } }) => [name, [[matrix, [4]], functions[name]]])),
  ...Object.fromEntries(
    ["square", "rsqrt", "logicalNot", "isnan", "isfinite"].map((n) => [n, [[matrix], functions[n]]]),
  ),
  ...Object.fromEntries(
    ["add", "eq", "ge", "gt", "le", "lt", "logicalAnd", "logicalOr"].map((n) => [n, [[matrix, [4]], functions[n]]]),
  ),
};

function ofPairs(...names: string[]): Record<string, Row> {
  return Object.fromEntries(names.map((name) => [name, [[matrix, matrix], functions[name]]]));
}

/** Functions of 1, 2 and 3 axes of places: what stands after the input. */
const ranked: Readonly<Record<string, readonly unknown[]>> = {
  maxPool: [2],
  avgPool: [2],
  lpPool: [2, 2],
  adaptiveAvgPool: [2],
  adaptiveMaxPool: [2],
  globalAvgPool: [],
  globalMaxPool: [],
};

function rowOf(name: string): Row | undefined {
  if (Object.hasOwn(written, name)) return written[name];
  const [, family, digit, more = ""] = /^(\w+?)([123])d(\w*)$/.exec(name) ?? [];
  if (!family) return undefined;
  const rank = Number(digit);
  const shape = [2, 4, ...[9, 6, 4].slice(0, rank).fill(6)];
  if (family === "conv" || family === "convTranspose")
    return [[shape, [4, 4, ...Array.from({ length: rank }, () => 3)]], (x, y) => functions[name](x, y)];
  const given = ranked[family];
  return given && ["", "WithIndices"].includes(more) ? [[shape], (x) => functions[name](x, ...given)] : undefined;
}

/** Names without a row, each with the reason. */
const left: Readonly<Record<string, string>> = {
  activationNames: "a list",
  ...Object.fromEntries(
    ["bernoulli", "dropout", "dropout1d", "dropout2d", "dropout3d", "randomNormal", "randomUniform"].map((name) => [
      name,
      "draws numbers of its own",
    ]),
  ),
};

const types = ["float64", "int32", "uint8", "bool"] as const;

function numbers(random: Random, shape: Shape, dtype: DType): NdArray {
  const [low, count] = dtype === "bool" ? [0, 2] : dtype === "uint8" ? [0, 4] : [-4, 9];
  return ndarray(
    shape,
    Array.from({ length: sizeOf(shape) }, () => low + random.below(count)),
    dtype,
  );
}

const named = (answer: Answer): Record<string, Tensor> => {
  if ("node" in answer) return { y: answer as Tensor };
  return Object.fromEntries(Object.entries(answer).map(([name, tensor]) => [`y ${name}`, tensor as Tensor]));
};

test("every function of neocog/ops has a row here, or the reason why it has none", () => {
  const missing = Object.keys(functions).filter((name) => !rowOf(name) && !Object.hasOwn(left, name));
  assert.deepEqual(missing, []);
});

const wasm = await wasmEngine({ threads: 1 });
after(() => wasm.close());

for (const dtype of types) {
  test(`every function on ${dtype}`, async () => {
    const refused: string[] = [];
    for (const name of Object.keys(functions)) {
      const row = rowOf(name);
      if (!row) continue;
      const [shapes, build] = row;
      const inputs = shapes.map((shape, i) => input(`x${i}`, shape, dtype));
      let outputs: Record<string, Tensor>;
      try {
        outputs = named(build(...(inputs as [Tensor, Tensor, Tensor])));
      } catch (error) {
        assert.ok(error instanceof NeocogError, `${name}: ${error}`);
        assert.match(error.message, /float/, name);
        refused.push(name);
        continue;
      }
      const random = new Random(1, name);
      const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, numbers(random, shape, dtype)]));
      const expected = await runOnce(outputs, feeds, referenceEngine());
      const got = await runOnce(outputs, feeds, wasm);
      for (const [key, { data, dtype: type }] of Object.entries(expected)) {
        assert.equal(got[key].dtype, type, name);
        for (const [i, value] of data.entries()) {
          const found = got[key].data[i];
          const room = 1e-5 * Math.max(1, Math.abs(value));
          assert.ok(
            Object.is(found, value) || Math.abs(found - value) <= room,
            `${name}, ${key}, element ${i}: ${found} for ${value}`,
          );
        }
      }
    }
    if (dtype === "float64") assert.deepEqual(refused, []);
  });
}
