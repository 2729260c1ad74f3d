// Staging: a copy of each plane with its zero padding made real and, for a stride s, split into its residues:
//
//   x:       a b c d e f g        stride 2, padding 1:    residue 0:  0 b d f        tap r looks at residue (r d) mod s,
//                                                         residue 1:  a c e g        starting at floor(r d / s)
//
// After it, all outputs y see a given tap at a constant distance and side by side: no bounds to check, no strides, and
// any number of spatial axes looks the same. Only residues that some tap looks at are stored.
import type { ConvolutionGeometry } from "../../../kernel/kernel.ts";
import { type FunctionBuilder, i32, type Local, load, shuffle32 } from "../code/assembler.ts";
import { keep, plus } from "./walk.ts";

export interface Staging {
  readonly input: number;
  /** False where the source can be read as it is: stride 1 and nothing outside looked at. */
  readonly needed: boolean;
  /** Images times channels. */
  readonly planes: number;
  readonly source: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  /** Stored residues of each axis, and stored places of each residue. */
  readonly residues: readonly (readonly number[])[];
  readonly extent: readonly number[];
  /** Elements from one place to the next along each axis; elements of a plane with all residues. */
  readonly pitch: readonly number[];
  readonly planeSize: number;
  /** For each axis: where its looks begin (to be summed over the axes). */
  readonly places: readonly (readonly number[])[];
}

/**
 * `planes` planes of size `source`, seen by `counts` outputs, output y looking from place y * stride along each axis at the distances
 * `looks`. The number of outputs is rounded up to a multiple of `round`, and a copy made then.
 */
interface Seen {
  /** Which input of the kernel. */
  readonly input: number;
  readonly planes: number;
  readonly source: readonly number[];
  /** 1 where it is not said. */
  readonly stride?: readonly number[];
  readonly counts: readonly number[];
  readonly looks: readonly (readonly number[])[];
  readonly round?: number;
}

/** The output's gradient, input 1 of a filter gradient, each place of which is seen once. */
export const stageGradient = ({ batch, outChannels, output }: ConvolutionGeometry, round: number): Staging =>
  stage({
    input: 1,
    planes: batch * outChannels,
    source: output,
    counts: output,
    looks: output.map(() => [0]),
    round,
  });

/** Plans how planes are staged. */
export function stage({ input, planes, source, counts, looks, round = 1, ...rest }: Seen): Staging {
  const stride = rest.stride ?? source.map(() => 1);
  // One output along an axis has no stride; an axis that nothing looks along has one look at its start.
  const steps = stride.map((s, axis) => (counts[axis] === 1 ? 1 : s));
  const seen = looks.map((list) => (list.length > 0 ? list : [0]));
  const padding = seen.map((list) => Math.max(0, -Math.min(...list)));
  const shifted = seen.map((list, axis) => list.map((look) => look + padding[axis]));
  const residues = shifted.map((list, axis) =>
    [...new Set(list.map((look) => look % steps[axis]))].sort((a, b) => a - b),
  );
  const floor = (look: number, axis: number): number => Math.floor(look / steps[axis]);
  const rounded = counts.map((n) => Math.ceil(n / round) * round);
  const reach = shifted.map((list, axis) => Math.max(...list.map((look) => floor(look, axis))) + rounded[axis]);
  const needed =
    round > 1 || steps.some((s) => s > 1) || padding.some((p) => p > 0) || reach.some((n, axis) => n > source[axis]);
  const extent = needed ? reach : [...source];
  const pitch = extent.map(() => 1);
  let size = 1;
  for (let axis = extent.length - 1; axis >= 0; axis--) {
    pitch[axis] = size;
    size *= extent[axis];
  }
  const residueSize = extent.map(() => 0);
  for (let axis = extent.length - 1; axis >= 0; axis--) {
    residueSize[axis] = size;
    size *= residues[axis].length;
  }
  const places = shifted.map((list, axis) =>
    list.map((look) => {
      const which = residues[axis].indexOf(look % steps[axis]);
      return which * residueSize[axis] + floor(look, axis) * pitch[axis];
    }),
  );
  return {
    input,
    needed,
    planes,
    source,
    stride: steps,
    padding,
    residues,
    extent,
    pitch,
    places,
    planeSize: size,
  };
}

/** Emits the staging of plane `plane` (a local): from the planes at `source` to the plane at `target` (byte addresses). */
export function emitStaging(f: FunctionBuilder, staging: Staging, source: Local, target: Local): void {
  f.memoryFill(target, 0, staging.planeSize * 4);
  emitPlane(f, staging, source, target);
}

/** The same, into a plane whose padding is zero already. */
export function emitPlane(f: FunctionBuilder, staging: Staging, source: Local, target: Local): void {
  const { residues, extent, stride, padding } = staging;
  const rank = extent.length;
  let done = 0;
  const visit = (chosen: readonly number[]): void => {
    if (chosen.length < rank) {
      for (const residue of residues[chosen.length]) visit([...chosen, residue]);
      return;
    }
    const size = extent.reduce((a, b) => a * b, 1);
    const base = done * size;
    done++;
    const both = splits(staging);
    // The second residue of a row comes with the first.
    if (both && chosen[rank - 1] === 1) return;
    // Along each axis the places [low, high) lie inside the source, at place * stride + residue - padding.
    const low = chosen.map((residue, axis) => Math.max(0, Math.ceil((padding[axis] - residue) / stride[axis])));
    const high = chosen.map((residue, axis) =>
      Math.min(extent[axis], Math.floor((staging.source[axis] - 1 + padding[axis] - residue) / stride[axis]) + 1),
    );
    if (low.some((from, axis) => from >= high[axis])) return;
    if (both) low[rank - 1] = 0;
    const residue = both ? [...chosen.slice(0, -1), padding[rank - 1]] : chosen;
    emitBox(f, staging, { source, target, residue, low, high, base });
  };
  visit([]);
}

