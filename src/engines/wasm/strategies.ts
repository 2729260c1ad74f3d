// Every strategy of the engine: tests, benchmarks and the chooser go through these lists. What only some plans need is loaded
// when such a plan comes.
import type { Kernel } from "../../kernel/kernel.ts";
import { contractFamilies } from "./contract/list.ts";
import { copyStrategy } from "./loops/copy.ts";
import { mapStrategy } from "./loops/map.ts";
import { reduceVectorStrategy } from "./loops/reduce.ts";
import { reduceScalarStrategy } from "./loops/reduceScalar.ts";
import { windowStrategy } from "./loops/window.ts";
import { windowLanesStrategy } from "./loops/windowLanes.ts";
import { windowMaximumStrategy } from "./loops/windowMaximum.ts";
import { type Family, loadFamilies, present, type Strategy, type StrategyContext, type Way } from "./strategy.ts";

type Of<Kind extends Kernel["kind"]> = Extract<Kernel, { kind: Kind }>;

const families: { readonly [Kind in Kernel["kind"]]: readonly Family<Of<Kind>>[] } = {
  map: [present(mapStrategy)],
  reduce: [present(reduceVectorStrategy, reduceScalarStrategy)],
  window: [present(windowLanesStrategy, windowMaximumStrategy, windowStrategy)],
  contract: contractFamilies,
  copy: [present(copyStrategy)],
  index: [{ mayTake: () => true, load: async () => [(await import("./loops/indexing.ts")).indexStrategy] }],
};

/** Strategies by the kind of kernel that they take, in the order of preference where estimates are equal. */
export type Strategies = { readonly [Kind in Kernel["kind"]]: readonly Strategy<Of<Kind>>[] };

/** Those that may take one of these kernels; all of them without kernels. */
export async function strategiesFor(kernels?: readonly Kernel[]): Promise<Strategies> {
  const load = async <Kind extends Kernel["kind"]>(kind: Kind): Promise<readonly Strategy<Of<Kind>>[]> =>
    loadFamilies(
      families[kind] as readonly Family<Of<Kind>>[],
      kernels?.filter((kernel): kernel is Of<Kind> => kernel.kind === kind),
    );
  const [map, reduce, window, contract, copy, index] = await Promise.all([
    load("map"),
    load("reduce"),
    load("window"),
    load("contract"),
    load("copy"),
    load("index"),
  ]);
  return { map, reduce, window, contract, copy, index };
}

/** All ways to carry out a kernel by these strategies, the one expected to be fastest first. */
export function waysOf(strategies: Strategies, kernel: Kernel, context: StrategyContext): Way[] {
  // A list holds strategies for its own kind only, so the kernel fits what its list takes.
  const list = strategies[kernel.kind] as readonly Strategy[];
  const ways = list.map((strategy) => strategy.way(kernel, context)).filter((way) => way !== undefined);
  return ways.sort((a, b) => a.time - b.time);
}
