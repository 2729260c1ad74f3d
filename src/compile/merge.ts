// Neighbours that share one pass: reductions over the same places, maps over the same shape of which one reads the other,
// and updates of variables, which are written by the map that computes them.
import { sameShape, stridesOf } from "../base/shape.ts";
import { type Expression, operand } from "../kernel/expression.ts";
import { type MapKernel, type ReduceKernel, sameAccess } from "../kernel/kernel.ts";
import { mayRefuse } from "../kernel/places.ts";
import type { Step } from "../kernel/plan.ts";
import { substitute } from "../kernel/walk.ts";
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
      if (!first || !second || first.kernel.kind !== second.kernel.kind) continue;
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
    const known = a.operands.findIndex((other, j) => first.inputs[j] === second.inputs[i] && sameAccess(other, access));
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
  if (a.kind !== "map" || b.kind !== "map" || !second.inputs.some((slot) => first.outputs.includes(slot)))
    return undefined;
  if (!sameShape(a.shape, b.shape)) return undefined;
  if (a.outputs.length + b.outputs.length > 4 || first.inputs.length + second.inputs.length > 10) return undefined;
  const strides = stridesOf(a.shape);
  const plain = (i: number): boolean =>
    b.operands[i].offset === 0 && a.shape.every((n, axis) => n === 1 || b.operands[i].strides[axis] === strides[axis]);
  const links = second.inputs.map((slot) => first.outputs.indexOf(slot));
  if (links.every((link) => link < 0) || links.some((link, i) => link >= 0 && !plain(i))) return undefined;
  const known = second.inputs.map((slot, i) =>
    first.inputs.findIndex((other, k) => other === slot && sameAccess(a.operands[k], b.operands[i])),
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
  const { slots } = lowered;
  const writer = new Map<number, number>();
  const lastReader = new Map<number, number>();
  lowered.steps.forEach((step, i) => {
    for (const slot of step.outputs) if (slots[slot].role === "temporary") writer.set(slot, i);
    for (const slot of step.inputs) lastReader.set(slot, i);
  });
  const refuses = lowered.steps.findLastIndex(({ kernel }) => mayRefuse(kernel));
  /** A temporary's new name: the variable that it is written into. */
  const into = new Map<number, number>();
  const dropped = new Set<number>();
  lowered.steps.forEach((update, u) => {
    if (!update.label.startsWith("update · ")) return;
    const [value] = update.inputs;
    const [variable] = update.outputs;
    const from = writer.get(value);
    if (from === undefined || into.has(value) || slots[value].output) return;
    if (slots[value].dtype !== slots[variable].dtype) return;
    // What is written before a step that may refuse its data could not be taken back.
    const early = (lastReader.get(variable) ?? -1) > from || from <= refuses;
    if (early || !mayOverwrite(lowered.steps[from], variable)) return;
    into.set(value, variable);
    dropped.add(u);
  });
  const rename = (slot: number): number => into.get(slot) ?? slot;
  const steps = lowered.steps
    .filter((_, i) => !dropped.has(i))
    .map((step) => ({ ...step, inputs: step.inputs.map(rename), outputs: step.outputs.map(rename) }));
  return { ...lowered, steps };
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
