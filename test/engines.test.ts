// Whole training steps on the WASM engine: close to the float64 definitions, and the same bits for any number of threads.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { NdArray } from "../src/base/array.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { type WasmEngine, wasmEngine } from "../src/engines/wasm/run/engine.ts";
import { openSession } from "../src/run/session.ts";
import { randomTraining } from "./random-network.ts";

const kinds = [
  { threads: 1, relaxedSimd: false },
  { threads: 2, relaxedSimd: false },
  { threads: 1, relaxedSimd: true },
  { threads: 2, relaxedSimd: true },
  { threads: 4, relaxedSimd: true },
];
const engines = await Promise.all(kinds.map((kind) => wasmEngine(kind)));
after(() => Promise.all(engines.map((engine) => engine.close())));

for (let seed = 0; seed < 16; seed++) {
  test(`random network ${seed}: three training steps on every kind of the WASM engine`, async () => {
    const { program, inputs } = randomTraining(seed);
    const truth = await train(referenceEngine());
    const answers = new Map<boolean, Record<string, NdArray>>();
    for (const [i, engine] of engines.entries()) {
      const answer = await train(engine);
      for (const [name, value] of Object.entries(answer))
        assertClose(value, truth[name], `${name}, ${engine.description}`);
      const first = answers.get(kinds[i].relaxedSimd);
      if (first) assert.deepEqual(answer, first, `bits with ${engine.threads} threads`);
      else answers.set(kinds[i].relaxedSimd, answer);
    }

    async function train(engine: WasmEngine | ReturnType<typeof referenceEngine>): Promise<Record<string, NdArray>> {
      const session = await openSession(program, engine);
      let last: Record<string, NdArray> = {};
      for (let step = 0; step < 3; step++) last = await session.run(inputs);
      const variables = session.variables.map((name) => [name, session.readVariable(name)]);
      session.release();
      return { ...last, ...Object.fromEntries(variables) };
    }
  });
}

function assertClose({ data }: NdArray, truth: NdArray, what: string): void {
  const scale = Math.max(1e-3, ...Array.from(truth.data, Math.abs));
  data.forEach((value, i) => {
    assert.ok(Math.abs(value - truth.data[i]) <= 2e-4 * scale, `${what}[${i}]: ${value}, not ${truth.data[i]}`);
  });
}
