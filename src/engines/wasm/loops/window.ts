// window: pooling over planes. An item is one row of the output (forward) or one plane (gradients). Rows are the last
// spatial axis; windows are clipped along the others by loops, along the row by splitting it:
//
//   |border|  interior: the window lies inside the input, four outputs at a time  |border|
//
// Maximum keeps the first largest cell (a NaN wins); average divides by the cells that count.
import { sizeOf } from "../../../base/shape.ts";
import type { WindowKernel } from "../../../kernel/kernel.ts";
import { placesOf } from "../../../kernel/places.ts";
import {
  constF32x4,
  constI32,
  constI32x4,
  f32,
  f32x4,
  i32,
  i32x4,
  type Local,
  load,
  loadLane,
  shuffle32,
  type Value,
  v128,
} from "../code/assembler.ts";
import type { Profile } from "../profile.ts";
import { eachLaneGroup, type Width } from "../scalar/lanes.ts";
import { input, output, type PhaseFunction, type Place, strategy } from "../strategy.ts";
import { Totals } from "./reduceTotals.ts";
import {
  axesOf,
  type Clip,
  clip,
  coordinatesOf,
  divisorOf,
  interiorOf,
  type PoolAxis,
  unclipped,
} from "./windowAxes.ts";

function workOf(kernel: WindowKernel, { window: { arithmetic, memory, calls } }: Profile): number {
  const cells = sizeOf(kernel.window);
  const outputs = kernel.planes * sizeOf(kernel.output);
  if (kernel.role === "forward")
    return outputs * (calls.output + cells * (kernel.withIndices ? arithmetic.placedCell : arithmetic.cell));
  const each = kernel.combine === "maximum" ? memory.add : calls.output + cells * arithmetic.averagedCell;
  return kernel.planes * sizeOf(kernel.input) * memory.clear + outputs * each;
}

export const windowStrategy = strategy<WindowKernel, { readonly work: number }>({
  name: "window.rows",
  exact: true,
  plan: (kernel, { inputTypes, outputTypes, profile }) =>
    inputTypes[0] === "float32" && outputTypes[0] === "float32" ? { work: workOf(kernel, profile) } : undefined,
  estimate: ({ work }) => work,
  emit({ work }, kernel) {
    const axes = axesOf(kernel);
    const forward = kernel.role === "forward";
    const outputs: Place[] = forward && kernel.withIndices ? [output(0), output(1)] : [output(0)];
    const gradientOfMaximum = !forward && kernel.combine === "maximum";
    return {
      buffers: [],
      phases: [
        {
          name: `${kernel.combine}_${kernel.role}`,
          items: sizeOf([kernel.planes, ...(forward ? kernel.output.slice(0, -1) : [])]),
          work,
          places: placesOf(kernel),
          reads: gradientOfMaximum ? [input(0), input(1)] : [input(0)],
          writes: outputs,
          emit(k) {
            if (forward) emitForward(k, kernel, axes);
            else if (gradientOfMaximum) emitMaximumGradient(k, kernel);
            else emitAverageGradient(k, kernel, axes);
          },
        },
      ],
    };
  },
});

/** Runs `body` with the input offset (in elements, of window column 0) of every row of cells that the window sees. */
function eachWindowRow(
  k: PhaseFunction,
  axes: readonly PoolAxis[],
  clips: readonly Clip[],
  body: (rowOffset: Local) => void,
): void {
  const { f } = k;
  const lead = axes.slice(0, -1);
  const walk = (depth: number, offset: Local): void => {
    if (depth === lead.length) {
      body(offset);
      return;
    }
    const { dilation, input: size } = lead[depth];
    const { first, last, start } = clips[depth];
    const r = f.local("i32");
    const next = f.local("i32");
    const cell = (): void => {
      const place = i32.add(start, i32.mul(r, dilation));
      f.set(next, i32.add(i32.mul(offset, size), place));
      walk(depth + 1, next);
    };
    // Few rows whose number is known are written out.
    if (typeof first === "number" && typeof last === "number" && last <= 4) {
      for (let place = first; place < last; place++) {
        f.set(r, place);
        cell();
      }
    } else f.forRange(r, first, last, 1, cell);
  };
  walk(0, f.define(i32.add(0, 0)));
}

