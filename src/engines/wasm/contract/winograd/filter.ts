// contract.winograd.filter: the filter gradient of 3x3 convolutions with stride 1 by Winograd's minimal filtering F(3, m):
//
//   dw = Aᵀ [ Σ over tiles (G dy) ⊙ (Bᵀ x B) ] A        tiles of m x m output gradients, patches of (m + 2) x (m + 2)
//
// and with stride 2 by the halves of schemes.ts; so for each of the points a product [filters x tiles] · [tiles x channels]. An item owns a block of filters, a block of
// channels and a share of the tiles, and walks its tiles in slices that fit the cache; the last phase adds the shares in
// order, so the bits do not depend on threads.

import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { type Callable, choose, constI32, i32, type Local, load } from "../../code/assembler.ts";
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
import { type ContractStrategy, contraction, towardsFilters } from "../contraction.ts";
import { hasSimpleEpilogue, operandPlaces } from "../epilogue.ts";
import { panelKernel } from "../microkernel.ts";
import { stagesOf, stagesTime, stagingTime } from "../stages.ts";
import { type Transform, transposed } from "../transforms.ts";
import { byteOffset, keep, plus, times, type Walk } from "../walk.ts";
import { emitGather, partials, patch } from "./filterGather.ts";
import { type FilterPlan, itemBytes, planFilter, sliceTiles, sumBytes } from "./filterPlan.ts";
import { spread } from "./plan.ts";
import { filterSchemes, threeByThree } from "./schemes.ts";

const points = buffer("points");
const gradients = buffer("gradients");

export function winogradFilterStrategy(name: string): ContractStrategy {
  const scheme = filterSchemes.find((one) => one.name === name);
  if (!scheme) throw new Error(`Winograd's algorithm knows no scheme ${name} for filter gradients.`);
  return contraction<FilterPlan>({
    name: `contract.winograd.filter.${name}`,
    exact: false,
    cases: { convolutions: { ...threeByThree(scheme.stride), roles: towardsFilters } },
    plan: (kernel, { features }) => (hasSimpleEpilogue(kernel, -1) ? planFilter(kernel, scheme, features) : undefined),
    estimate,
    emit: emission,
  });
}

function estimate(plan: FilterPlan, { profile }: StrategyContext): number {
  const { rates, arithmetic, memory } = profile.winogradFilter;
  const { scheme, filters, channels, groups, tiles, staging, gradient, shares } = plan;
  const square = scheme.points ** 2;
  const rows = Math.ceil(filters / 4) * 4;
  const width = plan.quads * 4;
  const columns = Math.ceil(channels / width) * width;
  const multiply =
    (2 * square * rows * columns * tiles * groups) / (plan.quads > 2 ? rates.wideOperations : rates.operations);
  const data =
    tiles * groups * square * arithmetic.transform * (columns * plan.filterBlocks + rows * plan.channelBlocks);
  const last = groups * rows * columns * scheme.sums ** 2 * (memory.share * shares + memory.share);
  return multiply + data + last + (stagingTime(staging, profile) + stagesTime(gradient, profile));
}

function emission(plan: FilterPlan, kernel: ContractKernel, context: StrategyContext): Emission {
  const { profile } = context;
  const { staging, gradient, scheme, groups, filterBlocks, channelBlocks, shares } = plan;
  const square = scheme.points ** 2;
  const items = groups * filterBlocks * channelBlocks * shares;
  const planes = stagesOf(staging, { profile, beyond: 64, always: true });
  const gradientPlanes = stagesOf(gradient, { profile, name: "stagedGradient" });
  const buffers: BufferDefinition[] = [
    ...planes.buffers,
    { name: "partials", bytes: items * itemBytes(plan), scope: "step" },
    { name: "points", bytes: square * spread(plan.channelPanels * sliceTiles * plan.quads * 16), scope: "thread" },
    { name: "gradients", bytes: square * spread(plan.filterPanels * sliceTiles * 16), scope: "thread" },
    { name: "patch", bytes: square * 16, scope: "thread" },
    ...gradientPlanes.buffers,
  ];
  const phases: Phase[] = [...planes.phases, ...gradientPlanes.phases];
  phases.push({
    name: "winogradFilter",
    items,
    work: estimate(plan, context),
    reads: [planes.place, gradientPlanes.place, points, gradients, patch],
    writes: [partials],
    emit: (k) => emitItems(k, plan, [planes.place, gradientPlanes.place]),
  });
  const operands = operandPlaces(kernel);
  phases.push({
    name: "gather",
    items: groups * Math.ceil(plan.filters / 4),
    work: groups * plan.filters * plan.channels * scheme.sums ** 2 * profile.winogradFilter.memory.share * (1 + shares),
    reads: [partials, patch, ...operands],
    writes: [output(0)],
    emit: (k) => emitGather(k, kernel, plan),
  });
  return { buffers, phases };
}

