// contract.gemm: any contraction as packed matrix products (after Goto & van de Geijn 2008, "Anatomy of high-performance
// matrix multiplication"), with the matrix of patches never written out: its panels are packed when they are needed.
//
//   stage   input planes padded and split by the stride (staging.ts), where that is needed
//   pack    factor a, all of it, in panels of `rows` lines; once for ever where a is a constant
//   product for each item, a block of columns (and of rows, where columns are few):
//             for each slice of the depth: pack the block's panels of b, then every panel of a against every panel of b
//             then epilogue and store
import type { ContractKernel } from "../../../kernel/kernel.ts";
import { i32, type Local, type Operand } from "../assembler.ts";
import {
  type BufferDefinition,
  buffer,
  type Emission,
  input,
  output,
  type Phase,
  type PhaseFunction,
  type Place,
  type Strategy,
  type StrategyContext,
} from "../strategy.ts";
import { type Blocking, blockingOf } from "./blocking.ts";
import type { Tile } from "./microkernel.ts";
import { emitPack, emitPackPanel } from "./packing.ts";
import { flopsOf, type Matrix, type Problem, type Product, problemOf } from "./product.ts";
import { emitStages, stagePhase, stagingTime } from "./stages.ts";
import { listBytes, Store } from "./store.ts";
import { panelsTogether, tailBytes, tailKernel } from "./tail.ts";
import { emitSource, emitTileEntry, readingStep, storeTime, tileEntryBytes, tileKernel } from "./tile.ts";
import { byteOffset, isAdjacent, joined, keep, lengthOf, plus, times } from "./walk.ts";

/** Batches of a that differ: a broadcast factor is packed once. */
const ownBatches = (matrix: Matrix): number =>
  matrix.batch.every(({ count, stride }) => count === 1 || stride === 0) ? 1 : lengthOf(matrix.batch);

const staged = buffer("staged");
const panels = buffer("panels");
const sums = buffer("sums");
const columnList = buffer("columns");

export function gemmStrategy(tile: Tile): Strategy<ContractKernel> {
  return {
    name: `contract.gemm.${tile.rows}x${tile.vectors * 4}`,
    // Tiles 16 columns wide only where two vectors are handled as one, and always there.
    fits: (_, { features }) => features.wide === tile.vectors > 2,
    estimate: (kernel, context) => estimate({ kernel, problem: problemOf(kernel.form) }, tile, context),
    emit: (kernel) => emission(kernel, problemOf(kernel.form), tile),
  };
}

/** Share of the panels of b whose lines lie side by side. */
function sideBySide({ b }: Product, width: number): number {
  if (!isAdjacent(b.lines)) return 0;
  const run = joined(b.lines).at(-1)?.count ?? 1;
  return run % width === 0 ? 1 : Math.max(0, 1 - width / run);
}

/** Nanoseconds: multiply-adds, packing, storing, each as measured with bench/layers.ts. */
function estimate(
  { kernel, problem }: { kernel: ContractKernel; problem: Problem },
  tile: Tile,
  { stableInputs }: StrategyContext,
): number {
  let time = 0;
  for (const product of problem.products) {
    const cut = blockingOf(product, tile);
    const depth = product.outer * product.inner;
    const width = tile.vectors * 4;
    // What a tail computes counts like half a tile of four columns.
    const columns = cut.allPanels * width + (cut.tail > 0 ? 2 : 0);
    const batch = lengthOf(product.batch);
    const sums = batch * cut.allRowPanels * tile.rows * columns;
    const even = sideBySide(product, width);
    const wide = tile.vectors > 2;
    const sliced = cut.slice < product.outer;
    const tiled = { kernel, product, outputShape: problem.outputShape, tile, sliced };
    const evenTime = readingStep(tiled) !== undefined ? 0.035 : 0.1;
    const otherTime = isAdjacent(product.b.lines) ? 0.25 : 0.35;
    time += (sums * depth * 2) / (wide ? 106 : 55);
    time += batch * cut.rowBlocks * columns * depth * (evenTime * even + otherTime * (1 - even));
    time += sums * storeTime(tiled) * (wide ? 0.65 : 1);
    time += batch * cut.allRowPanels * cut.columnBlocks * 10;
    if (!stableInputs[product.a.input]) time += ownBatches(product.a) * lengthOf(product.a.lines) * depth * 0.6;
  }
  const { staging } = problem;
  if (staging?.needed) time += staging.planes * staging.planeSize * stagingTime;
  return time;
}

