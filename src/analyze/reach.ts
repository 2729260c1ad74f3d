// Which places of a picture one unit really reads. The receptive field of receptive.ts is a matter of geometry alone; here
// every map on the way ends where it ends, and what stands beyond is told: a stride leaves cells unread at the end of a map,
// zeros stand in the place of units that do not exist, circular padding goes on at the other side, reflection and
// replication come back. It is where the gradient of the unit with respect to the picture can be other than zero.

import { understand } from "../base/arguments.ts";
import { shape as shapeRule } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import type { Spatial } from "../graph/op.ts";
import { walk } from "../graph/walk.ts";
import type { Interval } from "./receptive.ts";
import { placesRead, spatialOf } from "./spatial.ts";

/** Runs of neighbouring places, first and last of each, in order. */
export type Runs = readonly Interval[];

/** Places along each axis. */
type Places = readonly ReadonlySet<number>[];

/**
 * Places of `from` that a unit of `to` reaches, as runs along each spatial axis; undefined if there are none. Two 3x3 with
 * circular padding on 9 cells: unit 0 reaches [[0, 2], [7, 8]].
 */
export function unitReaches(from: Tensor, to: Tensor, unit: readonly number[]): readonly Runs[] | undefined {
  understand("unitReaches", arguments, { from: tensor, to: tensor, unit: shapeRule() });
  const axes = from.shape.length - 2;
  const seen = new Map<Tensor, Places>([[to, unit.slice(0, axes).map((at) => new Set([at]))]]);
  const nodes = walk([to]);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    for (const output of node.outputs) {
      const wanted = seen.get(output);
      if (!wanted || output === from) continue;
      const rules = spatialOf(node, output);
      node.inputs.forEach((input, k) => {
        const rule = rules[k] ?? "everything";
        if (rule === "nothing") return;
        // A flattened map hands on all its places.
        const flat = input.shape.length < axes + 2;
        const reached = flat ? [] : input.shape.slice(2).map((size, axis) => through(rule, wanted[axis], axis, size));
        if (reached.some((places) => places.size === 0)) return;
        const before = seen.get(input);
        seen.set(
          input,
          reached.map((places, axis) => new Set([...(before?.[axis] ?? []), ...places])),
        );
      });
    }
  }
  return seen.get(from)?.map(runsOf);
}

/** The places of an input that some places read; all of them where there is no rule. */
function through(
  rule: Exclude<Spatial, "nothing">,
  wanted: ReadonlySet<number> | undefined,
  axis: number,
  size: number,
): Set<number> {
  if (rule === "everything" || !wanted || !rule[axis])
    return new Set(Array.from({ length: size }, (_, place) => place));
  return new Set([...wanted].flatMap((at) => placesRead(rule[axis], at, size)));
}

function runsOf(places: ReadonlySet<number>): Runs {
  const runs: [first: number, last: number][] = [];
  for (const place of [...places].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && place === run[1] + 1) run[1] = place;
    else runs.push([place, place]);
  }
  return runs;
}