/** Cells of a window column for `width` neighbouring outputs; `offset` in elements from the pointer. */
function cells(pointer: Local, offset: number, stride: number, width: Width): Value {
  if (width === 1) return load("v128.load32_zero", pointer, offset * 4);
  if (stride === 1) return load("v128.load", pointer, offset * 4);
  if (stride === 2)
    return shuffle32(load("v128.load", pointer, offset * 4), load("v128.load", pointer, offset * 4 + 12), [0, 2, 5, 7]);
  let vector = load("v128.load32_zero", pointer, offset * 4);
  for (let lane = 1; lane < 4; lane++)
    vector = loadLane("v128.load32_lane", pointer, vector, lane, (offset + lane * stride) * 4);
  return vector;
}

function emitForward(k: PhaseFunction, kernel: WindowKernel, axes: readonly PoolAxis[]): void {
  const { f } = k;
  const lead = axes.slice(0, -1);
  const row = axes[axes.length - 1];
  const { first, last } = interiorOf(row);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const [plane, ...places] = coordinatesOf(k, item, [kernel.planes, ...lead.map((axis) => axis.output)]);
    const clips = lead.map((axis, i) => clip(k, axis, places[i]));
    const base = f.define(i32.add(k.address(input(0)), i32.mul(plane, sizeOf(kernel.input) * 4)));
    const outputs = f.define(i32.add(k.address(output(0)), i32.mul(item, row.output * 4)));
    const indices = kernel.withIndices
      ? f.define(i32.add(k.address(output(1)), i32.mul(item, row.output * 4)))
      : undefined;
    const state = { k, kernel, axes, row, clips, base, outputs, indices };
    const x = f.local("i32");
    const border = (start: number, end: number): void => {
      if (start < end) f.forRange(x, start, end, 1, () => emitGroup(state, 1, x, clip(k, row, x)));
    };
    border(0, first);
    f.set(x, first);
    const whole: Clip = { first: 0, last: row.window, padded: row.window, start: x };
    eachLaneGroup(k, last - first, 1, [], (width) => {
      emitGroup(state, width, x, whole);
      f.increase(x, width);
    });
    border(last, row.output);
  });
}

interface ForwardRow {
  readonly k: PhaseFunction;
  readonly kernel: WindowKernel;
  readonly axes: readonly PoolAxis[];
  readonly row: PoolAxis;
  /** Of the axes before the row. */
  readonly clips: readonly Clip[];
  /** Address of the input plane, of the output row, and of the row of indices. */
  readonly base: Local;
  readonly outputs: Local;
  readonly indices: Local | undefined;
}

