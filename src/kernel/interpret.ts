// The definition of every loop of the waist, as plain loops in float64: what the engines' generated code is tested
// against. Nothing here is meant to be fast. Results are NdArrays whose data is a Float64Array, whatever the type says.

import { type NdArray, zeros64 } from "../base/array.ts";
import { threefry } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { tapCells, tapsWithPadding } from "../base/window.ts";
import { type Expression, evaluate } from "./expression.ts";
import type {
  Access,
  Combine,
  ContractKernel,
  ConvolutionForm,
  CopyKernel,
  Epilogue,
  IndexKernel,
  Kernel,
  MapKernel,
  MatmulForm,
  ReduceKernel,
  WindowKernel,
} from "./kernel.ts";
import { cellOf, placeAlong } from "./places.ts";

/** Runs one kernel on its inputs. */
export function interpret(kernel: Kernel, inputs: readonly NdArray[]): NdArray[] {
  switch (kernel.kind) {
    case "map":
      return interpretMap(kernel, inputs);
    case "reduce":
      return interpretReduce(kernel, inputs);
    case "window":
      return interpretWindow(kernel, inputs);
    case "contract":
      return interpretContract(kernel, inputs);
    case "copy":
      return interpretCopy(kernel, inputs);
    case "index":
      return interpretIndex(kernel, inputs);
  }
}

/** Visits every place of a shape in row-major order. The list `place` is reused. */
function eachPlace(shape: Shape, visit: (place: readonly number[], linear: number) => void): void {
  const place = new Array<number>(shape.length).fill(0);
  const count = sizeOf(shape);
  for (let linear = 0; linear < count; linear++) {
    visit(place, linear);
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis] === shape[axis]; axis--) place[axis] = 0;
  }
}

function addressOf(access: Access, place: readonly number[]): number {
  let address = access.offset;
  for (let axis = 0; axis < place.length; axis++) address += access.strides[axis] * place[axis];
  return address;
}

function uniformAt(
  leaf: Extract<Expression, { kind: "uniform" }>,
  linear: number,
  value: (index: number) => number,
): number {
  return (threefry(value(leaf.seed) | 0, leaf.stream, linear, value(leaf.step) | 0)[0] >>> 8) * 2 ** -24;
}

function interpretMap(kernel: MapKernel, inputs: readonly NdArray[]): NdArray[] {
  const results = kernel.outputs.map(() => zeros64(kernel.shape));
  eachPlace(kernel.shape, (place, linear) => {
    const value = (i: number): number => inputs[i].data[addressOf(kernel.operands[i], place)];
    kernel.outputs.forEach((expression, j) => {
      results[j].data[linear] = evaluate(
        expression,
        value,
        (axis) => place[axis],
        (leaf) => uniformAt(leaf, linear, value),
      );
    });
  });
  return results;
}

const neutral: Record<Combine, number> = {
  sum: 0,
  product: 1,
  maximum: -Infinity,
  minimum: Infinity,
  argMaximum: 0,
  argMinimum: 0,
};

/** Whether a value takes the place of the best so far: the first of equals stays, and a NaN beats every number. */
const isBetter = (combine: Combine, next: number, best: number): boolean =>
  (combine === "argMaximum" ? next > best : next < best) || (Number.isNaN(next) && !Number.isNaN(best));

