// Element-wise loops over strided views: rows along the innermost merged axis, cut into pieces of at most `pieceLength`
// places; four float32 lanes at a time, or one float64 where integers or float64 take part. Maps, copies and the
// last step of reductions are such loops.
import type { DType } from "../../../base/dtype.ts";
import { type Shape, sizeOf } from "../../../base/shape.ts";
import type { Expression } from "../../../kernel/expression.ts";
import type { Access } from "../../../kernel/kernel.ts";
import { choose, constI32, constI32x4, f32x4, f64, i32, i32x4, type Local, type Value } from "../code/assembler.ts";
import { type Profile, profile as shipped } from "../profile.ts";
import { type Demand, demandOf } from "../scalar/demand.ts";
import { vectorExpressions } from "../scalar/expressions.ts";
import { eachLaneGroup, loadRow, type RowOperand, storeRow, type Width } from "../scalar/lanes.ts";
import { scalarExpressions } from "../scalar/scalar.ts";
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
} from "../scalar/view.ts";
import type { PhaseFunction } from "../strategy.ts";

const pieceLength = 4096;
// As it is, never corrected for a machine: code is written by it.
const { sizes } = shipped.rows;

export interface RowView {
  readonly access: Access;
  readonly type: DType;
}

/** An element-wise loop: expressions of operands, stored to targets, over `shape`. */
export interface RowLoop {
  readonly shape: Shape;
  readonly operands: readonly RowView[];
  readonly targets: readonly RowView[];
  readonly outputs: readonly Expression[];
  /** One place after the other, in order: later places may read what earlier ones wrote. */
  readonly inOrder?: boolean;
}

/** What the loop becomes: outer axes, the innermost one, and pieces of it. */
interface Rows {
  readonly demand: Demand;
  /** Operands, targets, the place along each axis that is asked for, the row-major place; strides in elements. */
  readonly accesses: readonly Access[];
  readonly outer: readonly ViewAxis[];
  readonly inner: ViewAxis;
  readonly pieces: number;
  readonly items: number;
}

function rowsOf(loop: RowLoop): Rows {
  const { shape } = loop;
  const demand = demandOf(loop.outputs);
  const indexAccesses = [...demand.axes].map((axis) => ({
    strides: shape.map((_, i) => (i === axis ? 1 : 0)),
    offset: 0,
  }));
  const accesses = [
    ...loop.operands.map((view) => view.access),
    ...loop.targets.map((view) => view.access),
    ...indexAccesses,
    ...(demand.random ? [rowMajor(shape)] : []),
  ];
  const { axes } = collapse(shape, accesses);
  const inner = axes.pop() ?? { size: 1, strides: accesses.map(() => 0) };
  const pieces = Math.max(1, Math.ceil(inner.size / pieceLength));
  const items = sizeOf(shape) === 0 ? 0 : sizeOf(axes.map((axis) => axis.size)) * pieces;
  return { demand, accesses, outer: axes, inner, pieces, items };
}

/** Whether every number of the loop can be held in float32 lanes. */
function lanesSuffice(loop: RowLoop, demand: Demand): boolean {
  return (
    !loop.inOrder &&
    [...demand.numbers].every((operand) => fitsLanes(loop.operands[operand].type)) &&
    loop.targets.every(({ type }) => fitsLanes(type))
  );
}

/** How many items the loop has, and about how many nanoseconds they take. */
export function measureRows(loop: RowLoop, profile: Profile): { readonly items: number; readonly work: number } {
  const { memory, calls, factors } = profile.rows;
  const rows = rowsOf(loop);
  const size = sizeOf(loop.shape);
  const traffic = memory.number * (rows.demand.numbers.size + loop.targets.length);
  const scattered = rows.inner.strides
    .slice(0, loop.operands.length + loop.targets.length)
    .filter((stride) => stride !== 0 && stride !== 1).length;
  const vector = lanesSuffice(loop, rows.demand);
  const each = vector
    ? rows.demand.cost + traffic + scattered * memory.scattered
    : calls.scalar + rows.demand.cost * factors.scalar + traffic;
  return { items: loop.inOrder ? 1 : rows.items, work: size * each + rows.items * calls.piece };
}

