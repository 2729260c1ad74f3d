// contract.winograd: convolutions of 3x3 with stride 1, and their input gradients, by Winograd's minimal filtering in two
// dimensions: an m x m tile of outputs from an (m + 2) x (m + 2) patch costs (m + 2)² multiplications instead of 9 m².
//
//   stage    the padded planes (staging.ts)
//   filters  U[point][channel panel][c][4] = G w Gᵀ, four filters at once; once for ever where w is constant
//   product  for each item, a block of tiles: V[point][tile panel][c][8] = Bᵀ d B, four tiles at once;
//            for four filters after the other: for each point U V, eight tiles at once (microkernel.ts), then Aᵀ · A,
//            epilogue, store
//
// Few tiles make few items. Then V is a phase of its own, and an item of the product is a block of tiles and of filters:
//
//   patches  V[group][block][point][tile panel][c][8]; item: a block of tiles and of channels
import type { ContractKernel } from "../../../kernel/kernel.ts";
import { i32, type Local, type Value } from "../assembler.ts";
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
import { hasSimpleEpilogue } from "./simple.ts";
import { emitStages, stagePhase, stagingTime } from "./stages.ts";
import type { TileSize } from "./transforms.ts";
import { byteOffset, keep, plus, times } from "./walk.ts";
import {
  dataKernel,
  emitFilters,
  emitOutputs,
  emitPatches,
  emitPlaces,
  filterBytes,
  filters,
  filterTime,
  patch,
  places,
  planWinograd,
  spread,
  staged,
  tileBytes,
  type WinogradPlan,
} from "./winogradParts.ts";

/** Floats of V of an item: it stays in the second cache. */
const blockElements = 128 * 1024;

const points = buffer("points");
const products = buffer("products");

const mostPanels = (depth: number, side: number, quads: number): number =>
  Math.max(1, Math.min(32 / quads, Math.floor(blockElements / (depth * side * side * quads * 4))));

export function winogradStrategy(m: TileSize): Strategy<ContractKernel> {
  return {
    name: `contract.winograd.f${m}x3`,
    fits: (kernel, { features }) =>
      hasSimpleEpilogue(kernel) && planWinograd(kernel, m, mostPanels, features) !== undefined,
    estimate(kernel, { stableInputs, features }) {
      const plan = planWinograd(kernel, m, mostPanels, features);
      return plan ? estimate(plan) + (stableInputs[1] ? 0 : filterTime(plan)) : Number.POSITIVE_INFINITY;
    },
    emit(kernel, { features }) {
      const plan = planWinograd(kernel, m, mostPanels, features);
      if (!plan) throw new Error("Winograd's algorithm was asked for a convolution that it does not fit.");
      return emission(kernel, plan);
    },
  };
}

/** Nanoseconds without the filters, as measured; filters that no cache holds come from memory again for each block. */
function estimate(plan: WinogradPlan): number {
  const { side, depth, groups, tiles, rows, problem } = plan;
  const width = plan.quads * 4;
  const padded = Math.ceil(tiles / width) * width;
  const square = side * side;
  const multiply = (2 * square * depth * Math.ceil(rows / 4) * 4 * padded * groups) / (plan.quads > 2 ? 84 : 49);
  const data = padded * depth * groups * square * 0.35;
  const out = padded * rows * groups * square * 0.35;
  const far = Math.max(0, square * filterBytes(plan) - 3e6) * plan.blocks * 0.1;
  const staging = problem.staging ? problem.staging.planes * problem.staging.planeSize * stagingTime : 0;
  return multiply + data + out + far + staging;
}

/** Bytes of V of one point of a block. */
const pointBytesOf = ({ panels, depth, quads }: WinogradPlan): number => spread(panels * depth * quads * 16);

/** Channels of an item of the patches, where they are a phase. */
const patchChannels = ({ depth, groups, blocks }: WinogradPlan): number =>
  Math.max(2, Math.ceil((depth * groups * blocks) / 8));

