// contract.direct: convolutions and input gradients with few filters, where packing patches would cost more than it saves.
// A tile of `rows` filters x `vectors` groups of four neighbouring outputs is summed in registers, reading the staged
// planes where they lie: a table holds the distance of every (channel, tap) from an output's own place.
//
//   for each (c, tap):  offset = table[…];  x_j = vector at place_j + offset;  sum_ij += w_i x_j
//
// The depth runs over the kernel's rows first, so that rows of taps which see nothing but padding can be left out: for the
// input gradient of a 5x5 convolution of 14x14 pixels these are two sevenths of the work.

import { exactText } from "../../../../base/exact.ts";
import { stridesOf } from "../../../../base/shape.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { type Callable, choose, constF32x4, i32, type Local, load } from "../../code/assembler.ts";
import type { Profile } from "../../profile.ts";
import { multiplyAdd } from "../../scalar/math.ts";
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
import { anything, type ContractStrategy, contraction, towardsImages } from "../contraction.ts";
import { epilogueStore, operandKind, operandPlaces, operandsOf } from "../epilogue.ts";
import { someLanes } from "../lanes.ts";
import type { Tile } from "../microkernel.ts";
import { emitPanels } from "../packing.ts";
import { depthTable, type Product } from "../product.ts";
import { stagesOf, stagesTime } from "../stages.ts";
import { byteOffset, keep, lengthOf, plus, times } from "../walk.ts";
import { type DirectProblem, itemTilesOf, problemFor, sightOf, type Vectors, vectorsOf } from "./directPlan.ts";

const places = buffer("places");

export function directStrategy(tile: Tile): ContractStrategy {
  return contraction<DirectProblem>({
    name: `contract.direct.${tile.rows}x${tile.vectors * 4}`,
    exact: true,
    cases: { convolutions: { ...anything, roles: towardsImages } },
    plan: problemFor,
    estimate: (problem, context) => estimate(problem, tile, context),
    emit: (problem, kernel, context) => emission(kernel, problem, tile, context),
  });
}

/**
 * Nanoseconds of a step of the loop, as measured: loads and multiply-adds share the ports, and a deep kernel walks over more planes than the nearest cache holds.
 */
function stepTime({ rows, vectors }: Tile, depth: number, { direct }: Profile): number {
  const { arithmetic, factors, sizes } = direct;
  const base = arithmetic.step + arithmetic.product * Math.max(rows * vectors, sizes.leastProducts);
  return base * factors.ports * (1 + factors.far * Math.max(0, Math.log2(depth / sizes.nearDepth)));
}

interface Measured {
  readonly outputShape: readonly number[];
  readonly tile: Tile;
  readonly profile: Profile;
}

function productTime(product: Product, { outputShape, tile, profile }: Measured): number {
  const { memory, calls } = profile.direct;
  const { tiles, panels } = vectorsOf(product, outputShape, tile);
  const ranges = sightOf(product);
  let depth = 0;
  for (let i = 0; i < ranges.length; i += 2) depth += Math.max(0, ranges[i + 1] - ranges[i]) / (ranges.length / 2);
  return (
    lengthOf(product.batch) *
    tiles *
    (panels *
      (depth * stepTime(tile, product.outer * product.inner, profile) +
        calls.panel +
        memory.store * tile.rows * tile.vectors) +
      calls.tile)
  );
}

function estimate({ products, outputShape, staging }: DirectProblem, tile: Tile, { profile }: StrategyContext): number {
  const measured = { outputShape, tile, profile };
  return products.reduce((sum, product) => sum + productTime(product, measured), stagesTime(staging, profile));
}

