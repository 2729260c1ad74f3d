// What the ways of running Winograd's algorithm share: the plan of tiles, the transforms of filters and patches, and the way from
// products back to outputs.

import { stridesOf } from "../../../base/shape.ts";
import type { ContractKernel } from "../../../kernel/kernel.ts";
import { type Callable, i32, type Local, load, loadLane, shuffle32, type Value } from "../assembler.ts";
import type { Features } from "../features.ts";
import { buffer, input, output, type PhaseFunction } from "../strategy.ts";
import { type Problem, type Product, problemOf } from "./product.ts";
import { applyEpilogue, operandKind } from "./simple.ts";
import { dataTransform, filterTransform, outputTransform, type TileSize, transposed } from "./transforms.ts";
import { byteOffset, keep, lengthOf, plus, times, type Walk } from "./walk.ts";

/** Items that threads should have to share: blocks of tiles, and blocks of filters too where tiles are few. */
const wantedItems = 8;

export const staged = buffer("staged");
export const filters = buffer("filters");
export const patch = buffer("patch");
export const places = buffer("places");

export interface WinogradPlan {
  readonly m: TileSize;
  readonly side: number;
  /** Quads of tiles in a panel: 2, or 4 where two vectors are handled as one. */
  readonly quads: number;
  readonly problem: Problem;
  readonly product: Product;
  /** Offsets in the kernel of the nine taps, in the order in which they lie in the staged planes. */
  readonly taps: readonly number[];
  /** Where the first of them lies. */
  readonly start: number;
  readonly groups: number;
  readonly rows: number;
  readonly depth: number;
  /** Tiles along the two axes, and in all images. */
  readonly across: readonly [number, number];
  readonly tiles: number;
  /** Panels of tiles in all, most of them in an item, panels of four rows in an item, and the numbers of such blocks. */
  readonly allPanels: number;
  readonly panels: number;
  readonly blocks: number;
  readonly rowPanels: number;
  readonly allRowPanels: number;
  readonly rowBlocks: number;
  /** Whether V is a phase of its own in a buffer that all items read: with blocks of filters, each would repeat it. */
  readonly apart: boolean;
}

/** The plan of a convolution or input gradient of 3x3 with stride 1, items of at most `mostPanels` panels; else undefined. */
export function planWinograd(
  { form }: ContractKernel,
  m: TileSize,
  mostPanels: (depth: number, side: number, quads: number) => number,
  { wide }: Features,
): WinogradPlan | undefined {
  if (form.kind !== "convolution" || form.role === "filterGradient") return undefined;
  const g = form.geometry;
  const two = g.kernel.length === 2 && g.kernel.every((n) => n === 3);
  if (!two || [...g.stride, ...g.dilation].some((n) => n !== 1)) return undefined;
  const problem = problemOf(form, m);
  const [product] = problem.products;
  if (!Array.isArray(product.b.inner) || !Array.isArray(product.a.inner)) return undefined;
  const looks = product.b.inner as readonly number[];
  const order = looks.map((_, i) => i).sort((a, b) => looks[a] - looks[b]);
  const aInner = product.a.inner as readonly number[];
  const [images, height, width] = product.columns.map(({ count }) => count);
  const across: [number, number] = [Math.ceil(height / m), Math.ceil(width / m)];
  const side = m + 2;
  const rows = lengthOf(product.rows);
  const tiles = images * across[0] * across[1];
  const quads = wide ? 4 : 2;
  const most = mostPanels(product.outer, side, quads);
  const allPanels = Math.ceil(tiles / (quads * 4));
  const allRowPanels = Math.ceil(rows / 4);
  const groups = lengthOf(product.batch);
  // Blocks for threads to share, as long as a block has two panels; more than fit the cache make more blocks. Where these
  // are too few, the cache alone cuts the tiles, and the filters are cut into blocks of at least two panels.
  const cached = Math.ceil(allPanels / most);
  const fine = Math.max(1, cached, Math.min(wantedItems, Math.floor(allPanels / 2)));
  const apart = fine * groups < wantedItems;
  const whole = Math.ceil(allPanels / Math.ceil(allPanels / fine));
  const blocks = most === Number.POSITIVE_INFINITY ? 1 : apart ? Math.max(1, cached) : whole;
  const rowBlocks = apart ? Math.min(Math.ceil(wantedItems / (blocks * groups)), Math.ceil(allRowPanels / 2)) : 1;
  const rowPanels = Math.ceil(allRowPanels / rowBlocks);
  return {
    ...{
      m,
      side,
      quads,
      problem,
      product,
      groups,
      rows,
      depth: product.outer,
      across,
      tiles,
      allPanels,
      rowPanels,
      allRowPanels,
      blocks,
      apart,
    },
    panels: Math.ceil(allPanels / blocks),
    taps: order.map((i) => aInner[i]),
    start: looks[order[0]],
    rowBlocks: Math.ceil(allRowPanels / rowPanels),
  };
}

