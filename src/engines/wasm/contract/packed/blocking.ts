// How the products of gemm.ts are cut: the depth into slices, columns and rows into items.

import { i32, type Local } from "../../code/assembler.ts";
import type { Profile } from "../../profile.ts";
import type { Emitter } from "../../scalar/math.ts";
import { wantedItems } from "../items.ts";
import type { Tile } from "../microkernel.ts";
import type { Product } from "../product.ts";
import { isAdjacent, joined, lengthOf } from "../walk.ts";
import { tailColumns } from "./tail.ts";
import { readingStep } from "./tile.ts";

/** How one product is cut. */
export interface Blocking {
  readonly tile: Tile;
  /** Outer depth places of a slice. */
  readonly slice: number;
  /** Panels of b in all, in an item, items along columns. */
  readonly allPanels: number;
  readonly panels: number;
  readonly columnBlocks: number;
  /** Columns behind the last panel (tail.ts): the last item along columns does them too. */
  readonly tail: number;
  /** Panels of a in an item, items along rows, panels of a in all. */
  readonly rowPanels: number;
  readonly rowBlocks: number;
  readonly allRowPanels: number;
  /** Panels of `tile.rows` rows; those behind them have `shortRows`. */
  readonly tallPanels: number;
  /** Nanoseconds of packing an element of b, and whether a phase of its own does it: where it is done again and again otherwise. */
  readonly packTime: number;
  readonly apart: boolean;
}

/** Depth that is done in one go: a panel of a stays in the nearest cache, and sums need no place in memory. */
const mostDepth = 1024;
/** Elements of the packed b of an item: they stay in the second cache, together with what else goes through it. */
const blockElements = 16 * 1024;
/** Rows of an item where the depth is sliced, for their sums are kept in memory. */
const mostRows = 512;
/** Rows that are worth packing a panel of b again. */
const leastRows = 64;

/** Rows of the last panels of a: where full ones would be too empty. */
export const shortRows = 4;

/** Full and short panels for so many rows: the cheapest that hold them. */
function rowPanelsOf(rows: number, tile: Tile, { gemm }: Profile): { tall: number; short: number } {
  const cuts = [0, 1, 2].map((short) => ({
    short,
    tall: Math.max(0, Math.ceil((rows - short * shortRows) / tile.rows)),
  }));
  const cost = ({ tall, short }: (typeof cuts)[number]): number =>
    tall * tile.rows + short * shortRows * (1 + gemm.factors.shortRow);
  return cuts.reduce((best, cut) => (cost(cut) < cost(best) ? cut : best));
}

/** Rows as they are packed. */
export const packedRows = ({ tile, tallPanels, allRowPanels }: Blocking): number =>
  tallPanels * tile.rows + (allRowPanels - tallPanels) * shortRows;

/** First row of a panel. */
export function rowOf({ f }: Emitter, { tile, tallPanels, allRowPanels }: Blocking, panel: Local): Local {
  const row = f.define(i32.mul(panel, tile.rows));
  if (tallPanels < allRowPanels)
    f.if(i32.gt_s(panel, tallPanels), () =>
      f.increase(row, i32.mul(i32.sub(tallPanels, panel), tile.rows - shortRows)),
    );
  return row;
}

/** Elements that may be packed at once. */
const mostPacked = 2 ** 22;

/** Share of the panels of b whose lines lie side by side. */
function sideBySide({ b }: Product, width: number): number {
  if (!isAdjacent(b.lines)) return 0;
  const run = joined(b.lines).at(-1)?.count ?? 1;
  return run % width === 0 ? 1 : Math.max(0, 1 - width / run);
}

/** Nanoseconds of packing an element of b, as measured. */
function packTimeOf(product: Product, tile: Tile, { gemm: { memory } }: Profile): number {
  const even = sideBySide(product, tile.vectors * 4);
  const evenTime = readingStep({ product, tile }) === undefined ? memory.evenPacking : memory.readPacking;
  return (
    evenTime * even + (isAdjacent(product.b.lines) ? memory.adjacentPacking : memory.scatteredPacking) * (1 - even)
  );
}

export function blockingOf(product: Product, tile: Tile, profile: Profile): Blocking {
  const rows = lengthOf(product.rows);
  const width = tile.vectors * 4;
  const slices = Math.max(1, Math.ceil((product.outer * product.inner) / mostDepth));
  const slice = Math.max(1, Math.ceil(product.outer / Math.min(slices, product.outer)));
  const { tall, short } = rowPanelsOf(rows, tile, profile);
  const allRowPanels = tall + short;
  const tail = tailColumns(product, tile);
  const allPanels = Math.ceil((lengthOf(product.columns) - tail) / width);
  const most = Math.max(1, Math.floor(blockElements / (slice * product.inner) / width));
  const wanted = Math.ceil(wantedItems / lengthOf(product.batch));
  // Columns are cut first, into blocks of two panels at least; where they are few, rows are cut too.
  const columnBlocks = Math.max(Math.ceil(allPanels / most), Math.min(wanted, Math.ceil(allPanels / 2)));
  const panels = Math.ceil(allPanels / columnBlocks);
  const rest = Math.ceil(wanted / Math.ceil(allPanels / panels));
  const least = slice < product.outer ? Math.ceil(rows / mostRows) : 1;
  const rowBlocks = Math.max(least, Math.min(rest, Math.floor(rows / leastRows)));
  const rowPanels = Math.ceil(allRowPanels / rowBlocks);
  const packTime = packTimeOf(product, tile, profile);
  const packed = lengthOf(product.batch) * lengthOf(product.columns) * product.outer * product.inner;
  const again = Math.ceil(allRowPanels / rowPanels) - 1;
  return {
    packTime,
    apart: again * packed * packTime > profile.gemm.calls.phase && packed <= mostPacked,
    tile,
    slice,
    tallPanels: tall,
    allRowPanels,
    rowPanels,
    allPanels,
    panels,
    tail,
    rowBlocks: Math.ceil(allRowPanels / rowPanels),
    columnBlocks: Math.ceil(allPanels / panels),
  };
}
