// How a convolution of images side by side is cut: panels of filters, bands of rows of outputs, and the taps that each place has.

import { seenAmong } from "../../../../base/window.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { towardsPixels } from "../forms.ts";
import { wantedItems } from "../items.ts";
import type { Tile } from "../microkernel.ts";
import type { Block } from "./blocks.ts";

/** Bytes of sums that are kept until they are transposed back. */
const keptBytes = 64 * 1024;

/** Taps along an axis that an output sees: `count` of them from tap `first` on, the first at source place `place`. */
export interface Run {
  readonly first: number;
  readonly count: number;
  readonly place: number;
}

export interface Plan {
  readonly tile: Tile;
  readonly source: Block;
  readonly filters: number;
  readonly panels: number;
  readonly outputShape: readonly number[];
  readonly sourceWidth: number;
  /** Elements of the weights from one filter, and from one channel, to the next. */
  readonly filterStride: number;
  readonly channelStride: number;
  /** Where the taps of a kernel row, and the rows, lie in the weights, in the order in which they see the source. */
  readonly columnTaps: readonly number[];
  readonly rowTaps: readonly number[];
  /** Source rows between kernel rows. */
  readonly dilation: number;
  readonly rows: readonly Run[];
  readonly columns: readonly Run[];
  readonly bandRows: number;
  /** Rows and panels of sums that are kept until they are transposed: long rows of an output first, since they are stored at once. */
  readonly keptRows: number;
  readonly keptPanels: number;
}

type Sight = Readonly<Record<"count" | "step" | "look" | "taps" | "dilation" | "size", number>>;

/** What each of `count` outputs sees of `size` places: output q looks from q * step + look on, `taps` of them, `dilation` apart. */
function runsOf({ count, step, look, taps, dilation, size }: Sight): Run[] {
  return Array.from({ length: count }, (_, q) => {
    const start = q * step + look;
    const seen = seenAmong(taps, start, dilation, size);
    return { ...seen, place: start + seen.first * dilation };
  });
}

export function planOf(kernel: ContractKernel, tile: Tile): Plan | undefined {
  const form = towardsPixels(kernel);
  if (!form) return undefined;
  const { geometry, role } = form;
  const { batch, groups, inChannels, outChannels, stride, dilation, padBefore } = geometry;
  const [taps, across] = geometry.kernel;
  if (geometry.kernel.length !== 2 || groups !== 1 || batch < 4 || dilation[1] !== 1) return undefined;
  const forward = role === "forward";
  if (!forward && (stride[0] !== 1 || stride[1] !== 1)) return undefined;
  const [from, to] = forward ? [geometry.input, geometry.output] : [geometry.output, geometry.input];
  const [channels, filters] = forward ? [inChannels, outChannels] : [outChannels, inChannels];
  const perFilter = inChannels * taps * across;
  // The input gradient looks backwards: its last tap sees the first place.
  const upwards = (n: number): number[] => Array.from({ length: n }, (_, i) => (forward ? i : n - 1 - i));
  const look = (axis: number): number =>
    forward ? -padBefore[axis] : padBefore[axis] - (geometry.kernel[axis] - 1) * dilation[axis];
  const lanes = tile.vectors * 4;
  const panels = Math.ceil(filters / tile.rows);
  const rowBytes = tile.rows * to[1] * lanes * 4;
  const blocks = Math.ceil(batch / lanes);
  const bandRows = Math.max(1, Math.ceil(to[0] / Math.max(1, Math.ceil(wantedItems / blocks))));
  const keptRows = Math.max(1, Math.min(bandRows, Math.floor(keptBytes / rowBytes)));
  return {
    tile,
    source: { images: batch, channels, plane: from[0] * from[1], lanes },
    filters,
    panels,
    outputShape: [batch, filters, ...to],
    sourceWidth: from[1],
    filterStride: forward ? perFilter : taps * across,
    channelStride: forward ? taps * across : perFilter,
    columnTaps: upwards(across),
    rowTaps: upwards(taps).map((i) => i * across),
    dilation: dilation[0],
    rows: runsOf({
      count: to[0],
      step: forward ? stride[0] : 1,
      look: look(0),
      taps,
      dilation: dilation[0],
      size: from[0],
    }),
    columns: runsOf({
      count: to[1],
      step: forward ? stride[1] : 1,
      look: look(1),
      taps: across,
      dilation: 1,
      size: from[1],
    }),
    bandRows,
    keptRows,
    keptPanels: Math.max(1, Math.min(panels, Math.floor(keptBytes / rowBytes / keptRows))),
  };
}

export const blocksOf = ({ source }: Plan): number => Math.ceil(source.images / source.lanes);
export const bandsOf = ({ rows, bandRows }: Plan): number => Math.ceil(rows.length / bandRows);
/** Numbers of a panel of weights. */
export const panelSize = ({ tile, source, columnTaps, rowTaps }: Plan): number =>
  tile.rows * source.channels * columnTaps.length * rowTaps.length;

/**
 * Tiles for 256-bit arithmetic. V8 joins no sums that two nested loops carry, so there they are kept in memory from one kernel row
 * to the next.
 */
export const isWide = ({ rows, vectors }: Tile): boolean => rows * vectors > 8;
