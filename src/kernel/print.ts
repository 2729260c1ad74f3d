// Kernels and plans as text. A step is one line; under it stands what the kernel does, where one line cannot say it.
//
//   3  contract convolution forward 1 → 6 [5, 5] stride 1 …   s4, s1, s2 → s5        conv1 · convolution
import { understand } from "../base/arguments.ts";
import { bytesOf } from "../base/dtype.ts";
import { oneLine } from "../base/line.ts";
import { flag, like, listOf, optional } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { formatExpression } from "./expression.ts";
import type { Access, ContractKernel, Epilogue, Kernel } from "./kernel.ts";
import type { HostKernel, Plan, Slot, Step } from "./plan.ts";

/** The loop in a few words. */
export function formatKernel(kernel: Kernel | HostKernel): string {
  switch (kernel.kind) {
    case "host":
      return `host ${kernel.name}`;
    case "map":
      return `map ${formatShape(kernel.shape)}`;
    case "reduce":
      return `reduce ${kernel.accumulators.map(({ combine }) => combine).join(", ")} of ${formatShape(kernel.shape)} over ${kernel.axes.length === 1 ? "axis" : "axes"} ${kernel.axes.join(", ")}`;
    case "window": {
      const { combine, role, planes, input, output, window, stride, dilation } = kernel;
      return `window ${combine} ${role}, ${planes} planes ${times(input)} → ${times(output)}, window ${times(window)}${unless(1, "stride", stride)}${unless(1, "dilation", dilation)}${pads(kernel.padBefore, kernel.padAfter)}`;
    }
    case "contract":
      return formatContract(kernel);
    case "copy":
      return `copy into ${formatShape(kernel.shape)}${kernel.fill === undefined ? "" : ` filled with ${kernel.fill}`}, ${kernel.pieces.length} ${kernel.pieces.length === 1 ? "piece" : "pieces"}`;
    case "index":
      return `index ${kernel.form}, ${kernel.outer} x ${kernel.inner} lines, ${kernel.size} and ${kernel.count} long`;
  }
}

function formatContract({ form }: ContractKernel): string {
  if (form.kind === "matmul") {
    const batch = form.batch.length > 0 ? `${formatShape(form.batch)} times ` : "";
    return `contract matmul ${batch}[${form.m}, ${form.k}] · [${form.k}, ${form.n}]`;
  }
  const g = form.geometry;
  return `contract convolution ${form.role}, ${g.batch} x ${g.inChannels} x ${times(g.input)} → ${g.outChannels} x ${times(g.output)}, kernel ${times(g.kernel)}${unless(1, "stride", g.stride)}${unless(1, "dilation", g.dilation)}${unless(0, "padding", g.padBefore)}${g.groups === 1 ? "" : `, groups ${g.groups}`}`;
}

const times = (sizes: readonly number[]): string => sizes.join("x");

const unless = (usual: number, word: string, values: readonly number[]): string =>
  values.every((value) => value === usual) ? "" : `, ${word} ${times(values)}`;

const pads = (before: readonly number[], after: readonly number[]): string =>
  [...before, ...after].every((n) => n === 0) ? "" : `, padding ${times(before)} before, ${times(after)} after`;

/** The formulas inside a kernel, a line each. */
export function kernelDetails(kernel: Kernel | HostKernel): string[] {
  switch (kernel.kind) {
    case "map":
      return [
        ...kernel.outputs.map((output, i) => `out${i} = ${formatExpression(output)}`),
        ...formatAccesses(kernel.operands),
      ];
    case "reduce":
      return [
        ...kernel.accumulators.map(({ combine, value }, i) => `acc${i} = ${combine} ${formatExpression(value)}`),
        ...kernel.outputs.map((output, i) => `out${i} = ${formatExpression(output)}   (x0 … are the accumulators)`),
        ...formatAccesses(kernel.operands),
      ];
    case "contract":
      return kernel.epilogue ? epilogueLines(kernel.epilogue) : [];
    case "copy":
      return kernel.pieces.map(
        ({ operand, shape, from, to, accumulate }) =>
          `${formatShape(shape)} ${formatAccess(`x${operand}`, from)} ${accumulate ? "added to" : "to"} ${formatAccess("out", to)}`,
      );
    default:
      return [];
  }
}

function epilogueLines({ expression, operands }: Epilogue): string[] {
  return [
    `then out = ${formatExpression(expression)}   (x0 is the sum)`,
    ...operands.map((access, i) => formatAccess(`x${i + 1}`, access)),
  ];
}

const formatAccesses = (operands: readonly Access[]): string[] =>
  operands.map((access, i) => formatAccess(`x${i}`, access));

function formatAccess(name: string, { strides, offset }: Access): string {
  return `${name} at ${offset === 0 ? "" : `${offset} + `}strides ${formatShape(strides)}`;
}

/** Steps, one a line; with `details` the formulas of each below it. */
export function printSteps(steps: readonly Step[], details = false): string {
  understand("printSteps", arguments, {
    steps: listOf(like("a step", "kernel", "label"), "a list of steps"),
    details: optional(flag),
  });
  const place = String(Math.max(0, steps.length - 1)).length;
  return steps
    .flatMap((step, i) => {
      const line = `${String(i).padStart(place)}  ${formatKernel(step.kernel)}  ${formatSlots(step)}   # ${step.label}`;
      const more = details ? kernelDetails(step.kernel) : [];
      return [line, ...more.map((detail) => `${" ".repeat(place + 4)}${detail}`)].map(oneLine);
    })
    .join("\n");
}

const formatSlots = ({ inputs, outputs }: Step): string =>
  `(${inputs.map((slot) => `s${slot}`).join(", ")}) → ${outputs.map((slot) => `s${slot}`).join(", ")}`;

/** Slots with their places in the arena, then the steps. */
export function printPlan(plan: Plan): string {
  understand("printPlan", arguments, { plan: like("a plan, as compile() gives it", "slots", "steps", "arenaBytes") });
  const { slots, steps, arenaBytes } = plan;
  const kept = slots.filter(({ offset }) => offset >= 0);
  const rows = kept.map((slot) => [`s${slot.id}`, slot.role, formatPlace(slot), slot.dtype, formatShape(slot.shape)]);
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  const lines = rows
    .map(
      (row, i) =>
        `${row.map((cell, column) => (column === 2 ? cell.padStart(widths[2]) : cell.padEnd(widths[column]))).join("  ")}  ${kept[i].name}${remarks(kept[i])}`,
    )
    .map(oneLine);
  return [`arena ${arenaBytes} bytes`, "", ...lines, "", printSteps(steps)].join("\n");
}

const remarks = ({ output, within }: Slot): string =>
  `${within ? `   (in s${within.slot})` : ""}${output ? "   (read after the run)" : ""}`;

function formatPlace({ offset, shape, dtype }: Slot): string {
  return `${offset}…${offset + sizeOf(shape) * bytesOf(dtype)}`;
}