/**
 * The distance of the points' matrices: a line of the cache more than they take, or the transforms, which write to all
 * points in turn, would meet the same few places of the cache again and again.
 */
export const spread = (bytes: number): number => bytes + 64;

/** Bytes of a tile of products: four rows of a panel. */
export const tileBytes = ({ quads }: WinogradPlan): number => quads * 64;

/** Bytes from one point's transformed filters to the next. */
export const filterBytes = ({ allRowPanels, depth }: WinogradPlan): number => spread(allRowPanels * depth * 16);

/** Nanoseconds of transforming all filters: writing them is what takes the time. */
export const filterTime = (plan: WinogradPlan): number =>
  plan.groups * plan.side * plan.side * filterBytes(plan) * 0.19;

/** Item: four filters (rows) of a group, all channels. */
export function emitFilters(k: PhaseFunction, plan: WinogradPlan): void {
  const { f } = k;
  const { product, side, depth, allRowPanels, taps, rows, m } = plan;
  const { a } = product;
  const item = f.local("i32");
  const channel = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, allRowPanels));
    const panel = f.define(i32.rem_u(item, allRowPanels));
    const base = keep(f, plus(k.address(input(a.input)), byteOffset(f, a.batch, g)));
    const lines = [0, 1, 2, 3].map((lane) => {
      const row = f.define(i32.add(i32.mul(panel, 4), lane));
      f.if(i32.ge_s(row, rows), () => f.set(row, rows - 1));
      return f.define(i32.add(base, byteOffset(f, a.lines, row)));
    });
    // U[g][point][panel][channel][4]
    const pointBytes = filterBytes(plan);
    const target = keep(f, plus(k.address(filters), times(g, side * side * pointBytes), times(panel, depth * 16)));
    f.forRange(channel, 0, depth, 1, () => {
      const row = f.local("i32");
      for (let i = 0; i < 3; i++) {
        const values = [0, 1, 2].map((j) => {
          const offset = taps[i * 3 + j] * 4;
          let vector = load("v128.load32_zero", lines[0], offset);
          for (let lane = 1; lane < 4; lane++) vector = loadLane("v128.load32_lane", lines[lane], vector, lane, offset);
          return f.define(vector);
        });
        filterTransform[m](k, values).forEach((value, j) => {
          f.store("v128.store", k.address(patch), value, (i * side + j) * 16);
        });
      }
      const column = f.define(k.address(patch));
      const to = f.define(target);
      f.forRange(row, 0, side, 1, () => {
        const values = [0, 1, 2].map((i) => f.define(load("v128.load", column, i * side * 16)));
        filterTransform[m](k, values).forEach((value, i) => {
          f.store("v128.store", to, value, i * side * pointBytes);
        });
        f.increase(column, 16);
        f.increase(to, pointBytes);
      });
      for (const line of lines) f.increase(line, a.outer[0].stride * 4);
      f.increase(target, 16);
    });
  });
}

/**
 * (patch scratch, four sources, target): Bᵀ d B of four patches whose rows lie `pitch` bytes apart, to points that lie
 * `pointBytes` apart, lanes being the sources.
 */
export function dataKernel(k: PhaseFunction, m: TileSize, pitch: number, pointBytes: number): Callable {
  const parameters = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return k.helper(`winograd data ${m} ${pitch} ${pointBytes}`, parameters, undefined, (e) => {
    const { f } = e;
    const [scratch, ...rest] = f.parameters;
    const sources = rest.slice(0, 4);
    const target = rest[4];
    const side = m + 2;
    const i = f.local("i32");
    const at = f.define(scratch);
    f.forRange(i, 0, side, 1, () => {
      const left = sources.map((source) => f.define(load("v128.load", source)));
      const right = m === 4 ? sources.map((source) => f.define(load("v128.load64_zero", source, 16))) : [];
      const columns = [...transposed(f, left), ...(m === 4 ? transposed(f, right, 2) : [])];
      dataTransform[m](e, columns).forEach((value, j) => {
        f.store("v128.store", at, value, j * 16);
      });
      for (const source of sources) f.increase(source, pitch);
      f.increase(at, side * 16);
    });
    f.forRange(i, 0, side, 1, () => {
      const rows = Array.from({ length: side }, (_, row) => f.define(load("v128.load", scratch, row * side * 16)));
      dataTransform[m](e, rows).forEach((value, row) => {
        f.store("v128.store", target, value, row * side * pointBytes);
      });
      f.increase(scratch, 16);
      f.increase(target, pointBytes);
    });
  });
}

