// Models that TensorFlow.js wrote, against what TensorFlow.js answers, in both orders of axes and two engines.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { NdArray } from "../../src/base/array.ts";
import { NeocogError } from "../../src/base/errors.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { wasmEngine } from "../../src/engines/wasm/run/engine.ts";
import { attributesIf, variableOp } from "../../src/graph/graph.ts";
import { walk } from "../../src/graph/walk.ts";
import { type ImportedGraph, tfjsGraph } from "../../src/io/tfjs/import.ts";
import { match } from "../../src/io/tfjs/match.ts";
import { openModel } from "../../src/io/tfjs/model.ts";
import { permuted } from "../../src/io/tfjs/value.ts";
import { runOnce } from "../../src/run/session.ts";
import { fixture, fixtureNames } from "./fixture.ts";

const wasm = wasmEngine({ threads: 1 });
after(async () => (await wasm).close());
const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  reference: async () => referenceEngine(),
  wasm: () => wasm,
};

/** The file's [N, …sizes, C] as [N, C, …sizes]. */
function turned(array: NdArray): NdArray {
  const rank = array.shape.length;
  return permuted(array, [0, rank - 1, ...array.shape.map((_, i) => i).slice(1, -1)]);
}

const each = (
  values: Readonly<Record<string, NdArray>>,
  change: (name: string, value: NdArray) => NdArray,
): Record<string, NdArray> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(name, value)]));

function assertClose(actual: NdArray, expected: NdArray, what: string): void {
  assert.deepEqual([...actual.shape], [...expected.shape], what);
  const scale = Float64Array.from(expected.data).reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
  actual.data.forEach((x, i) => {
    assert.ok(Math.abs(x - expected.data[i]) <= 1e-5 * scale, `${what}: ${x} is not ${expected.data[i]} at ${i}`);
  });
}

async function answers(engine: Engine, graph: ImportedGraph, inputs: Readonly<Record<string, NdArray>>) {
  return runOnce(graph.outputs, inputs, engine);
}

assert.ok(fixtureNames.length >= 7, "the fixtures are there");
for (const name of fixtureNames) {
  for (const [engineName, open] of Object.entries(engines)) {
    test(`${name} answers as TensorFlow.js does (${engineName})`, async () => {
      const { bytes, readBeside, inputs, outputs } = fixture(name);
      assert.ok(match(bytes));
      const model = await openModel(bytes, readBeside);
      const engine = await open();
      const shapes = each(inputs, (_, value) => value);
      const last = tfjsGraph(model, {
        channelsLast: true,
        shapes: Object.fromEntries(Object.entries(shapes).map(([key, { shape }]) => [key, shape])),
      });
      const own = await answers(engine, last, inputs);
      assert.deepEqual(Object.keys(own), Object.keys(outputs));
      for (const [key, value] of Object.entries(outputs)) assertClose(own[key], value, key);

      // And the same network with pictures [N, C, H, W].
      const first = tfjsGraph(model, { batch: 2 });
      const turn = (key: string, value: NdArray): NdArray =>
        first.orders[key] === "channels-first" ? turned(value) : value;
      const again = await answers(engine, first, each(inputs, turn));
      for (const [key, value] of Object.entries(outputs)) assertClose(again[key], turn(key, value), key);
    });
  }
}

test("weights are variables under their own names, kernels as OIHW", async () => {
  const { bytes, readBeside } = fixture("sequential");
  const graph = tfjsGraph(await openModel(bytes, readBeside));
  const variables = new Map(
    walk(Object.values(graph.outputs)).flatMap((node) => {
      const found = attributesIf(node, variableOp);
      return found ? [[found.name, found] as const] : [];
    }),
  );
  assert.deepEqual(variables.get("conv/kernel")?.shape, [6, 3, 3, 3]);
  assert.deepEqual(variables.get("deep/depthwise_kernel")?.shape, [12, 1, 3, 2]);
  assert.equal(variables.get("norm/moving_mean")?.trainable, false);
  assert.equal(variables.get("norm/gamma")?.trainable, true);
});

test("a chain of convolutions moves no numbers, and flattening only the weight behind it", async () => {
  const { bytes, readBeside } = fixture("sequential");
  const graph = tfjsGraph(await openModel(bytes, readBeside));
  const moves = walk(Object.values(graph.outputs)).filter(
    ({ op, attributes }) => op.name === "copy" && (attributes as { name: string }).name === "transpose",
  );
  assert.equal(moves.length, 0);
});

test("everything that is not supported is named at once", async () => {
  const { bytes, readBeside } = fixture("sequential");
  const text = new TextDecoder().decode(bytes).replace('"class_name":"Flatten"', '"class_name":"LSTM"');
  const changed = text.replaceAll('"class_name":"Dense"', '"class_name":"Denze"');
  const model = await openModel(new TextEncoder().encode(changed), readBeside);
  assert.throws(
    () => tfjsGraph(model),
    (error: unknown) => {
      assert.ok(error instanceof NeocogError);
      assert.match(error.message, /^2 layers are not supported\. LSTM \(.*\): recurrent layers/);
      assert.match(error.message, /Denze \(hidden, scores\): did you mean Dense\?/);
      return true;
    },
  );
});

test("an impossible input says so", async () => {
  const { bytes, readBeside } = fixture("sequential");
  const model = await openModel(bytes, readBeside);
  assert.throws(
    () => tfjsGraph(model, { shapes: { picture: [1, 3, 17, 14] } }),
    /has no input "picture"; its inputs are: conv_input/,
  );
  assert.throws(
    () => tfjsGraph(model, { shapes: { conv_input: [1, 17, 14, 3] } }),
    /is fixed to 3 along axis 1 by the file, not 17/,
  );
});