/**
 * (scratch, four sources, target): both axes of squares of `size` numbers whose rows lie `pitch` bytes apart, to points that lie
 * `pointBytes` apart, lanes being the sources.
 */
function transformKernel(
  k: PhaseFunction,
  key: string,
  transform: Transform,
  { size, points, pitch, pointBytes }: Record<"size" | "points" | "pitch" | "pointBytes", number>,
): Callable {
  const parameters = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return k.helper(`winograd ${key} ${pitch} ${pointBytes}`, parameters, undefined, (e) => {
    const { f } = e;
    const [scratch, ...rest] = f.parameters;
    const sources = rest.slice(0, 4);
    const target = rest[4];
    const i = f.local("i32");
    const at = f.define(scratch);
    f.forRange(i, 0, size, 1, () => {
      const columns: Local[] = [];
      for (let first = 0; first < size; first += 4) {
        const count = Math.min(4, size - first);
        const name = count > 2 ? "v128.load" : count === 2 ? "v128.load64_zero" : "v128.load32_zero";
        const four = sources.map((source) => f.define(load(name, source, first * 4)));
        columns.push(...transposed(f, four, count));
      }
      transform(e, columns).forEach((value, j) => {
        f.store("v128.store", at, value, j * 16);
      });
      for (const source of sources) f.increase(source, pitch);
      f.increase(at, points * 16);
    });
    f.forRange(i, 0, points, 1, () => {
      const rows = Array.from({ length: size }, (_, row) => f.define(load("v128.load", scratch, row * points * 16)));
      transform(e, rows).forEach((value, row) => {
        f.store("v128.store", target, value, row * points * pointBytes);
      });
      f.increase(scratch, 16);
      f.increase(target, pointBytes);
    });
  });
}

