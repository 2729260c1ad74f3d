// Numbers that need not move. Where a copy only puts ranges side by side, or takes one out, the slots are made parts of one
// another and the copy is gone:
//
//   concat   a → [ a | b ] ← b     the parts are written where they are wanted (channels of one image; DenseNet's whole block)
//   slice    [ · | s | · ]         the part is read where it lies
//
// A part is one contiguous range at a multiple of 16 bytes; it lives as long as the slot that it lies in (memory.ts). Slots of
// temporaries are written by one step each, so nobody writes over it.
import { bytesOf } from "../base/dtype.ts";
import { type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import type { Access, CopyKernel } from "../kernel/kernel.ts";
import type { Range, Slot, Step } from "../kernel/plan.ts";
import type { Lowered } from "./lower.ts";

const ALIGNMENT = 16;

/** The elements [from, from + size) of a slot that a piece puts at [to, to + size) of the output. */
interface Part {
  readonly slot: number;
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

export function placeWithin(lowered: Lowered): Lowered {
  const slots = [...lowered.slots];
  const written = new Set(lowered.steps.flatMap(({ outputs }) => outputs));
  const steps: Step[] = [];
  // The last concat of a block holds the earlier ones, so it comes first.
  for (const step of [...lowered.steps].reverse()) {
    const parts = step.kernel.kind === "copy" ? partsOf(step, step.kernel, slots) : undefined;
    if (!parts) steps.push(step);
    else if (!readInPlace(slots, written, step.outputs[0], parts)) steps.push(...writeInPlace(slots, step, parts));
  }
  return { ...lowered, steps: steps.reverse(), slots: slots.map((slot) => settled(slots, slot)) };
}

/** The pieces of a copy, where each is one range and together they are the whole output. */
function partsOf({ inputs, outputs }: Step, kernel: CopyKernel, slots: readonly Slot[]): Part[] | undefined {
  const output = slots[outputs[0]];
  if (output.role !== "temporary") return undefined;
  const parts: Part[] = [];
  let end = 0;
  for (const { operand, shape, from, to, accumulate } of kernel.pieces) {
    const slot = slots[inputs[operand]];
    const aligned = (to.offset * bytesOf(output.dtype)) % ALIGNMENT === 0;
    const range = isRange(from, shape) && isRange(to, shape) && slot.dtype === output.dtype;
    if (accumulate || !range || !aligned || to.offset !== end) return undefined;
    const size = sizeOf(shape);
    parts.push({ slot: slot.id, from: from.offset, to: to.offset, size });
    end += size;
  }
  return end === sizeOf(output.shape) && end > 0 ? parts : undefined;
}

const isRange = ({ strides }: Access, shape: Shape): boolean =>
  stridesOf(shape).every((stride, axis) => shape[axis] === 1 || stride === strides[axis]);

/** All parts lie side by side in one slot already: the output is a range of that. */
function readInPlace(slots: Slot[], written: ReadonlySet<number>, output: number, parts: readonly Part[]): boolean {
  if (slots[output].within) return false;
  const places = parts.map(({ slot, from }) => {
    const { slot: root, start } = rootOf(slots, slot);
    return { slot: root, start: start + from };
  });
  const { slot: root, start } = places[0];
  const { role, dtype } = slots[root];
  const together = places.every((place, i) => place.slot === root && place.start === start + parts[i].to);
  const kept = role === "input" || role === "constant" || role === "temporary" || !written.has(root);
  if (!together || !kept || (start * bytesOf(dtype)) % ALIGNMENT !== 0) return false;
  slots[output] = { ...slots[output], within: { slot: root, start } };
  return true;
}

/** Parts that are whole temporaries of no other place are written into the output; the others are copied, each by itself. */
function writeInPlace(slots: Slot[], step: Step, parts: readonly Part[]): Step[] {
  const output = step.outputs[0];
  const placed = parts.filter(({ slot, from, to, size }) => {
    const { role, output: read, within, shape } = slots[slot];
    if (role !== "temporary" || read || within || from !== 0 || size !== sizeOf(shape)) return false;
    slots[slot] = { ...slots[slot], within: { slot: output, start: to } };
    return true;
  });
  if (placed.length === 0) return [step];
  return parts.filter((part) => !placed.includes(part)).map((part) => copyPart(slots, step, part));
}

function copyPart(slots: Slot[], { outputs, label }: Step, { slot, from, to, size }: Part): Step {
  const id = slots.length;
  const { value: _, ...like } = slots[outputs[0]];
  slots.push({ ...like, id, shape: [size], output: false, within: { slot: outputs[0], start: to } });
  const piece = { operand: 0, shape: [size], accumulate: false };
  return {
    kernel: {
      kind: "copy",
      shape: [size],
      pieces: [{ ...piece, from: { strides: [1], offset: from }, to: { strides: [1], offset: 0 } }],
    },
    inputs: [slot],
    outputs: [id],
    label,
  };
}

/** The slot of its own that a slot lies in. */
function rootOf(slots: readonly Slot[], id: number): Range {
  const { within } = slots[id];
  if (!within) return { slot: id, start: 0 };
  const { slot, start } = rootOf(slots, within.slot);
  return { slot, start: start + within.start };
}

const settled = (slots: readonly Slot[], slot: Slot): Slot =>
  slot.within ? { ...slot, within: rootOf(slots, slot.id) } : slot;