function emission(kernel: ContractKernel, plan: WinogradPlan): Emission {
  const { problem, product, groups, depth, side, panels, blocks, allRowPanels, rowBlocks, apart } = plan;
  const square = side * side;
  const { staging } = problem;
  if (!staging) throw new Error("Winograd's algorithm needs staged planes.");
  const buffers: BufferDefinition[] = [
    { name: "staged", bytes: staging.planes * staging.planeSize * 4 + 64, scope: "step" },
    { name: "filters", bytes: groups * square * filterBytes(plan), scope: "step" },
    {
      ...{ name: "points", bytes: square * pointBytesOf(plan) * (apart ? groups * blocks : 1) },
      scope: apart ? "step" : "thread",
    },
    { name: "products", bytes: square * spread(panels * tileBytes(plan)), scope: "thread" },
    { name: "patch", bytes: square * 16 + 64, scope: "thread" },
    { name: "places", bytes: panels * plan.quads * 64, scope: "thread" },
  ];
  const operands = (kernel.epilogue?.operands ?? []).map((_, i) => input(i + 2));
  const patchTime = blocks * panels * plan.quads * 4 * depth * groups * square * 0.35;
  const phases: Phase[] = [
    {
      ...{ name: "filters", items: groups * allRowPanels, work: filterTime(plan), once: true },
      ...{ reads: [input(product.a.input), patch], writes: [filters] },
      emit: (k) => emitFilters(k, plan),
    },
    { ...stagePhase(staging), emit: (k) => emitStages(k, staging) },
  ];
  if (apart)
    phases.push({
      ...{ name: "patches", items: groups * blocks * Math.ceil(depth / patchChannels(plan)), work: patchTime },
      ...{ reads: [staged, patch, places], writes: [points] },
      emit: (k) => emitPatchItems(k, plan),
    });
  const work = estimate(plan) - (apart ? patchTime : 0);
  phases.push({
    ...{ name: "winograd", items: groups * rowBlocks * blocks, work },
    ...{ reads: [...(apart ? [] : [staged]), filters, points, products, patch, places, ...operands] },
    writes: [output(0)],
    emit: (k) => emitProduct(k, kernel, plan),
  });
  return { buffers, phases };
}

/** Item: (g, block of tiles, block of channels). */
function emitPatchItems(k: PhaseFunction, plan: WinogradPlan): void {
  const { f } = k;
  const { side, depth, quads, blocks } = plan;
  const channels = patchChannels(plan);
  const channelBlocks = Math.ceil(depth / channels);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const rest = f.define(i32.div_u(item, channelBlocks));
    const channel = f.define(i32.mul(i32.rem_u(item, channelBlocks), channels));
    const count = f.define(i32.sub(depth, channel));
    f.if(i32.gt_s(count, channels), () => f.set(count, channels));
    const panelCount = emitBlock(k, plan, f.define(i32.rem_u(rest, blocks)));
    const offset = i32.add(i32.mul(rest, side * side * pointBytesOf(plan)), i32.mul(channel, quads * 16));
    const base = f.define(i32.add(k.address(points), offset));
    const g = f.define(i32.div_u(rest, blocks));
    emitBlockPatches(k, plan, { g, panelCount, base, channel, channels: count });
  });
}

/** Lists the places of a block of tiles; gives its number of panels. Few blocks are as even as they can be. */
function emitBlock(k: PhaseFunction, plan: WinogradPlan, block: Local): Local {
  const { f } = k;
  const { blocks, panels, allPanels, quads, apart } = plan;
  const begin = (at: Value): Value => (apart ? i32.div_u(i32.mul(at, allPanels), blocks) : i32.mul(at, panels));
  const first = f.define(begin(block));
  const panelCount = f.define(i32.sub(begin(i32.add(block, 1)), first));
  f.if(i32.gt_s(panelCount, i32.sub(allPanels, first)), () => f.set(panelCount, i32.sub(allPanels, first)));
  emitPlaces(k, plan, f.define(i32.mul(first, quads * 4)), panelCount);
  return panelCount;
}

