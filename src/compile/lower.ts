// Graph to steps: every node becomes the one loop that its op names, every tensor a slot. Views share their input's slot.
// With `reference` every node becomes its float64 definition instead: the plan of the reference engine.
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { sizeOf, stridesOf } from "../base/shape.ts";
import { attributesIf, constantOp, inputOp, type Node, type Tensor, variableOp } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { HostKernel, Slot, Step } from "../kernel/plan.ts";
import { type Program, rootsOf } from "./program.ts";

/** Steps and slots before memory is planned. Slots of temporaries are written by exactly one step. */
export interface Lowered {
  readonly slots: readonly Slot[];
  readonly steps: readonly Step[];
  /** Slot of each named output. */
  readonly outputs: Readonly<Record<string, number>>;
}

export interface LowerOptions {
  readonly reference: boolean;
  /** Inputs that must have a slot even if nothing reads them. */
  readonly inputs?: readonly Tensor[];
}

export function lower(program: Program, { reference, inputs = [] }: LowerOptions): Lowered {
  const slots: Slot[] = [];
  const steps: Step[] = [];
  const slotOf = new Map<Tensor, number>();
  const variables = new Map<string, number>();
  const addSlot = (tensor: Tensor, role: Slot["role"], name: string, value?: NdArray): number => {
    slots.push({
      id: slots.length,
      role,
      shape: tensor.shape,
      dtype: tensor.dtype,
      name,
      value,
      offset: -1,
      output: false,
    });
    return slots.length - 1;
  };
  const used = new Set<Tensor>(rootsOf(program));
  const nodes = walk([...inputs, ...rootsOf(program), ...program.updates.map(({ variable }) => variable)]);
  for (const node of nodes) for (const tensor of node.inputs) used.add(tensor);

  for (const node of nodes) {
    const leaf = leafSlot(node);
    if (leaf) {
      const tensor = node.outputs[0];
      const known = leaf.role === "variable" ? variables.get(leaf.name) : undefined;
      const slot = known ?? addSlot(tensor, leaf.role, leaf.name, leaf.value);
      if (leaf.role === "variable") {
        if (known === undefined) variables.set(leaf.name, slot);
        else throw new NeocogError(`Two variables are called "${leaf.name}"; give their layers different names.`);
      }
      slotOf.set(tensor, slot);
      continue;
    }
    const reads = node.inputs.map((tensor) => slotOf.get(tensor)!);
    const kernel = reference ? hostKernel(node) : lowerNode(node);
    if (kernel === "view") {
      slotOf.set(node.outputs[0], reads[0]);
      continue;
    }
    const kept =
      kernel.kind === "host" ? node.outputs : node.outputs.filter((tensor, i) => i === 0 || used.has(tensor));
    const writes = kept.map((tensor) => {
      const slot = addSlot(tensor, "temporary", node.op.name);
      slotOf.set(tensor, slot);
      return slot;
    });
    const pruned: Kernel | HostKernel =
      kernel.kind === "window" && kept.length === 1 ? { ...kernel, withIndices: false } : kernel;
    steps.push({ kernel: pruned, inputs: reads, outputs: writes, label: labelOf(node) });
  }

  for (const { variable, value } of program.updates) {
    const from = slotOf.get(value)!;
    const to = slotOf.get(variable)!;
    if (from !== to)
      steps.push({ kernel: moveKernel(value), inputs: [from], outputs: [to], label: `update · ${slots[to].name}` });
  }
  const outputs: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(program.outputs)) {
    const slot = slotOf.get(tensor)!;
    slots[slot] = { ...slots[slot], output: true };
    outputs[name] = slot;
  }
  return { slots, steps, outputs };
}

function leafSlot(node: Node): { role: Slot["role"]; name: string; value?: NdArray } | undefined {
  const constant = attributesIf(node, constantOp);
  if (constant) return { role: "constant", name: "constant", value: constant.value };
  const input = attributesIf(node, inputOp);
  if (input) return { role: "input", name: input.name };
  const variable = attributesIf(node, variableOp);
  return variable && { role: "variable", name: variable.name };
}

function lowerNode(node: Node): Kernel | HostKernel | "view" {
  return node.op.lower?.(node.inputs, node.attributes, node.outputs) ?? hostKernel(node);
}

function hostKernel({ op, attributes, inputs, outputs, path }: Node): HostKernel {
  const { reference } = op;
  if (!reference)
    throw new NeocogError(
      `${op.name}${path ? ` in layer "${path}"` : ""} can be run neither by an engine nor on the host.`,
    );
  const types = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const shapes = inputs.map(({ shape }) => shape);
  // A slot may be seen under another shape here (a reshape moves no number).
  const run = (arrays: readonly NdArray[]): readonly NdArray[] =>
    reference(
      arrays.map((array, i) => ({ ...array, shape: shapes[i] })),
      attributes,
      types,
    );
  return { kind: "host", name: op.name, run };
}

/** Moves a value into a variable. */
function moveKernel({ shape }: Tensor): Kernel {
  const flat = { strides: stridesOf([sizeOf(shape)]), offset: 0 };
  return {
    kind: "copy",
    shape: [sizeOf(shape)],
    pieces: [{ operand: 0, shape: [sizeOf(shape)], from: flat, to: flat, accumulate: false }],
  };
}

/** The layer and the op, as people see a step. */
export function labelOf(node: Node): string {
  const name =
    "name" in node.attributes && typeof node.attributes.name === "string" ? node.attributes.name : node.op.name;
  return node.path === "" ? name : `${node.path} · ${name}`;
}
