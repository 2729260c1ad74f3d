// contract.gemm: any contraction as packed matrix products (after Goto & van de Geijn 2008, "Anatomy of high-performance
// matrix multiplication"), with the matrix of patches never written out: its panels are packed when they are needed.
//
//   stage   input planes padded and split by the stride (staging.ts), where that is needed
//   pack    factor a, all of it, in panels of `rows` lines; once for ever where a is a constant
//   patches all panels of b, where many items would pack the same ones
//   product for each item, a block of columns (and of rows, where columns are few): for each slice of the depth (blocking.ts)
//             pack the block's panels of b (items.ts), then every panel of a against every panel of b, and from the sums
//             at once to the stored numbers (tile.ts); one to four columns behind the last panel go another way (tail.ts)
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { i32 } from "../../code/assembler.ts";
import type { Profile } from "../../profile.ts";
import {
  type BufferDefinition,
  buffer,
  type Emission,
  input,
  output,
  type Phase,
  type PhaseFunction,
  type Place,
  type StrategyContext,
} from "../../strategy.ts";
import { anything, type ContractStrategy, contraction } from "../contraction.ts";
import { operandPlaces } from "../epilogue.ts";
import type { Tile } from "../microkernel.ts";
import { emitPack } from "../packing.ts";
import { type Problem, type Product, problemOf } from "../product.ts";
import { stagesOf, stagesTime } from "../stages.ts";
import { listBytes } from "../store.ts";
import { byteOffset, keep, lengthOf, plus, times } from "../walk.ts";
import { type Blocking, blockingOf, packedRows, rowOf, shortRows } from "./blocking.ts";
import { columnList, emitPackB, emitProduct, ownBatches, packedElements, packedPanels, panels, sums } from "./items.ts";
import { tailBytes } from "./tail.ts";
import { storeTime, type Tiled, tileEntryBytes } from "./tile.ts";

export function gemmStrategy(tile: Tile): ContractStrategy {
  return contraction<Plan>({
    name: `contract.gemm.${tile.rows}x${tile.vectors * 4}`,
    exact: true,
    cases: { convolutions: anything, rows: 40 },
    plan: (kernel, context) => planOf(kernel, context, tile),
    estimate,
    emit: emission,
  });
}

/** A product, and how it is cut. */
interface Part {
  readonly tiled: Tiled;
  readonly cut: Blocking;
}

interface Plan {
  readonly tile: Tile;
  readonly staging: Problem["staging"];
  readonly parts: readonly Part[];
}

function planOf(kernel: ContractKernel, { features, profile }: StrategyContext, tile: Tile): Plan | undefined {
  // Tiles 16 columns wide only where two vectors are handled as one, and always there.
  if (features.wide !== tile.vectors > 2) return undefined;
  const { products, outputShape, staging } = problemOf(kernel.form);
  const parts = products.map((product): Part => {
    const cut = blockingOf(product, tile, profile);
    return { cut, tiled: { kernel, product, outputShape, tile, sliced: cut.slice < product.outer } };
  });
  return { tile, staging, parts };
}

/** Nanoseconds of the items of a product: multiply-adds, packing, storing. */
function productTime({ tiled, cut }: Part, profile: Profile): number {
  const { product, tile } = tiled;
  const { rates, calls, factors } = profile.gemm;
  const wide = tile.vectors > 2;
  const columns = cut.allPanels * tile.vectors * 4 + (cut.tail > 0 ? factors.tailColumns : 0);
  const batch = lengthOf(product.batch);
  const sums = batch * packedRows(cut) * columns;
  const short = (cut.allRowPanels - cut.tallPanels) * shortRows * factors.shortRow;
  const steps = batch * (packedRows(cut) + short) * columns * product.outer * product.inner;
  return (
    (steps * 2) / (wide ? rates.wideOperations : rates.operations) +
    (cut.apart ? 0 : packedElements(product, cut) * cut.rowBlocks * cut.packTime) +
    sums * storeTime(tiled, profile) * (wide ? factors.wideStore : 1) +
    batch * cut.allRowPanels * cut.columnBlocks * calls.panel
  );
}

/** Nanoseconds of a contraction, as measured with bench/layers.ts. */
function estimate({ parts, staging }: Plan, { stableInputs, profile }: StrategyContext): number {
  let time = 0;
  for (const part of parts) {
    const { cut, tiled } = part;
    const { product } = tiled;
    const depth = product.outer * product.inner;
    time += productTime(part, profile) + (cut.apart ? packedElements(product, cut) * cut.packTime : 0);
    if (!stableInputs[product.a.input])
      time += ownBatches(product.a) * lengthOf(product.a.lines) * depth * profile.packing.memory.element;
  }
  return time + stagesTime(staging, profile);
}

