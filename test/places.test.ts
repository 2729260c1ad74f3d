// No engine touches memory outside an operand, whatever the data says. Every op that takes places from data is a row of one
// list; each is fed indices that name nothing on every engine. The run ends in a sentence with the op, the index and its
// place, and no variable has changed. The last test holds the list against the op cards, so that a new one cannot be forgotten.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type NdArray, ndarray } from "../src/base/array.ts";
import { NeocogError } from "../src/base/errors.ts";
import { type Shape, sizeOf } from "../src/base/shape.ts";
import type { Program } from "../src/compile/program.ts";
import type { Engine } from "../src/engines/engine.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { apply1, input, type Tensor, variable } from "../src/graph/graph.ts";
import { add, cast, mul } from "../src/ops/arithmetic.ts";
import { scatterAlongAxisOp } from "../src/ops/cards/gather.ts";
import { allOps } from "../src/ops/cards/list.ts";
import { gatherPlacesOp, maxPoolGradientOp, scatterPlacesOp } from "../src/ops/cards/pooling.ts";
import { embedding, gather, oneHot, scatterAdd, takeAlongDim } from "../src/ops/gather.ts";
import { gridSample } from "../src/ops/grid.ts";
import { crossEntropy } from "../src/ops/loss.ts";
import { sort } from "../src/ops/order.ts";
import { maxPoolWithIndices } from "../src/ops/pooling.ts";
import { argmax } from "../src/ops/reduce.ts";
import { reshape } from "../src/ops/reshape.ts";
import { alignedBoxes } from "../src/ops/roiAlign.ts";
import { gatherNd, scatterElements, scatterNd } from "../src/ops/scatter.ts";
import { broadcastTo, sum } from "../src/ops/sum.ts";
import { openSession, type Session } from "../src/run/session.ts";
import { closeEngines, testEngines } from "./engines.ts";

after(closeEngines);

interface Row {
  readonly name: string;
  /** The card whose step refuses. */
  readonly op: string;
  readonly x: Shape;
  readonly places: Shape;
  /** Indices run from −size (or −1 where `cells`) to size − 1. */
  readonly size: number;
  readonly cells?: true;
  readonly build: (x: Tensor, places: Tensor) => Tensor;
}

const pool = {
  ...{ window: [3, 3], stride: [1, 1], dilation: [1, 1], padBefore: [0, 0], padAfter: [0, 0], ceilMode: false },
};

const rows: readonly Row[] = [
  { name: "gather", op: "gather", x: [8, 5], places: [3, 2], size: 8, build: (x, i) => gather(x, i) },
  { name: "gather, axis 1", op: "gather", x: [2, 5, 3], places: [4], size: 5, build: (x, i) => gather(x, i, 1) },
  { name: "embedding", op: "gather", x: [8, 5], places: [9], size: 8, build: (x, i) => embedding(i, x) },
  { name: "gatherNd", op: "gather", x: [4, 3], places: [2, 1], size: 4, build: (x, i) => gatherNd(x, i) },
  { name: "gatherNd, two axes", op: "gather", x: [4, 4], places: [3, 2], size: 4, build: (x, i) => gatherNd(x, i) },
  { name: "scatterAdd", op: "scatterAdd", x: [3, 2], places: [3], size: 2, build: (x, i) => scatterAdd(x, i, 0, 2) },
  {
    ...{ name: "scatterAdd of whole numbers", op: "scatterAdd", x: [3, 2], places: [3], size: 7 },
    build: (x, i) => cast(scatterAdd(cast(x, "int32"), i, 0, 7), "float32"),
  },
  {
    ...{ name: "takeAlongDim", op: "takeAlongDim", x: [3, 4], places: [3, 2], size: 4 },
    build: (x, i) => takeAlongDim(x, i, 1),
  },
  {
    ...{ name: "scatterAlongAxis", op: "scatterAlongAxis", x: [3, 2], places: [3, 2], size: 4 },
    build: (x, i) => apply1(scatterAlongAxisOp, [x, i], { axis: 1, shape: [3, 4] }),
  },
  ...(["none", "add", "max"] as const).map((combination): Row => {
    const name = `scatterElements, ${combination}`;
    return {
      ...{ name, op: "scatterElements", x: [3, 4], places: [3, 4], size: 3 },
      build: (x, i) => scatterElements(x, i, mul(x, x), 0, combination),
    };
  }),
  {
    ...{ name: "the map of a box", op: "gather", x: [3, 2, 4, 4], places: [5], size: 3 },
    build: (x, i) =>
      alignedBoxes(x, broadcastTo(reshape(sum(mul(x, 0)), [1, 1]), [5, 4]), i, {
        ...{ outputSize: [2, 2], spatialScale: 1, samplingRatio: 1, aligned: false },
      }),
  },
  {
    ...{ name: "scatterNd", op: "gather", x: [4, 3], places: [4, 1], size: 4 },
    build: (x, i) => scatterNd(x, i, mul(x, x)),
  },
  {
    ...{ name: "the gradient of a pooling", op: "maxPoolGradient", x: [2, 3, 4, 4], places: [2, 3, 4, 4], size: 36 },
    ...{ cells: true, build: (x, i) => apply1(maxPoolGradientOp, [x, i], { ...pool, shape: [2, 3, 6, 6] }) },
  },
  {
    ...{ name: "cells of a plane, read", op: "gatherPlaces", x: [2, 3, 4, 4], places: [2, 3, 2, 2], size: 16 },
    ...{ cells: true, build: (x, i) => apply1(gatherPlacesOp, [x, i], {}) },
  },
  {
    ...{ name: "cells of a plane, written", op: "scatterPlaces", x: [2, 3, 2, 2], places: [2, 3, 2, 2], size: 16 },
    ...{ cells: true, build: (x, i) => apply1(scatterPlacesOp, [x, i], { shape: [2, 3, 4, 4] }) },
  },
];

