// Winograd's transforms on the way to the products: filters to U, planes to V.
import { type Callable, choose, constF32x4, i32, type Local, load, loadLane, v128 } from "../../code/assembler.ts";
import type { Profile } from "../../profile.ts";
import { buffer, input, type PhaseFunction } from "../../strategy.ts";
import { transposed } from "../transforms.ts";
import { keep, plus, times } from "../walk.ts";
import { byteStrides, filterBytes, panelBytes, pointBytes, type WinogradPlan } from "./plan.ts";

export const filters = buffer("filters");
export const patch = buffer("patch");
export const places = buffer("places");

/** Bytes of the scratch of the transforms between the two axes. */
const betweenBytes = ({ scheme: { axes } }: WinogradPlan): number =>
  Math.max(axes[0].patch, axes[0].outputs) * axes[1].points * 16;
/** The same and a row of zeros. */
export const patchBytes = (plan: WinogradPlan): number => betweenBytes(plan) + 64;

/** Where the fields of a tile's place stand; then masks for every four columns of its patch. */
export const placeField = { source: 0, target: 4, rows: 8, columns: 12, first: 16, inside: 20, masks: 32 } as const;
const field = placeField;
const chunksOf = ({ scheme: { axes } }: WinogradPlan): number => Math.ceil(axes[1].patch / 4);
export const placeBytes = (plan: WinogradPlan): number => field.masks + chunksOf(plan) * 16;

/** Nanoseconds of transforming all filters: writing them is what takes the time. */
export const filterTime = (plan: WinogradPlan, { winograd }: Profile): number =>
  plan.groups * plan.panelGroups * plan.filterSquare * filterBytes(plan) * winograd.memory.filter;

/** Channels that are transformed for four filters before the next four: few lines are read at a time, and U's stay in the second cache. */
const filterChannels = 64;

/** U[g][group of panels][point][panel][channel][filter] = G w Gᵀ, four filters at once; item: a panel of a group. */
export function emitFilters(k: PhaseFunction, plan: WinogradPlan): void {
  const { f } = k;
  const { filterSquare, depth, rows, width, vectors, panels, groupPanels, panelGroups } = plan;
  const { filterStrides } = plan;
  const [item, first, last, strip, channel] = f.locals("i32", 5);
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, panels));
    const panel = f.define(i32.rem_u(item, panels));
    const base = keep(f, plus(k.address(input(1)), times(g, filterStrides.group * 4)));
    const group = i32.add(i32.mul(g, panelGroups), i32.div_u(panel, groupPanels));
    const inGroup = i32.mul(i32.rem_u(panel, groupPanels), panelBytes(plan));
    const start = i32.add(i32.mul(group, filterSquare * filterBytes(plan)), inGroup);
    const target = f.define(i32.add(k.address(filters), start));
    f.forRange(first, 0, depth, filterChannels, () => {
      f.set(last, i32.add(first, filterChannels));
      f.if(i32.gt_s(last, depth), () => f.set(last, depth));
      f.forRange(strip, 0, vectors, 1, () => {
        const lines = [0, 1, 2, 3].map((lane) => {
          const row = f.define(i32.add(i32.mul(i32.add(i32.mul(panel, vectors), strip), 4), lane));
          f.if(i32.ge_s(row, rows), () => f.set(row, rows - 1));
          const offset = i32.add(i32.mul(row, filterStrides.row * 4), i32.mul(first, filterStrides.channel * 4));
          return f.define(i32.add(base, offset));
        });
        const to = f.define(i32.add(target, i32.add(i32.mul(first, width * 4), i32.mul(strip, 16))));
        f.forRange(channel, first, last, 1, () => {
          emitFilter(k, plan, lines, to);
          for (const line of lines) f.increase(line, filterStrides.channel * 4);
          f.increase(to, width * 4);
        });
      });
    });
  });
}

