// Every contraction as matrix products  out[g][i][j] = Σ_k a[g][i][k] · b[g][k][j]  over walks in memory:
//
//   role            i (rows)      j (columns)          k (depth)                 a        b
//   matmul          m             n                    k                         input 0  input 1
//   forward         filters       images × outputs     channels × taps           w        staged x
//   inputGradient   channels      images × inputs      filters × taps            w        staged dy
//   filterGradient  filters       channels × taps      images × outputs          dy       staged x
//
// "Staged" (staging.ts) means padded and split by the stride's residues, so that all outputs see a tap at a constant
// distance. The input gradient of a strided convolution is one product for each residue of the input place modulo the
// stride: only the taps that meet it count, so no multiplication by a built-in zero is ever done.

import { stridesOf } from "../../../base/shape.ts";
import type { ConvolutionForm, MatmulForm } from "../../../kernel/kernel.ts";
import { type Staging, stage } from "./staging.ts";
import { dimensionOf, lengthOf, placeOf, type Walk } from "./walk.ts";

/** One factor: lines (rows of a, columns of b) against depth = outer × inner. */
export interface Matrix {
  /** Which input of the kernel it reads; a staged one reads the staging buffer of that input. */
  readonly input: number;
  readonly staged: boolean;
  readonly offset: number;
  readonly batch: Walk;
  readonly lines: Walk;
  readonly outer: Walk;
  readonly inner: readonly number[] | { readonly count: number; readonly stride: number };
}

/** A dimension of the output: `count` places along `axis` of the output's shape, `step` apart. */
export interface OutputDimension {
  readonly count: number;
  readonly axis: number;
  readonly step: number;
}

export interface Product {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly batch: readonly OutputDimension[];
  readonly rows: readonly OutputDimension[];
  readonly columns: readonly OutputDimension[];
  /** First place along each axis of the output. */
  readonly origin: readonly number[];
  /**
   * For the two roles that look at planes by taps: along the first spatial axis, output place q looks at source places
   * q * step + looks[i], of which there are `size`; the taps of the inner depth are grouped by i.
   */
  readonly sight?: { readonly step: number; readonly looks: readonly number[]; readonly size: number };
  /** Lengths of outer and inner depth. */
  readonly outer: number;
  readonly inner: number;
}

export interface Problem {
  readonly outputShape: readonly number[];
  readonly staging: Staging | undefined;
  readonly products: readonly Product[];
}

/** With `round`, staged planes reach as far as outputs whose number along each axis is a multiple of it look. */
export function problemOf(form: ConvolutionForm | MatmulForm, round = 1): Problem {
  if (form.kind === "matmul") return matmulProblem(form);
  if (form.role === "forward") return forwardProblem(form, round);
  if (form.role === "inputGradient") return inputGradientProblem(form, round);
  return filterGradientProblem(form, round);
}

function matmulProblem(form: MatmulForm): Problem {
  const { batch, m, n, k, a, b } = form;
  const rank = batch.length;
  const matrix = (input: number, strides: readonly number[], line: number, count: number, depth: number): Matrix => ({
    input,
    staged: false,
    offset: 0,
    inner: [0],
    batch: batch.map((size, axis) => ({ count: size, stride: strides[axis] })),
    lines: [{ count, stride: line }],
    outer: [{ count: k, stride: depth }],
  });
  return {
    outputShape: [...batch, m, n],
    staging: undefined,
    products: [
      {
        a: matrix(0, a.batchStrides, a.row, m, a.column),
        b: matrix(1, b.batchStrides, b.column, n, b.row),
        batch: batch.map((count, axis) => ({ count, axis, step: 1 })),
        rows: [{ count: m, axis: rank, step: 1 }],
        columns: [{ count: n, axis: rank + 1, step: 1 }],
        origin: new Array<number>(rank + 2).fill(0),
        outer: k,
        inner: 1,
      },
    ],
  };
}

/** The sizes that all roles share. G groups of D input channels and F filters, R taps. */
function sizes(form: ConvolutionForm) {
  const { geometry } = form;
  const { groups, inChannels, outChannels, input, kernel, output } = geometry;
  return {
    ...geometry,
    depth: inChannels / groups,
    filters: outChannels / groups,
    inputSize: lengthOf(input.map((count) => ({ count }))),
    outputSize: lengthOf(output.map((count) => ({ count }))),
    taps: lengthOf(kernel.map((count) => ({ count }))),
    kernelStrides: stridesOf(kernel),
  };
}

