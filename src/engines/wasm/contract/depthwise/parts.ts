// What the ways of running a depthwise convolution share: its plan, and what is known of a plane.
import type { Local } from "../../code/assembler.ts";
import type { epilogueStore } from "../epilogue.ts";
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
  readonly finish: ReturnType<typeof epilogueStore>;
}
