// contract.gemm: any contraction as packed matrix products (after Goto & van de Geijn 2008, "Anatomy of high-performance
// matrix multiplication"), with the matrix of patches never written out: its panels are packed when they are needed.
//
//   stage   input planes padded and split by the stride (staging.ts), where that is needed
//   pack    factor a, all of it, in panels of `rows` lines; once for ever where a is a constant
//   product for each item, a block of columns (and of rows, where columns are few):
//             for each slice of the depth: pack the block's panels of b, then every panel of a against every panel of b
//             then epilogue and store
import type { ContractKernel } from "../../../kernel/kernel.ts";
import { i32, type Local, load } from "../assembler.ts";
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
import { panelKernel, type Tile } from "./microkernel.ts";
import { emitPack } from "./packing.ts";
import { flopsOf, type Matrix, type Problem, type Product, problemOf } from "./product.ts";
import { emitStages, stagePhase, stagingTime } from "./stages.ts";
import { listBytes, Store } from "./store.ts";
import { byteOffset, isAdjacent, keep, lengthOf, plus, times } from "./walk.ts";

/** How one product is cut. */
interface Blocking {
  readonly tile: Tile;
  /** Outer depth places of a slice. */
  readonly slice: number;
  /** Panels of b in an item, items along columns. */
  readonly panels: number;
  readonly columnBlocks: number;
  /** Panels of a in an item, items along rows, panels of a in all. */
  readonly rowPanels: number;
  readonly rowBlocks: number;
  readonly allRowPanels: number;
}

/** Depth of a slice: a panel of b (8 columns) stays in the nearest cache. */
const sliceDepth = 320;
/** Elements of the packed b and of the sums of an item: together they stay in the second cache. */
const blockElements = 48 * 1024;

function blockingOf(product: Product, tile: Tile): Blocking {
  const columns = lengthOf(product.columns);
  const rows = lengthOf(product.rows);
  const width = tile.vectors * 4;
  const slices = Math.max(1, Math.round((product.outer * product.inner) / sliceDepth));
  const slice = Math.max(1, Math.ceil(product.outer / Math.min(slices, product.outer)));
  const allRowPanels = Math.ceil(rows / tile.rows);
  const allPanels = Math.ceil(columns / width);
  const perColumn = slice * product.inner + Math.min(rows, 512);
  const most = Math.max(1, Math.floor(Math.min(blockElements / perColumn, 192) / width));
  const leastBlocks = Math.ceil(allPanels / most);
  // Where there are few blocks of columns, rows are cut too, so that threads have something to share.
  const wanted = Math.ceil(8 / (leastBlocks * lengthOf(product.batch)));
  const rowBlocks = Math.max(Math.ceil(rows / 512), Math.min(wanted, Math.floor(rows / 64), allRowPanels), 1);
  const rowPanels = Math.ceil(allRowPanels / rowBlocks);
  // And columns once more where rows are few as well: three panels are enough for a panel of a.
  const more = Math.ceil(8 / (lengthOf(product.batch) * rowBlocks));
  const columnBlocks = Math.max(leastBlocks, Math.min(more, Math.floor(allPanels / 3)));
  return {
    ...{ tile, slice, allRowPanels, rowPanels },
    rowBlocks: Math.ceil(allRowPanels / rowPanels),
    panels: Math.ceil(allPanels / columnBlocks),
    columnBlocks: Math.ceil(allPanels / Math.ceil(allPanels / columnBlocks)),
  };
}

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
    estimate: (kernel, context) => estimate(problemOf(kernel.form), tile, context),
    emit: (kernel) => emission(kernel, problemOf(kernel.form), tile),
  };
}

