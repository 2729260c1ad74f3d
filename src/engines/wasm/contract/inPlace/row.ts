// contract.row.RxC: convolutions of few channels whose outputs lie side by side: pointwise ones, where a plane is one long row, and
// others with wide rows. A tile is `rows` filters x 4 `vectors` neighbouring outputs, summed in registers from planes read where
// they lie, one pointer for the whole tile:
//
//   for each (c, tap):   x_j = vector j at place + offset[c, tap];   sum_ij += w_i x_j        pointwise: offset = c * plane
//
// The last tile of a row goes back to end with it, so that all tiles are whole. An item is a chunk of tiles of an image, small enough
// for what they see to stay in the nearest cache; panel after panel of filters goes over it, writing forward.

import { exactText } from "../../../../base/exact.ts";
import { stridesOf } from "../../../../base/shape.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { type Callable, choose, constF32x4, constI32, i32, load, type Value } from "../../code/assembler.ts";
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
import { epilogueStore, operandKind, operandPlace, operandPlaces, operandsOf } from "../epilogue.ts";
import { towardsPixels } from "../forms.ts";
import { wantedItems } from "../items.ts";
import { spacedLanes } from "../lanes.ts";
import type { Tile } from "../microkernel.ts";
import { emitPanels } from "../packing.ts";
import { depthTable, type Product, problemOf } from "../product.ts";
import { stagesOf, stagesTime } from "../stages.ts";
import type { Staging } from "../staging.ts";
import { byteOffset, type Dimension, joined, keep, lengthOf, plus, times } from "../walk.ts";

const places = buffer("places");
const factor = buffer("factor");
const table = buffer("table");

/** Bytes of what the tiles of a chunk see. */
const chunkBytes = 16 * 1024;
const mostTiles = 64;

interface Plan {
  readonly tile: Tile;
  readonly product: Product;
  readonly staging: Staging;
  readonly outputShape: readonly number[];
  readonly filters: number;
  readonly panels: number;
  readonly depth: number;
  /** Rows of outputs of an image, where they lie in the planes, and their length; tiles of a row. */
  readonly rows: readonly Dimension[];
  readonly width: number;
  readonly across: number;
  readonly chunkTiles: number;
  readonly chunks: number;
  /** Elements from one step of the depth to the next, where that is always the same. */
  readonly step: number | undefined;
}

function planOf(kernel: ContractKernel, tile: Tile): Plan | undefined {
  const form = towardsPixels(kernel);
  if (!form) return undefined;
  const { products, staging, outputShape } = problemOf(form);
  const [product] = products;
  if (products.length !== 1 || !staging || "count" in product.b.inner || product.inner === 0) return undefined;
  const space = joined(product.b.lines.slice(1));
  const last = space.at(-1) ?? { count: 1, stride: 1 };
  const { count: width } = last;
  if (last.stride !== 1 || last.places || width < tile.vectors * 4) return undefined;
  const rows = space.slice(0, -1);
  const across = Math.ceil(width / (tile.vectors * 4));
  const depth = product.outer * product.inner;
  const tiles = lengthOf(rows) * across;
  const groups = lengthOf(product.batch) * product.columns[0].count;
  const fitting = Math.min(mostTiles, Math.max(2, Math.floor(chunkBytes / (depth * tile.vectors * 16))));
  const shared = Math.max(1, Math.ceil((tiles * groups) / wantedItems));
  const chunks = Math.ceil(tiles / Math.min(fitting, shared));
  const outer = joined(product.b.outer);
  const even = product.b.inner.length === 1 && product.b.inner[0] === 0 && outer.length <= 1 && !outer[0]?.places;
  const filters = lengthOf(product.rows);
  return {
    tile,
    product,
    staging,
    outputShape,
    filters,
    depth,
    rows,
    width,
    across,
    panels: Math.ceil(filters / tile.rows),
    chunkTiles: Math.ceil(tiles / chunks),
    chunks,
    step: even ? (outer[0]?.stride ?? 0) : undefined,
  };
}

const tilesOf = ({ rows, across }: Plan): number => lengthOf(rows) * across;
const imagesOf = ({ product }: Plan): number => lengthOf(product.batch) * product.columns[0].count;