export interface RowBases {
  /** Byte addresses of the operands and targets. */
  readonly operands: readonly Local[];
  readonly targets: readonly Local[];
  /** Reads operand i in another way than one load. */
  readonly load?: (index: number, row: RowOperand, width: Width, first: number) => Value | undefined;
}

/** Writes the loop over the items [k.from, k.to). */
export function emitRows(k: PhaseFunction, loop: RowLoop, bases: RowBases): void {
  const { f } = k;
  const rows = rowsOf(loop);
  const views = [...loop.operands, ...loop.targets];
  const odometer = new Odometer(
    k,
    rows.outer,
    rows.accesses.map((_, i) => (i < views.length ? elementBytes(views[i].type) : 1)),
  );
  const row = f.local("i32");
  const piece = f.local("i32");
  const from = loop.inOrder ? f.define(i32.mul(k.from, rows.items)) : k.from;
  const to = loop.inOrder ? f.define(i32.mul(k.to, rows.items)) : k.to;
  if (rows.pieces > 1) {
    f.set(row, i32.div_u(from, rows.pieces));
    f.set(piece, i32.rem_u(from, rows.pieces));
  } else f.set(row, from);
  odometer.start(row);
  const item = f.local("i32");
  const vector = lanesSuffice(loop, rows.demand);
  f.forRange(item, from, to, 1, () => {
    const first = rows.pieces > 1 ? f.define(i32.mul(piece, pieceLength)) : 0;
    const left = typeof first === "number" ? rows.inner.size : f.define(i32.sub(rows.inner.size, first));
    const count =
      typeof left === "number" ? left : f.define(choose(i32.lt_s(left, pieceLength), left, constI32(pieceLength)));
    const state = { k, loop, bases, rows, odometer, first, count };
    if (vector) emitVectorRow(state);
    else emitScalarRow(state);
    if (rows.pieces === 1) odometer.advance();
    else {
      f.increase(piece, 1);
      f.if(i32.ge_s(piece, rows.pieces), () => {
        f.set(piece, 0);
        odometer.advance();
      });
    }
  });
}

interface RowPiece {
  readonly k: PhaseFunction;
  readonly loop: RowLoop;
  readonly bases: RowBases;
  readonly rows: Rows;
  readonly odometer: Odometer;
  /** First place of the piece within the row, and how many it has. */
  readonly first: Local | number;
  readonly count: Local | number;
}

/** Where access `index` stands at the start of the piece: its base plus the byte (or element) offset. */
function startOf(piece: RowPiece, index: number, bytes: number, base: Value | number, offset: number): Local {
  const { k, rows, odometer, first } = piece;
  const step = rows.inner.strides[index] * bytes;
  let sum: Value = i32.add(odometer.offsets[index], base);
  if (typeof first !== "number" && step !== 0) sum = i32.add(sum, i32.mul(first, step | 0));
  if (offset !== 0) sum = i32.add(sum, (offset * bytes) | 0);
  return k.f.define(sum);
}

function pointersOf(piece: RowPiece): { operands: Local[]; targets: Local[] } {
  const { loop, bases } = piece;
  const pointer = ({ access, type }: RowView, index: number, base: Local): Local =>
    startOf(piece, index, elementBytes(type), base, access.offset);
  return {
    operands: loop.operands.map((view, i) => pointer(view, i, bases.operands[i])),
    targets: loop.targets.map((view, j) => pointer(view, loop.operands.length + j, bases.targets[j])),
  };
}

interface Running {
  readonly local: Local;
  readonly stride: number;
}

/** Places along the axes that are asked for, and the row-major place. */
function runningNumbers(piece: RowPiece): { axes: Map<number, Running>; linear: Running | undefined } {
  const { loop, rows } = piece;
  let index = loop.operands.length + loop.targets.length;
  const next = (): Running => {
    const running = { local: startOf(piece, index, 1, 0, 0), stride: rows.inner.strides[index] };
    index++;
    return running;
  };
  const axes = new Map([...rows.demand.axes].map((axis) => [axis, next()]));
  return { axes, linear: rows.demand.random ? next() : undefined };
}

