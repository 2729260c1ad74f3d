// map: out[i] = f(a[i], b[i], …). Rows along the innermost merged axis, cut into pieces of at most `pieceLength` places;
// four float32 lanes at a time, or one float64 where integers or float64 take part.
import { sizeOf } from "../../base/shape.ts";
import type { Expression } from "../../kernel/expression.ts";
import type { Access, MapKernel } from "../../kernel/kernel.ts";
import { choose, constI32x4, f32x4, f64, i32, i32x4, type Local, type Value } from "./assembler.ts";
import { vectorExpressions } from "./expressions.ts";
import { eachLaneGroup, loadRow, type RowOperand, storeRow } from "./lanes.ts";
import { walk } from "./parts.ts";
import { scalarExpressions } from "./scalar.ts";
import { input, output, type PhaseFunction, type Strategy, type StrategyContext } from "./strategy.ts";
import {
  collapse,
  elementBytes,
  fitsLanes,
  loadInteger,
  loadNumber,
  Odometer,
  rowMajor,
  storeNumber,
  type ViewAxis,
} from "./view.ts";

const pieceLength = 4096;

/** What the expressions of a kernel ask of their operands. */
export interface Demand {
  /** Operands read as numbers, and operands read as seeds. */
  readonly numbers: ReadonlySet<number>;
  readonly integers: ReadonlySet<number>;
  readonly axes: ReadonlySet<number>;
  readonly random: boolean;
  /** Nanoseconds for one element, roughly. */
  readonly cost: number;
}

const costs: Record<string, number> = {
  exp: 1.5,
  log: 2,
  tanh: 2.5,
  sigmoid: 2.2,
  erf: 4,
  divide: 0.6,
  reciprocal: 0.6,
  sqrt: 0.6,
  modulo: 3,
  negate: 0.1,
  abs: 0.1,
  sign: 0.3,
  floor: 0.2,
  ceil: 0.2,
  round: 0.2,
  isNaN: 0.2,
  isFinite: 0.2,
};

export function demandOf(expressions: readonly Expression[]): Demand {
  const numbers = new Set<number>();
  const integers = new Set<number>();
  const axes = new Set<number>();
  let random = false;
  let cost = 0;
  for (const expression of expressions) {
    walk(expression, (node) => {
      if (node.kind === "operand") numbers.add(node.index);
      else if (node.kind === "axisIndex") axes.add(node.axis);
      else if (node.kind === "uniform") {
        integers.add(node.seed).add(node.step);
        random = true;
        cost += 8;
      } else if (node.kind === "unary") cost += costs[node.name] ?? 25;
      else if (node.kind === "binary")
        cost +=
          node.name === "power" && node.b.kind !== "constant"
            ? 25
            : node.name === "atan2"
              ? 25
              : (costs[node.name] ?? 0.15);
      else if (node.kind === "select") cost += 0.2;
    });
  }
  return { numbers, integers, axes, random, cost };
}

/** Whether every number of the kernel can be held in float32 lanes. */
function lanesSuffice(demand: Demand, context: StrategyContext): boolean {
  return (
    [...demand.numbers].every((operand) => fitsLanes(context.inputTypes[operand])) &&
    context.outputTypes.every(fitsLanes)
  );
}

/** The kernel's rows: outer axes, the innermost one, and pieces of it. */
interface Rows {
  /** Operands, then the places of each axis index, then the row-major place; strides in elements. */
  readonly accesses: readonly Access[];
  readonly outer: readonly ViewAxis[];
  readonly inner: ViewAxis;
  readonly pieces: number;
  readonly items: number;
}

function rowsOf(kernel: MapKernel, demand: Demand): Rows {
  const rank = kernel.shape.length;
  const indexAccesses = [...demand.axes].map((axis) => ({
    strides: Array.from({ length: rank }, (_, i) => (i === axis ? 1 : 0)),
    offset: 0,
  }));
  const accesses = [...kernel.operands, ...indexAccesses, rowMajor(kernel.shape)];
  const { axes } = collapse(kernel.shape, accesses);
  const inner = axes.pop() ?? { size: 1, strides: accesses.map(() => 0) };
  const pieces = Math.max(1, Math.ceil(inner.size / pieceLength));
  const count = sizeOf(axes.map((axis) => axis.size));
  return { accesses, outer: axes, inner, pieces, items: sizeOf(kernel.shape) === 0 ? 0 : count * pieces };
}

