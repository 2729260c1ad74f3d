// The last one to four columns of a product, where full panels of b end before them. A tile would be mostly empty there (49
// pixels are six tiles of eight and one column), so the roles are exchanged: a vector holds four rows of one column.
//
//   packed a: depth x rows    |....|   vector loads, `together` panels at once
//   b: depth x columns        |.|      spread to 4 lanes
//
// The depth is summed in the same order as in tiles, so the bits are the same.
import { exactText } from "../../../../base/exact.ts";
import { type Callable, constF32x4, i32, load } from "../../code/assembler.ts";
import { multiplyAdd } from "../../scalar/math.ts";
import type { PhaseFunction } from "../../strategy.ts";
import { operandsOf } from "../epilogue.ts";
import type { Tile } from "../microkernel.ts";
import type { Product } from "../product.ts";
import { Store, told } from "../store.ts";
import { lengthOf } from "../walk.ts";
import type { Tiled } from "./tile.ts";

/** Columns that are done this way. */
export function tailColumns({ columns }: Product, tile: Tile): number {
  const count = lengthOf(columns);
  const rest = count % (tile.vectors * 4);
  return count > rest && rest <= 4 ? rest : 0;
}

/** Where the vectors of a panel begin: four rows each, and where a panel has six, two of them are in both. */
const vectorRows = (rows: number): readonly number[] => (rows === 4 ? [0] : [0, rows - 4]);

/** Panels of a that are done together: enough sums to keep the multipliers busy, and few enough for the registers. */
export function panelsTogether(columns: number, rows: number): number {
  if (rows === 4) return columns === 1 ? 4 : 2;
  return columns === 1 ? 3 : columns === 2 ? 2 : 1;
}

/** Bytes of the sums of panels that are done together: first as they are computed, then row by row. */
export const tailBytes = (columns: number, rows: number): number =>
  panelsTogether(columns, rows) * (vectorRows(rows).length * columns + rows) * 16;

/**
 * (a, aEnd, b, four, sums, row, rowEnd, g, stage, output, operands of the epilogue…): the panels of a that begin at `row` of
 * batch `g` with the packed columns at b; `four` lists their places (store.ts), `stage` is that of tile.ts. Rows from
 * `rowEnd` on are not stored.
 */
export function tailKernel(k: PhaseFunction, tiled: Tiled): Callable {
  const { kernel, product, outputShape, tile, sliced } = tiled;
  const columns = tailColumns(product, tile);
  const { rows } = tile;
  const together = panelsTogether(columns, rows);
  const panelBytes = product.outer * product.inner * rows * 4;
  // Byte offsets of the vectors of a step, and the row where each begins.
  const vectors = Array.from({ length: together }, (_, p) =>
    vectorRows(rows).map((row) => ({ offset: p * panelBytes + row * 4, row: p * rows + row })),
  ).flat();
  const operands = operandsOf(kernel);
  const { batch, origin } = product;
  const key = `tail ${rows} ${sliced} ${panelBytes} ${exactText([kernel.epilogue, outputShape, batch, product.rows, product.columns, origin])}`;
  return k.helper(key, new Array<"i32">(10 + operands.length).fill("i32"), undefined, (e) => {
    const { f } = e;
    const [a, end, b, four, sums, row, rowEnd, g, stage, target, ...sources] = f.parameters;
    const store = new Store({ ...e, address: told(target, sources) }, kernel, product, outputShape);
    const totals = f.locals("v128", vectors.length * columns);
    const goOn = (): void =>
      totals.forEach((total, i) => {
        f.set(total, load("v128.load", sums, i * 16));
      });
    for (const total of totals) f.set(total, constF32x4(0));
    if (sliced) f.if(i32.eqz(i32.and(stage, 1)), goOn);
    f.if(i32.lt_u(a, end), () => {
      const left = f.locals("v128", vectors.length);
      const right = f.local("v128");
      f.loop((again) => {
        left.forEach((vector, p) => {
          f.set(vector, load("v128.load", a, vectors[p].offset));
        });
        for (let j = 0; j < columns; j++) {
          f.set(right, load("v128.load32_splat", b, j * 4));
          left.forEach((vector, p) => {
            const total = totals[p * columns + j];
            f.set(total, multiplyAdd(e, vector, right, total));
          });
        }
        f.increase(a, rows * 4);
        f.increase(b, columns * 4);
        f.branchIf(again, i32.lt_u(a, end));
      });
    });
    const keepSums = (): void =>
      totals.forEach((total, i) => {
        f.store("v128.store", sums, total, i * 16);
      });
    const finish = (): void => {
      const at = f.define(i32.add(sums, totals.length * 16));
      totals.forEach((total, i) => {
        const place = vectors[Math.floor(i / columns)].row * 16 + (i % columns) * 4;
        for (let lane = 0; lane < 4; lane++) f.store("v128.store32_lane", at, total, place + lane * 16, lane);
      });
      store.batch(g);
      const last = f.define(i32.add(row, together * rows));
      f.if(i32.gt_s(last, rowEnd), () => f.set(last, rowEnd));
      f.forRange(f.local("i32"), row, last, 1, () => {
        store.row(row);
        store.store(load("v128.load", at), four);
        f.increase(row, 1);
        f.increase(at, 16);
      });
    };
    if (sliced) f.if(i32.and(stage, 2), finish, keepSums);
    else finish();
  });
}