/** Byte distances of all (outer, inner) places of the depth of b, as a table. */
export function depthTable({ b, outer, inner }: Product): Uint8Array {
  const offsets = "count" in b.inner ? [0] : b.inner;
  const table = Int32Array.from(
    { length: outer * inner },
    (_, i) => 4 * (placeOf(b.outer, Math.floor(i / inner)) + offsets[i % inner]),
  );
  return new Uint8Array(table.buffer);
}

/** All combinations of one choice per axis, row-major. */
function combinations<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>((lists, items) => lists.flatMap((list) => items.map((item) => [...list, item])), [[]]);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Where kernel place r looks from output place 0: r * dilation - padBefore, along each axis. */
function forwardLooks({ geometry }: ConvolutionForm): number[][] {
  const { kernel, dilation, padBefore } = geometry;
  return kernel.map((count, axis) => upTo(count).map((r) => r * dilation[axis] - padBefore[axis]));
}

const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);

/** x as the outputs see it. */
function stageInput(form: ConvolutionForm, round: number): Staging {
  const { batch, inChannels, input, output, stride } = form.geometry;
  const planes = batch * inChannels;
  return stage({ input: 0, planes, source: input, stride, counts: output, looks: forwardLooks(form), round });
}

function forwardProblem(form: ConvolutionForm, round: number): Problem {
  const s = sizes(form);
  const staging = stageInput(form, round);
  const perImage = s.inChannels * staging.planeSize;
  const a: Matrix = {
    input: 1,
    staged: false,
    offset: 0,
    batch: [{ count: s.groups, stride: s.filters * s.depth * s.taps }],
    lines: [{ count: s.filters, stride: s.depth * s.taps }],
    outer: [{ count: s.depth, stride: s.taps }],
    inner: upTo(s.taps),
  };
  const b: Matrix = {
    input: 0,
    staged: staging.needed,
    offset: 0,
    batch: [{ count: s.groups, stride: s.depth * staging.planeSize }],
    lines: [
      { count: s.batch, stride: perImage },
      ...s.output.map((count, axis) => ({ count, stride: staging.pitch[axis] })),
    ],
    outer: [{ count: s.depth, stride: staging.planeSize }],
    inner: combinations(staging.places).map(sum),
  };
  const product: Product = {
    a,
    b,
    outer: s.depth,
    inner: s.taps,
    origin: new Array<number>(s.output.length + 2).fill(0),
    sight: { step: s.stride[0], looks: forwardLooks(form)[0], size: s.input[0] },
    batch: [{ count: s.groups, axis: 1, step: s.filters }],
    rows: [{ count: s.filters, axis: 1, step: 1 }],
    columns: [
      { count: s.batch, axis: 0, step: 1 },
      ...s.output.map((count, axis) => ({ count, axis: axis + 2, step: 1 })),
    ],
  };
  return { outputShape: [s.batch, s.outChannels, ...s.output], staging, products: [product] };
}

/** What one residue class of input places along one axis sees: places first + q * stride, taps r looking at dy place q + look. */
interface AxisClass {
  readonly first: number;
  readonly count: number;
  readonly taps: readonly { readonly r: number; readonly look: number }[];
}

function axisClasses(size: number, kernel: number, stride: number, dilation: number, pad: number): AxisClass[] {
  const classes: AxisClass[] = [];
  for (let first = 0; first < Math.min(stride, size); first++) {
    const residue = (first + pad) % stride;
    const start = (first + pad - residue) / stride;
    const taps = upTo(kernel)
      .filter((r) => (r * dilation) % stride === residue)
      .map((r) => ({ r, look: start - (r * dilation - residue) / stride }));
    classes.push({ first, count: Math.ceil((size - first) / stride), taps });
  }
  return classes;
}

