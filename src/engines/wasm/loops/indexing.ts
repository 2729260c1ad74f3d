// index: rows that are picked by number (gather), added by number (scatterAdd), or weighed by a sparse table along one axis.
import type { IndexKernel } from "../../../kernel/kernel.ts";
import { placesOf } from "../../../kernel/places.ts";
import { choose, f32x4, f64, i32, i32x4, type Local, load, type Value } from "../code/assembler.ts";
import { eachLaneGroup, loadRow, type RowOperand, storeRow } from "../scalar/lanes.ts";
import { multiplyAdd } from "../scalar/math.ts";
import { elementBytes, loadInteger, loadNumber, storeNumber } from "../scalar/view.ts";
import {
  buffer,
  type Emission,
  input,
  output,
  type PhaseFunction,
  type StrategyContext,
  strategy,
} from "../strategy.ts";

/** Places along the inner axis that one item of scatterAdd takes. */
const columnLength = 64;

/** The row that index `at` names: negative numbers count from the end. The first row in the place of one that is not there. */
function rowNumber(k: PhaseFunction, kernel: IndexKernel, context: StrategyContext, at: Value): Local {
  const type = context.inputTypes[1];
  const index = k.f.define(loadInteger(type, i32.add(k.address(input(1)), i32.mul(at, elementBytes(type)))));
  const row = k.f.define(index);
  k.f.if(i32.ge_u(index, kernel.size), () => {
    k.f.increase(row, kernel.size);
    k.f.if(i32.ge_u(row, kernel.size), () => {
      k.refuse(index, at);
      k.f.set(row, 0);
    });
  });
  return row;
}

/** item → (outer place, place along the axis). */
function splitItem(k: PhaseFunction, item: Local, count: number): { outer: Local; place: Local } {
  return { outer: k.f.define(i32.div_u(item, count)), place: k.f.define(i32.rem_u(item, count)) };
}

function gather(kernel: IndexKernel, context: StrategyContext): Emission {
  const { memory, calls } = context.profile.index;
  const { outer, inner, size, count } = kernel;
  const items = outer * count;
  // Elements are moved as they are, four bytes at a time.
  const words = (inner * elementBytes(context.inputTypes[0])) / 4;
  return {
    buffers: [],
    phases: [
      {
        name: "gather",
        items,
        work: items * (calls.row + words * memory.word),
        places: placesOf(kernel),
        reads: [input(0), input(1)],
        writes: [output(0)],
        emit(k) {
          const { f } = k;
          const item = f.local("i32");
          f.forRange(item, k.from, k.to, 1, () => {
            const { outer: o, place } = splitItem(k, item, count);
            const row = rowNumber(k, kernel, context, place);
            const at = i32.add(i32.mul(o, size), row);
            const source: RowOperand = {
              type: "float32",
              stride: 1,
              pointer: f.define(i32.add(k.address(input(0)), i32.mul(at, words * 4))),
            };
            const target: RowOperand = {
              type: "float32",
              stride: 1,
              pointer: f.define(i32.add(k.address(output(0)), i32.mul(item, words * 4))),
            };
            eachLaneGroup(k, words, 4, [source, target], (width, times) => {
              for (let u = 0; u < times; u++) storeRow(k, target, width, u * 4, loadRow(source, width, u * 4));
            });
          });
        },
      },
    ],
  };
}

function scatterAdd(kernel: IndexKernel, context: StrategyContext): Emission {
  const { memory, calls } = context.profile.index;
  const { outer, inner, size, count } = kernel;
  const columns = Math.ceil(inner / columnLength);
  const bytes = elementBytes(context.outputTypes[0]);
  const lanes = context.inputTypes[0] === "float32" && context.outputTypes[0] === "float32";
  const inputBytes = elementBytes(context.inputTypes[0]);
  return {
    buffers: [],
    phases: [
      {
        name: "clear",
        items: outer * size,
        work: outer * size * (calls.clearedRow + inner * memory.clear),
        reads: [],
        writes: [output(0)],
        emit(k) {
          const rowBytes = inner * bytes;
          k.f.memoryFill(
            i32.add(k.address(output(0)), i32.mul(k.from, rowBytes)),
            0,
            i32.mul(i32.sub(k.to, k.from), rowBytes),
          );
        },
      },
      {
        name: "scatterAdd",
        items: outer * columns,
        work: outer * count * (calls.row * columns + inner * (lanes ? memory.add : memory.scalarAdd)),
        places: placesOf(kernel),
        reads: [input(0), input(1), output(0)],
        writes: [output(0)],
        emit(k) {
          const { f } = k;
          const item = f.local("i32");
          const i = f.local("i32");
          f.forRange(item, k.from, k.to, 1, () => {
            const { outer: o, place: column } = splitItem(k, item, columns);
            const first = f.define(i32.mul(column, columnLength));
            const left = f.define(i32.sub(inner, first));
            const length = f.define(choose(i32.lt_s(left, columnLength), left, i32.add(columnLength, 0)));
            f.forRange(i, 0, count, 1, () => {
              const row = rowNumber(k, kernel, context, i);
              const from = i32.add(i32.mul(i32.add(i32.mul(o, count), i), inner), first);
              const to = i32.add(i32.mul(i32.add(i32.mul(o, size), row), inner), first);
              const source = f.define(i32.add(k.address(input(0)), i32.mul(from, inputBytes)));
              const target = f.define(i32.add(k.address(output(0)), i32.mul(to, bytes)));
              if (lanes) addRow(k, source, target, length);
              else addNumbers(k, context, source, target, length);
            });
          });
        },
      },
    ],
  };
}

