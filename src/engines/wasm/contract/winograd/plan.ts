// How a convolution of 3x3, or its input gradient, is cut for Winograd's algorithm:
//
//   tiles     as many outputs along each axis as the scheme says (schemes.ts); four of them are a quad: the four numbers that a step of the product spreads
//   panels    eight filters (sixteen where two vectors are handled as one): the vectors of a step of the product
//   blocks    of quads, and groups of panels: an item of the product is a block of tiles, or such a block and a group
//
// Filters are the vectors because there are many and their number is even; tiles are few with one image (49, 16, 4).

import { stridesOf } from "../../../../base/shape.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import type { Features } from "../../code/features.ts";
import { towardsPixels } from "../forms.ts";
import { wantedCostlyItems } from "../items.ts";
import type { Scheme } from "./schemes.ts";

/** Floats of V of an item that makes its own: it stays in the second cache. */
const blockElements = 128 * 1024;
/** Bytes of products of an item: beside its own V, or beside a V that others made. */
const productBytes = { own: 96 * 1024, apart: 256 * 1024 };
/** Transformed filters that no second cache holds are read as seldom as can be. */
const farBytes = 4e6;
/** Channels that are worth it. */
const leastDepth = 4;
/** Bytes of V that may lie between the phases. */
const mostBytes = 48 * 2 ** 20;

export interface WinogradPlan {
  readonly scheme: Scheme;
  /** Points of both axes, and transformed filters. */
  readonly square: number;
  readonly filterSquare: number;
  /** Vectors of a panel of filters, and filters of a panel. */
  readonly vectors: number;
  readonly width: number;
  readonly groups: number;
  readonly rows: number;
  readonly depth: number;
  readonly images: number;
  /** Planes that are read, what is written, and how many rows and columns of zeros stand before the first. */
  readonly source: readonly [number, number];
  readonly target: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly outputShape: readonly number[];
  /** Elements from one filter, channel and group to the next in the kernel, and the order of its nine taps. */
  readonly filterStrides: { readonly row: number; readonly channel: number; readonly group: number };
  readonly taps: readonly number[];
  /** Tiles along the two axes, and in all images; quads of tiles. */
  readonly across: readonly [number, number];
  readonly tiles: number;
  readonly quads: number;
  /** Blocks of quads, and quads of the largest. */
  readonly blocks: number;
  readonly blockQuads: number;
  /** Panels of filters, those of a group, and how many groups there are. */
  readonly panels: number;
  readonly groupPanels: number;
  readonly panelGroups: number;
  /** Whether V is a phase of its own in a buffer that all items read: with groups of panels, each would repeat it. */
  readonly apart: boolean;
}

/**
 * The distance of the points' matrices: a line of the cache more than they take, or the transforms, which write to all
 * points in turn, would meet the same few places of the cache again and again.
 */
export const spread = (bytes: number): number => bytes + 64;

export const panelBytes = ({ depth, width }: WinogradPlan): number => depth * width * 4;
/** Bytes of the products of a quad and a panel. */
export const tileBytes = ({ width }: WinogradPlan): number => width * 16;
/** Bytes from one point to the next of a group's filters, of V, and of the products. */
export const filterBytes = (plan: WinogradPlan): number => spread(plan.groupPanels * panelBytes(plan));
export const pointBytes = ({ blockQuads, depth }: WinogradPlan): number => spread(blockQuads * depth * 16);
export const sumBytes = (plan: WinogradPlan): number => spread(plan.blockQuads * plan.groupPanels * tileBytes(plan));

