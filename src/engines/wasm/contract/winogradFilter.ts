// contract.winograd.filter: the filter gradient of 3x3 convolutions with stride 1 by Winograd's minimal filtering F(3, m):
//
//   dw = Aᵀ [ Σ over tiles (G dy) ⊙ (Bᵀ x B) ] A        tiles of m x m output gradients, patches of (m + 2) x (m + 2)
//
// and with stride 2 by the halves of winogradSchemes.ts; so for each of the points a product [filters x tiles] · [tiles x channels]. An item owns a block of filters, a block of
// channels and a share of the tiles, and walks its tiles in slices that fit the cache; the last phase adds the shares in
// order, so the bits do not depend on threads.

import { stridesOf } from "../../../base/shape.ts";
import type { Access, ContractKernel } from "../../../kernel/kernel.ts";
import { type Callable, choose, constI32, f32x4, i32, type Local, load, loadLane } from "../assembler.ts";
import { vectorExpressions } from "../expressions.ts";
import type { Features } from "../features.ts";
import {
  type BufferDefinition,
  buffer,
  type Emission,
  input,
  output,
  type Phase,
  type PhaseFunction,
  type Strategy,
} from "../strategy.ts";
import { panelKernel } from "./microkernel.ts";
import { emitStages, stagePhase } from "./stages.ts";
import { type Staging, stage } from "./staging.ts";
import { type Transform, transposed } from "./transforms.ts";
import { byteOffset, keep, plus, times, type Walk } from "./walk.ts";
import { spread } from "./winogradPlan.ts";
import { type FilterScheme, filterSchemes } from "./winogradSchemes.ts";

const staged = buffer("staged");
const stagedGradient = buffer("stagedGradient");
const partials = buffer("partials");
const points = buffer("points");
const gradients = buffer("gradients");
const patch = buffer("patch");

/** Tiles of a slice, and the most filters and channels of an item. */
const sliceTiles = 32;
const mostFilters = 64;
const mostChannels = 64;
/** Shares of the tiles times blocks: what threads can share. */
const wantedItems = 8;

interface Plan {
  readonly scheme: FilterScheme;
  /** Quads of channels in a panel: 2, or 4 where two vectors are handled as one. */
  readonly quads: number;
  readonly staging: Staging;
  readonly gradient: Staging;
  readonly groups: number;
  readonly filters: number;
  readonly channels: number;
  readonly images: number;
  readonly across: readonly [number, number];
  readonly tiles: number;
  /** Panels of four filters and of eight channels: in an item, and the number of such blocks. */
  readonly filterPanels: number;
  readonly filterBlocks: number;
  readonly channelPanels: number;
  readonly channelBlocks: number;
  readonly shares: number;
  readonly shareTiles: number;
  readonly outputShape: readonly number[];
}

