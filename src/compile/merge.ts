// Neighbours that share one pass: reductions over the same places, maps over the same shape of which one reads the other,
// and updates of variables, which are written by the map that computes them.
import { sameShape, stridesOf } from "../base/shape.ts";
import { type Expression, operand, substitute } from "../kernel/expression.ts";
import type { MapKernel, ReduceKernel } from "../kernel/kernel.ts";
import type { Step } from "../kernel/plan.ts";
import type { Lowered } from "./lower.ts";

export function mergeSteps(lowered: Lowered): Lowered {
  return retargetUpdates({ ...lowered, steps: mergePairs(lowered.steps) });
}

/** How far back a partner is looked for. */
const REACH = 48;

function mergePairs(given: readonly Step[]): Step[] {
  const steps: (Step | undefined)[] = [...given];
  for (let j = 0; j < steps.length; j++) {
    for (let i = j - 1; i >= Math.max(0, j - REACH); i--) {
      const first = steps[i];
      const second = steps[j];
      if (!first || !second) continue;
      const merged = mergeReduces(first, second) ?? mergeMaps(first, second);
      if (!merged) continue;
      // The pair takes the place of its second, or of its first where somebody in between waits for that.
      const late = !readBetween(steps, first, i, j);
      if (!late && !readyBefore(steps, second, i, j)) continue;
      steps[i] = late ? undefined : merged;
      steps[j] = late ? merged : undefined;
    }
  }
  return steps.filter((step): step is Step => step !== undefined);
}

function readBetween(steps: readonly (Step | undefined)[], { outputs }: Step, i: number, j: number): boolean {
  for (let k = i + 1; k < j; k++) {
    if (steps[k]?.inputs.some((slot) => outputs.includes(slot))) return true;
  }
  return false;
}

/** Whether nothing that `second` reads is written between the two. */
function readyBefore(steps: readonly (Step | undefined)[], { inputs }: Step, i: number, j: number): boolean {
  for (let k = i; k < j; k++) {
    if (steps[k]?.outputs.some((slot) => inputs.includes(slot))) return false;
  }
  return true;
}

function mergeReduces(first: Step, second: Step): Step | undefined {
  const a = first.kernel;
  const b = second.kernel;
  if (a.kind !== "reduce" || b.kind !== "reduce") return undefined;
  const plain = a.finishOperands.length === 0 && b.finishOperands.length === 0;
  const sums = [...a.accumulators, ...b.accumulators].every(({ combine }) => combine === "sum");
  const related = second.inputs.some((slot) => first.inputs.includes(slot));
  if (!plain || !sums || !related || !sameShape(a.shape, b.shape) || !sameShape(a.axes, b.axes)) return undefined;
  if (second.inputs.some((slot) => first.outputs.includes(slot)) || a.accumulators.length + b.accumulators.length > 4)
    return undefined;
  const places = b.operands.map((access, i) => {
    const known = a.operands.findIndex(
      (other, j) => first.inputs[j] === second.inputs[i] && JSON.stringify(other) === JSON.stringify(access),
    );
    return { known, access, slot: second.inputs[i] };
  });
  const fresh = places.filter(({ known }) => known < 0);
  const placeOf = (i: number): number =>
    places[i].known >= 0 ? places[i].known : a.operands.length + fresh.indexOf(places[i]);
  const kernel: ReduceKernel = {
    ...a,
    operands: [...a.operands, ...fresh.map(({ access }) => access)],
    accumulators: [
      ...a.accumulators,
      ...b.accumulators.map(({ combine, value }) => ({
        combine,
        value: substitute(value, (i) => operand(placeOf(i))),
      })),
    ],
    outputs: [...a.outputs, ...b.outputs.map((e) => substitute(e, (i) => operand(a.accumulators.length + i)))],
  };
  return {
    kernel,
    inputs: [...first.inputs, ...fresh.map(({ slot }) => slot)],
    outputs: [...first.outputs, ...second.outputs],
    label: `${first.label} & ${second.label}`,
  };
}

