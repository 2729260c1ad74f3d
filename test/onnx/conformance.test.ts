// The official ONNX conformance cases on every engine. They come from a Debian package that is not part of the project;
// without it the tests are skipped, and say so.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { wasmEngine } from "../../src/engines/wasm/run/engine.ts";
import { missing } from "../outside.ts";
import { describe, runAll, type Scope } from "./conformance.ts";

const skip = missing("onnxTestData");

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  reference: async () => referenceEngine(),
  wasm: () => wasmEngine(),
};

/** Cases in scope: the vision set is counted in the project's goals, the wide one adds operators and element types. */
const counts: Readonly<Record<Scope, Readonly<Record<string, number>>>> = {
  vision: { node: 494, "pytorch-converted": 82, "pytorch-operator": 30, simple: 6 },
  wide: { node: 832, "pytorch-converted": 82, "pytorch-operator": 35, simple: 7 },
};

for (const [name, make] of Object.entries(engines)) {
  for (const scope of ["vision", "wide"] as const) {
    const total = Object.values(counts[scope]).reduce((a, b) => a + b, 0);
    test(`${total} cases of the ${scope} scope on the ${name} engine`, { skip }, async (t) => {
      const engine = await make();
      try {
        const report = await runAll(engine, scope);
        t.diagnostic(describe(report).split("\n")[report.failures.length]);
        assert.deepEqual(report.inScope, counts[scope]);
        assert.equal(report.failures.length, 0, describe(report));
      } finally {
        await engine.close();
      }
    });
  }
}
