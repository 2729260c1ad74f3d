// contract.images.RxC: convolutions and input gradients of a batch with few channels. A vector holds one place of four images
// (blocks.ts), a tile is `rows` filters x one place of 4 `vectors` images, summed over the taps that this place really has:
//
//   for each kernel row i that sees something:   run over (j, c), side by side:   sum_fv += w[i][j][c][f] · x[y + i][x + j][c][v]
//
// Weights and images are both read forward, a kernel row at a time. No place is lost where rows end and nothing is multiplied
// by padding, which for the input gradient of a 5x5 convolution of 14x14 pixels is half of all products.
//
// Item: some rows of outputs of a block of images, from its transposed copy to the stores.

import { stridesOf } from "../../../../base/shape.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { type Callable, constF32x4, i32, type Local, load } from "../../code/assembler.ts";
import { multiplyAdd } from "../../scalar/math.ts";
import { buffer, type Emission, input, output, type PhaseFunction, type StrategyContext } from "../../strategy.ts";
import { type ContractStrategy, contraction, towardsImages } from "../contraction.ts";
import { epilogueStore, operandKind, operandPlace, operandPlaces, operandsOf } from "../epilogue.ts";
import { someLanes, spacedLanes } from "../lanes.ts";
import type { Tile } from "../microkernel.ts";
import { transposed } from "../transforms.ts";
import { keep, plus } from "../walk.ts";
import { emitGather, manyImages } from "./blocks.ts";
import { bandsOf, blocksOf, isWide, type Plan, panelSize, planOf, type Run } from "./plan.ts";

const images = buffer("images");
const sums = buffer("sums");
const factor = buffer("factor");
const ranges = buffer("ranges");

function estimate(plan: Plan, { profile }: StrategyContext): number {
  const { arithmetic, memory, calls: starts, factors, sizes } = profile.images;
  const { tile, source, panels, rows, columns, filters, rowTaps, columnTaps } = plan;
  const total = (runs: readonly Run[]): number => runs.reduce((sum, { count }) => sum + count, 0);
  const { lanes, channels } = source;
  const steps = total(rows) * total(columns) * channels;
  const calls = rows.length * columns.length;
  // What a place sees is read again for every panel and by the next places: it should stay in the nearest cache.
  const window = rowTaps.length * columnTaps.length * channels * lanes * 4;
  const far = 1 + factors.far * Math.max(0, Math.log2(window / sizes.nearWindow));
  const products = tile.rows * tile.vectors;
  const stepTime =
    (arithmetic.step +
      (isWide(tile)
        ? arithmetic.wideProduct * products
        : arithmetic.product * Math.max(sizes.leastProducts, products))) *
    far;
  const runTime = isWide(tile) ? starts.wideRun + starts.wideRunProduct * products : starts.run;
  // Places far apart share sets of the nearest cache.
  const gathering = memory.gather + memory.apartGather * Math.max(0, Math.log2((channels * lanes) / sizes.nearPlace));
  // Many outputs leave the second cache.
  const storing = source.images * filters * calls > sizes.nearOutputs ? memory.farStore : memory.store;
  const block =
    panels * (steps * stepTime + total(rows) * columns.length * runTime + calls * starts.place) +
    channels * source.plane * lanes * gathering +
    filters * calls * lanes * storing;
  return blocksOf(plan) * block;
}

export function imagesStrategy(tile: Tile): ContractStrategy {
  return contraction<Plan>({
    name: `contract.images.${tile.rows}x${tile.vectors * 4}`,
    exact: true,
    cases: { convolutions: { ...manyImages, roles: towardsImages } },
    plan: (kernel, { features }) => (features.wide === isWide(tile) ? planOf(kernel, tile) : undefined),
    estimate,
    emit: emission,
  });
}