/** `width` neighbouring outputs from place x on. */
function emitGroup(s: ForwardRow, width: Width, x: Local, columns: Clip): void {
  const { k, kernel, axes, row, clips } = s;
  const { f } = k;
  const { stride, dilation, padBefore, window } = row;
  const maximum = kernel.combine === "maximum";
  const column = f.define(i32.sub(i32.mul(x, stride), padBefore));
  const start = f.define(i32.add(s.base, i32.shl(column, 2)));
  const top = f.define(constF32x4(maximum ? Number.NEGATIVE_INFINITY : 0));
  // Sums of large windows go row by row into totals.
  const totals = !maximum && sizeOf(kernel.window) > 64 ? new Totals(k) : undefined;
  const places = s.indices ? f.define(firstPlaces(s, column, columns)) : undefined;
  eachWindowRow(k, axes, clips, (offset) => {
    const rowStart = f.define(i32.mul(offset, row.input));
    const pointer = f.define(i32.add(start, i32.shl(rowStart, 2)));
    const visit = (at: Local, offsetInRow: number, place: () => Value): void => {
      const value = f.define(cells(at, offsetInRow, stride, width));
      if (!maximum) f.set(top, f32x4.add(top, value));
      else if (!places) f.set(top, f32x4.max(top, value));
      else {
        // Larger, or the first NaN.
        const take = f.define(v128.andnot(f32x4.eq(top, top), f32x4.le(value, top)));
        f.set(top, v128.bitselect(value, top, take));
        f.set(places, v128.bitselect(place(), places, take));
      }
    };
    const numbers = places
      ? f.define(i32x4.add(i32x4.splat(i32.add(rowStart, column)), constI32x4(0, stride, 2 * stride, 3 * stride)))
      : undefined;
    if (totals) f.set(top, constF32x4(0));
    if (typeof columns.first === "number" && window <= 16) {
      for (let r = 0; r < window; r++)
        visit(pointer, r * dilation, () => i32x4.add(numbers!, constI32x4(r * dilation)));
    } else {
      const r = f.local("i32");
      f.forRange(r, columns.first, columns.last, 1, () => {
        const at = f.define(i32.add(pointer, i32.mul(r, dilation * 4)));
        visit(at, 0, () => i32x4.add(numbers!, i32x4.splat(i32.mul(r, dilation))));
      });
    }
    totals?.add(top);
  });
  if (totals) f.set(top, totals.vector());
  const result = maximum ? top : f32x4.div(top, f32x4.splat(f32.convert_i32_s(divisorOf(kernel, [...clips, columns]))));
  const place = f.define(i32.shl(x, 2));
  const store = (base: Local, value: Value): void => {
    if (width === 4) f.store("v128.store", i32.add(base, place), value);
    else f.store("v128.store32_lane", i32.add(base, place), value, 0, 0);
  };
  store(s.outputs, result);
  if (s.indices && places) store(s.indices, places);
}

/** The places of the first cells that are seen, -1 where a window sees none: what stands if nothing is larger than -infinity. */
function firstPlaces({ kernel, axes, row, clips }: ForwardRow, column: Local, columns: Clip): Value {
  const { stride, dilation } = row;
  let place: Value = constI32(0);
  let some: Value = constI32(1);
  const lead = axes.slice(0, -1);
  lead.forEach((axis, i) => {
    const { first, last, start } = clips[i];
    place = i32.add(i32.mul(place, axis.input), i32.add(start, i32.mul(first, axis.dilation)));
    if (typeof first !== "number") some = i32.and(some, i32.gt_s(last, first));
  });
  if (typeof columns.first !== "number") some = i32.and(some, i32.gt_s(columns.last, columns.first));
  place = i32.add(i32.mul(place, row.input), i32.add(column, i32.mul(columns.first, dilation)));
  const numbers = i32x4.add(i32x4.splat(place), constI32x4(0, stride, 2 * stride, 3 * stride));
  return kernel.withIndices ? v128.or(numbers, i32x4.splat(i32.sub(some, 1))) : numbers;
}

/** dx = 0, then every dy is added where its maximum stood (−1: nowhere), in order. */
function emitMaximumGradient(k: PhaseFunction, kernel: WindowKernel): void {
  const { f } = k;
  const inputSize = sizeOf(kernel.input);
  const outputSize = sizeOf(kernel.output);
  const item = f.local("i32");
  const i = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const plane = f.define(i32.add(k.address(output(0)), i32.mul(item, inputSize * 4)));
    const gradient = f.define(i32.add(k.address(input(0)), i32.mul(item, outputSize * 4)));
    const places = f.define(i32.add(k.address(input(1)), i32.mul(item, outputSize * 4)));
    f.memoryFill(plane, 0, inputSize * 4);
    f.forRange(i, 0, outputSize * 4, 4, () => {
      const place = f.define(load("i32.load", i32.add(places, i)));
      const add = (): void => {
        const at = f.define(i32.add(plane, i32.shl(place, 2)));
        f.store("f32.store", at, f32.add(load("f32.load", at), load("f32.load", i32.add(gradient, i))));
      };
      f.if(i32.lt_u(place, inputSize), add, () =>
        f.if(i32.ne(place, -1), () => k.refuse(place, i32.add(i32.mul(item, outputSize), i32.shr_u(i, 2)))),
      );
    });
  });
}

