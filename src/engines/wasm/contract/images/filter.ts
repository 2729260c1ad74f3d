// contract.images.filter.RxC: filter gradients of a batch with few channels. A vector holds one place of four images (blocks.ts); a
// tile of `rows` filters x `vectors` (tap, channel) pairs of a kernel row keeps vectors of partial sums in registers,
//
//   sum_fq += dy[y][x][f] · x[y + i][x + j][c]        for all places (y, x) whose row y + i exists, q = (j, c)
//
// With the channels inside the places, neighbouring pairs q lie side by side: dy and x are read forward from one pointer each. The
// columns of x are padded. An item is a share of the images; a last phase adds shares and lanes in a fixed order.

import { seenAmong } from "../../../../base/window.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { type Callable, constF32x4, extractLane, f32, f32x4, i32, type Local, load } from "../../code/assembler.ts";
import type { Features } from "../../code/features.ts";
import type { Profile } from "../../profile.ts";
import { multiplyAdd } from "../../scalar/math.ts";
import { buffer, type Emission, input, output, type PhaseFunction, type StrategyContext } from "../../strategy.ts";
import { type ContractStrategy, contraction, towardsFilters } from "../contraction.ts";
import { plainFilterGradient } from "../forms.ts";
import { wantedCostlyItems } from "../items.ts";
import { beginSums, type Tile } from "../microkernel.ts";
import { keep } from "../walk.ts";
import { type Block, emitGather, manyImages } from "./blocks.ts";

const images = buffer("images");
const gradients = buffer("gradients");
const partials = buffer("partials");
const places = buffer("places");

/** Four images side by side, or eight with 256-bit arithmetic. */
const lanesOf = ({ wide }: Features): number => (wide ? 8 : 4);

interface Plan {
  readonly tile: Tile;
  readonly source: Block;
  readonly gradient: Block;
  readonly sourceSize: readonly [height: number, width: number];
  readonly size: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [number, number];
  /** Columns of a staged row, and the place in it of the source's first; the source columns that are used. */
  readonly pitch: number;
  readonly before: number;
  readonly used: number;
  /** For each kernel row the first row of outputs that sees something, how many do, and the source row that the first sees. */
  readonly runs: readonly { readonly first: number; readonly count: number; readonly place: number }[];
  readonly filterTiles: number;
  /** Tiles of a kernel row. */
  readonly pairTiles: number;
  readonly shares: number;
  readonly shareBlocks: number;
}

function planOf(contract: ContractKernel, tile: Tile, features: Features): Plan | undefined {
  const form = plainFilterGradient(contract);
  if (!form) return undefined;
  const { batch, groups, inChannels, outChannels, stride, dilation, padBefore } = form.geometry;
  if (form.geometry.kernel.length !== 2 || groups !== 1 || batch % lanesOf(features) !== 0 || dilation[1] !== 1)
    return undefined;
  const lanes = lanesOf(features);
  const [input_, size, kernel] = [form.geometry.input, form.geometry.output, form.geometry.kernel];
  const pitch = (size[1] - 1) * stride[1] + kernel[1];
  const before = Math.max(0, padBefore[1]);
  const runs = Array.from({ length: kernel[0] }, (_, i) => {
    const look = i * dilation[0] - padBefore[0];
    const seen = seenAmong(size[0], look, stride[0], input_[0]);
    return { ...seen, place: seen.first * stride[0] + look };
  });
  const blocks = batch / lanes;
  const shareBlocks = Math.ceil(blocks / wantedCostlyItems);
  return {
    tile,
    source: { images: batch, channels: inChannels, plane: input_[0] * input_[1], lanes },
    gradient: { images: batch, channels: outChannels, plane: size[0] * size[1], lanes },
    sourceSize: [input_[0], input_[1]],
    size: [size[0], size[1]],
    kernel: [kernel[0], kernel[1]],
    stride: [stride[0], stride[1]],
    pitch,
    before,
    used: Math.min(input_[1], Math.max(0, pitch - before)),
    runs,
    filterTiles: Math.ceil(outChannels / tile.rows),
    pairTiles: Math.ceil((kernel[1] * inChannels) / tile.vectors),
    shares: Math.ceil(blocks / shareBlocks),
    shareBlocks,
  };
}

export function imagesFilterStrategy(tile: Tile): ContractStrategy {
  return contraction<Plan>({
    name: `contract.images.filter.${tile.rows}x${tile.vectors}`,
    exact: true,
    cases: { convolutions: { ...manyImages, roles: towardsFilters } },
    plan: (kernel, { features }) => planOf(kernel, tile, features),
    estimate: (plan, { profile }) => sharesTime(plan, profile) + gatherTime(plan, profile),
    emit: emission,
  });
}