function emission(kernel: ContractKernel, problem: DirectProblem, tile: Tile, { profile }: StrategyContext): Emission {
  const { staging, products, outputShape } = problem;
  const buffers: BufferDefinition[] = [{ name: "places", bytes: tile.vectors * 16, scope: "thread" }];
  const stages = stagesOf(staging, { profile, beyond: 64 });
  buffers.push(...stages.buffers);
  const phases: Phase[] = [...stages.phases];
  const operands = operandPlaces(kernel);
  products.forEach((product, index) => {
    const { panels } = vectorsOf(product, outputShape, tile);
    const depth = product.outer * product.inner;
    const items = lengthOf(product.batch) * panels;
    const name = `factor${index}`;
    buffers.push({ name, bytes: items * tile.rows * depth * 4 + 16, scope: "step" });
    phases.push({
      name: "pack",
      items,
      work: items * tile.rows * depth * profile.packing.memory.element,
      once: true,
      concurrent: index > 0,
      reads: [input(product.a.input)],
      writes: [buffer(name)],
      emit: (k) => emitPanels(k, product, { panels, rows: tile.rows }, buffer(name)),
    });
  });
  products.forEach((product, index) => {
    const { tiles } = vectorsOf(product, outputShape, tile);
    const table = `table${index}`;
    const sights = new Uint8Array(sightOf(product).buffer);
    buffers.push({ name: `sight${index}`, bytes: sights.length, scope: "step", data: sights });
    buffers.push({
      name: table,
      bytes: product.outer * product.inner * 4 + 16,
      scope: "step",
      data: depthTable(product),
    });
    const source = stages.place;
    const factor = buffer(`factor${index}`);
    phases.push({
      name: "direct",
      items: lengthOf(product.batch) * Math.ceil(tiles / itemTilesOf(tiles, product)),
      concurrent: index > 0,
      work: productTime(product, { outputShape, tile, profile }),
      reads: [source, factor, buffer(table), buffer(`sight${index}`), places, ...operands],
      writes: [output(0)],
      emit: (k) =>
        emitProduct(k, kernel, {
          product,
          outputShape,
          tile,
          source,
          factor,
          table: buffer(table),
          sight: buffer(`sight${index}`),
        }),
    });
  });
  return { buffers, phases };
}

interface Parts {
  readonly product: Product;
  readonly outputShape: readonly number[];
  readonly tile: Tile;
  readonly source: Place;
  readonly factor: Place;
  readonly table: Place;
  readonly sight: Place;
}

/** Item: some tiles of vectors of a group, all filters. */
function emitProduct(k: PhaseFunction, kernel: ContractKernel, parts: Parts): void {
  const { f } = k;
  const { product, outputShape, tile } = parts;
  const vectors = vectorsOf(product, outputShape, tile);
  const depth = product.outer * product.inner;
  const strides = stridesOf(outputShape);
  const itemTiles = itemTilesOf(vectors.tiles, product);
  const blocks = Math.ceil(vectors.tiles / itemTiles);
  const multiply = tileKernel(k, kernel, parts);
  const item = f.local("i32");
  const origin = product.origin.reduce((sum, place, axis) => sum + place * strides[axis], 0);
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, blocks));
    const from = f.define(i32.mul(i32.rem_u(item, blocks), itemTiles));
    const to = f.define(i32.add(from, itemTiles));
    f.if(i32.gt_s(to, vectors.tiles), () => f.set(to, vectors.tiles));
    const source = keep(f, plus(k.address(parts.source), product.b.offset * 4, byteOffset(f, product.b.batch, g)));
    const channel = f.define(i32.mul(g, product.batch[0].step));
    const a = keep(f, plus(k.address(parts.factor), times(g, vectors.panels * tile.rows * depth * 4)));
    const t = f.local("i32");
    f.forRange(t, from, to, 1, () => {
      // places[j] = (address in the planes, byte offset in the output, outputs that exist)
      for (let j = 0; j < tile.vectors; j++) {
        const index = f.define(i32.add(i32.mul(t, tile.vectors), j));
        const count = f.local("i32");
        f.set(count, i32.sub(vectors.width, i32.mul(i32.rem_u(index, vectors.perRow), 4)));
        if (vectors.count % tile.vectors !== 0)
          f.if(i32.ge_s(index, vectors.count), () => {
            f.set(index, vectors.count - 1);
            f.set(count, 0);
          });
        f.store("i32.store", k.address(places), plus(source, byteOffset(f, vectors.source, index)), j * 16);
        f.store("i32.store", k.address(places), plus(origin * 4, byteOffset(f, vectors.target, index)), j * 16 + 4);
        f.store("i32.store", k.address(places), count, j * 16 + 8);
      }
      const { low, high } = emitSight(k, parts, vectors, t);
      const panel = f.define(a);
      const row = f.define(channel);
      const i = f.local("i32");
      f.forRange(i, 0, vectors.panels, 1, () => {
        const rest = operandPlaces(kernel).map((place) => k.address(place));
        const end = f.define(i32.sub(i32.add(channel, lengthOf(product.rows)), row));
        const start = i32.add(panel, i32.mul(low, tile.rows * 4));
        const first = i32.add(k.address(parts.table), i32.mul(low, 4));
        const last = i32.add(k.address(parts.table), i32.mul(high, 4));
        f.call(multiply, start, first, last, k.address(places), row, end, k.address(output(0)), ...rest);
        f.increase(panel, tile.rows * depth * 4);
        f.increase(row, tile.rows);
      });
    });
  });
}