/** A map that reads another map's result while that is also needed elsewhere: one loop with two outputs. */
function mergeMaps(first: Step, second: Step): Step | undefined {
  const a = first.kernel;
  const b = second.kernel;
  if (a.kind !== "map" || b.kind !== "map" || !sameShape(a.shape, b.shape)) return undefined;
  if (a.outputs.length + b.outputs.length > 4 || first.inputs.length + second.inputs.length > 10) return undefined;
  const strides = stridesOf(a.shape);
  const plain = (i: number): boolean =>
    b.operands[i].offset === 0 && a.shape.every((n, axis) => n === 1 || b.operands[i].strides[axis] === strides[axis]);
  const links = second.inputs.map((slot) => first.outputs.indexOf(slot));
  if (links.every((link) => link < 0) || links.some((link, i) => link >= 0 && !plain(i))) return undefined;
  const known = second.inputs.map((slot, i) =>
    first.inputs.findIndex(
      (other, k) => other === slot && JSON.stringify(a.operands[k]) === JSON.stringify(b.operands[i]),
    ),
  );
  const own = second.inputs.map((_, i) => i).filter((i) => links[i] < 0 && known[i] < 0);
  const placeOf = (i: number): number => (known[i] >= 0 ? known[i] : first.inputs.length + own.indexOf(i));
  const value = (e: Expression): Expression =>
    substitute(e, (i) => (links[i] >= 0 ? a.outputs[links[i]] : operand(placeOf(i))));
  const kernel: MapKernel = {
    ...a,
    operands: [...a.operands, ...own.map((i) => b.operands[i])],
    outputs: [...a.outputs, ...b.outputs.map(value)],
  };
  return {
    kernel,
    inputs: [...first.inputs, ...own.map((i) => second.inputs[i])],
    outputs: [...first.outputs, ...second.outputs],
    label: `${first.label} & ${second.label}`,
  };
}

/** Lets the step that computes a variable's new value write it there, where nobody reads the old value later. */
function retargetUpdates(lowered: Lowered): Lowered {
  const steps: (Step | undefined)[] = [...lowered.steps];
  const { slots } = lowered;
  const outputs = { ...lowered.outputs };
  for (let u = 0; u < steps.length; u++) {
    const update = steps[u];
    if (!update?.label.startsWith("update · ")) continue;
    const [value] = update.inputs;
    const [variable] = update.outputs;
    const from = steps.findIndex((step) => step?.outputs.includes(value));
    if (from < 0 || from === u || slots[value].role !== "temporary" || slots[value].dtype !== slots[variable].dtype)
      continue;
    if (slots[value].output) continue;
    const producer = steps[from]!;
    const readLater = steps.some((step, i) => i > from && step?.inputs.includes(variable));
    if (readLater || !mayOverwrite(producer, variable)) continue;
    for (let i = from; i < steps.length; i++) {
      const step = steps[i];
      if (step)
        steps[i] = {
          ...step,
          inputs: step.inputs.map((s) => (s === value ? variable : s)),
          outputs: step.outputs.map((s) => (s === value ? variable : s)),
        };
    }
    steps[u] = undefined;
  }
  return { ...lowered, outputs, steps: steps.filter((step): step is Step => step !== undefined) };
}

/** A step may write what it reads only if it reads each element just where it writes it. */
function mayOverwrite({ kernel, inputs }: Step, variable: number): boolean {
  if (!inputs.includes(variable)) return kernel.kind !== "host";
  if (kernel.kind !== "map") return false;
  const strides = stridesOf(kernel.shape);
  return inputs.every(
    (slot, i) =>
      slot !== variable ||
      (kernel.operands[i].offset === 0 &&
        kernel.shape.every((n, axis) => n === 1 || kernel.operands[i].strides[axis] === strides[axis])),
  );
}
