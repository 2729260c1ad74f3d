import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor, variable } from "../graph/graph.ts";
import { activation, relu } from "../ops/activations.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { conv2d, convTranspose2d } from "../ops/convolve.ts";
import { concat } from "../ops/copy.ts";
import { crossEntropy } from "../ops/loss.ts";
import { linear } from "../ops/matmul.ts";
import { batchNorm } from "../ops/normalization.ts";
import { avgPool2d, globalAvgPool, maxPool2d } from "../ops/pooling.ts";
import { flatten } from "../ops/reshape.ts";
import { openSession } from "../run/session.ts";
import { compile } from "./compile.ts";
import { gradients } from "./grad.ts";
import type { Program } from "./program.ts";

const noise = (shape: Shape, name: string, scale = 1): NdArray => {
  const random = new Random(7, name);
  return ndarray(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => (random.uniform() - 0.5) * 2 * scale),
  );
};

/** A random network of blocks, its training step with momentum, and data for it. */
function randomTraining(seed: number): { program: Program; inputs: Record<string, NdArray> } {
  const random = new Random(seed, "network");
  const weights: Tensor[] = [];
  const weight = (shape: Shape): Tensor => {
    const name = `w${seed}.${weights.length}`;
    const made = variable(name, shape, () => noise(shape, name, 0.5));
    weights.push(made);
    return made;
  };
  const x = input("x", [3, 2, 8, 8]);
  const labels = input("labels", [3], "int32");
  let y: Tensor = x;
  for (let block = 0; block < 3; block++) {
    const channels = y.shape[1];
    const kind = random.below(6);
    if (kind === 0) y = relu(conv2d(y, weight([4, channels, 3, 3]), { padding: 1, bias: weight([4]) }));
    if (kind === 1) {
      const c = conv2d(y, weight([4, channels, 3, 3]), { padding: "same", paddingMode: "reflect" });
      y = activation("silu", batchNorm(c, { weight: weight([4]), bias: weight([4]) }).y);
    }
    if (kind === 2) y = relu(add(conv2d(y, weight([channels, channels, 1, 1])), y));
    if (kind === 3) y = y.shape[2] >= 4 ? maxPool2d(y, 2) : mul(y, 0.5);
    if (kind === 4) y = concat([activation("tanh", y), conv2d(y, weight([2, channels, 1, 1]))], 1);
    if (kind === 5)
      y = avgPool2d(convTranspose2d(y, weight([channels, 3, 2, 2]), { stride: 2 }), 3, { stride: 2, padding: 1 });
  }
  const logits = add(linear(flatten(globalAvgPool(y)), weight([4, y.shape[1]])), weight([4]));
  const loss = crossEntropy(logits, labels, { labelSmoothing: 0.1 });
  const updates = gradients([loss], weights).flatMap((slope, i) => {
    const speed = variable(`speed${seed}.${i}`, slope.shape, () => noise(slope.shape, "speed", 0));
    const next = add(mul(speed, 0.9), slope);
    return [
      { variable: speed, value: next },
      { variable: weights[i], value: sub(weights[i], mul(next, 0.1)) },
    ];
  });
  const inputs = { x: noise(x.shape, `x${seed}`), labels: ndarray([3], Int32Array.of(0, 3, 1), "int32") };
  return { program: { outputs: { loss, logits }, updates }, inputs };
}

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