function addRow(k: PhaseFunction, source: Local, target: Local, length: Local): void {
  const from: RowOperand = { type: "float32", stride: 1, pointer: source };
  const to: RowOperand = { type: "float32", stride: 1, pointer: target };
  eachLaneGroup(k, length, 1, [from, to], (width) => {
    storeRow(k, to, width, 0, f32x4.add(loadRow(to, width, 0), loadRow(from, width, 0)));
  });
}

function addNumbers(k: PhaseFunction, context: StrategyContext, source: Local, target: Local, length: Local): void {
  const { f } = k;
  const n = f.local("i32");
  f.forRange(n, 0, length, 1, () => {
    const sum = f64.add(loadNumber(context.outputTypes[0], target), loadNumber(context.inputTypes[0], source));
    storeNumber(k, context.outputTypes[0], target, sum);
    f.increase(source, elementBytes(context.inputTypes[0]));
    f.increase(target, elementBytes(context.outputTypes[0]));
  });
}

type TableKernel = Extract<IndexKernel, { form: "table" }>;

function table(kernel: TableKernel, context: StrategyContext): Emission {
  const { memory, calls } = context.profile.index;
  const { outer, inner, count, start, source, weight } = kernel;
  const lanes = inner >= 4 && context.inputTypes[0] === "float32" && context.outputTypes[0] === "float32";
  const items = outer * count;
  const data = (name: string, numbers: ArrayBufferView): Emission["buffers"][number] => ({
    name,
    bytes: Math.max(16, numbers.byteLength),
    scope: "step",
    data: new Uint8Array(
      numbers.buffer.slice(numbers.byteOffset, numbers.byteOffset + numbers.byteLength) as ArrayBuffer,
    ),
  });
  return {
    buffers: [
      data("start", Int32Array.from(start)),
      data("source", Int32Array.from(source)),
      data("weight", lanes ? Float32Array.from(weight) : Float64Array.from(weight)),
    ],
    phases: [
      {
        name: "table",
        items,
        work: outer * source.length * inner * (lanes ? memory.weigh : memory.scalarWeigh) + items * calls.row,
        reads: [input(0), buffer("start"), buffer("source"), buffer("weight")],
        writes: [output(0)],
        emit: (k) => emitTable(k, kernel, context, lanes),
      },
    ],
  };
}

function emitTable(k: PhaseFunction, kernel: TableKernel, context: StrategyContext, lanes: boolean): void {
  const { f } = k;
  const { inner, size, count } = kernel;
  const inputBytes = elementBytes(context.inputTypes[0]);
  const outputBytes = elementBytes(context.outputTypes[0]);
  const item = f.local("i32");
  const t = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const { outer, place } = splitItem(k, item, count);
    const starts = f.define(i32.add(k.address(buffer("start")), i32.shl(place, 2)));
    const first = f.define(load("i32.load", starts));
    const last = f.define(load("i32.load", starts, 4));
    const base = f.define(i32.add(k.address(input(0)), i32.mul(outer, Math.imul(size * inner, inputBytes))));
    const target = f.define(i32.add(k.address(output(0)), i32.mul(item, inner * outputBytes)));
    /** Address of the element that entry t takes, at place `offset` (in bytes) of its row. */
    const entry = (offset: Value): Value => {
      const row = load("i32.load", i32.add(k.address(buffer("source")), i32.shl(t, 2)));
      return i32.add(i32.add(base, i32.mul(row, inner * inputBytes)), offset);
    };
    const offset = f.define(i32.add(0, 0));
    if (lanes) {
      const to: RowOperand = { type: "float32", stride: 1, pointer: target };
      const along: RowOperand = { type: "float32", stride: 1, pointer: offset };
      eachLaneGroup(k, inner, 2, [to, along], (width, times) => {
        const sums = Array.from({ length: times }, () => f.define(i32x4.splat(0)));
        f.forRange(t, first, last, 1, () => {
          const from: RowOperand = { type: "float32", stride: 1, pointer: f.define(entry(offset)) };
          const weight = f.define(load("v128.load32_splat", i32.add(k.address(buffer("weight")), i32.shl(t, 2))));
          sums.forEach((sum, u) => {
            f.set(sum, multiplyAdd(k, weight, loadRow(from, width, u * 4), sum));
          });
        });
        sums.forEach((sum, u) => {
          storeRow(k, to, width, u * 4, sum);
        });
      });
      return;
    }
    const n = f.local("i32");
    const sum = f.local("f64");
    f.forRange(n, 0, inner, 1, () => {
      f.set(sum, 0);
      f.forRange(t, first, last, 1, () => {
        const weight = load("f64.load", i32.add(k.address(buffer("weight")), i32.shl(t, 3)));
        f.set(sum, f64.add(sum, f64.mul(weight, loadNumber(context.inputTypes[0], entry(offset)))));
      });
      storeNumber(k, context.outputTypes[0], target, sum);
      f.increase(target, outputBytes);
      f.increase(offset, inputBytes);
    });
  });
}

export const indexStrategy = strategy<IndexKernel, IndexKernel>({
  name: "index.rows",
  exact: true,
  plan: (kernel) => kernel,
  estimate: ({ outer, inner, count }) => outer * inner * count,
  emit(_, kernel, context) {
    if (kernel.form === "table") return table(kernel, context);
    return kernel.form === "gather" ? gather(kernel, context) : scatterAdd(kernel, context);
  },
});