/** The range of the depth that the vectors of tile `t` see: of one image, from the first row of outputs to the last. */
function emitSight(
  k: PhaseFunction,
  { product, tile, sight }: Parts,
  vectors: Vectors,
  t: Local,
): { readonly low: Local; readonly high: Local } {
  const { f } = k;
  const depth = product.outer * product.inner;
  const low = f.local("i32");
  const high = f.local("i32");
  f.set(low, 0);
  f.set(high, depth);
  // One vector row along axis 1 of the columns is all that lies behind it.
  const perPlace = vectors.count / product.columns[0].count / product.columns[1].count;
  if (product.columns.length < 3) return { low, high };
  const first = f.define(i32.div_u(i32.mul(t, tile.vectors), perPlace));
  const end = f.define(i32.add(i32.mul(t, tile.vectors), tile.vectors - 1));
  f.if(i32.ge_s(end, vectors.count), () => f.set(end, vectors.count - 1));
  const last = f.define(i32.div_u(end, perPlace));
  const rows = product.columns[1].count;
  f.if(i32.eq(i32.div_u(first, rows), i32.div_u(last, rows)), () => {
    const a = f.define(i32.add(k.address(sight), i32.mul(i32.rem_u(first, rows), 8)));
    const b = f.define(i32.add(k.address(sight), i32.mul(i32.rem_u(last, rows), 8)));
    const [lowA, lowB] = [a, b].map((at) => f.define(load("i32.load", at)));
    const [highA, highB] = [a, b].map((at) => f.define(load("i32.load", at, 4)));
    f.set(low, choose(i32.lt_s(lowA, lowB), lowA, lowB));
    f.set(high, choose(i32.gt_s(highA, highB), highA, highB));
  });
  return { low, high };
}

/** (a, table, its end, places, output channel, channels left, output, operands of the epilogue…): one tile, from sums to stores. */
function tileKernel(k: PhaseFunction, kernel: ContractKernel, { outputShape, tile, product }: Parts): Callable {
  const { rows, vectors } = tile;
  const operands = operandsOf(kernel);
  const parameters = new Array<"i32">(7 + operands.length).fill("i32");
  const exact = lengthOf(product.rows) % rows === 0;
  const key = `direct ${rows} ${vectors} ${exact} ${exactText([kernel.epilogue, outputShape])}`;
  return k.helper(key, parameters, undefined, (e) => {
    const { f } = e;
    const [a, table, end, list, row, left, target, ...bases] = f.parameters;
    const sources = Array.from({ length: vectors }, (_, j) => f.define(load("i32.load", list, j * 16)));
    const sums = f.locals("v128", rows * vectors);
    for (const sum of sums) f.set(sum, constF32x4(0));
    f.block((leave) => {
      f.branchIf(leave, i32.ge_u(table, end));
      const right = f.locals("v128", vectors);
      const factor = f.local("v128");
      const offset = f.local("i32");
      f.loop((again) => {
        f.set(offset, load("i32.load", table));
        right.forEach((vector, j) => {
          f.set(vector, load("v128.load", i32.add(sources[j], offset)));
        });
        for (let i = 0; i < rows; i++) {
          f.set(factor, load("v128.load32_splat", a, i * 4));
          for (let j = 0; j < vectors; j++)
            f.set(sums[i * vectors + j], multiplyAdd(e, factor, right[j], sums[i * vectors + j]));
        }
        f.increase(a, rows * 4);
        f.increase(table, 4);
        f.branchIf(again, i32.lt_u(table, end));
      });
    });
    const strides = stridesOf(outputShape);
    const offsets = sources.map((_, j) => f.define(load("i32.load", list, j * 16 + 4)));
    const counts = sources.map((_, j) => f.define(load("i32.load", list, j * 16 + 8)));
    for (let i = 0; i < rows; i++) {
      const store = (): void => {
        const channel = f.define(i32.add(row, i));
        const plane = f.define(i32.mul(channel, strides[1] * 4));
        const finish = epilogueStore(e, kernel, (access, o) => {
          if (operandKind(access, outputShape) === "place") return undefined;
          return f.define(
            load("v128.load32_splat", i32.add(bases[o], i32.mul(channel, access.strides[1] * 4)), access.offset * 4),
          );
        });
        for (let j = 0; j < vectors; j++)
          f.if(i32.gt_s(counts[j], 0), () => {
            const at = f.define(i32.add(plane, offsets[j]));
            finish(sums[i * vectors + j], {
              lanes: someLanes(e, counts[j]),
              output: i32.add(target, at),
              operand: (o) => i32.add(bases[o], i32.add(at, operands[o].offset * 4)),
            });
          });
      };
      if (exact || i === 0) store();
      else f.if(i32.gt_s(left, i), store);
    }
  });
}
