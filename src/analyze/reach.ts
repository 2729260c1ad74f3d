// What one unit can really reach of a picture of this size. The receptive field of receptive.ts is a matter of geometry
// alone; here every map in between ends where it ends. A stride that leaves cells unread at the end of some map, or padding
// in the place of units that do not exist, takes away places at the far edge that the geometry would still count.
import type { Tensor } from "../graph/graph.ts";
import type { Spatial } from "../graph/op.ts";
import { walk } from "../graph/walk.ts";
import type { Interval } from "./receptive.ts";

/** Places of `from` that a unit of `to` reaches, first and last along each spatial axis; undefined if none. */
export function unitReaches(from: Tensor, to: Tensor, unit: readonly number[]): readonly Interval[] | undefined {
  const axes = from.shape.length - 2;
  const seen = new Map<Tensor, readonly Interval[]>([[to, unit.slice(0, axes).map((at): Interval => [at, at])]]);
  const nodes = walk([to]);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { op, inputs, outputs, attributes } = nodes[i];
    for (const output of outputs) {
      const wanted = seen.get(output);
      if (!wanted || output === from) continue;
      const rules = op.spatial?.(inputs, attributes, outputs) ?? inputs.map((x) => placeByPlace(x, output));
      inputs.forEach((input, k) => {
        const rule = rules[k] ?? "everything";
        if (rule === "nothing" || input.shape.length < axes + 2) {
          // A flattened map hands on all its places.
          if (rule !== "nothing") seen.set(input, []);
          return;
        }
        const reached = input.shape.slice(2).map((size, axis) => through(rule, wanted[axis], axis, size));
        if (reached.some((interval) => interval === undefined)) return;
        const before = seen.get(input);
        seen.set(
          input,
          (reached as Interval[]).map((interval, axis) => union(before?.[axis], interval)),
        );
      });
    }
  }
  return seen.get(from);
}

function placeByPlace(x: Tensor, y: Tensor): Spatial {
  const same = x.shape.length === y.shape.length && x.shape.every((n, axis) => axis < 2 || n === y.shape[axis]);
  return same ? x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 })) : "everything";
}

/** The units of an input that the units [first, last] read; all of them where there is no rule. */
function through(
  rule: Exclude<Spatial, "nothing">,
  wanted: Interval | undefined,
  axis: number,
  size: number,
): Interval | undefined {
  if (rule === "everything" || !wanted || !rule[axis]) return [0, size - 1];
  const { step, low, high } = rule[axis];
  const first = Math.max(0, Math.ceil(wanted[0] * step + low - 1e-9));
  const last = Math.min(size - 1, Math.floor(wanted[1] * step + high + 1e-9));
  return first <= last ? [first, last] : undefined;
}

const union = (a: Interval | undefined, b: Interval): Interval =>
  a ? [Math.min(a[0], b[0]), Math.max(a[1], b[1])] : b;
