// windowMaximum: maximum pooling of planes as training needs it, with the places of the maxima and their gradient, where no window
// leaves the plane. An item is a plane, four outputs at a time; the last four of a row go back to end with it.
//
//   forward:   cells one after the other against the best so far; places within the window grow, so the newer one is their maximum
//   gradient:  windows side by side that cover the plane: every cell is written once, dy where its own place is named and else 0
import { sizeOf } from "../../../base/shape.ts";
import type { WindowKernel } from "../../../kernel/kernel.ts";
import {
  choose,
  constI32,
  constI32x4,
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
import { input, output, type PhaseFunction, strategy } from "../strategy.ts";
import { axesOf, type PoolAxis, unclipped } from "./windowAxes.ts";

/** Cells of a window, at most: all are written out. */
const mostCells = 16;

function suits(kernel: WindowKernel): boolean {
  const axes = axesOf(kernel);
  const [, row] = axes;
  if (kernel.combine !== "maximum" || axes.length !== 2 || sizeOf(kernel.window) > mostCells) return false;
  if (!axes.every(unclipped) || row.output < 4) return false;
  if (kernel.role === "forward") return kernel.withIndices;
  const covers = axes.every(({ input: size, output: count, window, stride, dilation }) => {
    return stride === window && dilation === 1 && count * stride === size;
  });
  return covers && row.stride <= 4;
}

function workOf({ planes, output: size, window, role }: WindowKernel, { windowMaximum }: Profile): number {
  const { arithmetic, calls } = windowMaximum;
  const each =
    role === "forward"
      ? calls.output + arithmetic.cell * sizeOf(window)
      : calls.gradient + arithmetic.gradientCell * sizeOf(window);
  return planes * sizeOf(size) * each;
}

export const windowMaximumStrategy = strategy<WindowKernel, { readonly work: number }>({
  name: "window.maximum",
  exact: true,
  plan: (kernel, { inputTypes, outputTypes, profile }) =>
    inputTypes[0] === "float32" && outputTypes[0] === "float32" && suits(kernel)
      ? { work: workOf(kernel, profile) }
      : undefined,
  estimate: ({ work }) => work,
  emit({ work }, kernel) {
    const forward = kernel.role === "forward";
    return {
      buffers: [],
      phases: [
        {
          name: `maximum_${kernel.role}`,
          items: kernel.planes,
          work,
          reads: forward ? [input(0)] : [input(0), input(1)],
          writes: forward ? [output(0), output(1)] : [output(0)],
          emit: (k) => emitPlanes(k, kernel, forward ? forwardFour : gradientFour),
        },
      ],
    };
  },
});

/** Byte addresses of what belongs to four outputs: their first cell, their first output, and the place of that cell in the plane. */
interface Four {
  readonly cell: Local;
  readonly outputs: Local;
  readonly place: Local;
}

type EmitFour = (k: PhaseFunction, axes: readonly [PoolAxis, PoolAxis], four: Four) => void;

function emitPlanes(k: PhaseFunction, kernel: WindowKernel, emitFour: EmitFour): void {
  const { f } = k;
  const [lead, row] = axesOf(kernel);
  const [item, y, x] = f.locals("i32", 3);
  f.forRange(item, k.from, k.to, 1, () => {
    const plane = f.define(i32.mul(item, lead.input * row.input * 4));
    const outputs = f.define(i32.mul(item, lead.output * row.output * 4));
    const start = f.define(constI32(0));
    f.forRange(y, 0, lead.output, 1, () => {
      f.forRange(x, 0, row.output, 4, () => {
        const back = row.output % 4 !== 0;
        const column = back ? f.define(choose(i32.lt_s(x, row.output - 4), x, constI32(row.output - 4))) : x;
        const place = f.define(i32.add(start, i32.mul(column, row.stride)));
        const cell = f.define(i32.add(plane, i32.shl(place, 2)));
        emitFour(k, [lead, row], { cell, outputs: f.define(i32.add(outputs, i32.shl(column, 2))), place });
      });
      f.increase(start, lead.stride * row.input);
      f.increase(outputs, row.output * 4);
    });
  });
}

/** Places of the first cells of four neighbouring windows, from that of the first. */
const firstPlaces = (place: Local, { stride }: PoolAxis): Value =>
  i32x4.add(i32x4.splat(place), constI32x4(0, stride, 2 * stride, 3 * stride));

/** The cells of window columns for four outputs. Two columns side by side at stride 2 share their loads. */
function cellsOf(k: PhaseFunction, row: PoolAxis, base: Local, bytes: number): Local[] {
  const { f } = k;
  const { stride, window, dilation } = row;
  const at = (element: number): Value => load("v128.load", base, bytes + element * 4);
  const result: Local[] = [];
  while (result.length < window) {
    const first = result.length * dilation;
    if (stride === 1) result.push(f.define(at(first)));
    else if (stride === 2 && dilation === 1 && result.length + 1 < window) {
      const [low, high] = [f.define(at(first)), f.define(at(first + 4))];
      result.push(f.define(shuffle32(low, high, [0, 2, 4, 6])), f.define(shuffle32(low, high, [1, 3, 5, 7])));
    } else if (stride === 2) result.push(f.define(shuffle32(at(first), at(first + 3), [0, 2, 5, 7])));
    else {
      let vector = load("v128.load32_zero", base, bytes + first * 4);
      for (let lane = 1; lane < 4; lane++)
        vector = loadLane("v128.load32_lane", base, vector, lane, bytes + (first + lane * stride) * 4);
      result.push(f.define(vector));
    }
  }
  return result;
}

function forwardFour(k: PhaseFunction, [lead, row]: readonly [PoolAxis, PoolAxis], four: Four): void {
  const { f } = k;
  const base = f.define(i32.add(k.address(input(0)), four.cell));
  const [top, best] = f.locals("v128", 2);
  for (let r = 0; r < lead.window; r++) {
    const offset = r * lead.dilation * row.input;
    cellsOf(k, row, base, offset * 4).forEach((value, c) => {
      if (r === 0 && c === 0) {
        f.set(top, value);
        f.set(best, constI32x4(0));
        return;
      }
      // Larger, or the first NaN.
      const take = f.define(v128.andnot(f32x4.eq(top, top), f32x4.le(value, top)));
      f.set(top, v128.bitselect(value, top, take));
      f.set(best, i32x4.max_u(best, v128.and(take, constI32x4(offset + c * row.dilation))));
    });
  }
  f.store("v128.store", i32.add(k.address(output(0)), four.outputs), top);
  f.store("v128.store", i32.add(k.address(output(1)), four.outputs), i32x4.add(best, firstPlaces(four.place, row)));
}

function gradientFour(k: PhaseFunction, [lead, row]: readonly [PoolAxis, PoolAxis], four: Four): void {
  const { f } = k;
  const { stride } = row;
  const dy = f.define(load("v128.load", i32.add(k.address(input(0)), four.outputs)));
  const named = load("v128.load", i32.add(k.address(input(1)), four.outputs));
  const own = f.define(i32x4.sub(named, firstPlaces(four.place, row)));
  const base = f.define(i32.add(k.address(output(0)), four.cell));
  for (let r = 0; r < lead.window; r++) {
    // Column c of the four windows; cell i of the row is column i mod stride of window i / stride.
    const columns = Array.from({ length: stride }, (_, c) =>
      f.define(v128.and(dy, i32x4.eq(own, constI32x4(r * row.input + c)))),
    );
    for (let piece = 0; piece < stride; piece++) {
      const cells = [0, 1, 2, 3].map((lane) => piece * 4 + lane);
      f.store("v128.store", base, woven(k, columns, cells), (r * row.input + piece * 4) * 4);
    }
  }
}

/** Lane l is lane cells[l] / n of vector cells[l] mod n, of n vectors. */
function woven(k: PhaseFunction, vectors: readonly Local[], cells: readonly number[]): Value {
  const count = vectors.length;
  if (count === 1) return vectors[0];
  const lanes = cells.map((cell) => Math.floor(cell / count));
  let result: Local | undefined;
  vectors.forEach((vector, v) => {
    if (!cells.some((cell) => cell % count === v)) return;
    const pick = cells.map((cell, l) => (cell % count === v ? (result ? 4 : 0) + lanes[l] : l));
    const [a, b, c, d] = pick;
    result = k.f.define(shuffle32(result ?? vector, vector, [a, b, c, d]));
  });
  return result ?? vectors[0];
}