/** Seeds lie at fixed places, the same for all elements. */
function seedOf(piece: RowPiece, index: number): Value {
  const { access, type } = piece.loop.operands[index];
  return loadInteger(type, i32.add(piece.bases.operands[index], (access.offset * elementBytes(type)) | 0));
}

function emitVectorRow(piece: RowPiece): void {
  const { k, loop, bases, rows, count } = piece;
  const { f } = k;
  const { demand, inner } = rows;
  const pointers = pointersOf(piece);
  const operands = loop.operands.map(({ type }, i) => ({
    type,
    stride: inner.strides[i],
    pointer: pointers.operands[i],
  }));
  const targets = loop.targets.map(({ type }, j) => ({
    type,
    stride: inner.strides[loop.operands.length + j],
    pointer: pointers.targets[j],
  }));
  const splats = operands.map((row, i) =>
    demand.numbers.has(i) && row.stride === 0 && !bases.load ? f.define(loadRow(row, 4, 0)) : undefined,
  );
  const { axes, linear } = runningNumbers(piece);
  const places = ({ local, stride }: Running, first: number): Value => {
    const start = i32x4.splat(local);
    if (stride === 0) return start;
    return i32x4.add(start, constI32x4(...[0, 1, 2, 3].map((lane) => ((first + lane) * stride) | 0)));
  };
  const moved = [...operands.filter((_, i) => demand.numbers.has(i)), ...targets];
  const unroll = bases.load ? 1 : demand.cost <= sizes.unrollFour ? 4 : demand.cost <= sizes.unrollTwo ? 2 : 1;
  eachLaneGroup(k, count, unroll, moved, (width, times) => {
    const results: { vector: Local; target: number; first: number }[] = [];
    for (let first = 0; first < times * 4; first += 4) {
      const values = vectorExpressions(k, loop.outputs, {
        operand: (i) => splats[i] ?? bases.load?.(i, operands[i], width, first) ?? loadRow(operands[i], width, first),
        integer: (i) => seedOf(piece, i),
        axisIndex: (axis) => f32x4.convert_i32x4_s(places(axes.get(axis)!, first)),
        linearIndex: () => places(linear!, first),
      });
      for (const [target, vector] of values.entries()) results.push({ vector, target, first });
    }
    // All loads come before the first store: a target may lie in the place of an operand.
    for (const { vector, target, first } of results) storeRow(k, targets[target], width, first, vector);
    for (const { local, stride } of [...axes.values(), ...(linear ? [linear] : [])])
      if (stride !== 0) f.increase(local, stride * width * times);
  });
}

function emitScalarRow(piece: RowPiece): void {
  const { k, loop, rows, count } = piece;
  const { f } = k;
  const pointers = pointersOf(piece);
  const { axes, linear } = runningNumbers(piece);
  const i = f.local("i32");
  f.forRange(i, 0, count, 1, () => {
    const values = scalarExpressions(k, loop.outputs, {
      operand: (operand) => loadNumber(loop.operands[operand].type, pointers.operands[operand]),
      integer: (operand) => seedOf(piece, operand),
      axisIndex: (axis) => f64.convert_i32_s(axes.get(axis)!.local),
      linearIndex: () => linear!.local,
    });
    values.forEach((value, j) => {
      storeNumber(k, loop.targets[j].type, pointers.targets[j], value);
    });
    const all = [...pointers.operands, ...pointers.targets];
    [...loop.operands, ...loop.targets].forEach(({ type }, index) => {
      const step = rows.inner.strides[index] * elementBytes(type);
      if (step !== 0) f.increase(all[index], step | 0);
    });
    for (const { local, stride } of [...axes.values(), ...(linear ? [linear] : [])])
      if (stride !== 0) f.increase(local, stride);
  });
}