function multiplyTime(plan: Plan, profile: Profile): number {
  const { arithmetic, calls, factors, sizes } = profile.row;
  const { tile, panels, depth, step } = plan;
  const { rows, vectors } = tile;
  // The nearest cache holds what a chunk sees as long as a tile of it is narrow enough; planes lie pages apart.
  const far = 1 + factors.far * Math.max(0, Math.log2(depth / sizes.nearDepth));
  const stepTime =
    (arithmetic.step +
      arithmetic.product * Math.max(sizes.leastProducts, rows * vectors) +
      (step === undefined ? arithmetic.lookUp : 0)) *
    far;
  return imagesOf(plan) * tilesOf(plan) * (panels * (depth * stepTime + calls.panel) + calls.tile);
}

const packTime = ({ product, panels, tile, depth }: Plan, { packing }: Profile): number =>
  lengthOf(product.batch) * panels * tile.rows * depth * packing.memory.element;

const estimate = (plan: Plan, { profile }: StrategyContext): number =>
  multiplyTime(plan, profile) + stagesTime(plan.staging, profile);

export function rowStrategy(tile: Tile): ContractStrategy {
  return contraction<Plan>({
    name: `contract.row.${tile.rows}x${tile.vectors * 4}`,
    exact: true,
    cases: { convolutions: { ...anything, roles: towardsImages } },
    plan: (kernel) => planOf(kernel, tile),
    estimate,
    emit: emission,
  });
}

function emission(plan: Plan, kernel: ContractKernel, { profile }: StrategyContext): Emission {
  const { staging, product, tile, panels, depth, chunkTiles, chunks, step } = plan;
  const groups = lengthOf(product.batch);
  const buffers: BufferDefinition[] = [
    { name: "places", bytes: chunkTiles * 8, scope: "thread" },
    { name: "factor", bytes: groups * panels * tile.rows * depth * 4 + 16, scope: "step" },
  ];
  const stages = stagesOf(staging, { profile, beyond: 64 });
  buffers.push(...stages.buffers);
  const phases: Phase[] = [...stages.phases];
  if (step === undefined) {
    const data = depthTable(product);
    buffers.push({ name: "table", bytes: data.length, scope: "step", data });
  }
  const operands = operandPlaces(kernel);
  phases.push(
    {
      name: "pack",
      items: groups * panels,
      work: packTime(plan, profile),
      once: true,
      reads: [input(product.a.input)],
      writes: [factor],
      emit: (k) => emitPanels(k, product, { panels, rows: tile.rows }, factor),
    },
    {
      name: "row",
      items: imagesOf(plan) * chunks,
      work: multiplyTime(plan, profile),
      reads: [stages.place, factor, places, ...(step === undefined ? [table] : []), ...operands],
      writes: [output(0)],
      emit: (k) => emitChunks(k, kernel, plan, stages.place),
    },
  );
  return { buffers, phases };
}

/** Item: (image, group, chunk of tiles), all filters. */
function emitChunks(k: PhaseFunction, kernel: ContractKernel, plan: Plan, planes: Place): void {
  const { f } = k;
  const { product, tile, outputShape, panels, filters, depth, chunks, chunkTiles, across, width, rows } = plan;
  const strides = stridesOf(outputShape);
  const operands = operandsOf(kernel);
  const multiply = panelKernel(k, kernel, plan);
  const source = k.address(planes);
  const groups = lengthOf(product.batch);
  const images = product.b.lines[0].stride;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const which = f.define(i32.div_u(item, chunks));
    const g = f.define(i32.rem_u(which, groups));
    const image = f.define(i32.div_u(which, groups));
    const from = f.define(i32.mul(i32.rem_u(item, chunks), chunkTiles));
    const to = f.define(i32.add(from, chunkTiles));
    f.if(i32.gt_s(to, tilesOf(plan)), () => f.set(to, tilesOf(plan)));
    const here = keep(
      f,
      plus(source, product.b.offset * 4, byteOffset(f, product.b.batch, g), i32.mul(image, images * 4)),
    );
    // places: (address in the planes, byte offset in an output plane) of each tile.
    const list = f.define(k.address(places));
    const t = f.local("i32");
    f.forRange(t, from, to, 1, () => {
      const row = f.define(i32.div_u(t, across));
      const ideal = f.define(i32.mul(i32.rem_u(t, across), tile.vectors * 4));
      const most = width - tile.vectors * 4;
      const column = f.define(choose(i32.lt_s(ideal, most), ideal, constI32(most)));
      f.store("i32.store", list, plus(here, byteOffset(f, rows, row), i32.mul(column, 4)));
      f.store("i32.store", list, i32.mul(i32.add(i32.mul(row, width), column), 4), 4);
      f.increase(list, 8);
    });
    const channel = f.define(i32.mul(g, product.batch[0].step));
    const end = f.define(i32.add(channel, filters));
    const a = keep(f, plus(k.address(factor), times(g, panels * tile.rows * depth * 4)));
    const plane = f.define(i32.mul(image, strides[0] * 4));
    f.forRange(channel, f.define(channel), end, tile.rows, () => {
      const bases = operands.map((access, o): Value => {
        const kind = operandKind(access, outputShape);
        const moved = i32.mul(channel, access.strides[1] * 4);
        return plus(k.address(operandPlace(o)), access.offset * 4, moved, kind === "place" ? plane : 0) as Value;
      });
      const target = i32.add(i32.add(k.address(output(0)), plane), i32.mul(channel, strides[1] * 4));
      f.call(multiply, a, list, target, i32.sub(end, channel), k.address(places), tableAt(k, plan), ...bases);
      f.increase(a, tile.rows * depth * 4);
    });
  });
}