function interpretReduce(kernel: ReduceKernel, inputs: readonly NdArray[]): NdArray[] {
  const kept = kernel.shape.map((_, axis) => axis).filter((axis) => !kernel.axes.includes(axis));
  const keptShape = kept.map((axis) => kernel.shape[axis]);
  const reducedShape = kernel.axes.map((axis) => kernel.shape[axis]);
  const results = kernel.outputs.map(() => zeros64(keptShape));
  const full = new Array<number>(kernel.shape.length).fill(0);
  eachPlace(keptShape, (place, linear) => {
    kept.forEach((axis, i) => {
      full[axis] = place[i];
    });
    const totals = kernel.accumulators.map(({ combine }) => neutral[combine]);
    const best = kernel.accumulators.map(() => NaN);
    eachPlace(reducedShape, (inner, count) => {
      kernel.axes.forEach((axis, i) => {
        full[axis] = inner[i];
      });
      const value = (i: number): number => inputs[i].data[addressOf(kernel.operands[i], full)];
      kernel.accumulators.forEach(({ combine, value: expression }, a) => {
        const next = evaluate(expression, value, (axis) => full[axis]);
        if (combine === "sum") totals[a] += next;
        else if (combine === "product") totals[a] *= next;
        else if (combine === "maximum") totals[a] = Math.max(totals[a], next);
        else if (combine === "minimum") totals[a] = Math.min(totals[a], next);
        else if (count === 0 || isBetter(combine, next, best[a])) {
          best[a] = next;
          totals[a] = count;
        }
      });
    });
    const finish = (i: number): number =>
      i < totals.length
        ? totals[i]
        : inputs[kernel.operands.length + i - totals.length].data[
            addressOf(kernel.finishOperands[i - totals.length], place)
          ];
    kernel.outputs.forEach((expression, j) => {
      results[j].data[linear] = evaluate(expression, finish, (axis) => place[axis]);
    });
  });
  return results;
}

function interpretWindow(kernel: WindowKernel, inputs: readonly NdArray[]): NdArray[] {
  const { planes, input, output, window } = kernel;
  const taps = sizeOf(window);
  const seen = tapCells({ ...kernel, kernel: window });
  const padded = tapsWithPadding({ ...kernel, kernel: window });
  const inputSize = sizeOf(input);
  const outputSize = sizeOf(output);
  const source = inputs[0].data;
  const forward = kernel.role === "forward";
  const result = zeros64([planes, ...(forward ? output : input)]);
  const indices = zeros64([planes, ...output], "int32");
  for (let plane = 0; plane < planes; plane++) {
    const inputStart = plane * inputSize;
    eachPlace(output, (_, linear) => {
      const at = plane * outputSize + linear;
      if (kernel.combine === "maximum" && !forward) {
        const index = cellOf("maxPoolGradient", inputs[1].data, at, inputSize);
        if (index >= 0) result.data[inputStart + index] += source[at];
        return;
      }
      const cells = seen.subarray(linear * taps, (linear + 1) * taps).filter((x) => x >= 0);
      if (kernel.combine === "maximum") {
        let best = cells.length > 0 ? cells[0] : -1;
        let top = best < 0 ? -Infinity : source[inputStart + best];
        for (const x of cells) {
          const value = source[inputStart + x];
          if (value > top || (Number.isNaN(value) && !Number.isNaN(top))) {
            best = x;
            top = value;
          }
        }
        result.data[at] = top;
        indices.data[at] = best;
        return;
      }
      const divisor = kernel.countIncludePad ? padded[linear] : cells.length;
      if (forward) {
        let sum = 0;
        for (const x of cells) sum += source[inputStart + x];
        result.data[at] = sum / divisor;
      } else {
        for (const x of cells) result.data[inputStart + x] += source[at] / divisor;
      }
    });
  }
  return forward && kernel.withIndices ? [result, indices] : [result];
}

/** The shape of what a contraction gives, row-major. */
export function contractShape(form: ConvolutionForm | MatmulForm): number[] {
  if (form.kind === "matmul") return [...form.batch, form.m, form.n];
  const { batch, groups, inChannels, outChannels, input, kernel, output } = form.geometry;
  if (form.role === "forward") return [batch, outChannels, ...output];
  if (form.role === "inputGradient") return [batch, inChannels, ...input];
  return [outChannels, inChannels / groups, ...kernel];
}

function interpretContract(kernel: ContractKernel, inputs: readonly NdArray[]): NdArray[] {
  const result = zeros64(contractShape(kernel.form));
  if (kernel.form.kind === "matmul") multiplyMatrices(kernel.form, inputs, result.data);
  else convolve(kernel.form, inputs, result.data);
  if (kernel.epilogue) applyEpilogue(kernel.epilogue, inputs.slice(2), result.data);
  return [result];
}