function sharesTime({ tile, source, gradient, size, runs, filterTiles, pairTiles }: Plan, profile: Profile): number {
  const { arithmetic, memory, calls, factors, sizes } = profile.imagesFilter;
  const { lanes } = source;
  const rows = runs.reduce((sum, { count }) => sum + count, 0);
  // A pass over all places reads a few channels of each: what lies further apart than a line of the nearest cache shares its sets.
  const bytes = (source.plane * source.channels + gradient.plane * gradient.channels) * lanes * 4;
  const far = 1 + factors.far * Math.max(0, Math.log2(bytes / sizes.nearBytes));
  const stepTime =
    (arithmetic.step +
      (lanes === 4 ? arithmetic.product : arithmetic.wideProduct) *
        Math.max(sizes.leastProducts, tile.rows * tile.vectors)) *
    far;
  const block =
    filterTiles * pairTiles * (rows * (size[1] * stepTime + calls.row) + runs.length * calls.tile) +
    (bytes / 4) * memory.gather;
  return (source.images / lanes) * block;
}

const gatherTime = ({ source, gradient, kernel, shares }: Plan, { imagesFilter: { memory } }: Profile): number =>
  gradient.channels * source.channels * kernel[0] * kernel[1] * (shares * memory.share + memory.sum);

const tileBytes = ({ tile, source }: Plan): number => tile.rows * tile.vectors * source.lanes * 4;
const shareBytes = (plan: Plan): number => plan.filterTiles * plan.kernel[0] * plan.pairTiles * tileBytes(plan);

function emission(plan: Plan, _: ContractKernel, { profile }: StrategyContext): Emission {
  const { tile, source, gradient, sourceSize, pitch, shares } = plan;
  const { lanes } = source;
  const table = new Uint8Array(placesOf(plan).buffer);
  // Tiles may reach beyond the last filter or pair: what they read there goes into sums that nobody asks for.
  const spare = (tile.rows + tile.vectors) * lanes * 4;
  return {
    buffers: [
      { name: "images", bytes: sourceSize[0] * pitch * source.channels * lanes * 4 + spare, scope: "thread" },
      { name: "gradients", bytes: gradient.plane * gradient.channels * lanes * 4 + spare, scope: "thread" },
      { name: "places", bytes: table.length, scope: "step", data: table },
      { name: "partials", bytes: shares * shareBytes(plan), scope: "step" },
    ],
    phases: [
      {
        name: "images",
        items: shares,
        work: sharesTime(plan, profile),
        reads: [input(0), input(1), images, gradients, places],
        writes: [partials],
        emit: (k) => emitShares(k, plan),
      },
      {
        name: "gather",
        items: gradient.channels,
        work: gatherTime(plan, profile),
        reads: [partials],
        writes: [output(0)],
        emit: (k) => emitSums(k, plan),
      },
    ],
  };
}

/** For each place of an output the byte distance of what its first tap sees. */
function placesOf({ source, size, stride, pitch }: Plan): Int32Array {
  const [height, width] = size;
  return Int32Array.from({ length: height * width }, (_, p) => {
    const place = Math.floor(p / width) * stride[0] * pitch + (p % width) * stride[1];
    return place * source.channels * source.lanes * 4;
  });
}

/** (a, b, list of places, its end, sums, first): adds their products to a tile; where `first` is not 0 it starts from zero. */
function pairKernel(k: PhaseFunction, { tile, source, gradient }: Plan): Callable {
  const { rows, vectors } = tile;
  const { lanes } = source;
  // Halves of eight images lie side by side, and V8 joins them.
  const halves = lanes / 4;
  const aStep = gradient.channels * lanes * 4;
  const key = `pairs ${rows} ${vectors} ${aStep} ${lanes}`;
  return k.helper(key, new Array<"i32">(6).fill("i32"), undefined, (e) => {
    const { f } = e;
    const [a, b, list, end, target, first] = f.parameters;
    const sums = f.locals("v128", rows * vectors * halves);
    beginSums(f, sums, first, target);
    const right = f.locals("v128", vectors * halves);
    const left = f.locals("v128", halves);
    const here = f.local("i32");
    f.block((leave) => {
      f.branchIf(leave, i32.ge_u(list, end));
      f.loop((again) => {
        f.set(here, i32.add(b, load("i32.load", list)));
        right.forEach((vector, j) => {
          f.set(vector, load("v128.load", here, j * 16));
        });
        for (let i = 0; i < rows; i++) {
          left.forEach((vector, h) => {
            f.set(vector, load("v128.load", a, (i * halves + h) * 16));
          });
          for (let j = 0; j < right.length; j++) {
            const sum = sums[i * right.length + j];
            f.set(sum, multiplyAdd(e, left[j % halves], right[j], sum));
          }
        }
        f.increase(a, aStep);
        f.increase(list, 4);
        f.branchIf(again, i32.lt_u(list, end));
      });
    });
    sums.forEach((sum, i) => {
      f.store("v128.store", target, sum, i * 16);
    });
  });
}

