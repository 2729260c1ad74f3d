// The items of gemm.ts: panels of b are packed (each item its own, or all in a phase before, where many items share them), then
// every panel of a is multiplied with every panel of b.
import { type Callable, i32, type Local } from "../../code/assembler.ts";
import { buffer, output, type PhaseFunction, type Place } from "../../strategy.ts";
import { operandPlaces } from "../epilogue.ts";
import { emitPack, emitPackPanel, emitSideBySide } from "../packing.ts";
import type { Matrix, Product } from "../product.ts";
import { Store } from "../store.ts";
import { byteOffset, keep, lengthOf, plus, times } from "../walk.ts";
import { type Blocking, packedRows, rowOf, shortRows } from "./blocking.ts";
import { panelsTogether, tailBytes, tailKernel } from "./tail.ts";
import { emitSource, emitTileEntry, readingStep, type Tiled, tileEntryBytes, tileKernel } from "./tile.ts";

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
function packedPlace(
  k: PhaseFunction,
  product: Product,
  cut: Blocking,
  { packed, g, from }: { readonly packed: Place; readonly g: Local; readonly from: Local },
): Local {
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
      const place = packedPlace(k, product, cut, { packed, g, from });
      const target = f.define(i32.add(place, i32.mul(panel, panelBytes)));
      const packing = { matrix: product.b, base: b, line: column, from, to, target };
      const full = (): void => emitPackPanel(f, packing, vectors);
      const tail = (): void => emitPack(f, packing, cut.tail);
      if (cut.tail === 0) full();
      else f.if(i32.lt_s(panel, cut.allPanels), full, tail);
    });
  });
}

/** Item: a block of columns and of rows of a batch. */
export function emitProduct(k: PhaseFunction, tiled: Tiled, cut: Blocking, places: ProductPlaces): void {
  const { f } = k;
  const { kernel, product, tile, sliced } = tiled;
  const step = places.packed ? undefined : readingStep(tiled);
  // Panels of full height, and the last ones.
  const heights = [tile.rows, ...(cut.tallPanels < cut.allRowPanels ? [shortRows] : [])].map((rows) => {
    const own = { ...tiled, tile: { ...tile, rows } };
    const multiply = tileKernel(k, own, false);
    const first = step === undefined ? multiply : tileKernel(k, own, true);
    return { rows, multiply, first, multiplyTail: cut.tail > 0 ? tailKernel(k, own) : multiply, count: f.local("i32") };
  });
  const depth = product.outer * product.inner;
  const width = tile.vectors * 4;
  const store = new Store(k, kernel, product, tiled.outputShape);
  const entryBytes = tileEntryBytes(store.listStep, tile);
  const operands = operandPlaces(kernel).map((place) => k.address(place));
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
    const [tall, short] = heights;
    f.set(tall.count, rowPanelCount);
    if (short) {
      const left = f.define(i32.sub(cut.tallPanels, firstPanel));
      f.if(i32.lt_s(left, 0), () => f.set(left, 0));
      f.if(i32.gt_s(tall.count, left), () => f.set(tall.count, left));
      f.set(short.count, i32.sub(rowPanelCount, tall.count));
    }
    const firstRow = rowOf(k, cut, firstPanel);
    const batchBytes = ownBatches(product.a) === 1 ? 0 : packedRows(cut) * depth * 4;
    const a = keep(f, plus(k.address(places.factor), times(g, batchBytes)));
    const panel = f.local("i32");
    const column = f.local("i32");
    const entry = f.define(k.address(columnList));
    f.set(column, firstColumn);
    // Where all panels can be read as they lie, the first panel of a is multiplied and b packed at once.
    const unpacked = keep(f, step === undefined ? 0 : 1);
    f.forRange(panel, 0, panelCount, 1, () => {
      emitTileEntry(f, tiled, store, column, entry);
      if (step !== undefined) {
        const { side, start } = emitSideBySide(f, product.b, column, width);
        const [tap] = "count" in product.b.inner ? [0] : product.b.inner;
        emitSource(f, entry, i32.add(i32.add(b, start), tap * 4));
        f.set(unpacked, i32.and(unpacked, side));
      }
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
      f.set(stage, i32.or(i32.eqz(from), i32.shl(i32.eq(to, product.outer), 1)));
      const panelBytes = f.define(i32.mul(steps, width * 4));
      const right = places.packed
        ? packedPlace(k, product, cut, { packed: places.packed, g, from })
        : f.define(k.address(panels));
      const target = f.define(right);
      if (places.packed) {
        f.increase(right, i32.mul(i32.div_u(firstColumn, width), panelBytes));
        f.increase(target, i32.mul(panelBytes, cut.allPanels));
      } else {
        const packing = { matrix: product.b, base: b, line: column, from, to, target };
        const pack = (): void => {
          f.set(column, firstColumn);
          f.forRange(panel, 0, panelCount, 1, () => {
            emitPackPanel(f, packing, tile.vectors);
            f.increase(column, width);
            f.increase(target, panelBytes);
          });
        };
        if (step === undefined) pack();
        else f.if(unpacked, () => f.increase(target, i32.mul(panelCount, panelBytes)), pack);
        if (cut.tail > 0) f.if(withTail, () => emitPack(f, packing, cut.tail));
      }
      const sum = f.define(k.address(sums));
      const result = k.address(output(0));
      const begin = (rows: number): Local =>
        f.define(i32.add(i32.add(a, i32.mul(line, depth * 4)), i32.mul(from, product.inner * rows * 4)));
      f.set(line, firstRow);
      for (const { rows, count, multiply, first } of heights)
        f.forRange(row, 0, count, 1, () => {
          const left = begin(rows);
          const blocks = [right, panelCount, k.address(columnList), sum];
          const end = i32.add(left, i32.mul(steps, rows * 4));
          const rest = [line, g, stage, i32.mul(from, step ?? 0), result, ...operands];
          const call = (callee: Callable) => (): void => f.call(callee, left, end, ...blocks, ...rest);
          if (step === undefined) call(multiply)();
          else f.if(i32.and(unpacked, i32.eq(line, firstRow)), call(first), call(multiply));
          if (sliced) f.increase(sum, i32.mul(panelCount, rows * width * 4));
          f.increase(line, rows);
        });
      const tails = (): void => {
        f.set(line, firstRow);
        if (!sliced) f.set(sum, i32.add(k.address(sums), tile.rows * width * 4));
        for (const { rows, count, multiplyTail } of heights) {
          const rowEnd = least(k, lengthOf(product.rows), i32.add(line, i32.mul(count, rows)));
          f.forRange(row, 0, count, panelsTogether(cut.tail, rows), () => {
            const left = begin(rows);
            const tail = [target, entry, sum, line, rowEnd, g, stage];
            const end = i32.add(left, i32.mul(steps, rows * 4));
            f.call(multiplyTail, left, end, ...tail, result, ...operands);
            if (sliced) f.increase(sum, tailBytes(cut.tail, rows));
            f.increase(line, panelsTogether(cut.tail, rows) * rows);
          });
          // The last of them may have reached beyond the rows of this height.
          f.set(line, rowEnd);
        }
      };
      if (cut.tail > 0) f.if(withTail, tails);
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