function inputGradientProblem(form: ConvolutionForm, round: number): Problem {
  const s = sizes(form);
  const perAxis = s.input.map((size, axis) =>
    axisClasses(size, s.kernel[axis], s.stride[axis], s.dilation[axis], s.padBefore[axis]),
  );
  const looks = perAxis.map((list) => list.flatMap(({ taps }) => taps.map(({ look }) => look)));
  const counts = perAxis.map((list) => Math.max(...list.map(({ count }) => count)));
  const staging = stage({ input: 0, planes: s.batch * s.outChannels, source: s.output, counts, looks, round });
  // A tap of a class along an axis: its distance in the kernel and in the staged gradient.
  const placed = perAxis.map((list, axis) => {
    let next = 0;
    return list.map(({ first, count, taps }) => ({
      first,
      count,
      looks: taps.map(({ look }) => look),
      taps: taps.map(({ r }) => ({ kernel: r * s.kernelStrides[axis], look: staging.places[axis][next++] })),
    }));
  });
  const products = combinations(placed).map((list): Product => {
    const taps = combinations(list.map((axisClass) => axisClass.taps));
    const a: Matrix = {
      input: 1,
      staged: false,
      offset: 0,
      batch: [{ count: s.groups, stride: s.filters * s.depth * s.taps }],
      lines: [{ count: s.depth, stride: s.taps }],
      outer: [{ count: s.filters, stride: s.depth * s.taps }],
      inner: taps.map((tap) => sum(tap.map(({ kernel }) => kernel))),
    };
    const b: Matrix = {
      input: 0,
      staged: staging.needed,
      offset: 0,
      batch: [{ count: s.groups, stride: s.filters * staging.planeSize }],
      lines: [
        { count: s.batch, stride: s.outChannels * staging.planeSize },
        ...list.map(({ count }, axis) => ({ count, stride: staging.pitch[axis] })),
      ],
      outer: [{ count: s.filters, stride: staging.planeSize }],
      inner: taps.map((tap) => sum(tap.map(({ look }) => look))),
    };
    return {
      a,
      b,
      outer: s.filters,
      inner: taps.length,
      origin: [0, 0, ...list.map(({ first }) => first)],
      sight: { step: 1, looks: list[0].looks, size: s.output[0] },
      batch: [{ count: s.groups, axis: 1, step: s.depth }],
      rows: [{ count: s.depth, axis: 1, step: 1 }],
      columns: [
        { count: s.batch, axis: 0, step: 1 },
        ...list.map(({ count }, axis) => ({ count, axis: axis + 2, step: s.stride[axis] })),
      ],
    };
  });
  return { outputShape: [s.batch, s.inChannels, ...s.input], staging, products };
}

function filterGradientProblem(form: ConvolutionForm, round: number): Problem {
  const s = sizes(form);
  const staging = stageInput(form, round);
  const last = s.output.length - 1;
  const width = s.output[last];
  const outputStrides = stridesOf(s.output);
  const a: Matrix = {
    input: 1,
    staged: false,
    offset: 0,
    batch: [{ count: s.groups, stride: s.filters * s.outputSize }],
    lines: [{ count: s.filters, stride: s.outputSize }],
    outer: [
      { count: s.batch, stride: s.outChannels * s.outputSize },
      ...s.output.slice(0, last).map((count, axis) => ({ count, stride: outputStrides[axis] })),
    ],
    inner: { count: width, stride: 1 },
  };
  const b: Matrix = {
    input: 0,
    staged: staging.needed,
    offset: 0,
    batch: [{ count: s.groups, stride: s.depth * staging.planeSize }],
    lines: [{ count: s.depth, stride: staging.planeSize }, ...staging.places.map(dimensionOf)],
    outer: [
      { count: s.batch, stride: s.inChannels * staging.planeSize },
      ...s.output.slice(0, last).map((count, axis) => ({ count, stride: staging.pitch[axis] })),
    ],
    inner: { count: width, stride: 1 },
  };
  const product: Product = {
    a,
    b,
    outer: lengthOf(a.outer),
    inner: width,
    origin: new Array<number>(s.output.length + 2).fill(0),
    batch: [{ count: s.groups, axis: 0, step: s.filters }],
    rows: [{ count: s.filters, axis: 0, step: 1 }],
    columns: [
      { count: s.depth, axis: 1, step: 1 },
      ...s.kernel.map((count, axis) => ({ count, axis: axis + 2, step: 1 })),
    ],
  };
  return { outputShape: [s.outChannels, s.depth, ...s.kernel], staging, products: [product] };
}