/** The op between variables that a run changes: a count of runs, a sum of what the op gave, and one that nobody touches. */
function programOf({ x, places, build }: Row): { program: Program; inputs: Tensor[] } {
  const hold = (name: string, shape: Shape, value: number): Tensor =>
    variable(name, shape, () => ndarray(shape, new Float32Array(sizeOf(shape)).fill(value)));
  const inputs = [input("x", x), input("places", places, "int32")];
  const y = build(inputs[0], inputs[1]);
  const [runs, total, still] = [hold("runs", [40], 1), hold("total", [], 0), hold("still", [64], 5)];
  const updates = [
    { variable: runs, value: add(runs, 1) },
    { variable: total, value: add(total, sum(y)) },
    { variable: still, value: mul(still, 1) },
  ];
  return { program: { outputs: { y }, updates }, inputs };
}

const numbersOf = (shape: Shape): NdArray =>
  ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 1 + (i % 13)),
  );

const stateOf = (session: Session): Record<string, number[]> =>
  Object.fromEntries(session.variables.map((name) => [name, [...session.readVariable(name).data]]));

const engines: readonly { readonly name: string; readonly make: () => Promise<Engine> }[] = [
  { name: "reference", make: async () => referenceEngine() },
  ...testEngines,
];

for (const row of rows) {
  test(`${row.name}: an index that names nothing ends the run, and nothing has changed`, async () => {
    const { program, inputs } = programOf(row);
    const low = row.cells ? -1 : -row.size;
    const count = sizeOf(row.places);
    const at = Math.min(2, count - 1);
    const good = Float64Array.from({ length: count }, (_, i) => i % Math.min(row.size, 2));
    const x = numbersOf(row.x);
    const sentences = new Set<string>();
    for (const { name, make } of engines) {
      const session = await openSession(program, await make(), { inputs });
      const before = stateOf(session);
      for (const wrong of [row.size, low - 1, 1e9, -1e9, Number.NaN, Infinity, -Infinity, 0.5]) {
        const places = ndarray(row.places, good.with(at, wrong), "int32");
        await assert.rejects(session.run({ x, places }), (error) => {
          assert.ok(error instanceof NeocogError, `${name}, ${wrong}: ${error}`);
          sentences.add(error.message);
          const told = Number.isInteger(wrong)
            ? new RegExp(
                `^${row.op}: the index ${wrong} at place \\d+ names nothing: it must be a whole number from ${low} to ${row.size - 1}\\.$`,
              )
            : new RegExp(`^The input "places" is int32, but number ${at} of it is ${wrong}, not a whole number`);
          assert.match(error.message, told, name);
          return true;
        });
        assert.deepEqual(stateOf(session), before, `${name}, ${wrong}: a variable has changed`);
      }
      const places = ndarray(row.places, good, "int32");
      const { y } = await session.run({ x, places });
      assert.ok(y.data.every(Number.isFinite));
      assert.deepEqual(session.readVariable("runs").data[0], 2, "the next run counts");
      session.release();
    }
    assert.equal(sentences.size, 8, "every engine says the same");
  });
}

