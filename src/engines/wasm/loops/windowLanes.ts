// windowLanes: pooling with few window rows, without indices, four outputs at a time: first down the columns of the window
// rows, on contiguous loads, then across by shuffles. Three columns at stride two need nine column results:
//
//   columns   0 1 2 3 | 4 5 6 7 | 8         result = max(0 2 4 6, 1 3 5 7, 2 4 6 8)
//
// A row that lies in the padding: the maximum takes the nearest row instead, which its window has too (a cell twice does
// not change a maximum); the average masks it. The last group of a row goes back to end with it: a few outputs are computed
// twice, from the same numbers by the same steps. The gradient of an average with stride 1 is a sum over windows as well:
// dx[i] = Σ dy[i + pad - r] / count, an average of dy with a padding of window - 1 - pad.

import { sizeOf } from "../../../base/shape.ts";
import { reachOf, seenAmong } from "../../../base/window.ts";
import type { WindowKernel } from "../../../kernel/kernel.ts";
import {
  choose,
  constF32x4,
  constI32,
  f32,
  f32x4,
  i32,
  i32x4,
  type Local,
  load,
  shuffle32,
  type Value,
  v128,
} from "../code/assembler.ts";
import type { Profile } from "../profile.ts";
import { input, output, type PhaseFunction, strategy } from "../strategy.ts";
import { axesOf, clip, coordinatesOf, divisorOf, interiorOf, type PoolAxis, unclipped } from "./windowAxes.ts";

/** Input columns that four neighbouring outputs see, from the first to the last. */
const spanOf = (row: PoolAxis): number => 3 * row.stride + reachOf(row.window, row.dilation);

/** Whether every window has a cell inside the input. */
const touches = ({ input: size, output: count, window, stride, padBefore }: PoolAxis): boolean =>
  padBefore < window && (count - 1) * stride - padBefore < size;

/** The kernel as a forward pooling; undefined where it is none. */
function asForward(kernel: WindowKernel): WindowKernel | undefined {
  if (kernel.role === "forward") return kernel.combine === "maximum" && kernel.withIndices ? undefined : kernel;
  if (kernel.combine === "maximum") return undefined;
  const axes = axesOf(kernel);
  const plain = axes.every(({ input: size, output: count, window, stride, dilation, padBefore, padAfter }) => {
    const same = stride === 1 && dilation === 1 && padBefore < window;
    // All windows divide by the same number: the padding counts, or there is none.
    return (
      same &&
      (kernel.countIncludePad
        ? count + window - 1 <= size + padBefore + padAfter
        : count + window - 1 <= size && padBefore === 0)
    );
  });
  if (!plain) return undefined;
  const padBefore = axes.map((axis) => axis.window - 1 - axis.padBefore);
  // Far enough for the last cell: every window counts in full.
  const padAfter = axes.map((axis, i) => axis.input + axis.window - 1 - padBefore[i] - axis.output);
  const [from, to] = [kernel.output, kernel.input];
  return { ...kernel, role: "forward", countIncludePad: true, input: from, output: to, padBefore, padAfter };
}

function suits(kernel: WindowKernel): boolean {
  const axes = axesOf(kernel);
  const lead = axes.slice(0, -1);
  const row = axes[axes.length - 1];
  const { first, last } = interiorOf(row);
  if (sizeOf(lead.map(({ window }) => window)) > 9 || row.stride > 4 || spanOf(row) > 16) return false;
  if (first > 4 || row.output - last > 4) return false;
  return lead.every(
    (axis) => unclipped(axis) || kernel.combine === "average" || (axis.dilation === 1 && touches(axis)),
  );
}

const workOf = ({ planes, output: size, window }: WindowKernel, { windowLanes }: Profile): number =>
  planes * sizeOf(size) * (windowLanes.calls.output + windowLanes.arithmetic.cell * sizeOf(window));

/** The plan is the kernel as a forward pooling. */
export const windowLanesStrategy = strategy<WindowKernel, WindowKernel>({
  name: "window.lanes",
  exact: true,
  plan(kernel, { inputTypes, outputTypes }) {
    const forward = asForward(kernel);
    const numbers = inputTypes[0] === "float32" && outputTypes[0] === "float32";
    return numbers && forward && suits(forward) ? forward : undefined;
  },
  estimate: (forward, { profile }) => workOf(forward, profile),
  emit(forward, kernel, { profile }) {
    return {
      buffers: [],
      phases: [
        {
          name: `${kernel.combine}_${kernel.role}`,
          items: sizeOf([forward.planes, ...forward.output.slice(0, -1)]),
          work: workOf(forward, profile),
          reads: [input(0)],
          writes: [output(0)],
          emit: (k) => emitRows(k, forward),
        },
      ],
    };
  },
});