function emission(kernel: ContractKernel, problem: Problem, tile: Tile): Emission {
  const phases: Phase[] = [];
  const buffers: BufferDefinition[] = [];
  const { staging } = problem;
  if (staging?.needed) {
    buffers.push({ name: "staged", bytes: staging.planes * staging.planeSize * 4, scope: "step" });
    phases.push({ ...stagePhase(staging), emit: (k) => emitStages(k, staging) });
  }
  const cuts = problem.products.map((product) => blockingOf(product, tile));
  let panelFloats = 0;
  let sumBytes = 0;
  problem.products.forEach((product, index) => {
    const cut = cuts[index];
    const depth = product.outer * product.inner;
    const name = `factor${index}`;
    const batches = ownBatches(product.a);
    const items = batches * cut.allRowPanels;
    // Panels that a tail does together may reach beyond the last.
    const beyond = cut.tail > 0 ? panelsTogether(cut.tail) - 1 : 0;
    buffers.push({ name, bytes: Math.max(16, (items + beyond) * tile.rows * depth * 4), scope: "step" });
    phases.push({
      ...{ name: "pack", items, work: items * tile.rows * depth * 0.6, once: true, concurrent: index > 0 },
      ...{ reads: [input(product.a.input)], writes: [buffer(name)] },
      emit: (k) => emitFactor(k, product, cut, buffer(name)),
    });
    panelFloats = Math.max(panelFloats, (cut.panels * tile.vectors * 4 + cut.tail) * cut.slice * product.inner);
    const sliced = cut.slice < product.outer;
    const tiles = sliced ? cut.panels * cut.rowPanels : 1;
    const tails = cut.tail > 0 ? (sliced ? Math.ceil(cut.rowPanels / panelsTogether(cut.tail)) : 1) : 0;
    sumBytes = Math.max(sumBytes, tiles * tile.rows * tile.vectors * 16 + tails * tailBytes(cut.tail));
  });
  buffers.push({ name: "panels", bytes: Math.max(16, panelFloats * 4), scope: "thread" });
  buffers.push({ name: "sums", bytes: sumBytes, scope: "thread" });
  const mostTiles = Math.max(1, ...cuts.map((cut) => cut.panels));
  const entryBytes = tileEntryBytes(listBytes(kernel, 1), tile);
  buffers.push({ name: "columns", bytes: mostTiles * entryBytes + listBytes(kernel, 1), scope: "thread" });
  problem.products.forEach((product, index) => {
    const cut = cuts[index];
    const factor = buffer(`factor${index}`);
    const source = product.b.staged ? staged : input(product.b.input);
    const operands = (kernel.epilogue?.operands ?? []).map((_, i) => input(i + 2));
    phases.push({
      name: "product",
      items: lengthOf(product.batch) * cut.rowBlocks * cut.columnBlocks,
      work: flopsOf({ ...problem, products: [product] }) / (tile.vectors > 2 ? 80 : 48),
      reads: [source, factor, panels, sums, columnList, ...operands],
      writes: [output(0)],
      concurrent: index > 0,
      emit: (k) => emitProduct(k, kernel, problem, product, cut, factor, source),
    });
  });
  return { buffers, phases };
}

/** Item: one panel of a, over the whole depth. */
function emitFactor(k: PhaseFunction, product: Product, cut: Blocking, target: Place): void {
  const { f } = k;
  const { rows } = cut.tile;
  const depth = product.outer * product.inner;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, cut.allRowPanels));
    const line = f.define(i32.mul(i32.rem_u(item, cut.allRowPanels), rows));
    const base = keep(
      f,
      plus(k.address(input(product.a.input)), product.a.offset * 4, byteOffset(f, product.a.batch, g)),
    );
    const to = keep(f, plus(k.address(target), times(item, rows * depth * 4)));
    emitPack(f, product.a, base, line, rows, keep(f, 0), keep(f, product.outer), to, rows * 4);
  });
}

function emitProduct(
  k: PhaseFunction,
  kernel: ContractKernel,
  problem: Problem,
  product: Product,
  cut: Blocking,
  factor: Place,
  source: Place,
): void {
  const { f } = k;
  const { tile } = cut;
  const { outputShape } = problem;
  const sliced = cut.slice < product.outer;
  const tiled = { kernel, product, outputShape, tile, sliced };
  const multiply = tileKernel(k, tiled);
  const multiplyTail = cut.tail > 0 ? tailKernel(k, tiled) : multiply;
  const depth = product.outer * product.inner;
  const width = tile.vectors * 4;
  const tileBytes = tile.rows * width * 4;
  const lazy = readingStep(tiled) !== undefined;
  const store = new Store(k, kernel, product, outputShape);
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
    const b = keep(f, plus(k.address(source), product.b.offset * 4, byteOffset(f, product.b.batch, g)));
    const own = ownBatches(product.a) === 1 ? firstPanel : f.define(i32.add(i32.mul(g, cut.allRowPanels), firstPanel));
    const a = keep(f, plus(k.address(factor), times(own, tile.rows * depth * 4)));
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
      f.set(stage, i32.or(i32.or(i32.eqz(from), i32.shl(i32.eq(to, product.outer), 1)), 4));
      const panelBytes = f.define(i32.mul(steps, width * 4));
      const target = f.define(k.address(panels));
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
      const begin = f.define(i32.add(a, i32.mul(from, product.inner * tile.rows * 4)));
      const left = f.define(begin);
      const sum = f.define(k.address(sums));
      f.set(line, i32.mul(firstPanel, tile.rows));
      f.forRange(row, 0, rowPanelCount, 1, () => {
        const leftEnd = i32.add(left, i32.mul(steps, tile.rows * 4));
        const places = [k.address(panels), panelCount, k.address(columnList), sum];
        f.call(multiply, left, leftEnd, ...places, line, g, stage, k.address(output(0)), ...operands);
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
            const places = [target, entry, sum, line, rowEnd, g, stage];
            f.call(multiplyTail, left, leftEnd, ...places, k.address(output(0)), ...operands);
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