/** The plan by the first scheme that fits, or undefined. */
export function planWinograd(
  kernel: ContractKernel,
  schemes: readonly Scheme[],
  { wide }: Features,
): WinogradPlan | undefined {
  const form = towardsPixels(kernel);
  if (!form) return undefined;
  const { role, geometry: g } = form;
  if (g.kernel.length !== 2 || g.kernel.some((n) => n !== 3) || g.dilation.some((n) => n !== 1)) return undefined;
  const scheme = schemes.find((s) => (s.role === "both" || s.role === role) && g.stride.every((n) => n === s.stride));
  if (!scheme) return undefined;
  const { axes } = scheme;
  const forward = role === "forward";
  // Of two places that share a gradient the first must be the one of the middle tap.
  if (!forward && scheme.stride === 2 && g.padBefore.some((n) => n % 2 === 0)) return undefined;
  const [inputs, outputs] = [g.inChannels / g.groups, g.outChannels / g.groups];
  const [depth, rows] = forward ? [inputs, outputs] : [outputs, inputs];
  // With so few channels the transforms cost more than the products save.
  if (depth < leastDepth) return undefined;
  const two = ([a, b]: readonly number[]): [number, number] => [a, b];
  const [source, target] = forward ? [two(g.input), two(g.output)] : [two(g.output), two(g.input)];
  const turned = (before: number): number => (scheme.stride === 2 ? (1 - before) / 2 : 2 - before);
  const padding = two(g.padBefore.map((before) => (forward ? before : turned(before))));
  const across = two(target.map((n, axis) => Math.ceil(n / axes[axis].outputs)));
  // Patches are read with what stands left and right of their rows: not from too far outside.
  const last = (across[1] - 1) * axes[1].step - padding[1] + axes[1].patch;
  if (padding[1] > 16 || last > source[1] + 16) return undefined;
  const vectors = wide ? 4 : 2;
  const width = vectors * 4;
  const square = axes[0].points * axes[1].points;
  const filterSquare = axes[0].filters * axes[1].filters;
  const tiles = g.batch * across[0] * across[1];
  const sizes = { quads: Math.ceil(tiles / 4), panels: Math.ceil(rows / width), groups: g.groups, depth, width };
  const kernelStrides = [inputs * 9, 9];
  const [row, channel] = forward ? kernelStrides : [...kernelStrides].reverse();
  return {
    scheme,
    square,
    filterSquare,
    vectors,
    rows,
    images: g.batch,
    source,
    target,
    padding,
    across,
    tiles,
    outputShape: [g.batch, rows * g.groups, ...target],
    filterStrides: { row, channel, group: outputs * inputs * 9 },
    taps: Array.from({ length: 9 }, (_, i) => (forward ? i : 8 - i)),
    ...sizes,
    ...cut({ square, filterSquare, ...sizes }),
  };
}

type Cut = Pick<WinogradPlan, "blocks" | "blockQuads" | "groupPanels" | "panelGroups" | "apart">;

/** Blocks and groups for threads to share. */
function cut(
  sizes: Pick<WinogradPlan, "square" | "filterSquare" | "width" | "groups" | "depth" | "quads" | "panels">,
): Cut {
  const { square, filterSquare, width, groups, depth, quads, panels } = sizes;
  const most = Math.max(1, Math.floor(blockElements / (depth * square * 4)));
  const cached = Math.ceil(quads / most);
  const fine = Math.max(1, cached, Math.min(wantedCostlyItems, Math.floor(quads / 2)));
  const filters = groups * filterSquare * panels * width * depth * 4;
  const small = groups * square * quads * depth * 16 <= mostBytes;
  const apart = small && (fine * groups < wantedCostlyItems || filters > farBytes);
  const blocks = apart ? 1 : fine;
  const blockQuads = Math.ceil(quads / blocks);
  const limit = apart ? productBytes.apart : productBytes.own;
  const fitting = Math.max(1, Math.floor(limit / (square * blockQuads * width * 16)));
  const wanted = apart ? Math.ceil(wantedCostlyItems / groups) : 1;
  // Groups double until their products fit.
  let groupPanels = Math.ceil(panels / wanted);
  while (groupPanels > fitting) groupPanels = Math.ceil(groupPanels / 2);
  return { blocks, blockQuads, groupPanels, panelGroups: Math.ceil(panels / groupPanels), apart };
}

/** Strides of the output in bytes, and of an image's planes that are read. */
export function byteStrides(plan: WinogradPlan): {
  readonly target: readonly number[];
  readonly plane: number;
  readonly image: number;
  readonly pitch: number;
} {
  const plane = plan.source[0] * plan.source[1] * 4;
  return {
    target: stridesOf(plan.outputShape).map((stride) => stride * 4),
    plane,
    image: plan.groups * plan.depth * plane,
    pitch: plan.source[1] * 4,
  };
}