function emission(plan: Plan, kernel: ContractKernel, context: StrategyContext): Emission {
  const { tile, source, panels, keptRows, keptPanels, columns } = plan;
  const operands = operandPlaces(kernel);
  const table = rangeTable(plan);
  const packed = panels * panelSize(plan);
  return {
    buffers: [
      { name: "factor", bytes: packed * 4 + 64, scope: "step" },
      { name: "ranges", bytes: table.byteLength, scope: "step", data: new Uint8Array(table.buffer) },
      { name: "images", bytes: source.plane * source.channels * source.lanes * 4 + 64, scope: "thread" },
      {
        name: "sums",
        scope: "thread",
        bytes: keptPanels * tile.rows * keptRows * columns.length * source.lanes * 4 + 64,
      },
    ],
    phases: [
      {
        name: "pack",
        items: panels,
        work: packed * context.profile.images.memory.pack,
        once: true,
        reads: [input(1)],
        writes: [factor],
        emit: (k) => emitFactor(k, plan),
      },
      {
        name: "images",
        items: blocksOf(plan) * bandsOf(plan),
        work: estimate(plan, context),
        reads: [input(0), factor, images, sums, ranges, ...operands],
        writes: [output(0)],
        emit: (k) => emitBands(k, kernel, plan),
      },
    ],
  };
}

const entry = 12;

/** For each row, then for each column of outputs: byte distance in the weights, in the images, and how many (rows, or bytes of weights). */
function rangeTable({ rows, columns, tile, source, sourceWidth, columnTaps }: Plan): Int32Array {
  const step = source.channels * tile.rows * 4;
  const pixel = source.channels * source.lanes * 4;
  const list: number[] = [];
  for (const { first, count, place } of rows)
    list.push(first * columnTaps.length * step, count > 0 ? place * sourceWidth * pixel : 0, count);
  for (const { first, count, place } of columns) list.push(first * step, count > 0 ? place * pixel : 0, count * step);
  return Int32Array.from(list);
}

/** Item: a panel of filters; beyond the last the last again. */
function emitFactor(k: PhaseFunction, plan: Plan): void {
  const { f } = k;
  const { tile, filters, source, filterStride, channelStride, columnTaps, rowTaps } = plan;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const to = f.define(i32.add(k.address(factor), i32.mul(item, panelSize(plan) * 4)));
    const lines = Array.from({ length: tile.rows }, (_, i) => {
      const filter = f.define(i32.add(i32.mul(item, tile.rows), i));
      f.if(i32.ge_s(filter, filters), () => f.set(filter, filters - 1));
      return f.define(i32.add(k.address(input(1)), i32.mul(filter, filterStride * 4)));
    });
    const channel = f.local("i32");
    for (const row of rowTaps)
      for (const tap of columnTaps) {
        const moved = keep(f, (row + tap) * 4);
        f.forRange(channel, 0, source.channels, 1, () => {
          lines.forEach((line, i) => {
            f.store("f32.store", to, load("f32.load", i32.add(line, moved)), i * 4);
          });
          f.increase(to, tile.rows * 4);
          f.increase(moved, channelStride * 4);
        });
      }
  });
}

/**
 * (a, bytes of a in a run, b, rows, target): the tile of one place, stored to `target`. From one kernel row to the next a and b go on
 * by constant distances.
 */
