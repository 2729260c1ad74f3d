// Rows of elements as float32 lanes: how an operand lies along the inner axis (contiguous, broadcast, strided), its loads
// and stores, and the loop over a row: unrolled vectors, single vectors, then single lanes.
import type { DType } from "../../../base/dtype.ts";
import { constI32, f32x4, i32, i32x4, type Local, load, loadLane, type Value } from "../code/assembler.ts";
import type { Emitter } from "./math.ts";

/** 4 lanes at once, or one lane (the first) in the tail of a row. */
export type Width = 4 | 1;

/** An operand along a row. `pointer` is the address of the first element; it moves with the row. */
export interface RowOperand {
  readonly type: DType;
  /** Elements from one place of the row to the next. */
  readonly stride: number;
  readonly pointer: Local;
}

function asFloat(type: DType, raw: Value): Value {
  return type === "float32" ? raw : f32x4.convert_i32x4_s(raw);
}

function placeIn({ pointer, stride }: RowOperand, place: number): { address: Value; offset: number } {
  const bytes = place * stride * 4;
  return bytes >= 0 ? { address: pointer, offset: bytes } : { address: i32.add(pointer, bytes), offset: 0 };
}

/** The operand's elements `first` to `first + width - 1` after its pointer. */
export function loadRow(row: RowOperand, width: Width, first: number): Value {
  const { type, stride, pointer } = row;
  if (stride === 0) return asFloat(type, load("v128.load32_splat", pointer));
  const at = (place: number): { address: Value; offset: number } => placeIn(row, place);
  const start = at(first);
  if (width === 1) return asFloat(type, load("v128.load32_zero", start.address, start.offset));
  if (stride === 1) return asFloat(type, load("v128.load", start.address, start.offset));
  let vector = load("v128.load32_zero", start.address, start.offset);
  for (let lane = 1; lane < 4; lane++) {
    const place = at(first + lane);
    vector = loadLane("v128.load32_lane", place.address, vector, lane, place.offset);
  }
  return asFloat(type, vector);
}

/** Stores lanes to the places `first` to `first + width - 1` after the pointer. */
export function storeRow(e: Emitter, row: RowOperand, width: Width, first: number, vector: Value): void {
  const raw = row.type === "float32" ? vector : i32x4.trunc_sat_f32x4_s(vector);
  if (width === 4 && row.stride === 1) {
    e.f.store("v128.store", row.pointer, raw, first * 4);
    return;
  }
  const lanes = width === 4 ? e.f.define(raw) : raw;
  for (let lane = 0; lane < width; lane++) {
    const { address, offset } = placeIn(row, first + lane);
    e.f.store("v128.store32_lane", address, lanes, offset, lane);
  }
}

/**
 * Walks `count` places of a row: `body(width, unroll)` does `unroll` vectors (or one lane) from the pointers on, then
 * `moved` pointers go on. `known` is the count where it is always the same.
 */
export function eachLaneGroup(
  e: Emitter,
  count: Value | number,
  unroll: number,
  moved: readonly { readonly pointer: Local; readonly stride: number }[],
  body: (width: Width, unroll: number) => void,
): void {
  const { f } = e;
  const known = typeof count === "number" ? count : undefined;
  const rest = f.define(typeof count === "number" ? constI32(count) : count);
  const step = (width: Width, times: number): void => {
    body(width, times);
    for (const { pointer, stride } of moved) if (stride !== 0) f.increase(pointer, stride * 4 * width * times);
    f.increase(rest, -width * times);
  };
  const repeat = (width: Width, times: number): void => {
    const places = width * times;
    if (known !== undefined) {
      const left = places === 1 ? known % 4 : places === 4 && unroll > 1 ? known % (4 * unroll) : known;
      if (left < places) return;
      if (left < 2 * places) {
        step(width, times);
        return;
      }
    }
    f.block((leave) => {
      f.branchIf(leave, i32.lt_s(rest, places));
      f.loop((again) => {
        step(width, times);
        f.branchIf(again, i32.ge_s(rest, places));
      });
    });
  };
  if (unroll > 1) repeat(4, unroll);
  repeat(4, 1);
  repeat(1, 1);
}