/** Four filters of one channel, whose taps lie at `lines`, to the points from `target` on. */
function emitFilter(k: PhaseFunction, plan: WinogradPlan, lines: readonly Local[], target: Local): void {
  const { f } = k;
  const { scheme, taps } = plan;
  const [down, along] = scheme.axes;
  const side = along.filters;
  const step = filterBytes(plan);
  const scratch = k.address(patch);
  const vectors = [0, 16].flatMap((offset) =>
    transposed(
      f,
      lines.map((line) => f.define(load("v128.load", line, offset))),
    ),
  );
  let ninth = load("v128.load32_zero", lines[0], 32);
  for (let lane = 1; lane < 4; lane++) ninth = loadLane("v128.load32_lane", lines[lane], ninth, lane, 32);
  vectors.push(f.define(ninth));
  for (let i = 0; i < 3; i++)
    along
      .filter(
        k,
        [0, 1, 2].map((j) => vectors[taps[i * 3 + j]]),
      )
      .forEach((value, j) => {
        f.store("v128.store", scratch, value, (i * side + j) * 16);
      });
  const column = f.define(scratch);
  const to = f.define(target);
  const row = f.local("i32");
  f.forRange(row, 0, side, 1, () => {
    const values = [0, 1, 2].map((i) => f.define(load("v128.load", column, i * side * 16)));
    down.filter(k, values).forEach((value, i) => {
      f.store("v128.store", to, value, i * side * step);
    });
    f.increase(column, 16);
    f.increase(to, step);
  });
}

/**
 * (scratch, places of a quad, first channel's plane, target, channels): Bᵀ d B of the quad's four patches, channel after channel.
 * With `bordered` rows outside the plane are read from a row of zeros, and columns outside it are masked.
 */
function patchKernel(k: PhaseFunction, plan: WinogradPlan, bordered: boolean): Callable {
  const { scheme, source } = plan;
  const [down, along] = scheme.axes;
  const { pitch, plane } = byteStrides(plan);
  const step = pointBytes(plan);
  const bytes = placeBytes(plan);
  const key = `winograd patches ${scheme.name} ${scheme.role} ${source} ${step} ${bordered}`;
  return k.helper(key, ["i32", "i32", "i32", "i32", "i32"], undefined, (e) => {
    const { f } = e;
    const [scratch, place, base, target, channels] = f.parameters;
    const lanes = [0, 1, 2, 3];
    const sources = lanes.map((t) => f.define(i32.add(base, load("i32.load", place, t * bytes + field.source))));
    const firsts = bordered ? lanes.map((t) => f.define(load("i32.load", place, t * bytes + field.first))) : [];
    const zeros = f.define(i32.add(scratch, betweenBytes(plan)));
    const [i, at, to, channel] = f.locals("i32", 4);
    f.forRange(channel, 0, channels, 1, () => {
      f.set(at, scratch);
      f.forRange(i, 0, down.patch, 1, () => {
        const starts = bordered
          ? lanes.map((t) => f.define(choose(i32.lt_u(i32.add(firsts[t], i), source[0]), sources[t], zeros)))
          : sources;
        const columns: Local[] = [];
        for (let first = 0; first < along.patch; first += 4) {
          const count = Math.min(4, along.patch - first);
          const name = count > 2 ? "v128.load" : count === 2 ? "v128.load64_zero" : "v128.load32_zero";
          const four = lanes.map((t) => {
            const value = load(name, starts[t], first * 4);
            const mask = t * bytes + field.masks + first * 4;
            return f.define(bordered ? v128.and(value, load("v128.load", place, mask)) : value);
          });
          columns.push(...transposed(f, four, count));
        }
        along.data(e, columns).forEach((value, j) => {
          f.store("v128.store", at, value, j * 16);
        });
        for (const one of sources) f.increase(one, pitch);
        f.increase(at, along.points * 16);
      });
      f.set(at, scratch);
      f.set(to, target);
      f.forRange(i, 0, along.points, 1, () => {
        const values = Array.from({ length: down.patch }, (_, row) =>
          f.define(load("v128.load", at, row * along.points * 16)),
        );
        down.data(e, values).forEach((value, row) => {
          f.store("v128.store", to, value, row * along.points * step);
        });
        f.increase(at, 16);
        f.increase(to, step);
      });
      for (const one of sources) f.increase(one, plane - down.patch * pitch);
      f.increase(target, 16);
    });
  });
}

