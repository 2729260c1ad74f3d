// A dozen kernels as text: what a change of an emitter does to the code can be read in a diff.

import type { DType } from "../../src/base/dtype.ts";
import type { Shape } from "../../src/base/shape.ts";
import { disassemble } from "../../src/engines/wasm/code/disassemble.ts";
import { planOf } from "../../src/engines/wasm/run/testing.ts";
import { add, constant, maximum, operand, unary } from "../../src/kernel/expression.ts";
import { contractShape } from "../../src/kernel/interpret.ts";
import type { ContractKernel, ConvolutionForm, Kernel } from "../../src/kernel/kernel.ts";
import { fused, programOf } from "./replay.ts";

interface Snapshot {
  readonly kernel: Kernel;
  readonly inputs: readonly { readonly shape: Shape; readonly dtype: DType }[];
  readonly output: Shape;
  readonly strategy: string;
  /** How the name of the function that is shown begins: a phase, or what phases share. */
  readonly part: string;
}

const numbers = (...shape: number[]) => ({ shape, dtype: "float32" as const });

/** A convolution of N images with C channels of S x S, K filters of R x R, and in the forward role a bias and relu. */
function convolution(
  [strategy, part]: readonly [string, string],
  role: ConvolutionForm["role"],
  [batch, inChannels, size, outChannels, taps, stride = 1, groups = 1]: readonly number[],
): Snapshot {
  const two = (n: number): number[] => [n, n];
  const pad = taps >> 1;
  const out = Math.floor((size + 2 * pad - taps) / stride) + 1;
  const form: ConvolutionForm = {
    kind: "convolution",
    role,
    geometry: {
      batch,
      groups,
      inChannels,
      outChannels,
      input: two(size),
      kernel: two(taps),
      output: two(out),
      stride: two(stride),
      dilation: two(1),
      padBefore: two(pad),
    },
  };
  const x = numbers(batch, inChannels, size, size);
  const w = numbers(outChannels, inChannels / groups, taps, taps);
  const y = numbers(batch, outChannels, out, out);
  const output = contractShape(form);
  const operands = [{ strides: [0, 1, 0, 0], offset: 0 }];
  const expression = maximum(add(operand(0), operand(1)), constant(0));
  const kernel: ContractKernel =
    role === "forward"
      ? { kind: "contract", form, epilogue: { shape: output, operands, expression } }
      : { kind: "contract", form };
  const factors = { forward: [x, w, numbers(outChannels)], inputGradient: [y, w], filterGradient: [x, y] }[role];
  return { kernel, inputs: factors, output, strategy, part };
}

const rows = { strides: [64, 1], offset: 0 };

const kernels: Readonly<Record<string, Snapshot>> = {
  map: {
    kernel: {
      kind: "map",
      shape: [4, 64],
      operands: [rows, { strides: [0, 1], offset: 0 }],
      outputs: [unary("tanh", add(operand(0), operand(1)))],
    },
    inputs: [numbers(4, 64), numbers(64)],
    output: [4, 64],
    strategy: "map.rows",
    part: "map",
  },
  reduce: {
    kernel: {
      kind: "reduce",
      shape: [8, 64],
      axes: [1],
      operands: [rows],
      finishOperands: [],
      accumulators: [{ combine: "sum", value: operand(0) }],
      outputs: [operand(0)],
    },
    inputs: [numbers(8, 64)],
    output: [8],
    strategy: "reduce.lanes",
    part: "accumulate",
  },
  pooling: {
    kernel: {
      kind: "window",
      combine: "maximum",
      role: "forward",
      withIndices: false,
      countIncludePad: false,
      planes: 6,
      input: [28, 28],
      output: [14, 14],
      window: [2, 2],
      stride: [2, 2],
      dilation: [1, 1],
      padBefore: [0, 0],
      padAfter: [0, 0],
    },
    inputs: [numbers(6, 28, 28)],
    output: [6, 14, 14],
    strategy: "window.lanes",
    part: "maximum",
  },
  gemm: convolution(["contract.gemm.6x8", "tiles 6"], "forward", [1, 8, 12, 16, 1]),
  matvec: {
    kernel: {
      kind: "contract",
      form: {
        kind: "matmul",
        batch: [],
        m: 1,
        n: 10,
        k: 84,
        a: { batchStrides: [], row: 84, column: 1 },
        b: { batchStrides: [], row: 1, column: 84 },
      },
    },
    inputs: [numbers(1, 84), numbers(10, 84)],
    output: [1, 10],
    strategy: "contract.matvec",
    part: "matvec 1",
  },
  depthwise: convolution(["contract.depthwise", "depthwise"], "forward", [1, 8, 12, 8, 3, 1, 8]),
  direct: convolution(["contract.direct.4x8", "direct 4"], "forward", [1, 4, 12, 8, 3]),
  dot: convolution(["contract.dot.3x3", "dot 3x3"], "filterGradient", [4, 4, 12, 8, 3]),
  row: convolution(["contract.row.4x8", "row 4"], "forward", [2, 4, 12, 8, 3]),
  images: convolution(["contract.images.4x8", "images 4"], "forward", [8, 4, 8, 8, 3]),
  "images-filter": convolution(["contract.images.filter.3x3", "pairs"], "filterGradient", [8, 4, 8, 8, 3]),
  winograd: convolution(["contract.winograd.f2x3", "winograd tiles"], "forward", [1, 8, 12, 8, 3]),
  "winograd-filter": convolution(["contract.winograd.filter.f3x2", "panels"], "filterGradient", [1, 8, 12, 8, 3]),
};

async function textOf({ kernel, inputs, output, strategy, part }: Snapshot): Promise<string> {
  const without = inputs.map(({ shape, dtype }) => ({ shape, dtype, data: new Float32Array(0) }));
  const plan = planOf(kernel, without, [{ shape: output, dtype: "float32" }]);
  const { module } = await programOf(plan, { features: fused, threads: 1 }, (ways) =>
    ways.find(({ name }) => name === strategy),
  );
  const functions = disassemble(module).split(/\n(?= {2}\(func \(;)/);
  // A function's number and its type's depend on what else is in the module.
  const named = functions.map((text) => text.replace(/^( {2}\(func \(;)\d+ (.*?;\)) \(type \d+\)/, "$1$2"));
  const found = named.find((text) => text.startsWith(`  (func (;${part}`));
  if (!found) throw new Error(`${strategy} writes no function whose name begins with ${part}.`);
  return `${found.slice(0, found.indexOf("\n  )") + 4)}\n`;
}

export async function snapshots(): Promise<Record<string, string>> {
  const texts = Object.entries(kernels).map(async ([name, snapshot]) => [name, await textOf(snapshot)] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** In a sentence, where two texts begin to differ. */
export function firstDifference(name: string, before: string, after: string): string[] {
  if (before === after) return [];
  const [old, now] = [before.split("\n"), after.split("\n")];
  const at = old.findIndex((line, i) => line !== now[i]);
  const line = at < 0 ? old.length : at;
  return [
    `${name}: from line ${line + 1} on it is "${(now[line] ?? "").trim()}", was "${(old[line] ?? "").trim()}" (${now.length} lines, were ${old.length}).`,
  ];
}
