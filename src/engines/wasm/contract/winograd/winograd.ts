// contract.winograd: convolutions of 3x3 with stride 1, and their input gradients, by Winograd's minimal filtering in two
// dimensions: an m x m tile of outputs from an (m + 2) x (m + 2) patch costs (m + 2)² multiplications instead of 9 m².
//
//   filters  U[group][point][panel][c][8] = G w Gᵀ, four filters at once; once for ever where w is constant
//   product  for each item, a block of tiles: V[point][quad][c][4] = Bᵀ d B, four tiles at once, from the planes as they are;
//            for each group of panels, in the order in which U lies: for each point M[point][quad][panel][4][8] = V U
//            (microkernel.ts), then Aᵀ M A, epilogue, store
//
// Few tiles make few items, and filters that no cache holds should be read once. Then V of all tiles is a phase of its own, and an
// item of the product is a group of panels:
//
//   patches  V[g][point][quad][c][4]; item: some channels
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { choose, constI32, i32, type Local } from "../../code/assembler.ts";
import type { Profile } from "../../profile.ts";
import {
  type BufferDefinition,
  buffer,
  type Emission,
  input,
  output,
  type Phase,
  type PhaseFunction,
  type StrategyContext,
} from "../../strategy.ts";
import { type ContractStrategy, contraction, towardsImages } from "../contraction.ts";
import { operandPlaces } from "../epilogue.ts";
import { keep, plus, times } from "../walk.ts";
import { emitOutputs } from "./outputs.ts";
import {
  emitFilters,
  emitPatches,
  emitPlaces,
  filters,
  filterTime,
  patch,
  patchBytes,
  placeBytes,
  places,
} from "./parts.ts";
import { filterBytes, planWinograd, pointBytes, sumBytes, type WinogradPlan } from "./plan.ts";
import { emitPoint } from "./products.ts";
import { type AxisScheme, schemes, threeByThree } from "./schemes.ts";

const points = buffer("points");
const products = buffer("products");

/** `name`: of the schemes that it uses. */
export function winogradStrategy(name: string): ContractStrategy {
  const own = schemes.filter((scheme) => scheme.name === name);
  if (own.length === 0) throw new Error(`Winograd's algorithm knows no scheme ${name}.`);
  return contraction<WinogradPlan>({
    name: `contract.winograd.${name}`,
    exact: false,
    cases: { convolutions: { ...threeByThree(own[0].stride), roles: towardsImages } },
    plan: (kernel, { features }) => planWinograd(kernel, own, features),
    estimate: (plan, { stableInputs, profile }) =>
      patchTime(plan, profile) + productTime(plan, profile) + (stableInputs[1] ? 0 : filterTime(plan, profile)),
    emit: emission,
  });
}

/** Nanoseconds of V, as measured. */
const patchTime = ({ quads, depth, groups, scheme }: WinogradPlan, { winograd }: Profile): number =>
  quads *
  4 *
  depth *
  groups *
  scheme.axes[1].points *
  (scheme.axes[0].points + scheme.axes[0].patch) *
  winograd.arithmetic.patch;

/** Nanoseconds of products and outputs; filters that no cache holds come from memory again for each block, beside products of 256 bits with less time to hide in. */
function productTime(plan: WinogradPlan, { winograd }: Profile): number {
  const { rates, arithmetic, memory, factors, sizes } = winograd;
  const { square, filterSquare, depth, groups, quads, rows, panels, width, scheme } = plan;
  const [down, along] = scheme.axes;
  const multiply =
    (2 * square * (depth + factors.beginning) * panels * width * quads * 4 * groups) /
    (plan.vectors > 2 ? rates.wideOperations : rates.operations);
  const out = quads * 4 * rows * groups * along.points * (down.points + down.outputs) * arithmetic.output;
  const far =
    Math.max(0, filterSquare * plan.panelGroups * filterBytes(plan) - sizes.nearBytes) *
    plan.blocks *
    (plan.vectors > 2 ? memory.wideFar : memory.far);
  return multiply + out + far;
}

/** Channels of an item of the patches, where they are a phase. */
const patchChannels = ({ depth, groups, blocks }: WinogradPlan): number =>
  Math.max(2, Math.ceil((depth * groups * blocks) / 8));

function emission(plan: WinogradPlan, kernel: ContractKernel, { profile }: StrategyContext): Emission {
  const { groups, depth, square, filterSquare, blocks, panels, panelGroups, apart } = plan;
  const buffers: BufferDefinition[] = [
    { name: "filters", bytes: groups * panelGroups * filterSquare * filterBytes(plan), scope: "step" },
    {
      name: "points",
      bytes: square * pointBytes(plan) * (apart ? groups * blocks : 1),
      scope: apart ? "step" : "thread",
    },
    { name: "products", bytes: square * sumBytes(plan), scope: "thread" },
    { name: "patch", bytes: patchBytes(plan), scope: "thread" },
    { name: "places", bytes: plan.blockQuads * 4 * placeBytes(plan), scope: "thread" },
  ];
  const operands = operandPlaces(kernel);
  const phases: Phase[] = [
    {
      name: "filters",
      items: groups * panels,
      work: filterTime(plan, profile),
      once: true,
      reads: [input(1), patch],
      writes: [filters],
      emit: (k) => emitFilters(k, plan),
    },
  ];
  if (apart)
    phases.push({
      name: "patches",
      items: groups * blocks * Math.ceil(depth / patchChannels(plan)),
      work: patchTime(plan, profile),
      reads: [input(0), patch, places],
      writes: [points],
      emit: (k) => emitPatchItems(k, plan),
    });
  phases.push({
    name: "winograd",
    items: groups * blocks * (apart ? panelGroups : 1),
    work: productTime(plan, profile) + (apart ? 0 : patchTime(plan, profile)),
    reads: [...(apart ? [] : [input(0)]), filters, points, products, patch, places, ...operands],
    writes: [output(0)],
    emit: (k) => emitProduct(k, kernel, plan),
  });
  return { buffers, phases };
}

