// How a filter gradient of 3x3 is cut for Winograd's algorithm: blocks of filters and of channels, shares of the tiles.

import type { ContractKernel } from "../../../../kernel/kernel.ts";
import type { Features } from "../../code/features.ts";
import { wantedCostlyItems } from "../items.ts";
import { type Staging, stage, stageGradient } from "../staging.ts";
import { spread } from "./plan.ts";
import type { FilterScheme } from "./schemes.ts";

/** Tiles of a slice, and the most filters and channels of an item. */
export const sliceTiles = 32;
const mostFilters = 64;
const mostChannels = 64;

export interface FilterPlan {
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

export function planFilter({ form }: ContractKernel, scheme: FilterScheme, { wide }: Features): FilterPlan | undefined {
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
  const staging = stage({ input: 0, planes: g.batch * g.inChannels, source: g.input, counts, looks });
  const exact = g.output.every((n) => n % tile === 0);
  const gradient = stageGradient(g, exact ? 1 : tile);
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
  const wanted = Math.max(1, Math.min(Math.ceil(wantedCostlyItems / blocks), Math.floor(tiles / sliceTiles)));
  const shareTiles = Math.ceil(Math.ceil(tiles / wanted) / sliceTiles) * sliceTiles;
  return {
    scheme,
    quads,
    staging,
    gradient,
    filters,
    channels,
    across,
    tiles,
    shareTiles,
    outputShape: [g.outChannels, channels, ...g.kernel],
    groups: g.groups,
    images: g.batch,
    shares: Math.ceil(tiles / shareTiles),
    filterPanels: byFilter.panels,
    filterBlocks: byFilter.blocks,
    channelPanels: byChannel.panels,
    channelBlocks: byChannel.blocks,
  };
}

/** Bytes of the sums of one point, and of all points, of an item. */
export const sumBytes = (plan: FilterPlan): number => spread(plan.filterPanels * plan.channelPanels * plan.quads * 64);
export const itemBytes = (plan: FilterPlan): number => plan.scheme.sums ** 2 * sumBytes(plan);
