import assert from "node:assert/strict";
import { test } from "node:test";
import { randomTraining } from "../../test/random-network.ts";
import type { NdArray } from "../base/array.ts";
import { sizeOf } from "../base/shape.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { openSession } from "../run/session.ts";
import { compile } from "./compile.ts";

for (let seed = 0; seed < 24; seed++) {
  test(`three training steps of random network ${seed}: fused loops equal definitions`, async () => {
    const { program, inputs } = randomTraining(seed);
    const loops = await openSession(program, { ...referenceEngine(), lowering: "loops" });
    const definitions = await openSession(program, referenceEngine());
    assert.ok(loops.compiled.memory.plan.steps.every(({ kernel }) => kernel.kind !== "host"));
    for (let step = 0; step < 3; step++) {
      const a = await loops.run(inputs);
      const b = await definitions.run(inputs);
      for (const name of ["loss", "logits"]) assertClose(a[name], b[name], `${name} of step ${step}`);
    }
    for (const name of loops.variables) assertClose(loops.readVariable(name), definitions.readVariable(name), name);
  });
}

function assertClose(a: NdArray, b: NdArray, what: string): void {
  assert.deepEqual(a.shape, b.shape);
  a.data.forEach((value, i) => {
    assert.ok(
      Math.abs(value - b.data[i]) <= 1e-9 * Math.max(1, Math.abs(b.data[i])),
      `${what}[${i}]: ${value} and ${b.data[i]}`,
    );
  });
}

test("no two slots that live at the same time share bytes", () => {
  const { program } = randomTraining(3);
  const { memory } = compile(program, { lowering: "loops" });
  const { slots, steps } = memory.plan;
  const life = slots.map((slot) => {
    const uses = steps.flatMap((step, i) => ([...step.inputs, ...step.outputs].includes(slot.id) ? [i] : []));
    const whole = slot.role !== "temporary" || slot.output;
    return {
      slot,
      first: slot.role === "temporary" ? uses[0] : -1,
      last: whole ? steps.length : uses.at(-1)!,
      used: uses.length > 0 || whole,
    };
  });
  const placed = life.filter(({ slot, used }) => used && slot.offset >= 0);
  for (const a of placed) {
    for (const b of placed) {
      if (a.slot.id >= b.slot.id) continue;
      const apart =
        a.slot.offset + sizeOf(a.slot.shape) * 4 <= b.slot.offset ||
        b.slot.offset + sizeOf(b.slot.shape) * 4 <= a.slot.offset;
      // A map may write over an operand that dies with it: then the lives touch in one step.
      assert.ok(apart || a.last <= b.first || b.last <= a.first, `slots ${a.slot.id} and ${b.slot.id}`);
    }
  }
  assert.ok(memory.temporaryBytes <= 1.3 * memory.leastTemporaryBytes);
});