/** Whether rows of an even length are parted into both residues of stride 2, all of each being stored. */
function splits({ residues, stride, source, padding, extent }: Staging): boolean {
  const last = extent.length - 1;
  const [width, pad] = [source[last], padding[last]];
  const stored = residues[last].length === 2 && Math.floor((pad + 1) / 2) + width / 2 <= extent[last];
  return stride[last] === 2 && width % 2 === 0 && width >= 8 && stored;
}

/** The places [low, high) of the planes of one residue, which begin `base` elements behind the target. */
interface Box {
  readonly source: Local;
  readonly target: Local;
  readonly residue: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly base: number;
}

function emitBox(f: FunctionBuilder, staging: Staging, { source, target, residue, low, high, base }: Box): void {
  const { stride, padding, pitch } = staging;
  const last = pitch.length - 1;
  const sourceStrides = staging.source.map((_, axis) => staging.source.slice(axis + 1).reduce((a, b) => a * b, 1));
  const start = low.map((from, axis) => from * stride[axis] + residue[axis] - padding[axis]);
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, n, i) => sum + n * b[i], 0);
  const walk = (axis: number, from: Local, to: Local): void => {
    if (axis === last && splits(staging)) {
      emitSplitRow(f, from, to, staging);
      return;
    }
    if (axis === last) {
      emitRow(f, from, to, high[last] - low[last], stride[last]);
      return;
    }
    const nextFrom = f.define(from);
    const nextTo = f.define(to);
    const i = f.local("i32");
    f.forRange(i, 0, high[axis] - low[axis], 1, () => {
      walk(axis + 1, nextFrom, nextTo);
      f.increase(nextFrom, sourceStrides[axis] * stride[axis] * 4);
      f.increase(nextTo, pitch[axis] * 4);
    });
  };
  walk(0, keep(f, plus(source, dot(start, sourceStrides) * 4)), keep(f, plus(target, (base + dot(low, pitch)) * 4)));
}

/** A whole row to both residues: the even places to one, the odd ones to the other; the last eight go back to end with the row. */
function emitSplitRow(f: FunctionBuilder, from: Local, to: Local, { padding, source, extent }: Staging): void {
  const last = extent.length - 1;
  const [width, pad] = [source[last], padding[last]];
  const size = extent.reduce((a, b) => a * b, 1);
  const [even, odd] = [0, 1].map((place) => ((place + pad) % 2) * size * 4 + Math.floor((place + pad) / 2) * 4);
  const eight = (at: Local, target: Local, place: number): void => {
    const low = f.define(load("v128.load", at, place * 4));
    const high = f.define(load("v128.load", at, place * 4 + 16));
    f.store("v128.store", target, shuffle32(low, high, [0, 2, 4, 6]), even + place * 2);
    f.store("v128.store", target, shuffle32(low, high, [1, 3, 5, 7]), odd + place * 2);
  };
  if (width <= 32) {
    for (let place = 0; place < width; place += 8) eight(from, to, Math.min(place, width - 8));
    return;
  }
  const i = f.local("i32");
  const at = f.define(from);
  const target = f.define(to);
  f.forRange(i, 0, width >> 3, 1, () => {
    eight(at, target, 0);
    f.increase(at, 32);
    f.increase(target, 16);
  });
  if (width % 8 !== 0) eight(from, to, width - 8);
}

/** Copies `count` elements that lie `stride` apart to adjacent places. */
function emitRow(f: FunctionBuilder, from: Local, to: Local, count: number, stride: number): void {
  if (stride === 1 && count >= 4 && count <= 32) {
    // The last four go back to end with the row.
    for (let place = 0; place < count; place += 4) {
      const at = Math.min(place, count - 4) * 4;
      f.store("v128.store", to, load("v128.load", from, at), at);
    }
    return;
  }
  // With stride 2 eight elements are read for four: the last vector must not read past the last element that counts.
  const vectors = stride === 1 ? count >> 2 : stride === 2 ? (count - 1) >> 2 : 0;
  const i = f.local("i32");
  const source = f.local("i32");
  if (vectors > 0) {
    f.set(source, from);
    f.forRange(i, 0, vectors * 16, 16, () => {
      const place = i32.add(to, i);
      if (stride === 1) f.store("v128.store", place, load("v128.load", source));
      else {
        const low = load("v128.load", source);
        const high = load("v128.load", source, 16);
        f.store("v128.store", place, shuffle32(low, high, [0, 2, 4, 6]));
      }
      f.increase(source, 16 * stride);
    });
  }
  const rest = count - vectors * 4;
  if (rest <= 4) {
    for (let k = 0; k < rest; k++) {
      const place = vectors * 4 + k;
      f.store("f32.store", to, load("f32.load", from, place * stride * 4), place * 4);
    }
    return;
  }
  f.set(source, from);
  f.forRange(i, 0, count * 4, 4, () => {
    f.store("f32.store", i32.add(to, i), load("f32.load", source));
    f.increase(source, 4 * stride);
  });
}
