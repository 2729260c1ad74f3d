// contract.dot: filter gradients with few filters and channels (first layers, depthwise) as dot products of rows of pixels, nothing
// packed: a tile of `rows` filters x `vectors` (channel, tap) pairs keeps vectors of partial sums in registers,
//
//   sum_ij += dy_i[p … p + 3] · x_j[p … p + 3]        for all places p of an image, four at a time
//
// and a last phase adds the lanes and the shares of images in a fixed order. A table lists the places.

import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { type Callable, extractLane, f32, f32x4, i32, type Local, load } from "../../code/assembler.ts";
import type { Profile } from "../../profile.ts";
import { multiplyAdd } from "../../scalar/math.ts";
import {
  type BufferDefinition,
  buffer,
  type Emission,
  output,
  type Phase,
  type PhaseFunction,
  type Place,
  type StrategyContext,
} from "../../strategy.ts";
import { anything, type ContractStrategy, contraction, towardsFilters } from "../contraction.ts";
import { plainFilterGradient } from "../forms.ts";
import { wantedCostlyItems } from "../items.ts";
import { beginSums, type Tile } from "../microkernel.ts";
import { type Product, problemOf } from "../product.ts";
import { stagesOf, stagesTime } from "../stages.ts";
import { type Staging, stageGradient } from "../staging.ts";
import { byteOffset, keep, lengthOf, placeOf, plus, times } from "../walk.ts";

const partials = buffer("partials");
const places = buffer("places");
const looks = buffer("looks");

interface Plan {
  readonly tile: Tile;
  readonly product: Product;
  readonly staging: Staging;
  readonly gradient: Staging;
  readonly groups: number;
  readonly filters: number;
  readonly columns: number;
  readonly filterTiles: number;
  readonly columnTiles: number;
  readonly images: number;
  readonly shares: number;
  readonly shareImages: number;
  /** Byte distances (dy, x) of every four places, and of every (channel, tap). */
  readonly places: Int32Array;
  readonly looks: Int32Array;
}

function planOf(kernel: ContractKernel, tile: Tile): Plan | undefined {
  const form = plainFilterGradient(kernel);
  if (!form) return undefined;
  const { batch, groups, output: size } = form.geometry;
  const width = size[size.length - 1];
  // Rows are read in fours: what is read behind their end must be there, and zero on one side.
  const round = width % 4 === 0 ? 1 : 4;
  const { staging, products } = problemOf(form, round);
  if (!staging) return undefined;
  const [product] = products;
  const gradient = stageGradient(form.geometry, round);
  const filters = lengthOf(product.rows);
  const columns = lengthOf(product.columns);
  const filterTiles = Math.ceil(filters / tile.rows);
  const columnTiles = Math.ceil(columns / tile.vectors);
  const shares = Math.max(1, Math.min(batch, Math.ceil(wantedCostlyItems / groups)));
  const shareImages = Math.ceil(batch / shares);
  const rows = size.slice(0, -1);
  const across = Math.ceil(width / 4);
  const count = lengthOf(rows.map((n) => ({ count: n }))) * across;
  const walk = (pitch: readonly number[]) => [
    ...rows.map((n, axis) => ({ count: n, stride: pitch[axis] })),
    { count: across, stride: 4 },
  ];
  const table = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    table[i * 2] = 4 * placeOf(walk(gradient.pitch), i);
    table[i * 2 + 1] = 4 * placeOf(walk(staging.pitch), i);
  }
  const distances = Int32Array.from({ length: columnTiles * tile.vectors }, (_, j) =>
    j < columns ? 4 * placeOf(product.b.lines, j) : 4 * placeOf(product.b.lines, columns - 1),
  );
  return {
    tile,
    product,
    staging,
    gradient,
    groups,
    filters,
    columns,
    filterTiles,
    columnTiles,
    images: batch,
    shares: Math.ceil(batch / shareImages),
    shareImages,
    places: table,
    looks: distances,
  };
}

