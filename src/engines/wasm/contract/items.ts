// The items of gemm.ts: panels of b are packed (each item its own, or all in a phase before, where many items share them), then
// every panel of a is multiplied with every panel of b.
import { i32, type Local, type Operand } from "../assembler.ts";
import { buffer, input, output, type PhaseFunction, type Place } from "../strategy.ts";
import type { Blocking } from "./blocking.ts";
import { emitPack, emitPackPanel } from "./packing.ts";
import type { Matrix, Product } from "./product.ts";
import { Store } from "./store.ts";
import { panelsTogether, tailBytes, tailKernel } from "./tail.ts";
import { emitSource, emitTileEntry, readingStep, type Tiled, tileEntryBytes, tileKernel } from "./tile.ts";
import { byteOffset, keep, lengthOf, plus, times } from "./walk.ts";

/** Each thread's own: packed panels of b, sums, where columns lie in the output. */
export const panels = buffer("panels");
export const sums = buffer("sums");
export const columnList = buffer("columns");

/** Batches of a that differ: a broadcast factor is packed once. */
export const ownBatches = (matrix: Matrix): number =>
  matrix.batch.every(({ count, stride }) => count === 1 || stride === 0) ? 1 : lengthOf(matrix.batch);

export interface ProductPlaces {
  /** Packed a; b as it comes; and packed b where a phase of its own packs it. */
  readonly factor: Place;
  readonly source: Place;
  readonly packed?: Place;
}

/** Where b begins in batch g. */
const sourceOf = (k: PhaseFunction, { b }: Product, source: Place, g: Local): Local =>
  keep(k.f, plus(k.address(source), b.offset * 4, byteOffset(k.f, b.batch, g)));

/** Columns of b as they are packed. */
const packedColumns = ({ allPanels, tail, tile }: Blocking): number => allPanels * tile.vectors * 4 + tail;

/** Elements of the packed b of all batches. */
export const packedElements = (product: Product, cut: Blocking): number =>
  lengthOf(product.batch) * packedColumns(cut) * product.outer * product.inner;

/** Where the slice that begins at outer place `from` of batch g lies in the packed b: a panel after the other, then the tail. */
function packedPlace(k: PhaseFunction, product: Product, cut: Blocking, packed: Place, g: Local, from: Local): Local {
  const bytes = packedColumns(cut) * product.inner * 4;
  return k.f.define(i32.add(k.address(packed), i32.mul(i32.add(i32.mul(g, product.outer), from), bytes)));
}

/** Panels and tails of all batches: the items of the phase that packs b. */
export const packedPanels = (product: Product, { allPanels, tail }: Blocking): number =>
  lengthOf(product.batch) * (allPanels + Math.min(tail, 1));

/** Item: one panel of b, or its tail, over the whole depth. */
export function emitPackB(k: PhaseFunction, product: Product, cut: Blocking, source: Place, packed: Place): void {
  const { f } = k;
  const { vectors } = cut.tile;
  const item = f.local("i32");
  const perBatch = cut.allPanels + Math.min(cut.tail, 1);
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, perBatch));
    const panel = f.define(i32.rem_u(item, perBatch));
    const column = f.define(i32.mul(panel, vectors * 4));
    const b = sourceOf(k, product, source, g);
    const from = f.local("i32");
    f.forRange(from, 0, product.outer, cut.slice, () => {
      const to = least(k, product.outer, i32.add(from, cut.slice));
      const panelBytes = i32.mul(i32.sub(to, from), product.inner * vectors * 16);
      const place = packedPlace(k, product, cut, packed, g, from);
      const target = f.define(i32.add(place, i32.mul(panel, panelBytes)));
      const full = (): void => emitPackPanel(f, product.b, b, column, vectors, from, to, target);
      const tail = (): void => emitPack(f, product.b, b, column, cut.tail, from, to, target, cut.tail * 4);
      if (cut.tail === 0) full();
      else f.if(i32.lt_s(panel, cut.allPanels), full, tail);
    });
  });
}

