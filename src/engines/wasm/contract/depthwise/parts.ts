// What the ways of running a depthwise convolution share: its plan, and loads and stores of some neighbouring outputs.
import { type FunctionBuilder, type Local, load, loadLane, type Value } from "../../code/assembler.ts";
import type { Product } from "../product.ts";
import type { Staging } from "../staging.ts";

export interface Plan {
  readonly staging: Staging;
  readonly outputShape: readonly number[];
  readonly images: number;
  readonly groups: number;
  readonly filters: number;
  /** One, or for the input gradient of a strided convolution one for each residue of the stride. */
  readonly parts: readonly Part[];
  /** Byte distances (plane, weights) of the taps of all parts. */
  readonly table: Int32Array;
}

/** Outputs that look at a plane alike: `height` x `width` of them, `step` apart in the output, from `origin` on. */
export interface Part {
  readonly product: Product;
  readonly height: number;
  readonly width: number;
  readonly step: readonly [number, number];
  /** Elements from the plane's start in the output. */
  readonly origin: number;
  /** Its taps in the table. */
  readonly first: number;
  readonly taps: number;
}

export interface PlaneParts {
  readonly part: Part;
  /** Address of the plane, and byte offset of the outputs' plane. */
  readonly start: Local;
  readonly place: Local;
  readonly weights: Local;
  readonly channelValues: readonly (Local | undefined)[];
}

/** `count` numbers, `step` apart. */
export function loadCount(base: Local, offset: number, count: number, step: number): Value {
  if (step === 1 && count === 4) return load("v128.load", base, offset);
  let vector = load("v128.load32_zero", base, offset);
  for (let lane = 1; lane < count; lane++)
    vector = loadLane("v128.load32_lane", base, vector, lane, offset + lane * step * 4);
  return vector;
}

export function storeCount(
  f: FunctionBuilder,
  base: Local,
  offset: number,
  value: Local,
  count: number,
  step: number,
): void {
  if (step === 1 && count === 4) f.store("v128.store", base, value, offset);
  else
    for (let lane = 0; lane < count; lane++) f.store("v128.store32_lane", base, value, offset + lane * step * 4, lane);
}
