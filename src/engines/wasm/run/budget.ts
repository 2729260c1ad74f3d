// Packed weights stay under three times the weights. A strategy that is the fastest may keep four numbers for each weight
// (F(4x4, 3x3): 36 for 9), which a network of small maps and many channels pays in memory and gains little from. Where the
// fastest ways of all steps would keep too much, those that lose the least time for each byte saved take the next best way.
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Step } from "../../../kernel/plan.ts";
import {
  type BufferDefinition,
  buffer,
  type Emission,
  operandsRead,
  type StrategyContext,
  type Way,
} from "../strategy.ts";

/** Packed bytes for each byte of weights; tables need a little, too. */
const most = 2.9;
/** Less than this is never worth a slower way. */
const always = 2 ** 20;

/** The operands of the step that a buffer is written from. */
export const sourcesOf = ({ phases }: Emission, name: string): number[] =>
  phases.filter(({ writes }) => writes.includes(buffer(name))).flatMap(operandsRead);

/** Whether a buffer is written once and kept, for it depends on nothing but inputs that keep their numbers. */
export function isKept(
  { name, data, scope }: BufferDefinition,
  emission: Emission,
  stable: readonly boolean[],
): boolean {
  if (scope === "thread") return false;
  const writers = emission.phases.filter(({ writes }) => writes.includes(buffer(name)));
  return (
    data !== undefined ||
    (writers.every(({ once }) => once) && sourcesOf(emission, name).every((index) => stable[index]))
  );
}

export interface Work {
  readonly step: Step;
  readonly kernel: Kernel;
  readonly context: StrategyContext;
}

/** A way and the bytes that it keeps. */
interface Priced {
  readonly way: Way;
  readonly bytes: number;
}

function price(way: Way, { context }: Work, emission = way.emit()): Priced {
  const kept = emission.buffers.filter((definition) => isKept(definition, emission, context.stableInputs));
  return { way, bytes: kept.reduce((sum, definition) => sum + definition.bytes, 0) };
}

/**
 * The steps that should not take the fastest way, and what they should take. `fastest` gives the fastest way of a work and
 * what that makes of it, which is wanted again where it stays; `waysOf` gives all.
 */
export function withinBudget(
  works: readonly Work[],
  weightBytes: number,
  fastest: (work: Work) => { readonly way: Way; readonly emission: Emission },
  waysOf: (work: Work) => readonly Way[],
): ReadonlyMap<Step, Way> {
  const packing = works.filter(
    ({ kernel, context }) => kernel.kind === "contract" && context.stableInputs.some(Boolean),
  );
  const choices = packing.map((work): Choice => {
    const { way, emission } = fastest(work);
    const best = price(way, work, emission);
    return { work, best, taken: best };
  });
  const limit = Math.max(always, most * weightBytes);
  let total = choices.reduce((sum, { taken }) => sum + taken.bytes, 0);
  const alternatives = new Map<Work, Priced[]>();
  while (total > limit) {
    const swap = cheapestSwap(choices, alternatives, waysOf);
    if (!swap) break;
    total -= swap.choice.taken.bytes - swap.instead.bytes;
    swap.choice.taken = swap.instead;
  }
  // Large swaps overshoot: what fits again takes the fastest way after all.
  const changed = choices.filter(({ taken, best }) => taken !== best);
  for (const choice of changed.sort((a, b) => lossOf(b) - lossOf(a))) {
    const more = choice.best.bytes - choice.taken.bytes;
    if (total + more > limit) continue;
    total += more;
    choice.taken = choice.best;
  }
  return new Map(
    changed.filter(({ taken, best }) => taken !== best).map(({ work, taken }) => [work.step, taken.way] as const),
  );
}

interface Choice {
  readonly work: Work;
  readonly best: Priced;
  taken: Priced;
}

/** Time lost by what is taken. */
const lossOf = ({ taken, best }: Choice): number => taken.way.time - best.way.time;

/** The change that loses the least time for each byte that it saves. */
function cheapestSwap(
  choices: readonly Choice[],
  alternatives: Map<Work, Priced[]>,
  waysOf: (work: Work) => readonly Way[],
): { choice: Choice; instead: Priced } | undefined {
  let best: { choice: Choice; instead: Priced; price: number } | undefined;
  for (const choice of choices) {
    const { work, taken } = choice;
    const others = alternatives.get(work) ?? waysOf(work).map((way) => price(way, work));
    alternatives.set(work, others);
    for (const instead of others) {
      if (instead.bytes >= taken.bytes) continue;
      const loss = (instead.way.time - taken.way.time) / (taken.bytes - instead.bytes);
      if (!best || loss < best.price) best = { choice, instead, price: loss };
    }
  }
  return best;
}