function planOf({ form }: ContractKernel, scheme: FilterScheme, { wide }: Features): Plan | undefined {
  if (form.kind !== "convolution" || form.role !== "filterGradient") return undefined;
  const g = form.geometry;
  if (g.kernel.length !== 2 || g.kernel.some((n) => n !== 3)) return undefined;
  if (g.stride.some((n) => n !== scheme.stride) || g.dilation.some((n) => n !== 1)) return undefined;
  const { tile, patch: reach, step } = scheme;
  const across: [number, number] = [Math.ceil(g.output[0] / tile), Math.ceil(g.output[1] / tile)];
  const tiles = g.batch * across[0] * across[1];
  // Planes with their padding, as far as the last patch reaches.
  const looks = g.padBefore.map((before) => [-before, reach - step - before]);
  const counts = across.map((n) => n * step);
  const staging = stage(0, g.batch * g.inChannels, g.input, [1, 1], counts, looks);
  const exact = g.output.every((n) => n % tile === 0);
  const gradient = stage(1, g.batch * g.outChannels, g.output, [1, 1], g.output, [[0], [0]], exact ? 1 : tile);
  const filters = g.outChannels / g.groups;
  const channels = g.inChannels / g.groups;
  const cut = (count: number, panel: number, most: number): { panels: number; blocks: number } => {
    const all = Math.ceil(count / panel);
    const panels = Math.ceil(all / Math.ceil((all * panel) / most));
    return { panels, blocks: Math.ceil(all / panels) };
  };
  const byFilter = cut(filters, 4, mostFilters);
  const quads = wide ? 4 : 2;
  const byChannel = cut(channels, quads * 4, mostChannels);
  const blocks = g.groups * byFilter.blocks * byChannel.blocks;
  const wanted = Math.max(1, Math.min(Math.ceil(wantedItems / blocks), Math.floor(tiles / sliceTiles)));
  const shareTiles = Math.ceil(Math.ceil(tiles / wanted) / sliceTiles) * sliceTiles;
  return {
    ...{ scheme, quads, staging, gradient, filters, channels, across, tiles, shareTiles },
    outputShape: [g.outChannels, channels, ...g.kernel],
    ...{ groups: g.groups, images: g.batch, shares: Math.ceil(tiles / shareTiles) },
    ...{ filterPanels: byFilter.panels, filterBlocks: byFilter.blocks },
    ...{ channelPanels: byChannel.panels, channelBlocks: byChannel.blocks },
  };
}

/** An operand read place by place like the output, or one number for all. */
function operandKind({ strides }: Access, shape: readonly number[]): "place" | "all" | undefined {
  const whole = stridesOf(shape);
  if (strides.every((stride, axis) => stride === whole[axis] || shape[axis] === 1)) return "place";
  return strides.every((stride, axis) => stride === 0 || shape[axis] === 1) ? "all" : undefined;
}

function epilogueFits({ epilogue }: ContractKernel): boolean {
  if (!epilogue) return true;
  const text = JSON.stringify(epilogue.expression);
  const known = epilogue.operands.every((access) => operandKind(access, epilogue.shape));
  return known && !text.includes('"axisIndex"') && !text.includes('"uniform"');
}

export function winogradFilterStrategy(name: string): Strategy<ContractKernel> {
  const scheme = filterSchemes.find((one) => one.name === name);
  if (!scheme) throw new Error(`Winograd's algorithm knows no scheme ${name} for filter gradients.`);
  return {
    name: `contract.winograd.filter.${name}`,
    fits: (kernel, { features }) => epilogueFits(kernel) && planOf(kernel, scheme, features) !== undefined,
    estimate(kernel, { features }) {
      const plan = planOf(kernel, scheme, features);
      return plan ? estimate(plan) : Number.POSITIVE_INFINITY;
    },
    emit(kernel, { features }) {
      const plan = planOf(kernel, scheme, features);
      if (!plan) throw new Error("Winograd's algorithm was asked for a filter gradient that it does not fit.");
      return emission(kernel, plan);
    },
  };
}

function estimate(plan: Plan): number {
  const { scheme, filters, channels, groups, tiles, staging, gradient, shares } = plan;
  const square = scheme.points ** 2;
  const rows = Math.ceil(filters / 4) * 4;
  const width = plan.quads * 4;
  const columns = Math.ceil(channels / width) * width;
  const multiply = (2 * square * rows * columns * tiles * groups) / (plan.quads > 2 ? 86 : 50);
  const data = tiles * groups * square * 0.35 * (columns * plan.filterBlocks + rows * plan.channelBlocks);
  const last = groups * rows * columns * scheme.sums ** 2 * (0.3 * shares + 0.3);
  const copies = staging.planes * staging.planeSize + (gradient.needed ? gradient.planes * gradient.planeSize : 0);
  return multiply + data + last + copies * 0.3;
}

/** Bytes of the sums of one point, and of all points, of an item. */
const sumBytes = (plan: Plan): number => spread(plan.filterPanels * plan.channelPanels * plan.quads * 64);
const itemBytes = (plan: Plan): number => plan.scheme.sums ** 2 * sumBytes(plan);

