// contract.winograd.deep: Winograd's algorithm for many channels and few tiles, where the transformed filters are far larger
// than any cache (36 x 512 x 512 floats are 38 MB). Each step is a phase of its own over all tiles, so that every
// transformed filter is read once, one after the other:
//
//   patches  V[point][tile panel][c][8]                      for all tiles
//   product  M[point][channel panel][tile panel][4][8]      item: a point and some panels of channels
//   outputs  Aᵀ M A, epilogue, store                         item: some panels of channels
import type { ContractKernel } from "../../../kernel/kernel.ts";
import { i32, type Operand } from "../assembler.ts";
import type { Features } from "../features.ts";
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

const points = buffer("points");
const products = buffer("products");

/** Bytes of V and M that may lie between the phases. */
const mostBytes = 48 * 2 ** 20;
/** Panels of tiles that are multiplied at a time: their V of one point stays in the second cache. */
const mostColumns = 24;
/** Channels of a patch item, and panels of four rows of a product and of an output item. */
const patchChannels = 64;
const productRows = 16;
const outputRows = 4;

function planOf(kernel: ContractKernel, m: TileSize, features: Features): WinogradPlan | undefined {
  if (!hasSimpleEpilogue(kernel)) return undefined;
  const plan = planWinograd(kernel, m, () => Number.POSITIVE_INFINITY, features);
  return plan && pointCount(plan) * (vBytes(plan) + mBytes(plan)) <= mostBytes ? plan : undefined;
}

/** Bytes of V and of M of one point. */
const vBytes = ({ panels, depth, quads }: WinogradPlan): number => spread(panels * depth * quads * 16);
const mBytes = (plan: WinogradPlan): number => spread(plan.panels * plan.allRowPanels * tileBytes(plan));
const pointCount = ({ groups, side }: WinogradPlan): number => groups * side * side;

export function winogradDeepStrategy(m: TileSize): Strategy<ContractKernel> {
  return {
    name: `contract.winograd.deep.f${m}x3`,
    fits: (kernel, { features }) => planOf(kernel, m, features) !== undefined,
    estimate(kernel, { stableInputs, features }) {
      const plan = planOf(kernel, m, features);
      return plan ? estimate(plan) + (stableInputs[1] ? 0 : filterTime(plan)) : Number.POSITIVE_INFINITY;
    },
    emit(kernel, { features }) {
      const plan = planOf(kernel, m, features);
      if (!plan) throw new Error("Winograd's algorithm was asked for a convolution that it does not fit.");
      return emission(kernel, plan);
    },
  };
}

const patchTime = ({ groups, panels, depth, side, quads }: WinogradPlan): number =>
  groups * panels * quads * 4 * depth * side * side * 0.35;
const outputTime = ({ groups, panels, rows, side, quads }: WinogradPlan): number =>
  groups * panels * quads * 4 * rows * side * side * 0.4;

function productTime({ groups, side, panels, depth, allRowPanels, quads }: WinogradPlan): number {
  const square = groups * side * side;
  return (
    (square * panels * quads * 4 * depth * allRowPanels * 4 * 2) / (quads > 2 ? 85 : 50) +
    square * allRowPanels * depth * 16 * 0.06
  );
}

function estimate(plan: WinogradPlan): number {
  const { staging } = plan.problem;
  const copies = staging ? staging.planes * staging.planeSize * stagingTime : 0;
  // V and M that the second cache cannot hold are written to memory and read again.
  const far = Math.max(0, pointCount(plan) * (vBytes(plan) + mBytes(plan)) - 6e6) * 0.14;
  return copies + patchTime(plan) + productTime(plan) + outputTime(plan) + far;
}

function emission(kernel: ContractKernel, plan: WinogradPlan): Emission {
  const { problem, product, groups, depth, side, panels, allRowPanels } = plan;
  const square = side * side;
  const { staging } = problem;
  if (!staging) throw new Error("Winograd's algorithm needs staged planes.");
  const buffers: BufferDefinition[] = [
    { name: "staged", bytes: staging.planes * staging.planeSize * 4 + 64, scope: "step" },
    { name: "filters", bytes: groups * square * filterBytes(plan), scope: "step" },
    { name: "points", bytes: pointCount(plan) * vBytes(plan), scope: "step" },
    { name: "products", bytes: pointCount(plan) * mBytes(plan), scope: "step" },
    { name: "patch", bytes: square * 16 + 64, scope: "thread" },
    { name: "places", bytes: panels * plan.quads * 64, scope: "thread" },
  ];
  const operands = (kernel.epilogue?.operands ?? []).map((_, i) => input(i + 2));
  const phases: Phase[] = [
    {
      ...{ name: "filters", items: groups * allRowPanels, work: filterTime(plan), once: true },
      ...{ reads: [input(product.a.input), patch], writes: [filters] },
      emit: (k) => emitFilters(k, plan),
    },
    { ...stagePhase(staging), emit: (k) => emitStages(k, staging) },
    {
      ...{ name: "patches", items: groups * panels * Math.ceil(depth / patchChannels), work: patchTime(plan) },
      ...{ reads: [staged, patch, places], writes: [points] },
      emit: (k) => emitPatchItems(k, plan),
    },
    {
      ...{ name: "product", items: groups * square * Math.ceil(allRowPanels / productRows), work: productTime(plan) },
      ...{ reads: [filters, points], writes: [products] },
      emit: (k) => emitProducts(k, plan),
    },
    {
      ...{ name: "outputs", items: groups * Math.ceil(allRowPanels / outputRows), work: outputTime(plan) },
      ...{ reads: [products, patch, places, ...operands], writes: [output(0)] },
      emit: (k) => emitOutputItems(k, kernel, plan),
    },
  ];
  return { buffers, phases };
}