/** Item: (g, block of tiles, block of channels). */
function emitPatchItems(k: PhaseFunction, plan: WinogradPlan): void {
  const { f } = k;
  const { square, depth, blocks } = plan;
  const channels = patchChannels(plan);
  const channelBlocks = Math.ceil(depth / channels);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const rest = f.define(i32.div_u(item, channelBlocks));
    const channel = f.define(i32.mul(i32.rem_u(item, channelBlocks), channels));
    const count = f.define(i32.sub(depth, channel));
    f.if(i32.gt_s(count, channels), () => f.set(count, channels));
    const quadCount = emitBlock(k, plan, f.define(i32.rem_u(rest, blocks)));
    const offset = i32.add(i32.mul(rest, square * pointBytes(plan)), i32.mul(channel, 16));
    const base = f.define(i32.add(k.address(points), offset));
    emitPatches(k, plan, { g: f.define(i32.div_u(rest, blocks)), quadCount, base, channel, channels: count });
  });
}

/** Lists the places of a block of tiles; gives its number of quads. Blocks are as even as they can be. */
function emitBlock(k: PhaseFunction, plan: WinogradPlan, block: Local): Local {
  const { f } = k;
  const { blocks, quads } = plan;
  const begin = (at: Local): Local => f.define(i32.div_u(i32.mul(at, quads), blocks));
  const first = begin(block);
  const quadCount = f.define(i32.sub(begin(f.define(i32.add(block, 1))), first));
  emitPlaces(k, plan, first, quadCount);
  return quadCount;
}

/** Item: (g, block of tiles), or (g, group of panels, block of tiles) where V is there already. */
function emitProduct(k: PhaseFunction, kernel: ContractKernel, plan: WinogradPlan): void {
  const { f } = k;
  const { square, depth, blocks, panelGroups, apart } = plan;
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const rest = f.define(i32.div_u(item, blocks));
    const block = f.define(i32.rem_u(item, blocks));
    const quadCount = emitBlock(k, plan, block);
    const group = f.local("i32");
    const v = f.define(k.address(points));
    if (apart) {
      const g = f.define(i32.div_u(rest, panelGroups));
      f.set(group, i32.rem_u(rest, panelGroups));
      f.increase(v, i32.mul(i32.add(i32.mul(g, blocks), block), square * pointBytes(plan)));
      emitGroup(k, kernel, plan, { g, group, quadCount, v });
    } else {
      emitPatches(k, plan, { g: rest, quadCount, base: v, channel: 0, channels: depth });
      f.forRange(group, 0, panelGroups, 1, () => emitGroup(k, kernel, plan, { g: rest, group, quadCount, v }));
    }
  });
}

/** A group of panels with the listed tiles: products point by point, then outputs. */
function emitGroup(
  k: PhaseFunction,
  kernel: ContractKernel,
  plan: WinogradPlan,
  at: { readonly g: Local; readonly group: Local; readonly quadCount: Local; readonly v: Local },
): void {
  const { f } = k;
  const { scheme, filterSquare, panels, width, groupPanels, panelGroups } = plan;
  const { g, group, quadCount } = at;
  const firstPanel = f.define(i32.mul(group, groupPanels));
  const panelCount = f.define(i32.sub(panels, firstPanel));
  f.if(i32.gt_s(panelCount, groupPanels), () => f.set(panelCount, groupPanels));
  const start = keep(
    f,
    plus(k.address(filters), i32.mul(i32.add(times(g, panelGroups), group), filterSquare * filterBytes(plan))),
  );
  const v = f.define(at.v);
  const sums = f.define(k.address(products));
  const [row, column, u] = f.locals("i32", 3);
  // Points beyond the last transformed filter take the last.
  const filterOf = (point: Local, { filters: count, points: all }: AxisScheme) => {
    const last = f.define(constI32(count - 1));
    return count === all ? point : choose(i32.lt_s(point, last), point, last);
  };
  const [down, along] = scheme.axes;
  f.forRange(row, 0, down.points, 1, () => {
    f.forRange(column, 0, along.points, 1, () => {
      const which = i32.add(i32.mul(filterOf(row, down), along.filters), filterOf(column, along));
      f.set(u, i32.add(start, i32.mul(which, filterBytes(plan))));
      // All panels of the group at a time: filters that come from memory then do so in one go.
      emitPoint(k, plan, { a: v, u, sums, quadCount, panelCount });
      f.increase(v, pointBytes(plan));
      f.increase(sums, sumBytes(plan));
    });
  });
  const firstRow = f.define(i32.mul(firstPanel, width));
  emitOutputs(k, kernel, plan, { g, firstRow, panelCount, quadCount, sums: k.address(products) });
}