export const mapStrategy: Strategy<MapKernel> = {
  name: "map",
  fits: () => true,
  estimate: (kernel, context) => workOf(kernel, demandOf(kernel.outputs), context),
  emit(kernel, context) {
    const demand = demandOf(kernel.outputs);
    const rows = rowsOf(kernel, demand);
    return {
      buffers: [],
      phases: [
        {
          name: "map",
          items: rows.items,
          work: workOf(kernel, demand, context),
          reads: kernel.operands.map((_, i) => input(i)),
          writes: kernel.outputs.map((_, i) => output(i)),
          emit: (k) => emitRows(k, kernel, context, demand, rows),
        },
      ],
    };
  },
};

function workOf(kernel: MapKernel, demand: Demand, context: StrategyContext): number {
  const size = sizeOf(kernel.shape);
  const traffic = 0.25 * (kernel.operands.length + kernel.outputs.length);
  return lanesSuffice(demand, context) ? size * (demand.cost + traffic) : size * (3 + demand.cost * 4 + traffic);
}

function emitRows(k: PhaseFunction, kernel: MapKernel, context: StrategyContext, demand: Demand, rows: Rows): void {
  const { f } = k;
  const bytes = rows.accesses.map((_, i) => (i < kernel.operands.length ? elementBytes(context.inputTypes[i]) : 1));
  const odometer = new Odometer(k, rows.outer, bytes);
  const row = f.local("i32");
  const piece = f.local("i32");
  if (rows.pieces > 1) {
    f.set(row, i32.div_u(k.from, rows.pieces));
    f.set(piece, i32.rem_u(k.from, rows.pieces));
  } else f.set(row, k.from);
  odometer.start(row);
  const item = f.local("i32");
  const vector = lanesSuffice(demand, context);
  f.forRange(item, k.from, k.to, 1, () => {
    const first = rows.pieces > 1 ? f.define(i32.mul(piece, pieceLength)) : 0;
    const left = typeof first === "number" ? rows.inner.size : f.define(i32.sub(rows.inner.size, first));
    const count =
      typeof left === "number" ? left : f.define(choose(i32.lt_s(left, pieceLength), left, i32.add(0, pieceLength)));
    (vector ? emitVectorRow : emitScalarRow)({ k, kernel, context, demand, rows, odometer, first, count });
    if (rows.pieces > 1) {
      f.increase(piece, 1);
      f.if(i32.ge_s(piece, rows.pieces), () => {
        f.set(piece, 0);
        odometer.advance();
      });
    } else odometer.advance();
  });
}

interface RowPiece {
  readonly k: PhaseFunction;
  readonly kernel: MapKernel;
  readonly context: StrategyContext;
  readonly demand: Demand;
  readonly rows: Rows;
  readonly odometer: Odometer;
  /** First place of the piece within the row, and how many it has. */
  readonly first: Local | number;
  readonly count: Local | number;
}

/** Address of an operand's element at the start of the piece. */
function pointerOf(piece: RowPiece, base: Value, access: number, bytes: number, offset: number): Local {
  const { k, rows, odometer, first } = piece;
  const step = rows.inner.strides[access] * bytes;
  let sum: Value = i32.add(base, odometer.offsets[access]);
  if (typeof first !== "number" && step !== 0) sum = i32.add(sum, i32.mul(first, step | 0));
  if (offset !== 0) sum = i32.add(sum, (offset * bytes) | 0);
  return k.f.define(sum);
}

/** A running number (an axis index, or the row-major place) at the start of the piece. */
function numberOf(piece: RowPiece, access: number): Local {
  const { k, rows, odometer, first } = piece;
  const step = rows.inner.strides[access];
  const start = odometer.offsets[access];
  return k.f.define(typeof first === "number" || step === 0 ? i32.add(start, 0) : i32.add(start, i32.mul(first, step)));
}

/** Accesses of the kernel's running numbers that its expressions use. */
function runningNumbers(piece: RowPiece): Map<number, { local: Local; stride: number }> {
  const { kernel, demand, rows } = piece;
  const found = new Map<number, { local: Local; stride: number }>();
  const add = (access: number): void => {
    found.set(access, { local: numberOf(piece, access), stride: rows.inner.strides[access] });
  };
  for (let i = 0; i < demand.axes.size; i++) add(kernel.operands.length + i);
  if (demand.random) add(rows.accesses.length - 1);
  return found;
}

