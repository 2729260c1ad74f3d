// Slots within slots: no copy is left where ranges only stand side by side, and the numbers are those of the definitions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { type WasmOptions, wasmEngine } from "../engines/wasm/run/engine.ts";
import { constantTensor, input, type Tensor, variable } from "../graph/graph.ts";
import { build } from "../nn/build.ts";
import { createModel } from "../nn/models/list.ts";
import { relu } from "../ops/activations.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { conv2d } from "../ops/convolution.ts";
import { concat, slice } from "../ops/copy.ts";
import { maxPool2d } from "../ops/pooling.ts";
import { openSession } from "../run/session.ts";
import { type Compiled, compile } from "./compile.ts";
import { fuse } from "./fuse.ts";
import { lower } from "./lower.ts";
import { planMemory } from "./memory.ts";
import type { Program } from "./program.ts";

const noise = (shape: Shape, name: string, scale = 1): NdArray => {
  const random = new Random(11, name);
  return ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (random.uniform() - 0.5) * 2 * scale),
  );
};

const weight = (shape: Shape, name: string): Tensor => constantTensor(noise(shape, name, 0.6));
const conv = (x: Tensor, channels: number, name: string, size = 1): Tensor =>
  relu(conv2d(x, weight([channels, x.shape[1], size, size], name), { padding: (size - 1) / 2 }));

type Network = (x: Tensor) => Record<string, Tensor>;

/** How many copies stay at batch 1, and the network. Pictures are 8 x 8: planes of 256 bytes. */
const networks: Record<string, [copies: number, network: Network]> = {
  "fire modules": [
    0,
    (x) => {
      const fire = (t: Tensor, name: string): Tensor => {
        const squeezed = conv(t, 3, name);
        return concat([conv(squeezed, 5, `${name}a`), conv(squeezed, 4, `${name}b`, 3)], 1);
      };
      return { y: fire(maxPool2d(fire(fire(x, "1"), "2"), 2), "3") };
    },
  ],
  "a concat of concats": [
    1, // the input itself cannot be written elsewhere
    (x) => {
      let y = x;
      for (let i = 0; i < 4; i++) y = concat([y, conv(mul(y, 0.5), 4, `grow${i}`, 3)], 1);
      return { y: conv(y, 3, "end") };
    },
  ],
  "concats of lists that grow": [
    0,
    (x) => {
      const made = [conv(x, 4, "first")];
      for (let i = 0; i < 3; i++) made.push(conv(concat([...made], 1), 4, `grow${i}`, 3));
      return { y: conv(concat([...made], 1), 3, "end") };
    },
  ],
  "inception: branches of one map": [
    0,
    (x) => {
      const y = conv(x, 4, "stem");
      const pooled = conv(maxPool2d(y, 3, { stride: 1, padding: 1 }), 3, "pooled");
      return { y: concat([conv(y, 2, "one"), conv(conv(y, 2, "two"), 5, "three", 3), pooled], 1) };
    },
  ],
  "a part that is read in its own right, wanted twice, and an output": [
    3, // the second use of `a`, and `b` twice
    (x) => {
      const a = conv(x, 4, "a");
      const b = conv(x, 4, "b");
      const joined = concat([a, b, a], 1);
      return { b, y: add(joined, 1), z: concat([conv(a, 4, "c"), b], 1) };
    },
  ],
  "slices that are joined the other way round": [
    2,
    (x) => {
      const y = conv(x, 8, "stem");
      const first = slice(y, [undefined, { start: 0, stop: 4 }]);
      const second = slice(y, [undefined, { start: 4, stop: 8 }]);
      return { first, y: concat([conv(second, 4, "left"), conv(first, 4, "right")], 1), z: concat([second, first], 1) };
    },
  ],
  "a slice of the input": [
    0,
    (x) => ({ y: conv2d(slice(x, [undefined, { start: 1, stop: 3 }]), weight([2, 2, 3, 3], "w")) }),
  ],
};

const copiesOf = ({ memory }: Compiled): string[] =>
  memory.plan.steps.filter(({ kernel }) => kernel.kind === "copy").map(({ label }) => label);

const engines: readonly WasmOptions[] = [{ threads: 1 }, { threads: 2, relaxedSimd: false }];

for (const [name, [copies, network]] of Object.entries(networks)) {
  test(`${name}: ${copies} copies, the numbers of the definitions`, async () => {
    const x = input("x", [1, 4, 8, 8]);
    const program: Program = { outputs: network(x), updates: [] };
    const inputs = { x: noise(x.shape, "x") };
    const definitions = await openSession(program, referenceEngine());
    const expected = await definitions.run(inputs);
    const loops = await openSession(program, { ...referenceEngine(), lowering: "loops" });
    assert.equal(copiesOf(loops.compiled).length, copies, copiesOf(loops.compiled).join(", "));
    for (let turn = 0; turn < 2; turn++) assertClose(await loops.run(inputs), expected, 1e-12);
    for (const options of engines) {
      const engine = await wasmEngine(options);
      const session = await openSession(program, engine);
      for (let turn = 0; turn < 2; turn++) assertClose(await session.run(inputs), expected, 1e-4);
      session.release();
      await engine.close();
    }
  });
}

function assertClose(
  actual: Readonly<Record<string, NdArray>>,
  expected: Readonly<Record<string, NdArray>>,
  tolerance: number,
): void {
  for (const [name, { shape, data }] of Object.entries(expected)) {
    assert.deepEqual(actual[name].shape, shape);
    data.forEach((value, i) => {
      const found = actual[name].data[i];
      assert.ok(Math.abs(found - value) <= tolerance * (1 + Math.abs(value)), `${name}[${i}]: ${found}, not ${value}`);
    });
  }
}

test("a range of a variable that a step writes is copied, for its reader wants the old numbers", async () => {
  const memory = variable("memory", [8], () => noise([8], "memory"));
  const old = slice(memory, [{ start: 4, stop: 8 }]);
  const program: Program = { outputs: { old }, updates: [{ variable: memory, value: add(memory, 1) }] };
  const session = await openSession(program, { ...referenceEngine(), lowering: "loops" });
  assert.equal(copiesOf(session.compiled).length, 1);
  assert.deepEqual((await session.run()).old.data, Float64Array.from(noise([8], "memory").data.slice(4)));
});

test("several images, and ranges off the 16 bytes, are copied as before", () => {
  const copies = (shape: Shape): number => {
    const x = input("x", shape);
    const y = concat([conv(x, 3, "a"), conv(x, 4, "b")], 1);
    return copiesOf(compile({ outputs: { y }, updates: [] }, { lowering: "loops" })).length;
  };
  assert.equal(copies([2, 4, 8, 8]), 1);
  assert.equal(copies([1, 4, 5, 5]), 1);
  assert.equal(copies([1, 4, 8, 8]), 0);
});

test("built-in models with concats: no copy for one image, and an arena as large as before", () => {
  for (const name of ["squeezenet1_0", "squeezenet1_1", "googlenet", "googlenet-book", "densenet121"]) {
    const { layer, inputShape } = createModel(name);
    const built = build(layer, [1, ...inputShape]);
    const program = { outputs: { y: built.output }, updates: [] };
    const compiled = compile(program, { lowering: "loops", inputs: [built.input] });
    assert.deepEqual(copiesOf(compiled), [], name);
    const without = planMemory(fuse(lower(compiled.program, { reference: false, inputs: [built.input] })));
    assert.ok(
      compiled.memory.temporaryBytes <= 1.001 * without.temporaryBytes,
      `${name}: ${compiled.memory.temporaryBytes} and ${without.temporaryBytes} bytes`,
    );
  }
});