function placeKernel(k: PhaseFunction, plan: Plan): Callable {
  const { tile, source, sourceWidth, dilation, columnTaps, keptRows, columns } = plan;
  const { rows, vectors } = tile;
  const aRow = columnTaps.length * source.channels * rows * 4;
  const bRow = dilation * sourceWidth * source.channels * source.lanes * 4;
  const targetRow = keptRows * columns.length * source.lanes * 4;
  const key = `images ${rows} ${vectors} ${aRow} ${bRow} ${targetRow}`;
  return k.helper(key, ["i32", "i32", "i32", "i32", "i32"], undefined, (e) => {
    const { f } = e;
    const [a, run, b, count, target] = f.parameters;
    const totals = f.locals("v128", rows * vectors);
    f.if(i32.or(i32.le_s(run, 0), i32.le_s(count, 0)), () => {
      for (let i = 0; i < rows; i++) f.memoryFill(i32.add(target, i * targetRow), 0, vectors * 16);
      f.return();
    });
    const right = f.locals("v128", vectors);
    const left = f.local("v128");
    const end = f.define(i32.add(a, run));
    const aSkip = f.define(i32.sub(aRow, run));
    const bSkip = f.define(i32.sub(bRow, i32.mul(i32.div_u(run, rows), vectors * 4)));
    const each = (visit: (total: Local, offset: number) => void): void =>
      totals.forEach((total, t) => {
        visit(total, Math.floor(t / vectors) * targetRow + (t % vectors) * 16);
      });
    const zero = (): void => each((total) => f.set(total, constF32x4(0)));
    const store = (): void => each((total, offset) => f.store("v128.store", target, total, offset));
    const resumes = isWide(tile);
    const first = keep(f, 1);
    if (!resumes) zero();
    f.loop((nextRow) => {
      if (resumes) {
        f.if(first, zero, () => each((total, offset) => f.set(total, load("v128.load", target, offset))));
        f.set(first, 0);
      }
      f.loop((again) => {
        right.forEach((vector, j) => {
          f.set(vector, load("v128.load", b, j * 16));
        });
        for (let i = 0; i < rows; i++) {
          f.set(left, load("v128.load32_splat", a, i * 4));
          for (let j = 0; j < vectors; j++)
            f.set(totals[i * vectors + j], multiplyAdd(e, left, right[j], totals[i * vectors + j]));
        }
        f.increase(a, rows * 4);
        f.increase(b, vectors * 16);
        f.branchIf(again, i32.lt_u(a, end));
      });
      if (resumes) store();
      f.increase(a, aSkip);
      f.increase(b, bSkip);
      f.increase(end, aRow);
      f.increase(count, -1);
      f.branchIf(nextRow, count);
    });
    if (!resumes) store();
  });
}

/** Item: (block of images, band of rows of outputs). */
function emitBands(k: PhaseFunction, kernel: ContractKernel, plan: Plan): void {
  const { f } = k;
  const { tile, source, panels, rows, columns, bandRows, keptRows, keptPanels, sourceWidth, dilation } = plan;
  const bands = bandsOf(plan);
  const place = placeKernel(k, plan);
  const table = (index: Local | number, word: number) =>
    load("i32.load", i32.add(k.address(ranges), i32.mul(index, entry)), word * 4);
  const pixelBytes = source.channels * source.lanes * 4;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const first = f.define(i32.mul(i32.div_u(item, bands), source.lanes));
    const y = f.define(i32.mul(i32.rem_u(item, bands), bandRows));
    const yEnd = f.define(i32.add(y, bandRows));
    f.if(i32.gt_s(yEnd, rows.length), () => f.set(yEnd, rows.length));
    // The source places of the band: from where its first row looks to where its last row stops looking.
    const low = keep(f, source.plane);
    const high = keep(f, 0);
    const row = f.local("i32");
    f.forRange(row, y, yEnd, 1, () => {
      const count = f.define(table(row, 2));
      f.if(i32.gt_s(count, 0), () => {
        const begin = f.define(i32.div_u(table(row, 1), pixelBytes));
        const end = f.define(i32.add(begin, i32.mul(i32.add(i32.mul(i32.sub(count, 1), dilation), 1), sourceWidth)));
        f.if(i32.lt_s(begin, low), () => f.set(low, begin));
        f.if(i32.gt_s(end, high), () => f.set(high, end));
      });
    });
    emitGather(f, source, {
      first,
      from: low,
      to: high,
      source: k.address(input(0)),
      target: k.address(images),
    });
    const origin = f.define(i32.sub(k.address(images), i32.mul(low, pixelBytes)));
    const x = f.local("i32");
    const panel = f.local("i32");
    f.forRange(y, f.define(y), yEnd, keptRows, () => {
      const end = f.define(i32.add(y, keptRows));
      f.if(i32.gt_s(end, yEnd), () => f.set(end, yEnd));
      const start = keep(f, 0);
      f.forRange(start, 0, panels, keptPanels, () => {
        const last = f.define(i32.add(start, keptPanels));
        f.if(i32.gt_s(last, panels), () => f.set(last, panels));
        const chosen = f.define(i32.add(k.address(factor), i32.mul(start, panelSize(plan) * 4)));
        const target = f.define(k.address(sums));
        f.forRange(row, y, end, 1, () => {
          const a = f.define(i32.add(chosen, table(row, 0)));
          const b = f.define(i32.add(origin, table(row, 1)));
          const count = f.define(table(row, 2));
          f.forRange(x, rows.length, rows.length + columns.length, 1, () => {
            const weights = f.define(i32.add(a, table(x, 0)));
            const here = f.define(i32.add(b, table(x, 1)));
            const run = f.define(table(x, 2));
            const to = f.define(target);
            f.forRange(panel, start, last, 1, () => {
              f.call(place, weights, run, here, count, to);
              f.increase(weights, panelSize(plan) * 4);
              f.increase(to, tile.rows * keptRows * columns.length * source.lanes * 4);
            });
            f.increase(target, source.lanes * 4);
          });
        });
        const filters = [start, last].map((panel) => f.define(i32.mul(panel, tile.rows)));
        f.if(i32.gt_s(filters[1], plan.filters), () => f.set(filters[1], plan.filters));
        emitScatter(k, kernel, plan, { first, from: y, to: end, filters });
      });
    });
  });
}