function emitVectorRow(piece: RowPiece): void {
  const { k, kernel, context, demand, rows, count } = piece;
  const { f } = k;
  const last = rows.accesses.length - 1;
  const operands: (RowOperand | undefined)[] = kernel.operands.map(({ offset }, i) => {
    if (!demand.numbers.has(i)) return undefined;
    const pointer = pointerOf(piece, k.address(input(i)), i, 4, offset);
    return { type: context.inputTypes[i], stride: rows.inner.strides[i], pointer };
  });
  const splats = operands.map((row) => (row && row.stride === 0 ? f.define(loadRow(row, 4, 0)) : undefined));
  const place = numberOf(piece, last);
  const pointers = kernel.outputs.map((_, j) => f.define(i32.add(k.address(output(j)), i32.shl(place, 2))));
  const numbers = runningNumbers(piece);
  const axisOrder = [...demand.axes];
  const integer = (i: number): Value =>
    loadInteger(
      context.inputTypes[i],
      i32.add(k.address(input(i)), (kernel.operands[i].offset * elementBytes(context.inputTypes[i])) | 0),
    );
  const running = (access: number, first: number): Value => {
    const { local, stride } = numbers.get(access)!;
    const start = i32x4.splat(local);
    return stride === 0
      ? start
      : i32x4.add(start, constI32x4(...[0, 1, 2, 3].map((lane) => ((first + lane) * stride) | 0)));
  };
  const moved = [
    ...operands.flatMap((row) => (row ? [row] : [])),
    ...pointers.map((pointer) => ({ pointer, stride: 1 })),
  ];
  const unroll = demand.cost <= 1 ? 4 : demand.cost <= 3 ? 2 : 1;
  eachLaneGroup(k, count, unroll, moved, (width, times) => {
    const results: { vector: Local; output: number; first: number }[] = [];
    for (let u = 0; u < times; u++) {
      const values = vectorExpressions(k, kernel.outputs, {
        operand: (i) => splats[i] ?? loadRow(operands[i]!, width, u * 4),
        integer,
        axisIndex: (axis) => f32x4.convert_i32x4_s(running(kernel.operands.length + axisOrder.indexOf(axis), u * 4)),
        linearIndex: () => running(last, u * 4),
      });
      values.forEach((vector, j) => {
        results.push({ vector, output: j, first: u * 4 });
      });
    }
    // All loads come before the first store: an output may lie in the place of an operand.
    for (const { vector, output: j, first } of results)
      storeRow(k, context.outputTypes[j], pointers[j], width, first, vector);
    for (const { local, stride } of numbers.values()) if (stride !== 0) f.increase(local, stride * width * times);
  });
}

function emitScalarRow(piece: RowPiece): void {
  const { k, kernel, context, demand, rows, count } = piece;
  const { f } = k;
  const last = rows.accesses.length - 1;
  const pointers = kernel.operands.map(({ offset }, i) =>
    pointerOf(piece, k.address(input(i)), i, elementBytes(context.inputTypes[i]), offset),
  );
  const place = numberOf(piece, last);
  const numbers = runningNumbers(piece);
  const axisOrder = [...demand.axes];
  const i = f.local("i32");
  f.forRange(i, 0, count, 1, () => {
    const values = scalarExpressions(k, kernel.outputs, {
      operand: (operand) => loadNumber(context.inputTypes[operand], pointers[operand]),
      integer: (operand) => loadInteger(context.inputTypes[operand], pointers[operand]),
      axisIndex: (axis) => f64.convert_i32_s(numbers.get(kernel.operands.length + axisOrder.indexOf(axis))!.local),
      linearIndex: () => place,
    });
    values.forEach((value, j) => {
      const type = context.outputTypes[j];
      const address = i32.add(k.address(output(j)), i32.mul(place, elementBytes(type)));
      storeNumber(k, type, address, value);
    });
    pointers.forEach((pointer, operand) => {
      const step = rows.inner.strides[operand] * elementBytes(context.inputTypes[operand]);
      if (step !== 0) f.increase(pointer, step | 0);
    });
    for (const [access, { local, stride }] of numbers) if (access !== last && stride !== 0) f.increase(local, stride);
    f.increase(place, 1);
    if (demand.random) f.set(numbers.get(last)!.local, place);
  });
}