/** A row of input cells that the window sees: its column 0, and the bits that it is masked by. */
interface SeenRow {
  readonly pointer: Local;
  readonly offset: number;
  readonly mask: Local | undefined;
}

/** The input rows that the windows of one output row see, in order. */
function seenRows(
  k: PhaseFunction,
  kernel: WindowKernel,
  lead: readonly PoolAxis[],
  plane: Local,
  places: readonly Local[],
): SeenRow[] {
  const { f } = k;
  let rows: SeenRow[] = [
    {
      pointer: f.define(i32.add(k.address(input(0)), i32.mul(plane, sizeOf(kernel.input) * 4))),
      offset: 0,
      mask: undefined,
    },
  ];
  for (const [i, axis] of lead.entries()) {
    const bytes = sizeOf(kernel.input.slice(i + 1)) * 4;
    const start = f.define(i32.sub(i32.mul(places[i], axis.stride), axis.padBefore));
    const last = axis.input - 1;
    if (unclipped(axis)) {
      const moved = new Map<Local, Local>();
      for (const { pointer } of rows)
        if (!moved.has(pointer)) moved.set(pointer, f.define(i32.add(pointer, i32.mul(start, bytes))));
      rows = rows.flatMap((row) =>
        Array.from({ length: axis.window }, (_, r) => ({
          pointer: moved.get(row.pointer) ?? row.pointer,
          offset: row.offset + r * axis.dilation * bytes,
          mask: row.mask,
        })),
      );
      continue;
    }
    const seen = Array.from({ length: axis.window }, (_, r) => {
      const place = f.define(i32.add(start, r * axis.dilation));
      // One unsigned comparison: negative places are large.
      const inside = f.define(i32.le_u(place, last));
      const mask = kernel.combine === "average" ? f.define(i32x4.splat(i32.sub(0, inside))) : undefined;
      f.if(i32.lt_s(place, 0), () => f.set(place, 0));
      f.if(i32.gt_s(place, last), () => f.set(place, last));
      return { bytes: f.define(i32.mul(place, bytes)), mask };
    });
    rows = rows.flatMap((row) =>
      seen.map((one) => ({
        pointer: f.define(i32.add(row.pointer, one.bytes)),
        offset: row.offset,
        mask: row.mask && one.mask ? f.define(v128.and(row.mask, one.mask)) : (one.mask ?? row.mask),
      })),
    );
  }
  return rows;
}

/**
 * a and b combined. The relaxed maximum of x86 and its mirror differ only where one is NaN (or zeros have two signs):
 * `or` of both is then a NaN, else the maximum itself.
 */
function combined(k: PhaseFunction, kernel: WindowKernel, a: Local | undefined, b: Local): Local {
  if (!a) return b;
  if (kernel.combine === "average") return k.f.define(f32x4.add(a, b));
  return k.f.define(v128.or(f32x4.pmax(a, b), f32x4.pmax(b, a)));
}

type Load = "v128.load" | "v128.load32_zero" | "v128.load64_zero";

/** Cells at `bytes` from each row's pointer, combined down the rows. */
function down(k: PhaseFunction, kernel: WindowKernel, rows: readonly SeenRow[], loading: Load, bytes: number): Local {
  let sum: Local | undefined;
  for (const { pointer, offset, mask } of rows) {
    const cells = load(loading, pointer, offset + bytes);
    sum = combined(k, kernel, sum, k.f.define(mask ? v128.and(cells, mask) : cells));
  }
  return sum as Local;
}

/** Four lanes and the columns that they hold (-1: nothing). */
interface Columns {
  readonly lanes: Local;
  readonly held: readonly number[];
}

/** The wanted columns as lanes, by shuffles of two vectors that are there; what is made joins them. */
function gather(k: PhaseFunction, there: Columns[], wanted: readonly number[]): Local {
  for (;;) {
    const same = there.find(({ held }) => wanted.every((column, lane) => held[lane] === column));
    if (same) return same.lanes;
    let best:
      | { readonly a: Columns; readonly b: Columns; readonly lanes: readonly number[]; readonly found: number }
      | undefined;
    for (const a of there)
      for (const b of there) {
        const both = [...a.held, ...b.held];
        const lanes = wanted.map((column) => both.indexOf(column));
        const found = lanes.filter((lane) => lane >= 0).length;
        if (!best || found > best.found) best = { a, b, lanes, found };
      }
    if (!best) throw new Error("Pooling: no columns to shuffle.");
    const { a, b, lanes } = best;
    const [l0, l1, l2, l3] = lanes.map((lane) => Math.max(0, lane));
    const made = k.f.define(shuffle32(a.lanes, b.lanes, [l0, l1, l2, l3]));
    there.push({ lanes: made, held: wanted.map((column, lane) => (lanes[lane] < 0 ? -1 : column)) });
  }
}