/** Item: (g, filter block, channel block, share), the share running fastest. */
function emitItems(k: PhaseFunction, plan: FilterPlan, [staged, stagedGradient]: readonly Place[]): void {
  const { f } = k;
  const { scheme, quads, staging, gradient, filters, channels, across, images, tiles } = plan;
  const { filterPanels, filterBlocks, channelPanels, channelBlocks, shares, shareTiles } = plan;
  const { points: side, sums: sumSide, patch: size, tile, step } = scheme;
  const pointBytes = spread(channelPanels * sliceTiles * quads * 16);
  const gradientBytes = spread(filterPanels * sliceTiles * 16);
  const transformData = transformKernel(k, `data ${scheme.name}`, scheme.data, {
    size,
    points: side,
    pitch: staging.pitch[0] * 4,
    pointBytes,
  });
  const transformGradient = transformKernel(k, `gradient ${scheme.name}`, scheme.gradient, {
    size: tile,
    points: side,
    pitch: gradient.pitch[0] * 4,
    pointBytes: gradientBytes,
  });
  const multiply = panelKernel(k, { rows: 4, vectors: quads });
  const outChannels = gradient.planes / images;
  const tileWalk = (perImage: number, pitch: number, distance: number): Walk => [
    { count: images, stride: perImage },
    { count: across[0], stride: pitch * distance },
    { count: across[1], stride: distance },
  ];
  const dataWalk = tileWalk((staging.planes / images) * staging.planeSize, staging.pitch[0], step);
  const gradientWalk = tileWalk(outChannels * gradient.planeSize, gradient.pitch[0], tile);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    let rest = f.define(i32.div_u(item, shares));
    const firstTile = f.define(i32.mul(i32.rem_u(item, shares), shareTiles));
    const lastTile = f.define(i32.add(firstTile, shareTiles));
    f.if(i32.gt_s(lastTile, tiles), () => f.set(lastTile, tiles));
    const firstChannel = f.define(i32.mul(i32.rem_u(rest, channelBlocks), channelPanels * quads * 4));
    rest = f.define(i32.div_u(rest, channelBlocks));
    const firstFilter = f.define(i32.mul(i32.rem_u(rest, filterBlocks), filterPanels * 4));
    const g = f.define(i32.div_u(rest, filterBlocks));
    const data = keep(f, plus(k.address(staged), times(g, channels * staging.planeSize * 4)));
    const gradientBase = keep(f, plus(k.address(stagedGradient), times(g, filters * gradient.planeSize * 4)));
    const own = f.define(i32.add(k.address(partials), i32.mul(item, itemBytes(plan))));
    const from = f.local("i32");
    f.forRange(from, firstTile, lastTile, sliceTiles, () => {
      const count = f.define(i32.sub(lastTile, from));
      f.if(i32.gt_s(count, sliceTiles), () => f.set(count, sliceTiles));
      const t = f.local("i32");
      f.forRange(t, 0, count, 1, () => {
        const index = f.define(i32.add(from, t));
        const planes = keep(f, plus(data, byteOffset(f, dataWalk, index)));
        emitLanes(
          f,
          { planes, first: firstChannel, most: channels, plane: staging.planeSize * 4, quads: channelPanels * quads },
          (sources, quad) => {
            const panel = i32.mul(i32.div_u(quad, quads), i32.mul(count, quads * 16));
            const target = i32.add(i32.add(panel, i32.mul(t, quads * 16)), i32.mul(i32.rem_u(quad, quads), 16));
            f.call(transformData, k.address(patch), ...sources, i32.add(k.address(points), target));
          },
        );
        const gradientPlanes = keep(f, plus(gradientBase, byteOffset(f, gradientWalk, index)));
        emitLanes(
          f,
          {
            planes: gradientPlanes,
            first: firstFilter,
            most: filters,
            plane: gradient.planeSize * 4,
            quads: filterPanels,
          },
          (sources, quad) => {
            const target = i32.add(i32.mul(quad, i32.mul(count, 16)), i32.mul(t, 16));
            f.call(transformGradient, k.address(patch), ...sources, i32.add(k.address(gradients), target));
          },
        );
      });
      const [row, column, panel] = f.locals("i32", 3);
      const a = f.define(k.address(gradients));
      const b = f.define(k.address(points));
      // Points beyond the last sum add to the last.
      const last = f.define(constI32(sumSide - 1));
      const sumOf = (point: Local) => (sumSide === side ? point : choose(i32.lt_s(point, last), point, last));
      f.forRange(row, 0, side, 1, () => {
        f.forRange(column, 0, side, 1, () => {
          const which = i32.add(i32.mul(sumOf(row), sumSide), sumOf(column));
          const sums = f.define(i32.add(own, i32.mul(which, sumBytes(plan))));
          const begins = i32.and(i32.lt_s(row, sumSide), i32.lt_s(column, sumSide));
          const first = f.define(i32.and(i32.eq(from, firstTile), begins));
          const line = f.define(a);
          f.forRange(panel, 0, filterPanels, 1, () => {
            const end = f.define(i32.add(line, i32.mul(count, 16)));
            f.call(multiply, line, end, b, sums, channelPanels, quads * 64, first);
            f.set(line, end);
            f.increase(sums, channelPanels * quads * 64);
          });
          f.increase(a, gradientBytes);
          f.increase(b, pointBytes);
        });
      });
    });
  });
}

interface Lanes {
  /** Address of plane 0 at the tile. */
  readonly planes: Local;
  readonly first: Local;
  readonly most: number;
  readonly plane: number;
  readonly quads: number;
}

/** Visits planes four by four from `first` on; beyond the last it is the last again. */
function emitLanes(
  f: PhaseFunction["f"],
  { planes, first, most, plane, quads }: Lanes,
  visit: (sources: Local[], quad: Local) => void,
): void {
  const quad = f.local("i32");
  const index = f.define(first);
  const sources = f.locals("i32", 4);
  f.forRange(quad, 0, quads, 1, () => {
    for (const source of sources) {
      f.set(source, index);
      f.if(i32.ge_s(source, most), () => f.set(source, most - 1));
      f.set(source, i32.add(planes, i32.mul(source, plane)));
      f.increase(index, 1);
    }
    visit(sources, quad);
  });
}