function emission(kernel: ContractKernel, plan: Plan): Emission {
  const { staging, gradient, scheme, groups, filterBlocks, channelBlocks, shares } = plan;
  const square = scheme.points ** 2;
  const items = groups * filterBlocks * channelBlocks * shares;
  const buffers: BufferDefinition[] = [
    { name: "staged", bytes: staging.planes * staging.planeSize * 4 + 64, scope: "step" },
    { name: "partials", bytes: items * itemBytes(plan), scope: "step" },
    { name: "points", bytes: square * spread(plan.channelPanels * sliceTiles * plan.quads * 16), scope: "thread" },
    { name: "gradients", bytes: square * spread(plan.filterPanels * sliceTiles * 16), scope: "thread" },
    { name: "patch", bytes: square * 16, scope: "thread" },
  ];
  const phases: Phase[] = [{ ...stagePhase(staging), emit: (k) => emitStages(k, staging) }];
  if (gradient.needed) {
    buffers.push({ name: "stagedGradient", bytes: gradient.planes * gradient.planeSize * 4, scope: "step" });
    phases.push({
      ...stagePhase(gradient, stagedGradient),
      emit: (k) => emitStages(k, gradient, stagedGradient),
    });
  }
  const source = gradient.needed ? stagedGradient : input(1);
  phases.push({
    ...{ name: "winogradFilter", items, work: estimate(plan) },
    ...{ reads: [staged, source, points, gradients, patch], writes: [partials] },
    emit: (k) => emitItems(k, plan),
  });
  const operands = (kernel.epilogue?.operands ?? []).map((_, i) => input(i + 2));
  phases.push({
    ...{ name: "gather", items: groups * Math.ceil(plan.filters / 4) },
    work: groups * plan.filters * plan.channels * scheme.sums ** 2 * 0.3 * (1 + shares),
    ...{ reads: [partials, patch, ...operands], writes: [output(0)] },
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
function emitItems(k: PhaseFunction, plan: Plan): void {
  const { f } = k;
  const { scheme, quads, staging, gradient, filters, channels, across, images, tiles } = plan;
  const { filterPanels, filterBlocks, channelPanels, channelBlocks, shares, shareTiles } = plan;
  const { points: side, sums: sumSide, patch: size, tile, step } = scheme;
  const pointBytes = spread(channelPanels * sliceTiles * quads * 16);
  const gradientBytes = spread(filterPanels * sliceTiles * 16);
  const transformData = transformKernel(k, `data ${scheme.name}`, scheme.data, {
    ...{ size, points: side, pitch: staging.pitch[0] * 4, pointBytes },
  });
  const transformGradient = transformKernel(k, `gradient ${scheme.name}`, scheme.gradient, {
    ...{ size: tile, points: side, pitch: gradient.pitch[0] * 4, pointBytes: gradientBytes },
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
    const gradientBase = keep(
      f,
      plus(k.address(gradient.needed ? stagedGradient : input(1)), times(g, filters * gradient.planeSize * 4)),
    );
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

/** Item: four filters of a group: adds the shares, transforms back, stores. */
function emitGather(k: PhaseFunction, kernel: ContractKernel, plan: Plan): void {
  const { f } = k;
  const { scheme, quads, filters, channels, filterPanels, filterBlocks, channelPanels, channelBlocks, shares } = plan;
  const side = scheme.sums;
  const bytes = itemBytes(plan);
  const allPanels = Math.ceil(filters / 4);
  const item = f.local("i32");
  const operands = kernel.epilogue?.operands ?? [];
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, allPanels));
    const panel = f.define(i32.rem_u(item, allPanels));
    const block = f.define(i32.add(i32.mul(g, filterBlocks), i32.div_u(panel, filterPanels)));
    const quad = f.local("i32");
    f.forRange(quad, 0, Math.ceil(channels / 4), 1, () => {
      const channelPanel = f.define(i32.div_u(quad, quads));
      const owner = i32.add(i32.mul(block, channelBlocks), i32.div_u(channelPanel, channelPanels));
      const tileOffset = i32.add(
        i32.mul(i32.rem_u(panel, filterPanels), channelPanels * quads * 64),
        i32.mul(i32.rem_u(channelPanel, channelPanels), quads * 64),
      );
      const base = f.define(
        i32.add(
          i32.add(k.address(partials), i32.mul(owner, shares * bytes)),
          i32.add(tileOffset, i32.mul(i32.rem_u(quad, quads), 16)),
        ),
      );
      const row = f.local("i32");
      f.forRange(row, 0, 4, 1, () => {
        const filter = f.define(i32.add(i32.mul(panel, 4), row));
        f.if(i32.lt_s(filter, filters), () => {
          const i = f.local("i32");
          const from = f.define(i32.add(base, i32.mul(row, quads * 16)));
          const to = f.define(k.address(patch));
          const pointBytes = sumBytes(plan);
          f.forRange(i, 0, side, 1, () => {
            const values = Array.from({ length: side }, (_, p) => {
              let sum = load("v128.load", from, p * side * pointBytes);
              for (let share = 1; share < shares; share++)
                sum = f32x4.add(sum, load("v128.load", from, p * side * pointBytes + share * bytes));
              return f.define(sum);
            });
            scheme.taps(k, values).forEach((value, p) => {
              f.store("v128.store", to, value, p * side * 16);
            });
            f.increase(from, pointBytes);
            f.increase(to, 16);
          });
          const groupFilter = i32.add(i32.mul(g, filters), filter);
          const place = f.define(i32.mul(i32.add(i32.mul(groupFilter, channels), i32.mul(quad, 4)), 36));
          const left = f.define(i32.sub(channels, i32.mul(quad, 4)));
          f.set(to, k.address(patch));
          f.forRange(i, 0, 3, 1, () => {
            const values = Array.from({ length: side }, (_, p) => f.define(load("v128.load", to, p * 16)));
            scheme.taps(k, values).forEach((value, j) => {
              emitTaps(k, kernel, { value: f.define(value), place, offset: j * 4, left, operands });
            });
            f.increase(place, 12);
            f.increase(to, side * 16);
          });
        });
      });
    });
  });
}

interface Taps {
  readonly value: Local;
  /** Byte offset in the output of the first channel's row of taps. */
  readonly place: Local;
  readonly offset: number;
  /** Channels that exist from the first on. */
  readonly left: Local;
  readonly operands: readonly Access[];
}

/** One tap of four channels: epilogue, then lane by lane, 36 bytes apart. */
function emitTaps(k: PhaseFunction, kernel: ContractKernel, { value, place, offset, left, operands }: Taps): void {
  const { f } = k;
  let result = value;
  const each = (visit: (lane: number) => void): void => {
    for (let lane = 0; lane < 4; lane++) {
      if (lane === 0) visit(lane);
      else f.if(i32.gt_s(left, lane), () => visit(lane));
    }
  };
  const { epilogue } = kernel;
  if (epilogue) {
    const loaded = operands.map((access, i) => {
      const base = f.define(i32.add(k.address(input(i + 2)), access.offset * 4));
      if (operandKind(access, epilogue.shape) === "all") return f.define(load("v128.load32_splat", base));
      const vector = f.local("v128");
      each((lane) =>
        f.set(vector, loadLane("v128.load32_lane", i32.add(base, place), vector, lane, offset + lane * 36)),
      );
      return vector;
    });
    [result] = vectorExpressions(k, [epilogue.expression], {
      operand: (index) => (index === 0 ? value : loaded[index - 1]),
      integer: () => left,
      axisIndex: () => value,
      linearIndex: () => value,
    });
  }
  const target = f.define(i32.add(k.address(output(0)), place));
  each((lane) => f.store("v128.store32_lane", target, result, offset + lane * 36, lane));
}
