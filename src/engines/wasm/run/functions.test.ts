// Functions that phases share by a key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { f32x4, type Value } from "../code/assembler.ts";
import type { Phase } from "../strategy.ts";
import { emitFunctions, type PlacedPhase } from "./functions.ts";

/** A phase that asks for the helper `key`, which adds or multiplies. */
function placed(key: string, combine: (a: Value, b: Value) => Value, index: number): PlacedPhase {
  const phase: Phase = {
    name: "phase",
    items: 1,
    work: 1,
    reads: [],
    writes: [],
    emit(k) {
      k.helper(key, ["v128"], "v128", ({ f }) => f.return(combine(f.parameters[0], f.parameters[0])));
    },
  };
  return {
    phase,
    functionKey: String(index),
    label: "step",
    step: { label: "step", inputs: [], outputs: [], kernel: { kind: "map", shape: [], operands: [], outputs: [] } },
    places: [],
    emission: { buffers: [], phases: [phase] },
    addressOf: () => ({ base: "scratch", offset: 0, bytes: 0 }),
  };
}

const options = {
  features: { simd: true, relaxedSimd: false, wide: false, threads: false },
  shared: false,
  spins: 1,
  recordsAddress: 0,
  threadAddress: 0,
  threadBytes: 0,
  traceAddress: 0,
};

test("a helper's key must name all that its code depends on", () => {
  const twice = [placed("sum", f32x4.add, 0), placed("sum", f32x4.add, 1)];
  const other = [placed("sum", f32x4.add, 0), placed("sum", f32x4.mul, 1)];
  const apart = [placed("sum", f32x4.add, 0), placed("product", f32x4.mul, 1)];
  for (const all of [twice, apart]) assert.ok(emitFunctions(all, { ...options, checks: true }).module.length > 0);
  assert.throws(() => emitFunctions(other, { ...options, checks: true }), /Two helpers of the key "sum"/);
});