/** The images, rows of outputs and filters [from, to) of sums that are complete. */
interface Complete {
  readonly first: Local;
  readonly from: Local;
  readonly to: Local;
  readonly filters: readonly Local[];
}

/** Transposes sums back to images one after the other, and stores them. */
function emitScatter(k: PhaseFunction, kernel: ContractKernel, plan: Plan, complete: Complete): void {
  const { first, from, to } = complete;
  const { f } = k;
  const { source, outputShape, keptRows, columns } = plan;
  const { lanes, images: batch } = source;
  const strides = stridesOf(outputShape);
  const operands = operandsOf(kernel);
  const width = columns.length;
  const start = f.define(i32.mul(from, width * 4));
  const count = f.define(i32.mul(i32.sub(to, from), width));
  const filter = f.local("i32");
  const line = f.define(k.address(sums));
  f.forRange(filter, complete.filters[0], complete.filters[1], 1, () => {
    const finish = epilogueStore(k, kernel, (access, o) => {
      if (operandKind(access, outputShape) === "place") return undefined;
      const at = i32.add(k.address(operandPlace(o)), i32.mul(filter, access.strides[1] * 4));
      return f.define(load("v128.load32_splat", at, access.offset * 4));
    });
    for (let group = 0; group < lanes; group += 4) {
      const left = f.local("i32");
      const at = f.define(line);
      const image = f.define(i32.add(first, group));
      const place = keep(f, plus(i32.mul(image, strides[0] * 4), i32.mul(filter, strides[1] * 4), start));
      const store = (lane: number, value: Local, some: boolean): void => {
        const offset = lane * strides[0] * 4;
        const write = (): void => {
          const here = f.define(i32.add(place, offset));
          finish(value, {
            lanes: some ? someLanes(k, left) : spacedLanes(k),
            output: i32.add(k.address(output(0)), here),
            operand: (o) => i32.add(k.address(operandPlace(o)), i32.add(here, operands[o].offset * 4)),
          });
        };
        if (batch % lanes === 0) write();
        else f.if(i32.lt_s(i32.add(image, lane), batch), write);
      };
      const four = (some: boolean): void => {
        const rowsOf = [0, 1, 2, 3].map((i) => f.define(load("v128.load", at, (i * lanes + group) * 4)));
        transposed(f, rowsOf).forEach((value, lane) => {
          store(lane, value, some);
        });
        f.increase(at, lanes * 16);
        f.increase(place, 16);
      };
      f.set(left, count);
      f.block((leave) => {
        f.branchIf(leave, i32.lt_s(left, 4));
        f.loop((again) => {
          four(false);
          f.increase(left, -4);
          f.branchIf(again, i32.ge_s(left, 4));
        });
      });
      f.if(i32.gt_s(left, 0), () => four(true));
    }
    f.increase(line, keptRows * width * lanes * 4);
  });
}
