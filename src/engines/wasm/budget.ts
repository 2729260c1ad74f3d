// Packed weights stay under three times the weights. A strategy that is the fastest may keep four numbers for each weight
// (F(4x4, 3x3): 36 for 9), which a network of small maps and many channels pays in memory and gains little from. Where the
// fastest ways of all steps would keep too much, those that lose the least time for each byte saved take the next best way.
import type { Kernel } from "../../kernel/kernel.ts";
import type { Step } from "../../kernel/plan.ts";
import { fitting } from "./strategies.ts";
import type { BufferDefinition, Emission, Strategy, StrategyContext } from "./strategy.ts";

/** Packed bytes for each byte of weights; tables need a little, too. */
const most = 2.9;
/** Less than this is never worth a slower way. */
const always = 2 ** 20;

/** Whether a buffer is written once and kept, for it depends on nothing but inputs that keep their numbers. */
export function isKept(
  { name, data, scope }: BufferDefinition,
  { phases }: Emission,
  stable: readonly boolean[],
): boolean {
  if (scope === "thread") return false;
  const writers = phases.filter(({ writes }) => writes.includes(`buffer ${name}`));
  const sources = writers.flatMap(({ reads }) => reads.filter((place) => place.startsWith("input ")));
  return (
    data !== undefined ||
    (writers.every(({ once }) => once) && sources.every((place) => stable[Number(place.slice("input ".length))]))
  );
}

export interface Work {
  readonly step: Step;
  readonly kernel: Kernel;
  readonly context: StrategyContext;
}

interface Way {
  readonly strategy: Strategy;
  readonly time: number;
  readonly bytes: number;
}

function wayOf(strategy: Strategy, { kernel, context }: Work, emission = strategy.emit(kernel, context)): Way {
  const kept = emission.buffers.filter((definition) => isKept(definition, emission, context.stableInputs));
  const bytes = kept.reduce((sum, definition) => sum + definition.bytes, 0);
  return { strategy, time: strategy.estimate(kernel, context), bytes };
}

/**
 * The steps that should not take the fastest way, and what they should take. `fastest` gives the fastest way of a work and
 * what that makes of it, which is wanted again where it stays.
 */
export function withinBudget(
  works: readonly Work[],
  weightBytes: number,
  fastest: (work: Work) => { readonly strategy: Strategy; readonly emission: Emission },
): ReadonlyMap<Step, Strategy> {
  const packing = works.filter(
    ({ kernel, context }) => kernel.kind === "contract" && context.stableInputs.some(Boolean),
  );
  const choices = packing.map((work): Choice => {
    const { strategy, emission } = fastest(work);
    const way = wayOf(strategy, work, emission);
    return { work, best: way, way };
  });
  const limit = Math.max(always, most * weightBytes);
  let total = choices.reduce((sum, { way }) => sum + way.bytes, 0);
  const alternatives = new Map<Work, Way[]>();
  while (total > limit) {
    const swap = cheapestSwap(choices, alternatives);
    if (!swap) break;
    total -= swap.choice.way.bytes - swap.way.bytes;
    swap.choice.way = swap.way;
  }
  // Large swaps overshoot: what fits again takes the fastest way after all.
  const changed = choices.filter(({ way, best }) => way !== best);
  for (const choice of changed.sort((a, b) => b.way.time - b.best.time - (a.way.time - a.best.time))) {
    const more = choice.best.bytes - choice.way.bytes;
    if (total + more > limit) continue;
    total += more;
    choice.way = choice.best;
  }
  return new Map(
    changed.filter(({ way, best }) => way !== best).map(({ work, way }) => [work.step, way.strategy] as const),
  );
}

interface Choice {
  readonly work: Work;
  readonly best: Way;
  way: Way;
}

/** The change that loses the least time for each byte that it saves. */
function cheapestSwap(
  choices: readonly Choice[],
  alternatives: Map<Work, Way[]>,
): { choice: Choice; way: Way } | undefined {
  let best: { choice: Choice; way: Way; price: number } | undefined;
  for (const choice of choices) {
    const { work } = choice;
    const ways = alternatives.get(work) ?? fitting(work.kernel, work.context).map((one) => wayOf(one, work));
    alternatives.set(work, ways);
    for (const way of ways) {
      if (way.bytes >= choice.way.bytes) continue;
      const price = (way.time - choice.way.time) / (choice.way.bytes - way.bytes);
      if (!best || price < best.price) best = { choice, way, price };
    }
  }
  return best;
}
