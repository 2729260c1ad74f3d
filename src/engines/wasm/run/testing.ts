// For tests: one kernel as a plan, seeded numbers, and the comparison with the float64 definition (kernel/interpret.ts).
import assert from "node:assert/strict";
import type { NdArray } from "../../../base/array.ts";
import { ndarray } from "../../../base/array.ts";
import { bytesOf, type DType } from "../../../base/dtype.ts";
import type { Random } from "../../../base/random.ts";
import { type Shape, sizeOf } from "../../../base/shape.ts";
import { interpret } from "../../../kernel/interpret.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Plan, Slot, SlotRole } from "../../../kernel/plan.ts";
import { type WasmEngine, type WasmOptions, wasmEngine } from "./engine.ts";

/** What lies right behind each output: the last slots. */
const guard = ndarray([16], new Float32Array(16).fill(12345.5));

/** A plan of one step; input slots come first, then the outputs, then what a step must not touch: 64 bytes behind each. */
export function planOf(
  kernel: Kernel,
  inputs: readonly NdArray[],
  outputs: readonly { readonly shape: Shape; readonly dtype: DType }[],
  role: SlotRole = "input",
): Plan {
  const slots: Slot[] = [];
  let offset = 0;
  const behind: number[] = [];
  const add = (name: string, shape: Shape, dtype: DType, slotRole: SlotRole, output: boolean): number => {
    const id = slots.length;
    slots.push({ id, role: slotRole, shape, dtype, name, offset, output });
    const bytes = sizeOf(shape) * bytesOf(dtype);
    if (output) behind.push(offset + bytes);
    offset += Math.ceil(bytes / 16) * 16 + (output ? 64 : 0);
    return id;
  };
  const ins = inputs.map(({ shape, dtype }, i) => add(`in${i}`, shape, dtype, role, false));
  const outs = outputs.map(({ shape, dtype }, i) => add(`out${i}`, shape, dtype, "temporary", true));
  for (const at of behind)
    slots.push({ ...guard, id: slots.length, role: "variable", name: "guard", offset: at, output: false });
  return { slots, steps: [{ kernel, inputs: ins, outputs: outs, label: "test" }], arenaBytes: offset };
}

export async function runKernel(
  engine: WasmEngine,
  kernel: Kernel,
  inputs: readonly NdArray[],
  outputTypes: readonly DType[],
  role: SlotRole = "input",
): Promise<{ actual: NdArray[]; expected: NdArray[] }> {
  const expected = interpret(kernel, inputs);
  const outputs = expected.map(({ shape }, i) => ({ shape, dtype: outputTypes[i] ?? "float32" }));
  const executable = await engine.compile(planOf(kernel, inputs, outputs, role));
  try {
    inputs.forEach((value, i) => {
      executable.write(i, value);
    });
    const guards = outputs.map((_, i) => inputs.length + outputs.length + i);
    for (const slot of guards) executable.write(slot, guard);
    await executable.run();
    const first = outputs.map((_, i) => executable.read(inputs.length + i));
    await executable.run();
    const actual = outputs.map((_, i) => executable.read(inputs.length + i));
    for (const slot of guards)
      assert.deepEqual(executable.read(slot).data, guard.data, "nothing is written behind the output");
    for (const [i, { data }] of actual.entries())
      assert.deepEqual(data, first[i].data, "a second run gives the same bits");
    return { actual, expected };
  } finally {
    executable.release();
  }
}

/** The largest difference relative to `scale` plus the expected size; NaN and infinities must agree exactly. */
export function largestDifference(actual: NdArray, expected: NdArray, scale = 1): number {
  let largest = 0;
  assert.equal(actual.data.length, expected.data.length);
  for (let i = 0; i < expected.data.length; i++) {
    const a = actual.data[i];
    const e = Math.fround(expected.data[i]);
    if (Object.is(a, e) || a === e) continue;
    const difference = Math.abs(a - e) / (scale + Math.abs(e));
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
  }
  return largest;
}

/** Normal deviates, exact in float32. */
export function normals(random: Random, shape: Shape, scale = 1): NdArray {
  return ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * scale),
  );
}

export function integers(random: Random, shape: Shape, below: number, dtype: DType = "int32"): NdArray {
  return ndarray(
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.below(below)),
    dtype,
  );
}

/** The engines that every kernel is tested with: without and with fused multiply-add, 1, 2 and 4 threads. */
export const variants: readonly (WasmOptions & { readonly threads: number; readonly relaxedSimd: boolean })[] = [
  { threads: 1, relaxedSimd: false },
  { threads: 1, relaxedSimd: true },
  { threads: 2, relaxedSimd: true },
  { threads: 4, relaxedSimd: false },
];

/**
 * Runs `check` with every variant, and makes sure that the bits do not depend on the number of threads:
 * `check` gives what it read, and equal settings of fused multiply-add must give equal numbers.
 */
export async function withEngines(check: (engine: WasmEngine) => Promise<readonly NdArray[]>): Promise<void> {
  const seen = new Map<boolean, readonly NdArray[]>();
  for (const variant of variants) {
    const engine = await wasmEngine(variant);
    try {
      const results = await check(engine);
      const before = seen.get(variant.relaxedSimd);
      if (!before) seen.set(variant.relaxedSimd, results);
      else
        results.forEach((result, i) => {
          assert.deepEqual(result.data, before[i].data, `the same bits with ${variant.threads} threads, result ${i}`);
        });
    } finally {
      await engine.close();
    }
  }
}
