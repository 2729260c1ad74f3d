// Memory: every slot gets a place in one arena. Inputs, variables, constants and outputs keep theirs; temporaries live from
// the step that writes them to the last that reads them, and share bytes when their lives do not overlap. A map may write
// over an operand that dies with it. A slot within another (within.ts) has no bytes of its own: the other lives from the
// first write to the last use of either. Largest first, each at the lowest free place (Pisarchyk & Lee 2020, 2001.03288).
import { bytesOf } from "../base/dtype.ts";
import { sizeOf, stridesOf } from "../base/shape.ts";
import type { Plan, Slot, Step } from "../kernel/plan.ts";
import type { Lowered } from "./lower.ts";

/** Every slot starts at a multiple of this many bytes, so that rows of vectors and cache lines do not straddle. */
const ALIGNMENT = 64;

const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export const slotBytes = ({ shape, dtype }: Slot): number =>
  Math.max(ALIGNMENT, alignUp(sizeOf(shape) * bytesOf(dtype)));

interface Buffer {
  bytes: number;
  first: number;
  last: number;
  offset: number;
}

export interface PlannedMemory {
  /** The steps with a place for every slot: what an engine takes. */
  readonly plan: Plan;
  /** Bytes of inputs, variables and constants. */
  readonly persistentBytes: number;
  /** Bytes of the shared room of temporaries. */
  readonly temporaryBytes: number;
  /** The largest sum of temporaries alive at one step: no plan can need less. */
  readonly leastTemporaryBytes: number;
}

export function planMemory({ slots, steps }: Lowered): PlannedMemory {
  const used = new Set(steps.flatMap((step) => [...step.inputs, ...step.outputs]).map((id) => ownerOf(slots, id)));
  for (const slot of slots) if (slot.output) used.add(ownerOf(slots, slot.id));
  const buffers = temporaryBuffers(slots, steps);
  let persistentBytes = 0;
  const fixed = new Map<number, number>();
  for (const slot of slots) {
    if (slot.role === "temporary" || (slot.role === "constant" && !used.has(slot.id))) continue;
    fixed.set(slot.id, persistentBytes);
    persistentBytes += slotBytes(slot);
  }
  const distinct = [...new Set(buffers.values())];
  const temporaryBytes = place(distinct);
  const offsetOf = (owner: number): number =>
    fixed.get(owner) ?? (buffers.has(owner) ? persistentBytes + buffers.get(owner)!.offset : -1);
  const planned = slots.map((slot) => {
    const offset = offsetOf(ownerOf(slots, slot.id));
    return { ...slot, offset: offset < 0 ? -1 : offset + bytesOf(slot.dtype) * (slot.within?.start ?? 0) };
  });
  return {
    plan: { slots: planned, steps, arenaBytes: persistentBytes + temporaryBytes },
    persistentBytes,
    temporaryBytes,
    leastTemporaryBytes: peak(distinct, steps.length),
  };
}

/** The slot whose bytes a slot takes: another where it lies within that. */
const ownerOf = (slots: readonly Slot[], id: number): number => slots[id].within?.slot ?? id;

/** The buffers of temporaries that lie in no other slot. */
function temporaryBuffers(slots: readonly Slot[], steps: readonly Step[]): Map<number, Buffer> {
  const last = new Map<number, number>();
  steps.forEach((step, i) => {
    for (const slot of [...step.inputs, ...step.outputs]) last.set(ownerOf(slots, slot), i);
  });
  for (const slot of slots) if (slot.output) last.set(ownerOf(slots, slot.id), steps.length);
  const buffers = new Map<number, Buffer>();
  steps.forEach((step, i) => {
    const taken = new Set<Buffer>();
    for (const output of step.outputs) {
      const slot = ownerOf(slots, output);
      if (slots[slot].role !== "temporary" || buffers.has(slot)) continue;
      const bytes = slotBytes(slots[slot]);
      const over = slot === output ? overwritable(slots, step, slot, buffers, i) : undefined;
      if (over && !taken.has(over)) {
        over.last = Math.max(over.last, last.get(slot)!);
        buffers.set(slot, over);
        taken.add(over);
      } else {
        buffers.set(slot, { bytes, first: i, last: last.get(slot)!, offset: -1 });
      }
    }
  });
  return buffers;
}

/** The buffer of an operand that dies at this step and that a map reads just where it writes. */
function overwritable(
  slots: readonly Slot[],
  step: Step,
  output: number,
  buffers: ReadonlyMap<number, Buffer>,
  at: number,
): Buffer | undefined {
  const { kernel, inputs } = step;
  if (kernel.kind !== "map") return undefined;
  const { shape } = kernel;
  const list = kernel.operands.map((access, i) => ({ access, slot: inputs[i] }));
  const strides = stridesOf(shape);
  const bufferOf = (slot: number): Buffer | undefined => buffers.get(ownerOf(slots, slot));
  for (const { slot } of list) {
    const buffer = bufferOf(slot);
    if (!buffer || buffer.last !== at || buffer.bytes !== slotBytes(slots[output])) continue;
    if (bytesOf(slots[slot].dtype) !== bytesOf(slots[output].dtype)) continue;
    // Every operand that lives in this buffer must be read just where it is written.
    const plain = list.every(
      (other) =>
        bufferOf(other.slot) !== buffer ||
        (other.access.offset + (slots[other.slot].within?.start ?? 0) === 0 &&
          shape.every((n, axis) => n === 1 || other.access.strides[axis] === strides[axis])),
    );
    if (plain) return buffer;
  }
  return undefined;
}

/** Gives every buffer its offset; returns the bytes of the whole. */
function place(buffers: readonly Buffer[]): number {
  const placed: Buffer[] = [];
  let end = 0;
  for (const buffer of [...buffers].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    const rivals = placed
      .filter((other) => other.first <= buffer.last && buffer.first <= other.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const rival of rivals) {
      if (rival.offset - offset >= buffer.bytes) break;
      offset = Math.max(offset, rival.offset + rival.bytes);
    }
    buffer.offset = offset;
    placed.push(buffer);
    end = Math.max(end, offset + buffer.bytes);
  }
  return end;
}

function peak(buffers: readonly Buffer[], steps: number): number {
  const change = new Float64Array(steps + 2);
  for (const { first, last, bytes } of buffers) {
    change[first] += bytes;
    change[Math.min(last, steps) + 1] -= bytes;
  }
  let alive = 0;
  let most = 0;
  for (const delta of change) {
    alive += delta;
    most = Math.max(most, alive);
  }
  return most;
}
