// Adaptive pooling: the user names the output size; window i of an axis covers cells floor(i n / m) … ceil((i + 1) n / m) − 1,
// so windows may overlap and differ by one cell. Where m divides n it is plain pooling.

import { ndarray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sizeOf } from "../../base/shape.ts";
import { constantTensor, type Tensor } from "../../graph/graph.ts";
import type { Op, SpatialAxis } from "../../graph/op.ts";
import { gathered } from "./gather.ts";
import { averagePoolWith, maxPoolWith, type PoolAttributes } from "./pooling.ts";
import { reshaped } from "./reshape.ts";
import { applyTable, type Table, tableOf } from "./table.ts";

export interface AdaptiveAttributes {
  /** One entry per spatial axis. */
  readonly outputSize: readonly number[];
}

function adaptedShape(x: Shape, outputSize: readonly number[]): number[] {
  if (x.slice(2).includes(0))
    throw new ShapeError(`adaptive pooling of ${formatShape(x)}: an empty map has no windows.`);
  return [x[0], x[1], ...outputSize];
}

/** First cell and one past the last cell of each window. */
function windowsAlong(n: number, m: number): [number, number][] {
  return Array.from({ length: m }, (_, i) => [Math.floor((i * n) / m), Math.ceil(((i + 1) * n) / m)]);
}

/** The narrowest [i n / m + low, i n / m + high] that holds every window. */
const adaptiveSpatial = (input: Shape, output: readonly number[]): SpatialAxis[] =>
  input.map((n, axis) => {
    const step = n / output[axis];
    const windows = windowsAlong(n, output[axis]);
    return {
      step,
      low: Math.min(...windows.map(([first], i) => first - i * step)),
      high: Math.max(...windows.map(([, end], i) => end - 1 - i * step)),
      places: windows.map(([first, end]) => Array.from({ length: end - first }, (_, i) => first + i)),
    };
  });

/** The window of plain pooling where every output size divides its input size. */
function evenly(input: Shape, output: readonly number[]): PoolAttributes | undefined {
  if (input.some((n, axis) => n % output[axis] !== 0)) return undefined;
  const window = input.map((n, axis) => n / output[axis]);
  const none = window.map(() => 0);
  return {
    window,
    stride: window,
    dilation: window.map(() => 1),
    padBefore: none,
    padAfter: none,
    ceilMode: false,
  };
}

/** Visits every window of a plane with the flat places that it covers. */
function eachWindow(input: Shape, output: readonly number[], visit: (window: number, places: number[]) => void): void {
  const along = input.map((n, axis) => windowsAlong(n, output[axis]));
  for (let w = 0; w < sizeOf(output); w++) {
    let places = [0];
    let rest = w;
    let size = sizeOf(output);
    input.forEach((n, axis) => {
      size /= output[axis];
      const [first, end] = along[axis][Math.floor(rest / size)];
      rest %= size;
      places = places.flatMap((place) => Array.from({ length: end - first }, (_, r) => place * n + first + r));
    });
    visit(w, places);
  }
}

const tables = new Map<string, Table>();

function averageTable(n: number, m: number): Table {
  const key = `${n} ${m}`;
  const known = tables.get(key);
  if (known) return known;
  const table = tableOf(
    n,
    windowsAlong(n, m).map(([first, end]) =>
      Array.from({ length: end - first }, (_, r) => [first + r, 1 / (end - first)] as const),
    ),
  );
  tables.set(key, table);
  return table;
}

export const adaptiveAveragePoolOp: Op<AdaptiveAttributes> = {
  name: "adaptiveAveragePool",
  ofFloats: true,
  infer: ([x], { outputSize }) => [{ shape: adaptedShape(x.shape, outputSize), dtype: x.dtype }],
  reference([x], { outputSize }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const [planes, input, output] = [x.shape[0] * x.shape[1], x.shape.slice(2), sizeOf(outputSize)];
    eachWindow(input, outputSize, (window, places) => {
      for (let plane = 0; plane < planes; plane++) {
        const base = plane * sizeOf(input);
        y.data[plane * output + window] = places.reduce((sum, p) => sum + x.data[base + p], 0) / places.length;
      }
    });
    return [y];
  },
  expand([x], { outputSize }) {
    const even = evenly(x.shape.slice(2), outputSize);
    if (even) return [averagePoolWith(x, { ...even, countIncludePad: true })];
    return [
      outputSize.reduce(
        (y, m, axis) =>
          x.shape[axis + 2] === m
            ? y
            : applyTable("adaptiveAveragePool", y, axis + 2, averageTable(x.shape[axis + 2], m)),
        x,
      ),
    ];
  },
  spatial: ([x], { outputSize }) => [adaptiveSpatial(x.shape.slice(2), outputSize)],
};

/** Outputs: y and the int32 places of the maxima in the input plane, as in maxPool. */
export const adaptiveMaxPoolOp: Op<AdaptiveAttributes> = {
  name: "adaptiveMaxPool",
  infer([x], { outputSize }) {
    const shape = adaptedShape(x.shape, outputSize);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int32" },
    ];
  },
  reference([x], { outputSize }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const indices = zeros64(type.shape, "int32");
    const [planes, input, output] = [x.shape[0] * x.shape[1], x.shape.slice(2), sizeOf(outputSize)];
    eachWindow(input, outputSize, (window, places) => {
      for (let plane = 0; plane < planes; plane++) {
        const base = plane * sizeOf(input);
        const best = places.reduce((top, place) => {
          const [value, most] = [x.data[base + place], x.data[base + top]];
          return value > most || (Number.isNaN(value) && !Number.isNaN(most)) ? place : top;
        });
        y.data[plane * output + window] = x.data[base + best];
        indices.data[plane * output + window] = best;
      }
    });
    return [y, indices];
  },
  /** Rows are gathered so that windows are equally long (the last cell of a short one again) and lie side by side. */
  expand([x], { outputSize }) {
    const input = x.shape.slice(2);
    const even = evenly(input, outputSize);
    if (even) {
      const { y, indices } = maxPoolWith(x, even);
      return [y, indices];
    }
    const cells = input.map((n, axis) => {
      const windows = windowsAlong(n, outputSize[axis]);
      const longest = Math.max(...windows.map(([first, end]) => end - first));
      return windows.flatMap(([first, end]) => Array.from({ length: longest }, (_, r) => Math.min(first + r, end - 1)));
    });
    const whole = (list: readonly number[]): Tensor => constantTensor(ndarray([list.length], list, "int32"));
    const spread = cells.reduce((y, list, axis) => gathered(y, whole(list), axis + 2), x);
    const sizes = cells.map((list) => list.length);
    const { y, indices } = maxPoolWith(spread, evenly(sizes, outputSize)!);
    // A place in the gathered plane is one in the input's plane.
    const places = cells.reduce<number[]>(
      (all, list, axis) => all.flatMap((p) => list.map((c) => p * input[axis] + c)),
      [0],
    );
    return [y, reshaped(gathered(whole(places), reshaped(indices, [sizeOf(indices.shape)])), indices.shape)];
  },
  spatial: ([x], { outputSize }) => [adaptiveSpatial(x.shape.slice(2), outputSize)],
};