interface BlockPatches {
  readonly g: Local;
  readonly panelCount: Local;
  /** Where V of the block's first panel and of channel `channel` goes. */
  readonly base: Local;
  readonly channel: Local | number;
  readonly channels: Local | number;
}

/** V of the listed tiles, four at a time. */
function emitBlockPatches(k: PhaseFunction, plan: WinogradPlan, at: BlockPatches): void {
  const { f } = k;
  const { problem, product, depth, quads } = plan;
  const { staging } = problem;
  if (!staging) return;
  const transform = dataKernel(k, plan.m, staging.pitch[0] * 4, pointBytesOf(plan));
  const start = plus(k.address(staged), plan.start * 4, byteOffset(f, product.b.batch, at.g));
  const source = keep(f, plus(start, at.channel === 0 ? 0 : i32.mul(at.channel, staging.planeSize * 4)));
  const quad = f.local("i32");
  const target = f.local("i32");
  const place = f.define(k.address(places));
  f.forRange(quad, 0, i32.mul(at.panelCount, quads), 1, () => {
    const panelOffset = i32.mul(i32.div_u(quad, quads), depth * quads * 16);
    f.set(target, i32.add(at.base, i32.add(panelOffset, i32.mul(i32.rem_u(quad, quads), 16))));
    emitPatches(k, plan, { transform, source, place, target }, at.channels);
    f.increase(place, 64);
  });
}

/** Item: (g, block of filters, block of tiles). */
function emitProduct(k: PhaseFunction, kernel: ContractKernel, plan: WinogradPlan): void {
  const { f } = k;
  const { side, depth, panels, blocks, rowBlocks, rowPanels, allRowPanels, apart } = plan;
  const square = side * side;
  const pointBytes = pointBytesOf(plan);
  const multiply = panelKernel(k, { rows: 4, vectors: plan.quads });
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const rest = f.define(i32.div_u(item, blocks));
    const g = f.define(i32.div_u(rest, rowBlocks));
    const block = f.define(i32.rem_u(item, blocks));
    const firstPanel = f.define(i32.mul(i32.rem_u(rest, rowBlocks), rowPanels));
    const lastPanel = f.define(i32.add(firstPanel, rowPanels));
    f.if(i32.gt_s(lastPanel, allRowPanels), () => f.set(lastPanel, allRowPanels));
    const panelCount = emitBlock(k, plan, block);
    const blockPoints = apart
      ? f.define(i32.add(k.address(points), i32.mul(i32.add(i32.mul(g, blocks), block), square * pointBytes)))
      : f.define(k.address(points));
    if (!apart) emitBlockPatches(k, plan, { g, panelCount, base: blockPoints, channel: 0, channels: depth });

    const rowPanel = f.local("i32");
    const point = f.local("i32");
    const rowBytes = filterBytes(plan);
    f.forRange(rowPanel, firstPanel, lastPanel, 1, () => {
      const u = keep(f, plus(k.address(filters), times(g, square * rowBytes), i32.mul(rowPanel, depth * 16)));
      const v = f.define(blockPoints);
      const sums = f.define(k.address(products));
      f.forRange(point, 0, square, 1, () => {
        f.call(multiply, u, i32.add(u, depth * 16), v, sums, panelCount, tileBytes(plan), 1);
        f.increase(u, rowBytes);
        f.increase(v, pointBytes);
        f.increase(sums, spread(panels * tileBytes(plan)));
      });
      emitOutputs(k, kernel, plan, {
        g,
        rowPanel,
        panelCount,
        sums: k.address(products),
        pointBytes: spread(panels * tileBytes(plan)),
      });
    });
  });
}