/** places[tile] = (offset of its patch, offset of its outputs, rows and columns of outputs that exist), from `firstTile` on. */
export function emitPlaces(k: PhaseFunction, plan: WinogradPlan, firstTile: Local, panelCount: Local): void {
  const { f } = k;
  const { product, problem, tiles, across, m } = plan;
  const pitch = problem.staging?.pitch[0] ?? 0;
  const [, height, width] = product.columns.map(({ count }) => count);
  const images = product.columns[0].count;
  const tileWalk = (image: number, row: number, column: number): Walk => [
    { count: images, stride: image },
    { count: across[0], stride: row },
    { count: across[1], stride: column },
  ];
  const shape = problem.outputShape;
  const outStrides = stridesOf(shape);
  const sourceWalk = tileWalk(product.b.lines[0].stride, pitch * m, m);
  const targetWalk = tileWalk(outStrides[0], outStrides[2] * m, m);
  const i = f.local("i32");
  const place = f.define(k.address(places));
  f.forRange(i, 0, i32.mul(panelCount, plan.quads * 4), 1, () => {
    const index = f.define(i32.add(firstTile, i));
    f.if(i32.ge_s(index, tiles), () => f.set(index, tiles - 1));
    f.store("i32.store", place, byteOffset(f, sourceWalk, index));
    f.store("i32.store", place, byteOffset(f, targetWalk, index), 4);
    const tileRow = i32.rem_u(i32.div_u(index, across[1]), across[0]);
    const tileColumn = i32.rem_u(index, across[1]);
    f.store("i32.store", place, i32.sub(height, i32.mul(tileRow, m)), 8);
    f.store("i32.store", place, i32.sub(width, i32.mul(tileColumn, m)), 12);
    f.if(i32.ge_s(i32.add(firstTile, i), tiles), () => f.store("i32.store", place, 0, 8));
    f.increase(place, 16);
  });
}

/** Transforms the patches of four tiles, all channels: place by place from `place` on, to `target` in steps of a panel's depth. */
export function emitPatches(
  k: PhaseFunction,
  plan: WinogradPlan,
  at: { readonly transform: Callable; readonly source: Local; readonly place: Local; readonly target: Local },
  channels: Local | number,
): void {
  const { f } = k;
  const sources = [0, 1, 2, 3].map((lane) => f.define(i32.add(at.source, load("i32.load", at.place, lane * 16))));
  const channel = f.local("i32");
  f.forRange(channel, 0, channels, 1, () => {
    f.call(at.transform, k.address(patch), ...sources, at.target);
    for (const local of sources) f.increase(local, (plan.problem.staging?.planeSize ?? 0) * 4);
    f.increase(at.target, plan.quads * 16);
  });
}

/** From the products of four rows to outputs: for each row, four tiles at a time. */
export function emitOutputs(
  k: PhaseFunction,
  kernel: ContractKernel,
  plan: WinogradPlan,
  at: {
    readonly g: Local;
    readonly rowPanel: Local;
    readonly panelCount: Local;
    /** Where the products of the four rows begin, and how far the points lie apart. */
    readonly sums: Local;
    readonly pointBytes: number;
  },
): void {
  const { f } = k;
  const { rows, side, m, problem, product } = plan;
  const strides = stridesOf(problem.outputShape);
  const operands = kernel.epilogue?.operands ?? [];
  const kinds = operands.map((access) => operandKind(access, problem.outputShape));
  const row = f.local("i32");
  const lane = f.local("i32");
  f.forRange(lane, 0, 4, 1, () => {
    f.set(row, i32.add(i32.mul(at.rowPanel, 4), lane));
    f.if(i32.lt_s(row, rows), () => {
      const groupRow = f.define(i32.add(row, i32.mul(at.g, product.batch[0].step)));
      const planeBytes = f.define(i32.mul(groupRow, strides[1] * 4));
      const bases = [
        f.define(i32.add(k.address(output(0)), planeBytes)),
        ...operands.map((access, i) => {
          const step = kinds[i] === "place" ? planeBytes : i32.mul(groupRow, access.strides[1] * 4);
          return keep(f, plus(k.address(input(i + 2)), access.offset * 4, step));
        }),
      ];
      const channelValues = operands.map((_, i) =>
        kinds[i] === "channel" ? f.define(load("v128.load32_splat", bases[i + 1])) : undefined,
      );
      const quad = f.local("i32");
      const place = f.define(k.address(places));
      f.forRange(quad, 0, i32.mul(at.panelCount, plan.quads), 1, () => {
        // Aᵀ along columns of points, into the patch
        const from = f.define(
          i32.add(
            i32.add(at.sums, i32.mul(lane, plan.quads * 16)),
            i32.add(i32.mul(i32.div_u(quad, plan.quads), tileBytes(plan)), i32.mul(i32.rem_u(quad, plan.quads), 16)),
          ),
        );
        const to = f.define(k.address(patch));
        const i = f.local("i32");
        f.forRange(i, 0, side, 1, () => {
          const values = Array.from({ length: side }, (_, p) =>
            f.define(load("v128.load", from, p * side * at.pointBytes)),
          );
          outputTransform[m](k, values).forEach((value, p) => {
            f.store("v128.store", to, value, p * side * 16);
          });
          f.increase(from, at.pointBytes);
          f.increase(to, 16);
        });
        f.set(to, k.address(patch));
        const offsets = [0, 1, 2, 3].map((t) => f.define(load("i32.load", place, t * 16 + 4)));
        const whole = [0, 1, 2, 3].map((t) =>
          i32.and(i32.ge_s(load("i32.load", place, t * 16 + 8), m), i32.ge_s(load("i32.load", place, t * 16 + 12), m)),
        );
        const allWhole = f.define(whole.reduce((a, b) => i32.and(a, b)));
        f.forRange(i, 0, m, 1, () => {
          const values = Array.from({ length: side }, (_, p) => f.define(load("v128.load", to, p * 16)));
          const y = outputTransform[m](k, values).map((value) => f.define(value));
          const outputs = m === 4 ? transposed(f, y) : pairs(k, y);
          emitRow(k, kernel, m, { outputs, offsets, bases, channelValues, place, allWhole, row: i });
          for (const offset of offsets) f.increase(offset, strides[2] * 4);
          f.increase(to, side * 16);
        });
        f.increase(place, 64);
      });
    });
  });
}