/** Lists the tiles of a block: where they read and write, how much of them exists, and what of their patches lies inside. */
export function emitPlaces(k: PhaseFunction, plan: WinogradPlan, firstQuad: Local, quadCount: Local): void {
  const { f } = k;
  const { tiles, across, scheme, padding, source, target } = plan;
  const { image, pitch, target: strides } = byteStrides(plan);
  const i = f.local("i32");
  const place = f.define(k.address(places));
  const inside = f.local("i32");
  const index = f.local("i32");
  const [x, y] = [f.local("i32"), f.local("i32")];
  const rest = f.local("i32");
  const zero = f.define(constF32x4(0));
  f.forRange(i, i32.mul(firstQuad, 4), f.define(i32.mul(i32.add(firstQuad, quadCount), 4)), 1, () => {
    f.set(index, i);
    f.if(i32.ge_s(index, tiles), () => f.set(index, tiles - 1));
    f.set(rest, i32.div_u(index, across[1]));
    f.set(x, i32.rem_u(index, across[1]));
    f.set(y, i32.rem_u(rest, across[0]));
    f.set(rest, i32.div_u(rest, across[0]));
    const [down, along] = scheme.axes;
    const to = plus(times(rest, strides[0]), i32.mul(y, down.outputs * strides[2]), i32.mul(x, along.outputs * 4));
    f.store("i32.store", place, to, field.target);
    f.store("i32.store", place, i32.sub(target[0], i32.mul(y, down.outputs)), field.rows);
    f.store("i32.store", place, i32.sub(target[1], i32.mul(x, along.outputs)), field.columns);
    f.if(i32.ge_s(i, tiles), () => f.store("i32.store", place, 0, field.rows));
    f.set(x, i32.sub(i32.mul(x, along.step), padding[1]));
    f.set(y, i32.sub(i32.mul(y, down.step), padding[0]));
    const from = plus(times(rest, image), i32.mul(y, pitch), i32.mul(x, 4));
    f.store("i32.store", place, from, field.source);
    f.store("i32.store", place, y, field.first);
    for (let chunk = 0; chunk < chunksOf(plan); chunk++) f.store("v128.store", place, zero, field.masks + chunk * 16);
    for (let lane = 0; lane < along.patch; lane++)
      f.if(i32.lt_u(i32.add(x, lane), source[1]), () => f.store("i32.store", place, -1, field.masks + lane * 4));
    const within = (at: Local, axis: 0 | 1) =>
      i32.and(i32.ge_s(at, 0), i32.le_s(i32.add(at, scheme.axes[axis].patch), source[axis]));
    f.if(i32.eqz(i32.and(i, 3)), () => f.set(inside, 1));
    f.set(inside, i32.and(inside, i32.and(within(x, 1), within(y, 0))));
    // The last tile of a quad says whether all four lie inside.
    f.store("i32.store", place, inside, field.inside);
    f.increase(place, placeBytes(plan));
  });
}

/** V of the listed tiles, from `channel` on: `base` is where that of the first quad and this channel goes. */
export function emitPatches(
  k: PhaseFunction,
  plan: WinogradPlan,
  at: {
    readonly g: Local;
    readonly quadCount: Local;
    readonly base: Local;
    readonly channel: Local | number;
    readonly channels: Local | number;
  },
): void {
  const { f } = k;
  const { depth } = plan;
  const { plane } = byteStrides(plan);
  const scratch = k.address(patch);
  for (let chunk = 0; chunk < chunksOf(plan); chunk++)
    f.store("v128.store", scratch, constF32x4(0), betweenBytes(plan) + chunk * 16);
  const kernels = [patchKernel(k, plan, false), patchKernel(k, plan, true)];
  const first = at.channel === 0 ? 0 : i32.mul(at.channel, plane);
  const source = keep(f, plus(k.address(input(0)), times(at.g, depth * plane), first));
  const quad = f.local("i32");
  const target = f.define(at.base);
  const place = f.define(k.address(places));
  f.forRange(quad, 0, at.quadCount, 1, () => {
    f.if(
      load("i32.load", place, placeBytes(plan) * 3 + field.inside),
      () => f.call(kernels[0], scratch, place, source, target, at.channels),
      () => f.call(kernels[1], scratch, place, source, target, at.channels),
    );
    f.increase(place, placeBytes(plan) * 4);
    f.increase(target, depth * 16);
  });
}
