// More of torchvision's models: state dict, counts, and answers with weights by formula (test/fixtures/make_zoo.py).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { readFixtureJson } from "../../../test/fixtures.ts";
import { formulaArray } from "../../../test/formula.ts";
import { summary } from "../../analyze/summary.ts";
import { formatShape } from "../../base/shape.ts";
import { wasmEngine } from "../../engines/wasm/run/engine.ts";
import { openSession } from "../../run/session.ts";
import { build } from "../build.ts";
import { loadState, stateShapes } from "../state.ts";
import { createModel } from "./list.ts";

interface Row {
  readonly parameters: number;
  readonly macs: number;
  readonly keys: number;
  /** Of a line for each key, sorted, with its shape. */
  readonly sha256: string;
  /** Side of the picture that was answered, for one of each family. */
  readonly side?: number;
  /** The first eight. */
  readonly logits?: readonly number[];
  /** Root mean square of all. */
  readonly size?: number;
  readonly largest?: number;
}

const { models } = readFixtureJson("zoo") as { readonly models: Readonly<Record<string, Row>> };

for (const [name, { parameters, macs, keys, sha256 }] of Object.entries(models)) {
  test(`${name} is torchvision's: ${keys} keys, ${parameters} parameters, ${macs} MACs`, () => {
    const { layer, inputShape } = createModel(name);
    const shapes = stateShapes(build(layer, [1, ...inputShape]).variables);
    assert.equal(shapes.size, keys);
    const lines = [...shapes].map(([key, shape]) => `${key} ${formatShape(shape)}\n`);
    assert.equal(createHash("sha256").update(sorted(lines).join("")).digest("hex"), sha256);
    const total = summary(layer, [1, ...inputShape]);
    assert.deepEqual([total.parameters, total.macs], [parameters, macs]);
  });
}

/** By code points, as Python sorts, the key alone deciding. */
const sorted = (lines: readonly string[]): string[] => {
  const key = (line: string): string => line.slice(0, line.indexOf(" "));
  return [...lines].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

test("one of each family answers as PyTorch does", async () => {
  const engine = await wasmEngine({ threads: 1 });
  try {
    for (const [name, { side, logits = [], size = 0, largest }] of Object.entries(models)) {
      if (side === undefined) continue;
      const built = build(createModel(name, { inputSize: side }).layer, [1, 3, side, side]);
      const given = new Map([...stateShapes(built.variables)].map(([key, shape]) => [key, formulaArray(key, shape)]));
      const session = await openSession({ outputs: { y: built.output }, updates: [] }, engine, {
        state: loadState(built.variables, given).state,
      });
      const { y } = await session.run({ input: formulaArray("image", [1, 3, side, side]) });
      session.release();
      logits.forEach((value, i) => {
        assert.ok(Math.abs(y.data[i] - value) <= 2e-4 * size, `${name}: logit ${i} is ${y.data[i]}, not ${value}`);
      });
      const found = Math.sqrt(Array.from(y.data).reduce((sum, value) => sum + value ** 2, 0) / y.data.length);
      assert.ok(Math.abs(found - size) <= 1e-4 * size, `${name}: the size of the logits is ${found}, not ${size}`);
      assert.equal(y.data.indexOf(Math.max(...y.data)), largest, name);
    }
  } finally {
    await engine.close();
  }
});