function multiplyMatrices(form: MatmulForm, inputs: readonly NdArray[], out: Float64Array): void {
  const { m, n, k, a, b } = form;
  eachPlace(form.batch, (place, batch) => {
    const aStart = addressOf({ strides: a.batchStrides, offset: 0 }, place);
    const bStart = addressOf({ strides: b.batchStrides, offset: 0 }, place);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let t = 0; t < k; t++)
          sum += inputs[0].data[aStart + i * a.row + t * a.column] * inputs[1].data[bStart + t * b.row + j * b.column];
        out[(batch * m + i) * n + j] = sum;
      }
  });
}

/** One walk over all products x · w · y of the trilinear form serves the three roles: each sums over what it lacks. */
function convolve(form: ConvolutionForm, inputs: readonly NdArray[], out: Float64Array): void {
  const { batch, groups, inChannels, outChannels, input, kernel, output } = form.geometry;
  const [first, second] = inputs.map((array) => array.data);
  const depth = inChannels / groups;
  const filters = outChannels / groups;
  const inputSize = sizeOf(input);
  const outputSize = sizeOf(output);
  const kernelSize = sizeOf(kernel);
  const cells = tapCells(form.geometry);
  for (let yAt = 0; yAt < outputSize; yAt++) {
    for (let rAt = 0; rAt < kernelSize; rAt++) {
      const xAt = cells[yAt * kernelSize + rAt];
      if (xAt < 0) continue;
      for (let n = 0; n < batch; n++)
        for (let k = 0; k < outChannels; k++)
          for (let c = 0; c < depth; c++) {
            const xIndex = (n * inChannels + Math.floor(k / filters) * depth + c) * inputSize + xAt;
            const wIndex = (k * depth + c) * kernelSize + rAt;
            const yIndex = (n * outChannels + k) * outputSize + yAt;
            if (form.role === "forward") out[yIndex] += first[xIndex] * second[wIndex];
            else if (form.role === "inputGradient") out[xIndex] += first[yIndex] * second[wIndex];
            else out[wIndex] += first[xIndex] * second[yIndex];
          }
    }
  }
}

function applyEpilogue(epilogue: Epilogue, operands: readonly NdArray[], out: Float64Array): void {
  eachPlace(epilogue.shape, (place, linear) => {
    const value = (i: number): number =>
      i === 0 ? out[linear] : operands[i - 1].data[addressOf(epilogue.operands[i - 1], place)];
    out[linear] = evaluate(
      epilogue.expression,
      value,
      (axis) => place[axis],
      (leaf) => uniformAt(leaf, linear, value),
    );
  });
}

function interpretCopy(kernel: CopyKernel, inputs: readonly NdArray[]): NdArray[] {
  const result = zeros64(kernel.shape);
  if (kernel.fill !== undefined) result.data.fill(kernel.fill);
  for (const piece of kernel.pieces) {
    const source = inputs[piece.operand].data;
    eachPlace(piece.shape, (place) => {
      const to = addressOf(piece.to, place);
      const value = source[addressOf(piece.from, place)];
      result.data[to] = piece.accumulate ? result.data[to] + value : value;
    });
  }
  return [result];
}

function interpretIndex(kernel: IndexKernel, inputs: readonly NdArray[]): NdArray[] {
  const { outer, inner, size, count } = kernel;
  const source = inputs[0].data;
  const rows = kernel.form === "scatterAdd" ? size : count;
  const result = zeros64([outer, rows, inner]);
  const wrapped = (i: number): number => placeAlong(kernel.form, inputs[1].data, i, size);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < count; i++)
      for (let r = 0; r < inner; r++) {
        const at = (o * count + i) * inner + r;
        if (kernel.form === "gather") result.data[at] = source[(o * size + wrapped(i)) * inner + r];
        else if (kernel.form === "scatterAdd") result.data[(o * size + wrapped(i)) * inner + r] += source[at];
        else
          for (let t = kernel.start[i]; t < kernel.start[i + 1]; t++)
            result.data[at] += kernel.weight[t] * source[(o * size + kernel.source[t]) * inner + r];
      }
  return [result];
}