/** Item: a block of columns and of rows of a batch. */
export function emitProduct(k: PhaseFunction, tiled: Tiled, cut: Blocking, places: ProductPlaces): void {
  const { f } = k;
  const { kernel, product, tile, sliced } = tiled;
  const multiply = tileKernel(k, tiled);
  const multiplyTail = cut.tail > 0 ? tailKernel(k, tiled) : multiply;
  const depth = product.outer * product.inner;
  const width = tile.vectors * 4;
  const tileBytes = tile.rows * width * 4;
  const lazy = !places.packed && readingStep(tiled) !== undefined;
  const store = new Store(k, kernel, product, tiled.outputShape);
  const entryBytes = tileEntryBytes(store.listStep, tile);
  const operands = (kernel.epilogue?.operands ?? []).map((_, o) => k.address(input(o + 2)));
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    // item = (g * rowBlocks + row block) * columnBlocks + column block
    const block = f.define(i32.div_u(item, cut.columnBlocks));
    const g = f.define(i32.div_u(block, cut.rowBlocks));
    const firstColumn = f.define(i32.mul(i32.rem_u(item, cut.columnBlocks), cut.panels * width));
    const firstPanel = f.define(i32.mul(i32.rem_u(block, cut.rowBlocks), cut.rowPanels));
    const panelCount = least(k, cut.panels, i32.div_u(i32.sub(cut.allPanels * width, firstColumn), width));
    const rowPanelCount = least(k, cut.rowPanels, i32.sub(cut.allRowPanels, firstPanel));
    const b = places.packed ? g : sourceOf(k, product, places.source, g);
    const own = ownBatches(product.a) === 1 ? firstPanel : f.define(i32.add(i32.mul(g, cut.allRowPanels), firstPanel));
    const a = keep(f, plus(k.address(places.factor), times(own, tile.rows * depth * 4)));
    const panel = f.local("i32");
    const column = f.local("i32");
    const entry = f.define(k.address(columnList));
    f.set(column, firstColumn);
    f.forRange(panel, 0, panelCount, 1, () => {
      emitTileEntry(f, tiled, store, column, entry);
      f.increase(column, width);
      f.increase(entry, entryBytes);
    });
    const withTail = f.local("i32");
    if (cut.tail > 0) {
      f.set(withTail, i32.eq(i32.rem_u(item, cut.columnBlocks), cut.columnBlocks - 1));
      f.if(withTail, () => store.list(column, entry));
    }
    const from = keep(f, 0);
    const to = f.local("i32");
    const steps = f.local("i32");
    const stage = f.local("i32");
    const row = f.local("i32");
    const line = f.local("i32");
    // A sum of nothing goes through the kernel once too: its epilogue is stored.
    f.loop((again) => {
      f.set(to, least(k, product.outer, i32.add(from, cut.slice)));
      f.set(steps, i32.mul(i32.sub(to, from), product.inner));
      f.set(stage, i32.or(i32.or(i32.eqz(from), i32.shl(i32.eq(to, product.outer), 1)), lazy ? 4 : 0));
      const panelBytes = f.define(i32.mul(steps, width * 4));
      const right = places.packed ? packedPlace(k, product, cut, places.packed, g, from) : f.define(k.address(panels));
      const target = f.define(right);
      if (places.packed) {
        f.increase(right, i32.mul(i32.div_u(firstColumn, width), panelBytes));
        f.increase(target, i32.mul(panelBytes, cut.allPanels));
      } else {
        f.set(column, firstColumn);
        f.set(entry, k.address(columnList));
        f.forRange(panel, 0, panelCount, 1, () => {
          const found = (address: Operand): void => emitSource(f, entry, address);
          emitPackPanel(f, product.b, b, column, tile.vectors, from, to, target, lazy ? found : undefined);
          f.increase(column, width);
          f.increase(entry, entryBytes);
          f.increase(target, panelBytes);
        });
        if (cut.tail > 0)
          f.if(withTail, () => emitPack(f, product.b, b, column, cut.tail, from, to, target, cut.tail * 4));
      }
      const begin = f.define(i32.add(a, i32.mul(from, product.inner * tile.rows * 4)));
      const left = f.define(begin);
      const sum = f.define(k.address(sums));
      f.set(line, i32.mul(firstPanel, tile.rows));
      f.forRange(row, 0, rowPanelCount, 1, () => {
        const leftEnd = i32.add(left, i32.mul(steps, tile.rows * 4));
        const blocks = [right, panelCount, k.address(columnList), sum];
        f.call(multiply, left, leftEnd, ...blocks, line, g, stage, k.address(output(0)), ...operands);
        f.set(stage, i32.and(stage, 3));
        if (sliced) f.increase(sum, i32.mul(panelCount, tileBytes));
        f.increase(line, tile.rows);
        f.increase(left, depth * tile.rows * 4);
      });
      if (cut.tail > 0)
        f.if(withTail, () => {
          f.set(left, begin);
          f.set(line, i32.mul(firstPanel, tile.rows));
          const together = panelsTogether(cut.tail);
          const rowEnd = least(k, lengthOf(product.rows), i32.mul(i32.add(firstPanel, rowPanelCount), tile.rows));
          if (!sliced) f.set(sum, i32.add(k.address(sums), tileBytes));
          f.forRange(row, 0, rowPanelCount, together, () => {
            const leftEnd = i32.add(left, i32.mul(steps, tile.rows * 4));
            const tail = [target, entry, sum, line, rowEnd, g, stage];
            f.call(multiplyTail, left, leftEnd, ...tail, k.address(output(0)), ...operands);
            if (sliced) f.increase(sum, tailBytes(cut.tail));
            f.increase(line, together * tile.rows);
            f.increase(left, together * depth * tile.rows * 4);
          });
        });
      f.set(from, to);
      f.branchIf(again, i32.lt_s(from, product.outer));
    });
  });
}

function least(k: PhaseFunction, most: number, value: ReturnType<typeof i32.add>): Local {
  const result = k.f.define(value);
  k.f.if(i32.gt_s(result, most), () => k.f.set(result, most));
  return result;
}