/** Item: (g, panel of tiles, block of channels). */
function emitPatchItems(k: PhaseFunction, plan: WinogradPlan): void {
  const { f } = k;
  const { problem, product, panels, depth, side, m } = plan;
  const { staging } = problem;
  if (!staging) return;
  const blocks = Math.ceil(depth / patchChannels);
  const groupBytes = side * side * vBytes(plan);
  const transform = dataKernel(k, m, staging.pitch[0] * 4, vBytes(plan));
  const item = f.local("i32");
  const one = keep(f, 1);
  f.forRange(item, k.from, k.to, 1, () => {
    const rest = f.define(i32.div_u(item, blocks));
    const g = f.define(i32.div_u(rest, panels));
    const panel = f.define(i32.rem_u(rest, panels));
    const channel = f.define(i32.mul(i32.rem_u(item, blocks), patchChannels));
    const count = f.define(i32.sub(depth, channel));
    f.if(i32.gt_s(count, patchChannels), () => f.set(count, patchChannels));
    emitPlaces(k, plan, f.define(i32.mul(panel, plan.quads * 4)), one);
    const source = keep(
      f,
      plus(
        k.address(staged),
        plan.start * 4,
        byteOffset(f, product.b.batch, g),
        i32.mul(channel, staging.planeSize * 4),
      ),
    );
    const base = keep(
      f,
      plus(
        k.address(points),
        times(g, groupBytes),
        i32.mul(panel, depth * plan.quads * 16),
        i32.mul(channel, plan.quads * 16),
      ),
    );
    for (let quad = 0; quad < plan.quads; quad++) {
      const place = f.define(i32.add(k.address(places), quad * 64));
      const target = f.define(i32.add(base, quad * 16));
      emitPatches(k, plan, { transform, source, place, target }, count);
    }
  });
}

/** Item: (g, point, block of row panels). */
function emitProducts(k: PhaseFunction, plan: WinogradPlan): void {
  const { f } = k;
  const { panels, depth, allRowPanels } = plan;
  const blocks = Math.ceil(allRowPanels / productRows);
  const multiply = panelKernel(k, { rows: 4, vectors: plan.quads });
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const point = f.define(i32.div_u(item, blocks));
    const first = f.define(i32.mul(i32.rem_u(item, blocks), productRows));
    const last = f.define(i32.add(first, productRows));
    f.if(i32.gt_s(last, allRowPanels), () => f.set(last, allRowPanels));
    const row = f.local("i32");
    const at = (base: Place, pointBytes: number, offset: Operand) =>
      i32.add(k.address(base), i32.add(i32.mul(point, pointBytes), offset));
    for (let column = 0; column < panels; column += mostColumns) {
      const count = Math.min(mostColumns, panels - column);
      const b = f.define(at(points, vBytes(plan), column * depth * plan.quads * 16));
      f.forRange(row, first, last, 1, () => {
        const a = f.define(at(filters, filterBytes(plan), i32.mul(row, depth * 16)));
        const sums = at(
          products,
          mBytes(plan),
          i32.add(i32.mul(row, panels * tileBytes(plan)), column * tileBytes(plan)),
        );
        f.call(multiply, a, i32.add(a, depth * 16), b, sums, count, tileBytes(plan), 1);
      });
    }
  });
}

/** Item: (g, block of row panels). */
function emitOutputItems(k: PhaseFunction, kernel: ContractKernel, plan: WinogradPlan): void {
  const { f } = k;
  const { panels, allRowPanels } = plan;
  const blocks = Math.ceil(allRowPanels / outputRows);
  const groupBytes = plan.side * plan.side * mBytes(plan);
  const item = f.local("i32");
  const all = keep(f, panels);
  emitPlaces(k, plan, keep(f, 0), all);
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, blocks));
    const rowPanel = f.define(i32.mul(i32.rem_u(item, blocks), outputRows));
    const last = f.define(i32.add(rowPanel, outputRows));
    f.if(i32.gt_s(last, allRowPanels), () => f.set(last, allRowPanels));
    const base = keep(f, plus(k.address(products), times(g, groupBytes)));
    const first = f.define(rowPanel);
    f.forRange(rowPanel, first, last, 1, () => {
      const sums = f.define(i32.add(base, i32.mul(rowPanel, panels * tileBytes(plan))));
      emitOutputs(k, kernel, plan, { g, rowPanel, panelCount: all, sums, pointBytes: mBytes(plan) });
    });
  });
}
