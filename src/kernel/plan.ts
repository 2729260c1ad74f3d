// A plan: everything an engine needs to run a graph, as plain data. Slots are typed buffers, steps are kernels (or host
// functions) that read and write slots, in order. Offsets are filled in by compile/memory.ts.
import type { NdArray } from "../base/array.ts";
import { bytesOf, type DType } from "../base/dtype.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Kernel } from "./kernel.ts";

/**
 * input: written by the caller before each run.   variable: lives from run to run; may be written by steps.
 * constant: never changes.                        temporary: lives from its first to its last step.
 */
export type SlotRole = "input" | "variable" | "constant" | "temporary";

/** The elements of a slot from `start` on. */
export interface Range {
  readonly slot: number;
  readonly start: number;
}

export interface Slot {
  readonly id: number;
  readonly role: SlotRole;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Name of an input or a variable; for others a label of the op that made it. */
  readonly name: string;
  /** The numbers of a constant. */
  readonly value?: NdArray;
  /** Byte offset in the arena (16-aligned). Slots that share bytes never live at the same time, unless one is within the other. */
  readonly offset: number;
  /** The caller reads it after a run: its bytes must survive to the end. */
  readonly output: boolean;
  /** Its numbers lie in another slot, which lies in none itself; it lives as long as that. */
  readonly within?: Range;
}

/** A function on the host: what an op does that has no lowering. Float64 numbers in and out. */
export interface HostKernel {
  readonly kind: "host";
  readonly name: string;
  readonly run: (inputs: readonly NdArray[]) => readonly NdArray[];
}

export interface Step {
  readonly kernel: Kernel | HostKernel;
  /** Slot ids; operand i of the kernel is inputs[i]. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Path of the layer that it came from, and the op: `layer1.0.conv1 · conv2d`. */
  readonly label: string;
}

export interface Plan {
  readonly slots: readonly Slot[];
  readonly steps: readonly Step[];
  /** Bytes of the arena that `offset`s lie in. */
  readonly arenaBytes: number;
}

/** Bytes of what keeps its numbers from run to run and is placed in the arena: variables and constants. */
export const weightBytes = ({ slots }: Plan): number =>
  slots
    .filter(({ role, offset }) => (role === "constant" || role === "variable") && offset >= 0)
    .reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOf(dtype), 0);