// ---- data that chooses among places, and is no address ---------------------------------------------------------------

type Choice = readonly [name: string, build: (x: Tensor) => Tensor];
const choices: readonly Choice[] = [
  ["gridSample", (x) => gridSample(x, slicePairs(x))],
  ["gridSample, border", (x) => gridSample(x, slicePairs(x), { paddingMode: "border" })],
  ["gridSample, reflection", (x) => gridSample(x, slicePairs(x), { paddingMode: "reflection", mode: "nearest" })],
  ["gridSample, bicubic", (x) => gridSample(x, slicePairs(x), { mode: "bicubic" })],
  ["oneHot", (x) => oneHot(cast(x, "int32"), 4)],
  ["labels of a loss", (x) => crossEntropy(mul(sum(x, [2, 3]), 0), cast(sum(x, [1, 2, 3]), "int32"))],
  ["the largest, read back", (x) => takeAlongDim(x, maxPlaces(x), 3)],
  ["places of a sort, read back", (x) => takeAlongDim(x, sort(x, 3).indices, 3)],
  ["places of a pooling, read back", (x) => apply1(gatherPlacesOp, [x, maxPoolWithIndices(x, 2).indices], {})],
];

/** x [2, 2, 4, 2] as its own grid. */
const slicePairs = (x: Tensor): Tensor => x;
const maxPlaces = (x: Tensor): Tensor => cast(argmax(x, 3, true), "int32");

for (const [name, build] of choices) {
  test(`${name}: any number is a choice, and no other variable changes`, async () => {
    const x = input("x", [2, 2, 4, 2]);
    const still = variable("still", [64], () => ndarray([64], new Float32Array(64).fill(5)));
    const program: Program = { outputs: { y: build(x) }, updates: [{ variable: still, value: mul(still, 1) }] };
    for (const { name: engine, make } of engines) {
      const session = await openSession(program, await make(), { inputs: [x] });
      for (const odd of [Number.NaN, Infinity, -Infinity, 1e30, -1e30, 1e9, -7, 0.5]) {
        const data = Float32Array.from({ length: 32 }, (_, i) => (i % 3 === 1 ? odd : i / 16 - 1));
        await session.run({ x: ndarray([2, 2, 4, 2], data) });
        assert.ok(
          session.readVariable("still").data.every((n) => n === 5),
          `${engine}, ${odd}`,
        );
      }
      session.release();
    }
  });
}

// ---- the list is whole -----------------------------------------------------------------------------------------------

/** Why a card takes no place from data. */
const nowhere: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["input", "variable", "constant"].map((leaf) => [leaf, "a leaf"])),
  ...Object.fromEntries(
    [
      "map",
      "reshape",
      "copy",
      "broadcast",
      "sum",
      "reduce",
      "matmul",
      "convolution",
      "convolutionInputGradient",
      "convolutionFilterGradient",
      "recurrent",
    ].map((op) => [op, "its places are those of the loop"]),
  ),
  ...Object.fromEntries(
    ["maxPool", "averagePool", "averagePoolGradient", "adaptiveAveragePool", "adaptiveMaxPool"].map((op) => [
      op,
      "its places are those of the window",
    ]),
  ),
  ...Object.fromEntries(
    ["normalize", "batchNormInference", "softmax", "logSoftmax", "logsumexp", "binaryCrossEntropy"].map((op) => [
      op,
      "sums and maps",
    ]),
  ),
  ...{ table: "a table of the graph", resize: "a table of the graph", cumulativeSum: "walks an axis" },
  deformConvolution: "keeps only cells inside",
  roiAlign: "keeps only cells inside; the number of its map is read by a gather, a row above",
  ...{ sort: "gives places and takes none", gridSample: "keeps only cells inside: a row of the choices above" },
};

test("every op card is in the list of those that take places from data, or says why it takes none", () => {
  const named = new Set(rows.map(({ op }) => op));
  for (const { name } of allOps) {
    assert.ok(named.has(name) !== name in nowhere, `${name}: add a row with bad indices to this file, or a reason`);
  }
  for (const name of [...named, ...Object.keys(nowhere)])
    assert.ok(
      allOps.some((op) => op.name === name),
      `there is no card "${name}"`,
    );
});
