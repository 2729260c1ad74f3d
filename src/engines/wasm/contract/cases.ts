// Seeded random contractions for tests: every role, any stride, padding, dilation, groups and number of axes, and epilogues.
import { type NdArray, ndarray } from "../../../base/array.ts";
import type { Random } from "../../../base/random.ts";
import { type Shape, sizeOf, stridesOf } from "../../../base/shape.ts";
import { add, constant, type Expression, maximum, multiply, operand } from "../../../kernel/expression.ts";
import { contractShape } from "../../../kernel/interpret.ts";
import type { Access, ContractKernel, ConvolutionForm, Epilogue, MatmulForm } from "../../../kernel/kernel.ts";
import type { Ranges } from "./contraction.ts";

export interface Case {
  readonly name: string;
  readonly kernel: ContractKernel;
  readonly inputs: readonly NdArray[];
  /** Length of the sums. */
  readonly depth: number;
}

const between = (random: Random, [low, high]: readonly [number, number]): number => low + random.below(high - low + 1);

function numbers(random: Random, shape: Shape): NdArray {
  return ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform() * 2 - 1),
  );
}

/** Draws of a convolution until its kernel finds room. */
const mostAttempts = 1000;

const allRoles = ["forward", "inputGradient", "filterGradient"] as const;

export function convolutionCase(random: Random, ranges: Ranges, role?: ConvolutionForm["role"]): Case {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const axes = Array.from({ length: between(random, ranges.axes) }, () => ({
      size: between(random, ranges.size),
      kernel: between(random, ranges.kernel),
      stride: between(random, ranges.stride),
      dilation: between(random, ranges.dilation),
      before: random.below(4),
      after: random.below(4),
    }));
    const output = axes.map(
      (a) => Math.floor((a.size + a.before + a.after - a.dilation * (a.kernel - 1) - 1) / a.stride) + 1,
    );
    if (output.some((n) => n < 1)) continue;
    const groups = ranges.groups[random.below(ranges.groups.length)];
    const { roles = allRoles } = ranges;
    const form: ConvolutionForm = {
      kind: "convolution",
      role: role ?? roles[random.below(roles.length)],
      geometry: {
        batch: between(random, ranges.batch ?? [1, 3]),
        groups,
        inChannels: groups * between(random, ranges.channels),
        outChannels: groups * between(random, ranges.filters ?? ranges.channels),
        input: axes.map((a) => a.size),
        kernel: axes.map((a) => a.kernel),
        output,
        stride: axes.map((a) => a.stride),
        dilation: axes.map((a) => a.dilation),
        padBefore: axes.map((a) => a.before),
      },
    };
    return caseOf(random, form);
  }
  throw new Error(
    `None of ${mostAttempts} random convolutions has an output: sizes from ${ranges.size.join(" to ")} are too small for kernels of ${ranges.kernel.join(" to ")}.`,
  );
}

/** A kernel of this form with random numbers and perhaps an epilogue. */
export function caseOf(random: Random, form: ConvolutionForm | MatmulForm): Case {
  const [inputs, depth] = form.kind === "matmul" ? matmulInputs(random, form) : convolutionInputs(random, form);
  const epilogue = randomEpilogue(random, contractShape(form));
  const operands = (epilogue?.operands ?? []).map((access) => numbers(random, [spanOf(access, contractShape(form))]));
  const kernel: ContractKernel = epilogue ? { kind: "contract", form, epilogue } : { kind: "contract", form };
  return { name: JSON.stringify(kernel), kernel, inputs: [...inputs, ...operands], depth };
}

function convolutionInputs(random: Random, form: ConvolutionForm): [NdArray[], number] {
  const { role, geometry } = form;
  const { batch, groups, inChannels, outChannels, input, kernel, output } = geometry;
  const x = [batch, inChannels, ...input];
  const w = [outChannels, inChannels / groups, ...kernel];
  const y = [batch, outChannels, ...output];
  const depths = {
    forward: (inChannels / groups) * sizeOf(kernel),
    inputGradient: (outChannels / groups) * sizeOf(kernel),
    filterGradient: batch * sizeOf(output),
  };
  const shapes = { forward: [x, w], inputGradient: [y, w], filterGradient: [x, y] }[role];
  return [shapes.map((shape) => numbers(random, shape)), depths[role]];
}

function matmulInputs(random: Random, { batch, m, n, k, a, b }: MatmulForm): [NdArray[], number] {
  const span = (strides: readonly number[], sizes: readonly number[]): number =>
    strides.reduce((sum, stride, i) => sum + stride * (sizes[i] - 1), 1);
  return [
    [
      numbers(random, [span([...a.batchStrides, a.row, a.column], [...batch, m, k])]),
      numbers(random, [span([...b.batchStrides, b.row, b.column], [...batch, k, n])]),
    ],
    k,
  ];
}

/** A matrix product with random transposes, broadcast batches and leading dimensions. */
export function matmulCase(random: Random, mostRows = 40, most = 40): Case {
  const batch = Array.from({ length: random.below(3) }, () => 1 + random.below(3));
  const [m, n, k] = [mostRows, most, most].map((limit) => 1 + random.below(limit));
  const side = (rows: number, columns: number) => {
    const transposed = random.below(2) === 1;
    const pitch = (transposed ? rows : columns) + random.below(3);
    const plane = pitch * (transposed ? columns : rows);
    const strides = stridesOf([...batch, plane]).slice(0, batch.length);
    const batchStrides = random.below(3) === 0 ? batch.map(() => 0) : strides;
    return transposed ? { batchStrides, row: 1, column: pitch } : { batchStrides, row: pitch, column: 1 };
  };
  return caseOf(random, { kind: "matmul", batch, m, n, k, a: side(m, k), b: side(k, n) });
}

const spanOf = (access: Access, shape: Shape): number =>
  access.strides.reduce((sum, stride, axis) => sum + stride * Math.max(0, shape[axis] - 1), access.offset + 1);

function randomEpilogue(random: Random, shape: Shape): Epilogue | undefined {
  const whole: Access = { strides: stridesOf(shape), offset: 0 };
  const alongAxis = (axis: number): Access => ({ strides: shape.map((_, i) => (i === axis ? 1 : 0)), offset: 2 });
  const reversed: Access = { strides: stridesOf([...shape].reverse()).reverse(), offset: 1 };
  const channel = alongAxis(Math.min(1, shape.length - 1));
  const relu = (value: Expression): Expression => maximum(value, constant(0));
  switch (random.below(6)) {
    case 0:
      return { shape, operands: [channel], expression: relu(add(operand(0), operand(1))) };
    case 1:
      return {
        shape,
        operands: [channel, whole],
        expression: relu(add(add(operand(0), operand(1)), operand(2))),
      };
    case 2:
      return {
        shape,
        operands: [alongAxis(shape.length - 1), reversed],
        expression: add(multiply(operand(0), operand(1)), operand(2)),
      };
    case 3:
      return {
        shape,
        operands: [],
        expression: add(operand(0), multiply(constant(0.125), { kind: "axisIndex", axis: shape.length - 1 })),
      };
    default:
      return undefined;
  }
}