/** Stages the images of the block that begins with image `first`, row by row where the columns are padded. */
function emitSource(k: PhaseFunction, { source, sourceSize, pitch, before, used }: Plan, first: Local): void {
  const { f } = k;
  const [height, width] = sourceSize;
  const pixel = source.channels * source.lanes * 4;
  const from = keep(f, 0);
  const to = keep(f, source.plane);
  if (pitch === width && before === 0) {
    emitGather(f, source, { first, from, to, source: k.address(input(0)), target: k.address(images) });
    return;
  }
  const target = f.define(i32.add(k.address(images), before * pixel));
  f.memoryFill(k.address(images), 0, height * pitch * pixel);
  if (used === 0) return;
  f.forRange(from, 0, source.plane, width, () => {
    f.set(to, i32.add(from, used));
    emitGather(f, source, { first, from: f.define(from), to, source: k.address(input(0)), target });
    f.increase(target, pitch * pixel);
  });
}

/** Item: a share of the images. */
function emitShares(k: PhaseFunction, plan: Plan): void {
  const { f } = k;
  const { tile, source, gradient, size, pitch, runs, filterTiles, pairTiles, shareBlocks } = plan;
  const { lanes } = source;
  const add = pairKernel(k, plan);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const image = f.define(i32.mul(item, shareBlocks * lanes));
    const last = f.define(i32.add(image, shareBlocks * lanes));
    f.if(i32.gt_s(last, source.images), () => f.set(last, source.images));
    const own = f.define(i32.add(k.address(partials), i32.mul(item, shareBytes(plan))));
    const first = keep(f, 1);
    f.forRange(image, f.define(image), last, lanes, () => {
      emitSource(k, plan, image);
      const all = keep(f, gradient.plane);
      emitGather(f, gradient, {
        first: image,
        from: keep(f, 0),
        to: all,
        source: k.address(input(1)),
        target: k.address(gradients),
      });
      const sums = f.define(own);
      const a = f.define(k.address(gradients));
      const filter = f.local("i32");
      const pair = f.local("i32");
      f.forRange(filter, 0, filterTiles, 1, () => {
        for (const run of runs) {
          const left = f.define(i32.add(a, run.first * size[1] * gradient.channels * lanes * 4));
          // The list tells where the first row of the kernel looks; this one looks lower by as much.
          const lower = run.place - run.first * plan.stride[0];
          const right = f.define(i32.add(k.address(images), lower * pitch * source.channels * lanes * 4));
          const begin = f.define(i32.add(k.address(places), run.first * size[1] * 4));
          const end = f.define(i32.add(begin, run.count * size[1] * 4));
          f.forRange(pair, 0, pairTiles, 1, () => {
            f.call(add, left, right, begin, end, sums, first);
            f.increase(right, tile.vectors * lanes * 4);
            f.increase(sums, tileBytes(plan));
          });
        }
        f.increase(a, tile.rows * lanes * 4);
      });
      f.set(first, 0);
    });
  });
}

/** Item: a filter. Adds the shares, then the lanes. */
function emitSums(k: PhaseFunction, plan: Plan): void {
  const { f } = k;
  const { tile, source, kernel, pairTiles, shares } = plan;
  const [height, width] = kernel;
  const perFilter = source.channels * height * width;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const tileRow = i32.mul(i32.div_u(item, tile.rows), height * pairTiles * tileBytes(plan));
    const inTile = i32.mul(i32.rem_u(item, tile.rows), tile.vectors * source.lanes * 4);
    const base = f.define(i32.add(i32.add(k.address(partials), tileRow), inTile));
    const start = f.define(i32.add(k.address(output(0)), i32.mul(item, perFilter * 4)));
    const [row, tap, channel] = f.locals("i32", 3);
    f.forRange(row, 0, height, 1, () => {
      const pair = keep(f, 0);
      f.forRange(tap, 0, width, 1, () => {
        const to = f.define(i32.add(start, i32.mul(i32.add(i32.mul(row, width), tap), 4)));
        f.forRange(channel, 0, source.channels, 1, () => {
          const tileAt = i32.mul(i32.div_u(pair, tile.vectors), tileBytes(plan));
          const at = f.define(i32.add(base, i32.add(tileAt, i32.mul(i32.rem_u(pair, tile.vectors), source.lanes * 4))));
          const sum = f.define(constF32x4(0));
          const share = f.local("i32");
          f.forRange(share, 0, shares, 1, () => {
            for (let half = 0; half < source.lanes / 4; half++)
              f.set(sum, f32x4.add(sum, load("v128.load", at, half * 16)));
            f.increase(at, shareBytes(plan));
          });
          const lane = (n: number) => extractLane("f32x4", sum, n);
          f.store("f32.store", to, f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3))));
          f.increase(to, height * width * 4);
          f.increase(pair, 1);
        });
      });
      f.increase(base, pairTiles * tileBytes(plan));
    });
  });
}