export function dotStrategy(tile: Tile): ContractStrategy {
  return contraction<Plan>({
    name: `contract.dot.${tile.rows}x${tile.vectors}`,
    exact: true,
    cases: { convolutions: { ...anything, roles: towardsFilters } },
    plan: (kernel) => planOf(kernel, tile),
    estimate,
    emit: emission,
  });
}

function dotTime({ groups, images, filterTiles, columnTiles, places: table, tile }: Plan, { dot }: Profile): number {
  const { arithmetic, calls, sizes } = dot;
  const perTile =
    (table.length / 2) *
      (arithmetic.step + arithmetic.product * Math.max(sizes.leastProducts, tile.rows * tile.vectors)) +
    calls.tile;
  return groups * images * filterTiles * columnTiles * perTile;
}

const gatherTime = ({ groups, filters, columns, shares }: Plan, { dot }: Profile): number =>
  groups * filters * columns * shares * dot.memory.share;

const estimate = (plan: Plan, { profile }: StrategyContext): number =>
  dotTime(plan, profile) +
  stagesTime(plan.staging, profile) +
  stagesTime(plan.gradient, profile) +
  gatherTime(plan, profile);

const tileBytes = ({ rows, vectors }: Tile): number => rows * vectors * 16;

function emission(plan: Plan, _: ContractKernel, { profile }: StrategyContext): Emission {
  const { staging, gradient, groups, shares, filters, filterTiles, columnTiles, tile } = plan;
  const bytesOf = (numbers: Int32Array): Uint8Array => new Uint8Array(numbers.buffer);
  const buffers: BufferDefinition[] = [
    { name: "places", bytes: plan.places.byteLength, scope: "step", data: bytesOf(plan.places) },
    { name: "looks", bytes: plan.looks.byteLength, scope: "step", data: bytesOf(plan.looks) },
    { name: "partials", bytes: groups * shares * filterTiles * columnTiles * tileBytes(tile), scope: "step" },
  ];
  const stages = [stagesOf(staging, { profile }), stagesOf(gradient, { profile, name: "stagedGradient" })];
  buffers.push(...stages.flatMap((stage) => stage.buffers));
  const phases: Phase[] = stages.flatMap((stage) => stage.phases);
  const sources = stages.map(({ place }) => place);
  phases.push(
    {
      name: "dot",
      items: groups * shares,
      work: dotTime(plan, profile),
      reads: [...sources, places, looks],
      writes: [partials],
      emit: (k) => emitShares(k, plan, sources),
    },
    {
      name: "gather",
      items: groups * filters,
      work: gatherTime(plan, profile),
      reads: [partials],
      writes: [output(0)],
      emit: (k) => emitGather(k, plan),
    },
  );
  return { buffers, phases };
}

/** (places, their end, sums, first, rows of dy…, rows of x…): adds the products of one image to a tile. */
function dotKernel(k: PhaseFunction, { rows, vectors }: Tile): Callable {
  const parameters = new Array<"i32">(4 + rows + vectors).fill("i32");
  return k.helper(`dot ${rows}x${vectors}`, parameters, undefined, (e) => {
    const { f } = e;
    const [table, end, tile, first, ...lines] = f.parameters;
    const sums = f.locals("v128", rows * vectors);
    beginSums(f, sums, first, tile);
    const right = f.locals("v128", vectors);
    const left = f.local("v128");
    const here = f.local("i32");
    f.loop((again) => {
      f.set(here, load("i32.load", table, 4));
      right.forEach((vector, j) => {
        f.set(vector, load("v128.load", i32.add(lines[rows + j], here)));
      });
      f.set(here, load("i32.load", table));
      for (let i = 0; i < rows; i++) {
        f.set(left, load("v128.load", i32.add(lines[i], here)));
        for (let j = 0; j < vectors; j++)
          f.set(sums[i * vectors + j], multiplyAdd(e, left, right[j], sums[i * vectors + j]));
      }
      f.increase(table, 8);
      f.branchIf(again, i32.lt_u(table, end));
    });
    sums.forEach((sum, i) => {
      f.store("v128.store", tile, sum, i * 16);
    });
  });
}