/** Windows side by side, none clipped: every cell that is seen is seen once. */
const disjoint = (axes: readonly PoolAxis[]): boolean =>
  axes.every((axis) => axis.stride === axis.window && axis.dilation === 1 && unclipped(axis));

/** Shares of four neighbouring outputs, repeated to the cells of their windows: (a a b b) (c c d d) for a stride of two. */
function spreadFour(
  k: PhaseFunction,
  axes: readonly PoolAxis[],
  clips: readonly Clip[],
  target: { readonly plane: Local; readonly gradient: Local; readonly x: Local },
): void {
  const { f } = k;
  const row = axes[axes.length - 1];
  const share = f.define(
    f32x4.div(load("v128.load", target.gradient), constF32x4(sizeOf(axes.map(({ window }) => window)))),
  );
  f.increase(target.gradient, 16);
  const pieces = Array.from({ length: row.stride }, (_, piece) => {
    const lane = (l: number): number => Math.floor((4 * piece + l) / row.stride);
    return f.define(shuffle32(share, share, [lane(0), lane(1), lane(2), lane(3)]));
  });
  const column = f.define(i32.mul(target.x, row.stride));
  eachWindowRow(k, axes, clips, (offset) => {
    const at = f.define(i32.add(target.plane, i32.shl(i32.add(i32.mul(offset, row.input), column), 2)));
    for (const [piece, values] of pieces.entries()) f.store("v128.store", at, values, piece * 16);
  });
}

/** dx = 0, then every dy is divided and added to the cells that it was the mean of. */
function emitAverageGradient(k: PhaseFunction, kernel: WindowKernel, axes: readonly PoolAxis[]): void {
  const { f } = k;
  const lead = axes.slice(0, -1);
  const row = axes[axes.length - 1];
  const inputSize = sizeOf(kernel.input);
  const outputSize = sizeOf(kernel.output);
  const { first, last } = interiorOf(row);
  const item = f.local("i32");
  const line = f.local("i32");
  const x = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const plane = f.define(i32.add(k.address(output(0)), i32.mul(item, inputSize * 4)));
    const gradient = f.define(i32.add(k.address(input(0)), i32.mul(item, outputSize * 4)));
    f.memoryFill(plane, 0, inputSize * 4);
    f.forRange(line, 0, sizeOf(lead.map((axis) => axis.output)), 1, () => {
      const places = coordinatesOf(k, line, lead.length ? lead.map((axis) => axis.output) : [1]);
      const clips = lead.map((axis, i) => clip(k, axis, places[i]));
      const spread = (columns: Clip): void => {
        const column = f.define(i32.sub(i32.mul(x, row.stride), row.padBefore));
        const divisor = f32.convert_i32_s(divisorOf(kernel, [...clips, columns]));
        const share = f.define(f32.div(load("f32.load", gradient), divisor));
        f.increase(gradient, 4);
        eachWindowRow(k, axes, clips, (offset) => {
          const at = f.define(i32.add(plane, i32.shl(i32.add(i32.mul(offset, row.input), column), 2)));
          if (typeof columns.first === "number" && row.window <= 16) {
            for (let r = 0; r < row.window; r++) {
              const bytes = r * row.dilation * 4;
              f.store("f32.store", at, f32.add(load("f32.load", at, bytes), share), bytes);
            }
            return;
          }
          const r = f.local("i32");
          f.forRange(r, columns.first, columns.last, 1, () => {
            const cell = f.define(i32.add(at, i32.mul(r, row.dilation * 4)));
            f.store("f32.store", cell, f32.add(load("f32.load", cell), share));
          });
        });
      };
      const border = (start: number, end: number): void => {
        if (start < end) f.forRange(x, start, end, 1, () => spread(clip(k, row, x)));
      };
      border(0, first);
      const fours = disjoint(axes) && row.stride <= 4 ? first + Math.floor((last - first) / 4) * 4 : first;
      if (first < fours) f.forRange(x, first, fours, 4, () => spreadFour(k, axes, clips, { plane, gradient, x }));
      if (fours < last)
        f.forRange(x, fours, last, 1, () => spread({ first: 0, last: row.window, padded: row.window, start: x }));
      border(last, row.output);
    });
  });
}
