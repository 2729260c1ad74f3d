// How contract.direct (direct.ts) looks at a convolution: taps by kernel rows, what each row of outputs sees, and vectors of outputs.

import { stridesOf } from "../../../../base/shape.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { towardsPixels } from "../forms.ts";
import { wantedCostlyItems } from "../items.ts";
import type { Tile } from "../microkernel.ts";
import { type Matrix, type Problem, type Product, problemOf } from "../product.ts";
import type { Staging } from "../staging.ts";
import { dimensionOf, lengthOf, type Walk } from "../walk.ts";

/** Tiles of an item, at most; fewer where threads would have too few items to share, for tiles share nothing. */
const mostTiles = 32;

export const itemTilesOf = (tiles: number, product: Product): number =>
  Math.max(1, Math.min(mostTiles, Math.ceil((tiles * lengthOf(product.batch)) / wantedCostlyItems)));

/** The factors with taps regrouped: kernel rows outermost in the depth. */
function byKernelRows(product: Product): Product {
  const { a, b, sight, inner } = product;
  if (!sight || "count" in a.inner || "count" in b.inner || inner === 0 || sight.looks.length <= 1) return product;
  const perRow = inner / sight.looks.length;
  const regrouped = (matrix: Matrix, offsets: readonly number[]): Matrix => ({
    ...matrix,
    offset: matrix.offset + offsets[0],
    outer: [dimensionOf(sight.looks.map((_, i) => offsets[i * perRow] - offsets[0])), ...matrix.outer],
    inner: offsets.slice(0, perRow).map((offset) => offset - offsets[0]),
  });
  return {
    ...product,
    a: regrouped(a, a.inner),
    b: regrouped(b, b.inner),
    outer: product.outer * sight.looks.length,
    inner: perRow,
  };
}

/**
 * For every place along the first spatial axis the range [from, to) of the depth whose taps may see something there, as
 * pairs of depth counts. From one place to the next both ends move one way only, so that a tile over several rows needs
 * what its first and its last row need.
 */
export function sightOf({ sight, columns, outer, inner }: Product): Int32Array {
  const places = columns[1].count;
  const ranges = new Int32Array(places * 2);
  const { looks, size, step } = sight ?? { looks: [], size: 0, step: 1 };
  for (let q = 0; q < places; q++) {
    if (looks.length < 2) {
      ranges[q * 2 + 1] = outer * inner;
      continue;
    }
    const perTap = (outer * inner) / looks.length;
    const inside = looks.map((look) => ({ begun: q * step + look >= 0, left: q * step + look < size }));
    const rising = looks[1] > looks[0];
    const first = inside.findIndex(({ begun, left }) => (rising ? begun : left));
    const last = inside.findLastIndex(({ begun, left }) => (rising ? left : begun));
    ranges[q * 2] = (first < 0 ? looks.length : first) * perTap;
    ranges[q * 2 + 1] = (last + 1) * perTap;
  }
  return ranges;
}

/** How the vectors of outputs of a product lie, in the staged planes and in the output. */
export interface Vectors {
  readonly source: Walk;
  readonly target: Walk;
  readonly count: number;
  /** Vectors of a row of outputs, and the length of a row. */
  readonly perRow: number;
  readonly width: number;
  readonly tiles: number;
  readonly panels: number;
}

export function vectorsOf(product: Product, outputShape: readonly number[], tile: Tile): Vectors {
  const { columns, b } = product;
  const strides = stridesOf(outputShape);
  const last = columns.length - 1;
  const width = columns[last].count;
  const perRow = Math.ceil(width / 4);
  const shortened = (walk: Walk): Walk => [...walk.slice(0, last), { count: perRow, stride: 4 }];
  const source = shortened(b.lines);
  const count = lengthOf(source);
  return {
    source,
    count,
    perRow,
    width,
    target: shortened(columns.map((d) => ({ count: d.count, stride: strides[d.axis] * d.step }))),
    tiles: Math.ceil(count / tile.vectors),
    panels: Math.ceil(lengthOf(product.rows) / tile.rows),
  };
}

export interface DirectProblem extends Problem {
  readonly staging: Staging;
}

export function problemFor(kernel: ContractKernel): DirectProblem | undefined {
  const form = towardsPixels(kernel);
  if (!form || (form.role !== "forward" && form.geometry.stride.at(-1) !== 1)) return undefined;
  const { staging, products, ...problem } = problemOf(form);
  return staging && { ...problem, staging, products: products.map(byKernelRows) };
}
