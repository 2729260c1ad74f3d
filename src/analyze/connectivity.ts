// One unit of a convolution, told in full: which inputs feed it, every product, the partial sum of each channel, the bias,
// the activation. The sum must be the stored value.
//
//   y[k, i, j] = f(b[k] + Σ_c Σ_r Σ_s w[k, c, r, s] x[c, i s − p + r d, j s − p + s d])
//
// Places outside count as zero, or as the place of the map that the padding mode puts there.

import { understand } from "../base/arguments.ts";
import { type NdArray, ndarrayRule } from "../base/array.ts";
import { NeocogError, unknownName } from "../base/errors.ts";
import {
  options as byName,
  callback,
  listOf,
  type OptionsOf,
  type Rules,
  required,
  text,
  whole,
} from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { placesAlong } from "../base/window.ts";
import type { Beyond } from "../graph/op.ts";
import { placeInside } from "./spatial.ts";

const questionRules = {
  input: required(ndarrayRule),
  weight: required(ndarrayRule),
  bias: ndarrayRule,
  stride: whole(1),
  padding: whole(0),
  paddingMode: text,
  dilation: whole(1),
  groups: whole(1),
  activation: callback,
  channel: required(whole(0)),
  place: required(listOf(whole(0), "[row, column]", 2, 2)),
  image: whole(0),
} satisfies Rules<UnitQuestion>;

/** Which output of which convolution is asked about. */
export interface UnitQuestion {
  /** [1, C, H, W] or [N, C, H, W]. */
  readonly input: NdArray;
  /** [K, C / groups, R, S]. */
  readonly weight: NdArray;
  /** [K]; nothing is added unless told. */
  readonly bias?: NdArray;
  /** Along both axes; 1 unless told. */
  readonly stride?: number;
  /** Cells on either side. */
  readonly padding?: number;
  /** What stands in the padding; "zeros" unless told. */
  readonly paddingMode?: "zeros" | Beyond;
  /** Along both axes; 1 (no gap) unless told. */
  readonly dilation?: number;
  /** Groups of channels; 1 unless told. */
  readonly groups?: number;
  /** What the sum goes through; nothing unless told. */
  readonly activation?: (value: number) => number;
  /** Output channel and place. */
  readonly channel: number;
  /** Row and column of the output, from 0. */
  readonly place: readonly [row: number, column: number];
  /** Which image of the batch, from 0; the first unless told. */
  readonly image?: number;
}

/** One product of a sum. */
export interface Product {
  /** Input channel, from 0. */
  readonly channel: number;
  /** Where the window reads; in the padding below 0, or from the map's size on. */
  readonly row: number;
  /** The same along the width. */
  readonly column: number;
  /** The place of the map whose number stands there; undefined for a zero of the padding. */
  readonly source: readonly [row: number, column: number] | undefined;
  /** The kernel's number. */
  readonly weight: number;
  /** The map's number. */
  readonly input: number;
  /** The two multiplied. */
  readonly product: number;
  /** The place lies in the padding. */
  readonly padded: boolean;
}

/** How one output of a convolution comes about. */
export interface UnitStory {
  /** Every product, by input channel, then row and column of the kernel. */
  readonly products: readonly Product[];
  /** Sum of the products of each input channel that feeds the unit. */
  readonly channels: readonly {
    /** Input channel, from 0. */
    readonly channel: number;
    /** Sum of its products. */
    readonly sum: number;
  }[];
  /** The output channel's bias; 0 where there is none. */
  readonly bias: number;
  /** Before the activation. */
  readonly sum: number;
  /** What the unit holds. */
  readonly value: number;
}

/** Every product that one output of a convolution is the sum of. Throws for a place outside the output. */
export function describeUnit(question: UnitQuestion): UnitStory {
  understand("describeUnit", arguments, { question: required(byName<OptionsOf<typeof describeUnit>>(questionRules)) });
  const { input, weight, bias, stride = 1, padding = 0, dilation = 1, groups = 1, image = 0 } = question;
  const { paddingMode = "zeros" } = question;
  checkPadding(paddingMode, padding, Math.min(...input.shape.slice(2)));
  const beyond = paddingMode === "zeros" ? undefined : paddingMode;
  const { channel: k, place, activation = (value) => value } = question;
  const [images, channels, height, width] = input.shape;
  const [outputs, perGroup, rows, columns] = weight.shape;
  if (input.shape.length !== 4 || weight.shape.length !== 4 || perGroup * groups !== channels) {
    throw new NeocogError(
      `The input ${formatShape(input.shape)} does not go with the weight ${formatShape(weight.shape)} in ${groups} group(s).`,
    );
  }
  const slide = { stride, dilation, padBefore: padding, padAfter: padding };
  const map = [placesAlong(height, rows, slide), placesAlong(width, columns, slide)];
  const outside = place.some((at, axis) => !(Number.isInteger(at) && at >= 0 && at < map[axis]));
  if (outside || !(k >= 0 && k < outputs) || !(image >= 0 && image < images)) {
    throw new NeocogError(
      `There is no unit at channel ${k}, row ${place[0]}, column ${place[1]}: the layer gives ${outputs} maps of ${map.join(" x ")}.`,
    );
  }
  const first = Math.floor(k / (outputs / groups)) * perGroup;
  const products: Product[] = [];
  const sums: { channel: number; sum: number }[] = [];
  for (let c = 0; c < perGroup; c++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      for (let s = 0; s < columns; s++) {
        const row = place[0] * stride - padding + r * dilation;
        const column = place[1] * stride - padding + s * dilation;
        const padded = row < 0 || column < 0 || row >= height || column >= width;
        const [y, x] = [placeInside(row, height, beyond), placeInside(column, width, beyond)];
        const source = y === undefined || x === undefined ? undefined : ([y, x] as const);
        const value = source
          ? input.data[((image * channels + first + c) * height + source[0]) * width + source[1]]
          : 0;
        const factor = weight.data[((k * perGroup + c) * rows + r) * columns + s];
        products.push({
          channel: first + c,
          row,
          column,
          source,
          weight: factor,
          input: value,
          product: factor * value,
          padded,
        });
        sum += factor * value;
      }
    }
    sums.push({ channel: first + c, sum });
  }
  const own = bias?.data[k] ?? 0;
  const total = sums.reduce((sum, one) => sum + one.sum, own);
  return { products, channels: sums, bias: own, sum: total, value: activation(total) };
}

const modes = ["zeros", "reflect", "replicate", "circular"] as const;

/** Refuses an unknown mode, and more padding than the mode has places for. */
function checkPadding(mode: (typeof modes)[number], padding: number, smallest: number): void {
  if (!modes.includes(mode)) throw unknownName("padding mode", mode, modes);
  const most = mode === "reflect" ? smallest - 1 : mode === "circular" ? smallest : Number.POSITIVE_INFINITY;
  if (padding > most) {
    throw new NeocogError(
      `Padding mode "${mode}" can add at most ${most} cells to a side of this map, not ${padding}.`,
    );
  }
}