/** Item: (share of images, group). */
function emitShares(k: PhaseFunction, plan: Plan, [planes, gradients]: readonly Place[]): void {
  const { f } = k;
  const { tile, product, staging, gradient, groups, filters, filterTiles, columnTiles, images, shareImages } = plan;
  const add = dotKernel(k, tile);
  const end = f.define(i32.add(k.address(places), plan.places.byteLength));
  const imageBytes = (planes: Staging): number => (planes.planes / images) * planes.planeSize * 4;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const share = f.define(i32.div_u(item, groups));
    const g = f.define(i32.rem_u(item, groups));
    const image = f.define(i32.mul(share, shareImages));
    const last = f.define(i32.add(image, shareImages));
    f.if(i32.gt_s(last, images), () => f.set(last, images));
    const x = keep(f, plus(k.address(planes), byteOffset(f, product.b.batch, g)));
    const dy = keep(f, plus(k.address(gradients), times(g, filters * gradient.planeSize * 4)));
    f.set(x, i32.add(x, i32.mul(image, imageBytes(staging))));
    f.set(dy, i32.add(dy, i32.mul(image, imageBytes(gradient))));
    const own = f.define(i32.add(k.address(partials), i32.mul(item, filterTiles * columnTiles * tileBytes(tile))));
    const first = keep(f, 1);
    f.forRange(image, f.define(image), last, 1, () => {
      const sums = f.define(own);
      const i = f.local("i32");
      const j = f.local("i32");
      const filter = keep(f, 0);
      f.forRange(i, 0, filterTiles, 1, () => {
        const lines = Array.from({ length: tile.rows }, (_, r) => {
          const index = f.define(i32.add(filter, r));
          f.if(i32.ge_s(index, filters), () => f.set(index, filters - 1));
          return f.define(i32.add(dy, i32.mul(index, gradient.planeSize * 4)));
        });
        const look = f.define(k.address(looks));
        f.forRange(j, 0, columnTiles, 1, () => {
          const columns = Array.from({ length: tile.vectors }, (_, c) => i32.add(x, load("i32.load", look, c * 4)));
          f.call(add, k.address(places), end, sums, first, ...lines, ...columns);
          f.increase(look, tile.vectors * 4);
          f.increase(sums, tileBytes(tile));
        });
        f.increase(filter, tile.rows);
      });
      f.set(first, 0);
      f.increase(x, imageBytes(staging));
      f.increase(dy, imageBytes(gradient));
    });
  });
}

/** Item: (g, filter): adds shares, then lanes, and stores the filter's gradient. */
function emitGather(k: PhaseFunction, plan: Plan): void {
  const { f } = k;
  const { tile, groups, filters, columns, filterTiles, columnTiles, shares } = plan;
  const shareBytes = groups * filterTiles * columnTiles * tileBytes(tile);
  const item = f.local("i32");
  const column = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const g = i32.div_u(item, filters);
    const filter = f.define(i32.rem_u(item, filters));
    const tileRow = i32.add(i32.mul(g, filterTiles), i32.div_u(filter, tile.rows));
    const base = f.define(
      i32.add(
        i32.add(k.address(partials), i32.mul(tileRow, columnTiles * tileBytes(tile))),
        i32.mul(i32.rem_u(filter, tile.rows), tile.vectors * 16),
      ),
    );
    const to: Local = f.define(i32.add(k.address(output(0)), i32.mul(item, columns * 4)));
    f.forRange(column, 0, columns, 1, () => {
      const at = f.define(
        i32.add(
          base,
          i32.add(
            i32.mul(i32.div_u(column, tile.vectors), tileBytes(tile)),
            i32.mul(i32.rem_u(column, tile.vectors), 16),
          ),
        ),
      );
      const sum = f.define(load("v128.load", at));
      const share = f.local("i32");
      f.forRange(share, 1, shares, 1, () => {
        f.increase(at, shareBytes);
        f.set(sum, f32x4.add(sum, load("v128.load", at)));
      });
      const lane = (n: number) => extractLane("f32x4", sum, n);
      f.store("f32.store", to, f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3))));
      f.increase(to, 4);
    });
  });
}