/** Nanoseconds: multiply-adds, packing, storing, each as measured with bench/layers.ts. */
function estimate(problem: Problem, tile: Tile, { stableInputs }: StrategyContext): number {
  let time = 0;
  for (const product of problem.products) {
    const cut = blockingOf(product, tile);
    const depth = product.outer * product.inner;
    const width = tile.vectors * 4;
    const columns = Math.ceil(lengthOf(product.columns) / width) * width;
    const batch = lengthOf(product.batch);
    const last = product.columns[product.columns.length - 1];
    time += (batch * cut.allRowPanels * tile.rows * columns * depth * 2) / (tile.vectors > 2 ? 95 : 54);
    time += batch * cut.rowBlocks * columns * depth * (isAdjacent(product.b.lines) ? 0.25 : 0.35);
    time += batch * cut.allRowPanels * tile.rows * columns * (last.step === 1 ? 0.6 : 3);
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
  let sumFloats = 0;
  problem.products.forEach((product, index) => {
    const cut = cuts[index];
    const depth = product.outer * product.inner;
    const name = `factor${index}`;
    const batches = ownBatches(product.a);
    const items = batches * cut.allRowPanels;
    buffers.push({ name, bytes: Math.max(16, items * tile.rows * depth * 4), scope: "step" });
    phases.push({
      ...{ name: "pack", items, work: items * tile.rows * depth * 0.6, once: true, concurrent: index > 0 },
      ...{ reads: [input(product.a.input)], writes: [buffer(name)] },
      emit: (k) => emitFactor(k, product, cut, buffer(name)),
    });
    panelFloats = Math.max(panelFloats, cut.panels * tile.vectors * 4 * cut.slice * product.inner);
    sumFloats = Math.max(sumFloats, cut.panels * cut.rowPanels * tile.rows * tile.vectors * 4);
  });
  buffers.push({ name: "panels", bytes: Math.max(16, panelFloats * 4), scope: "thread" });
  buffers.push({ name: "sums", bytes: sumFloats * 4, scope: "thread" });
  const mostFours = Math.max(1, ...cuts.map((cut) => cut.panels * tile.vectors));
  buffers.push({ name: "columns", bytes: listBytes(kernel, mostFours), scope: "thread" });
  problem.products.forEach((product, index) => {
    const cut = cuts[index];
    const factor = buffer(`factor${index}`);
    const source = product.b.staged ? staged : input(product.b.input);
    const operands = (kernel.epilogue?.operands ?? []).map((_, i) => input(i + 2));
    phases.push({
      name: "product",
      items: lengthOf(product.batch) * cut.rowBlocks * cut.columnBlocks,
      work: flopsOf({ ...problem, products: [product] }) / 45,
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
  const multiply = panelKernel(k, tile);
  const depth = product.outer * product.inner;
  const width = tile.vectors * 4;
  const tileBytes = tile.rows * width * 4;
  const store = new Store(k, kernel, product, problem.outputShape);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    // item = (g * rowBlocks + row block) * columnBlocks + column block
    const block = f.define(i32.div_u(item, cut.columnBlocks));
    const g = f.define(i32.div_u(block, cut.rowBlocks));
    const firstColumn = f.define(i32.mul(i32.rem_u(item, cut.columnBlocks), cut.panels * width));
    const firstPanel = f.define(i32.mul(i32.rem_u(block, cut.rowBlocks), cut.rowPanels));
    const panelCount = least(
      k,
      cut.panels,
      i32.div_u(i32.sub(lengthOf(product.columns) + width - 1, firstColumn), width),
    );
    const rowPanelCount = least(k, cut.rowPanels, i32.sub(cut.allRowPanels, firstPanel));
    const b = keep(f, plus(k.address(source), product.b.offset * 4, byteOffset(f, product.b.batch, g)));
    const own = ownBatches(product.a) === 1 ? firstPanel : f.define(i32.add(i32.mul(g, cut.allRowPanels), firstPanel));
    const a = keep(f, plus(k.address(factor), times(own, tile.rows * depth * 4)));

    if (depth === 0) f.memoryFill(k.address(sums), 0, i32.mul(i32.mul(panelCount, rowPanelCount), tileBytes));
    const from = f.local("i32");
    const to = f.local("i32");
    f.forRange(from, 0, product.outer * Math.min(1, product.inner), cut.slice, () => {
      f.set(to, least(k, product.outer, i32.add(from, cut.slice)));
      const panel = f.local("i32");
      const steps = f.define(i32.mul(i32.sub(to, from), product.inner));
      const panelBytes = f.define(i32.mul(steps, width * 4));
      const target = f.define(k.address(panels));
      f.forRange(panel, 0, panelCount, 1, () => {
        const line = f.define(i32.add(firstColumn, i32.mul(panel, width)));
        emitPack(f, product.b, b, line, width, from, to, target, width * 4);
        f.increase(target, panelBytes);
      });
      const row = f.local("i32");
      const left = f.define(i32.add(a, i32.mul(from, product.inner * tile.rows * 4)));
      const sum = f.define(k.address(sums));
      f.forRange(row, 0, rowPanelCount, 1, () => {
        const leftEnd = f.define(i32.add(left, i32.mul(steps, tile.rows * 4)));
        f.call(multiply, left, leftEnd, k.address(panels), sum, panelCount, tileBytes, i32.eqz(from));
        f.increase(sum, i32.mul(panelCount, tileBytes));
        f.increase(left, depth * tile.rows * 4);
      });
    });
    emitStore(k, store, product, cut, { g, firstColumn, firstPanel, panelCount, rowPanelCount });
  });
}

function least(k: PhaseFunction, most: number, value: ReturnType<typeof i32.add>): Local {
  const result = k.f.define(value);
  k.f.if(i32.gt_s(result, most), () => k.f.set(result, most));
  return result;
}

interface ItemPlace {
  readonly g: Local;
  readonly firstColumn: Local;
  readonly firstPanel: Local;
  readonly panelCount: Local;
  readonly rowPanelCount: Local;
}

/** Sums lie as [row panel][column panel][row][column]. */
function emitStore(k: PhaseFunction, store: Store, product: Product, cut: Blocking, place: ItemPlace): void {
  const { f } = k;
  const { rows, vectors } = cut.tile;
  const tileBytes = rows * vectors * 16;
  store.batch(place.g);
  const vector = f.local("i32");
  const entry = f.define(k.address(columnList));
  const columns = lengthOf(product.columns);
  const rowCount = lengthOf(product.rows);
  const end = f.define(i32.mul(place.panelCount, vectors));
  const column = f.define(place.firstColumn);
  f.forRange(vector, 0, end, 1, () => {
    store.list(column, entry);
    f.increase(entry, store.listStep);
    f.increase(column, 4);
  });
  // Vectors that begin behind the last column have no columns at all.
  const existing = f.define(i32.shr_s(i32.add(i32.sub(columns, place.firstColumn), 3), 2));
  f.if(i32.gt_s(existing, end), () => f.set(existing, end));
  const rowPanel = f.local("i32");
  const row = f.define(i32.mul(place.firstPanel, rows));
  const from = f.define(k.address(sums));
  f.forRange(rowPanel, 0, place.rowPanelCount, 1, () => {
    const i = f.local("i32");
    f.forRange(i, 0, rows, 1, () => {
      f.if(i32.lt_s(row, rowCount), () => {
        store.row(row);
        const at = f.define(i32.add(from, i32.mul(i, vectors * 16)));
        f.set(entry, k.address(columnList));
        f.forRange(vector, 0, existing, 1, () => {
          store.store(load("v128.load", at), entry);
          f.increase(entry, store.listStep);
          f.increase(at, 16);
          // The last vector of a row of a tile: on to the next tile.
          f.if(i32.eq(i32.rem_u(vector, vectors), vectors - 1), () => f.increase(at, tileBytes - vectors * 16));
        });
      });
      f.increase(row, 1);
    });
    f.increase(from, i32.mul(place.panelCount, tileBytes));
  });
}