/** Four outputs; the rows' pointers stand at the first one's column 0. */
function fourOutputs(k: PhaseFunction, kernel: WindowKernel, row: PoolAxis, rows: readonly SeenRow[]): Local {
  const span = spanOf(row);
  const there: Columns[] = [];
  const take = (first: number, loading: Load, count: number): void => {
    const held = [0, 1, 2, 3].map((lane) => (lane < count ? first + lane : -1));
    there.push({ lanes: down(k, kernel, rows, loading, first * 4), held });
  };
  let column = 0;
  for (; column + 4 <= span; column += 4) take(column, "v128.load", 4);
  if (span - column === 1) take(column, "v128.load32_zero", 1);
  else if (span - column === 2) take(column, "v128.load64_zero", 2);
  else if (span - column === 3) take(span - 4, "v128.load", 4);
  let result: Local | undefined;
  for (let r = 0; r < row.window; r++) {
    const wanted = [0, 1, 2, 3].map((lane) => lane * row.stride + r * row.dilation);
    result = combined(k, kernel, result, gather(k, there, wanted));
  }
  return result as Local;
}

function emitRows(k: PhaseFunction, kernel: WindowKernel): void {
  const { f } = k;
  const axes = axesOf(kernel);
  const lead = axes.slice(0, -1);
  const row = axes[axes.length - 1];
  const { first, last } = interiorOf(row);
  const item = f.local("i32");
  const x = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const [plane, ...places] = coordinatesOf(k, item, [kernel.planes, ...lead.map((axis) => axis.output)]);
    const rows = seenRows(k, kernel, lead, plane, places);
    const to = f.define(i32.add(k.address(output(0)), i32.mul(item, row.output * 4)));
    const averaged = kernel.combine === "average";
    const clips = averaged ? lead.map((axis, i) => clip(k, axis, places[i])) : [];
    /** The cells that count, `padded` columns of them with padding, `seen` without. */
    const divisorFor = (seen: number, padded: number): Value =>
      f32x4.splat(f32.convert_i32_s(divisorOf(kernel, [...clips, { first: 0, last: seen, padded, start: item }])));
    /** One output whose place, and so the columns it sees, is known. */
    const single = (place: number): void => {
      const start = place * row.stride - row.padBefore;
      const seen = seenAmong(row.window, start, row.dilation, row.input);
      let result: Local | undefined;
      for (let r = seen.first; r < seen.first + seen.count; r++) {
        const column = start + r * row.dilation;
        result = combined(k, kernel, result, down(k, kernel, rows, "v128.load32_zero", column * 4));
      }
      const padded = seenAmong(
        row.window,
        start + row.padBefore,
        row.dilation,
        row.padBefore + row.input + row.padAfter,
      );
      const sum = result ?? constF32x4(averaged ? 0 : Number.NEGATIVE_INFINITY);
      f.store(
        "v128.store32_lane",
        to,
        averaged ? f32x4.div(sum, divisorFor(seen.count, padded.count)) : sum,
        place * 4,
        0,
      );
    };
    const count = last - first;
    const vectors = count >= 4;
    for (let place = 0; place < (vectors ? first : row.output); place++) single(place);
    if (!vectors) return;
    const divisor = averaged ? f.define(divisorFor(row.window, row.window)) : undefined;
    f.forRange(x, first, last, 4, () => {
      const place = count % 4 ? f.define(choose(i32.lt_s(x, last - 4), x, constI32(last - 4))) : x;
      const shift = f.define(i32.sub(i32.mul(place, row.stride * 4), row.padBefore * 4));
      const moved = new Map<Local, Local>();
      for (const { pointer } of rows) if (!moved.has(pointer)) moved.set(pointer, f.define(i32.add(pointer, shift)));
      const here = rows.map((one) => ({ ...one, pointer: moved.get(one.pointer) ?? one.pointer }));
      const result = fourOutputs(k, kernel, row, here);
      f.store("v128.store", i32.add(to, i32.shl(place, 2)), divisor ? f32x4.div(result, divisor) : result);
    });
    for (let place = last; place < row.output; place++) single(place);
  });
}