/** Two vectors of four tiles to two vectors of two tiles, two outputs each. */
function pairs(k: PhaseFunction, [a, b]: readonly Local[]): Local[] {
  const { f } = k;
  return [f.define(shuffle32(a, b, [0, 4, 1, 5])), f.define(shuffle32(a, b, [2, 6, 3, 7]))];
}

interface OutputRow {
  /** For m = 4 a vector for each tile; for m = 2 one for two tiles. */
  readonly outputs: readonly Local[];
  readonly offsets: readonly Local[];
  /** Where the plane begins in the output and in the operands. */
  readonly bases: readonly Local[];
  readonly channelValues: readonly (Local | undefined)[];
  readonly place: Local;
  readonly allWhole: Local;
  readonly row: Local;
}

/** Epilogue and store of one row of outputs of four tiles; tiles that stick out are stored lane by lane. */
function emitRow(k: PhaseFunction, kernel: ContractKernel, m: TileSize, at: OutputRow): void {
  const { f } = k;
  const { outputs, offsets, bases, channelValues, place, allWhole, row } = at;
  const finish = (value: Local, operand: (base: Local) => Value): Local =>
    applyEpilogue(k, kernel, value, (i) => channelValues[i] ?? operand(bases[i + 1]));
  const fast = (): void =>
    outputs.forEach((value, v) => {
      if (m === 4) {
        const result = finish(value, (base) => load("v128.load", i32.add(base, offsets[v])));
        f.store("v128.store", i32.add(bases[0], offsets[v]), result);
        return;
      }
      const [a, b] = [offsets[v * 2], offsets[v * 2 + 1]];
      const result = finish(value, (base) =>
        loadLane("v128.load64_lane", i32.add(base, b), load("v128.load64_zero", i32.add(base, a)), 1),
      );
      f.store("v128.store64_lane", i32.add(bases[0], a), result, 0, 0);
      f.store("v128.store64_lane", i32.add(bases[0], b), result, 0, 1);
    });
  const slow = (): void =>
    outputs.forEach((value, v) => {
      const lanes = [0, 1, 2, 3].map((lane) => {
        const t = m === 4 ? v : v * 2 + (lane >> 1);
        const column = m === 4 ? lane : lane & 1;
        const exists = i32.and(
          i32.gt_s(load("i32.load", place, t * 16 + 8), row),
          i32.gt_s(load("i32.load", place, t * 16 + 12), column),
        );
        return { exists: f.define(exists), offset: f.define(i32.add(offsets[t], column * 4)) };
      });
      const result = finish(value, (base) => {
        const gathered = f.local("v128");
        lanes.forEach(({ exists, offset }, lane) => {
          f.if(exists, () => f.set(gathered, loadLane("v128.load32_lane", i32.add(base, offset), gathered, lane)));
        });
        return gathered;
      });
      lanes.forEach(({ exists, offset }, lane) => {
        f.if(exists, () => f.store("v128.store32_lane", i32.add(bases[0], offset), result, 0, lane));
      });
    });
  f.if(allWhole, fast, slow);
}