function emission({ tile, parts, staging }: Plan, kernel: ContractKernel, { profile }: StrategyContext): Emission {
  const stages = staging && stagesOf(staging, { profile });
  const phases: Phase[] = [...(stages?.phases ?? [])];
  const buffers: BufferDefinition[] = [...(stages?.buffers ?? [])];
  let panelFloats = 0;
  let sumBytes = 0;
  parts.forEach(({ tiled: { product, sliced }, cut }, index) => {
    const depth = product.outer * product.inner;
    const name = `factor${index}`;
    const batches = ownBatches(product.a);
    const items = batches * cut.allRowPanels;
    // Panels that a tail does together may reach beyond the last.
    const beyond = cut.tail > 0 ? 3 * tile.rows : 0;
    const floats = (batches * packedRows(cut) + beyond) * depth;
    buffers.push({ name, bytes: Math.max(16, floats * 4), scope: "step" });
    phases.push({
      name: "pack",
      items,
      work: floats * profile.packing.memory.element,
      once: true,
      concurrent: index > 0,
      reads: [input(product.a.input)],
      writes: [buffer(name)],
      emit: (k) => emitFactor(k, product, cut, buffer(name)),
    });
    if (!cut.apart)
      panelFloats = Math.max(panelFloats, (cut.panels * tile.vectors * 4 + cut.tail) * cut.slice * product.inner);
    const tiles = sliced ? cut.panels * cut.rowPanels : 1;
    const tails = cut.tail > 0 ? (sliced ? cut.rowPanels : 1) : 0;
    sumBytes = Math.max(sumBytes, tiles * tile.rows * tile.vectors * 16 + tails * tailBytes(cut.tail, tile.rows));
  });
  buffers.push({ name: "panels", bytes: Math.max(16, panelFloats * 4), scope: "thread" });
  buffers.push({ name: "sums", bytes: sumBytes, scope: "thread" });
  const mostTiles = Math.max(1, ...parts.map(({ cut }) => cut.panels));
  const entryBytes = tileEntryBytes(listBytes(kernel, 1), tile);
  buffers.push({ name: "columns", bytes: mostTiles * entryBytes + listBytes(kernel, 1), scope: "thread" });
  const sourceOf = ({ b }: Product): Place => stages?.place ?? input(b.input);
  parts.forEach(({ tiled: { product }, cut }, index) => {
    if (!cut.apart) return;
    const source = sourceOf(product);
    const packed = buffer(`packed${index}`);
    buffers.push({ name: `packed${index}`, bytes: packedElements(product, cut) * 4, scope: "step" });
    phases.push({
      name: "patches",
      items: packedPanels(product, cut),
      work: packedElements(product, cut) * cut.packTime,
      reads: [source],
      writes: [packed],
      emit: (k) => emitPackB(k, product, cut, source, packed),
    });
  });
  parts.forEach((part, index) => {
    const { tiled, cut } = part;
    const { product } = tiled;
    const factor = buffer(`factor${index}`);
    const source = sourceOf(product);
    const packed = cut.apart ? { packed: buffer(`packed${index}`) } : {};
    const operands = operandPlaces(kernel);
    phases.push({
      name: "product",
      items: lengthOf(product.batch) * cut.rowBlocks * cut.columnBlocks,
      work: productTime(part, profile),
      reads: [packed.packed ?? source, factor, panels, sums, columnList, ...operands],
      writes: [output(0)],
      concurrent: index > 0,
      emit: (k) => emitProduct(k, tiled, cut, { factor, source, ...packed }),
    });
  });
  return { buffers, phases };
}

/** Item: one panel of a, over the whole depth. */
function emitFactor(k: PhaseFunction, product: Product, cut: Blocking, target: Place): void {
  const { f } = k;
  const { tile, tallPanels, allRowPanels } = cut;
  const depth = product.outer * product.inner;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, allRowPanels));
    const panel = f.define(i32.rem_u(item, allRowPanels));
    const line = rowOf(k, cut, panel);
    const base = keep(
      f,
      plus(k.address(input(product.a.input)), product.a.offset * 4, byteOffset(f, product.a.batch, g)),
    );
    const row = i32.add(i32.mul(g, packedRows(cut)), line);
    const to = keep(f, plus(k.address(target), times(row, depth * 4)));
    const pack = (rows: number) => (): void =>
      emitPack(f, { matrix: product.a, base, line, from: keep(f, 0), to: keep(f, product.outer), target: to }, rows);
    if (tallPanels === allRowPanels) pack(tile.rows)();
    else f.if(i32.lt_s(panel, tallPanels), pack(tile.rows), pack(shortRows));
  });
}
