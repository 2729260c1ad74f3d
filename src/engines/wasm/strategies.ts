// Every strategy of the engine: tests, benchmarks and the chooser go through these lists.
import type { Kernel } from "../../kernel/kernel.ts";
import { contractStrategies } from "./contract/list.ts";
import { copyStrategy } from "./loops/copy.ts";
import { indexStrategy } from "./loops/indexing.ts";
import { mapStrategy } from "./loops/map.ts";
import { reduceVectorStrategy } from "./loops/reduce.ts";
import { reduceScalarStrategy } from "./loops/reduceScalar.ts";
import { windowStrategy } from "./loops/window.ts";
import { windowLanesStrategy } from "./loops/windowLanes.ts";
import { windowMaximumStrategy } from "./loops/windowMaximum.ts";
import type { Strategy, StrategyContext, Way } from "./strategy.ts";

type Lists = { readonly [Kind in Kernel["kind"]]: readonly Strategy<Extract<Kernel, { kind: Kind }>>[] };

export const strategies: Lists = {
  map: [mapStrategy],
  reduce: [reduceVectorStrategy, reduceScalarStrategy],
  window: [windowLanesStrategy, windowMaximumStrategy, windowStrategy],
  contract: contractStrategies,
  copy: [copyStrategy],
  index: [indexStrategy],
};

/** All ways to carry out a kernel, the one expected to be fastest first. */
export function waysOf(kernel: Kernel, context: StrategyContext): Way[] {
  // A list holds strategies for its own kind only, so the kernel fits what its list takes.
  const list = strategies[kernel.kind] as readonly Strategy[];
  const ways = list.map((strategy) => strategy.way(kernel, context)).filter((way) => way !== undefined);
  return ways.sort((a, b) => a.time - b.time);
}