const tableAt = (k: PhaseFunction, { step }: Plan): Value => (step === undefined ? k.address(table) : constI32(0));

/** (a, end of the list, output, filters left, list, table, operands…): a panel of filters on the tiles of the list. */
function panelKernel(k: PhaseFunction, kernel: ContractKernel, plan: Plan): Callable {
  const { tile, depth, filters, step, outputShape } = plan;
  const { rows, vectors } = tile;
  const operands = operandsOf(kernel);
  const planeBytes = stridesOf(outputShape)[1] * 4;
  const key = `row ${rows} ${vectors} ${depth} ${step} ${filters % rows} ${exactText([kernel.epilogue, outputShape])}`;
  return k.helper(key, new Array<"i32">(6 + operands.length).fill("i32"), undefined, (e) => {
    const { f } = e;
    const [panel, end, target, left, list, offsets, ...bases] = f.parameters;
    const sums = f.locals("v128", rows * vectors);
    const right = f.locals("v128", vectors);
    const factorOf = f.local("v128");
    const [a, from, at, offset] = f.locals("i32", 4);
    const aEnd = f.define(i32.add(panel, rows * depth * 4));
    f.loop((nextTile) => {
      for (const sum of sums) f.set(sum, constF32x4(0));
      f.set(a, panel);
      f.set(from, load("i32.load", list));
      if (step === undefined) f.set(offset, offsets);
      f.loop((again) => {
        const place = step === undefined ? f.define(i32.add(from, load("i32.load", offset))) : from;
        right.forEach((vector, j) => {
          f.set(vector, load("v128.load", place, j * 16));
        });
        for (let i = 0; i < rows; i++) {
          f.set(factorOf, load("v128.load32_splat", a, i * 4));
          for (let j = 0; j < vectors; j++)
            f.set(sums[i * vectors + j], multiplyAdd(e, factorOf, right[j], sums[i * vectors + j]));
        }
        f.increase(a, rows * 4);
        if (step === undefined) f.increase(offset, 4);
        else f.increase(from, step * 4);
        f.branchIf(again, i32.lt_u(a, aEnd));
      });
      f.set(at, load("i32.load", list, 4));
      for (let i = 0; i < rows; i++) {
        const store = (): void => {
          const finish = epilogueStore(e, kernel, (access, o) => {
            if (operandKind(access, outputShape) === "place") return undefined;
            return f.define(load("v128.load32_splat", bases[o], i * access.strides[1] * 4));
          });
          const to = f.define(i32.add(target, at));
          for (let j = 0; j < vectors; j++) {
            finish(sums[i * vectors + j], {
              lanes: spacedLanes(e, i * planeBytes + j * 16),
              output: to,
              operand: (o) => i32.add(bases[o], at),
            });
          }
        };
        if (filters % rows === 0 || i === 0) store();
        else f.if(i32.gt_s(left, i), store);
      }
      f.increase(list, 8);
      f.branchIf(nextTile, i32.lt_u(list, end));
    });
  });
}
