// Which way each step of a plan goes: the fastest, unless the caller chooses or the packed weights would take too much memory
// (budget.ts). Equal kernels of equal types are thought about once.
import { NeocogError } from "../../../base/errors.ts";
import { exactText } from "../../../base/exact.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Step } from "../../../kernel/plan.ts";
import { type Strategies, waysOf } from "../strategies.ts";
import type { Emission, Way } from "../strategy.ts";
import { type Work, withinBudget } from "./budget.ts";

/** Chooses among the ways to carry out a step, best first; where it gives none, the plan is refused in a sentence. */
export type Choose = (ways: readonly Way[], step: Step) => Way | undefined;

/** Which way a step went, and between which it could choose, best first. */
export interface Choice {
  readonly step: string;
  readonly chosen: string;
  readonly ways: readonly Pick<Way, "name" | "time">[];
}

/** Chooses what was chosen for the step of the same label, where it takes this one too. */
export function following(choices: readonly Choice[]): Choose {
  const left = new Map<string, string[]>();
  for (const { step, chosen } of choices) left.set(step, [...(left.get(step) ?? []), chosen]);
  return (ways, { label }) => {
    const wanted = left.get(label)?.shift();
    return ways.find(({ name }) => name === wanted) ?? ways[0];
  };
}

/** The way that a step goes, and what that makes of it. */
export interface CarriedOut {
  /** Steps of the same key share their functions. */
  readonly key: string;
  readonly way: Way;
  readonly ways: Choice["ways"];
  readonly emission: Emission;
}

/** A kernel as text, large tables by their lengths only (their numbers are data, not code). */
const kernelKey = (kernel: Kernel): string =>
  exactText(kernel, (value) => (ArrayBuffer.isView(value) ? `table of ${value.byteLength}` : value));

/** The way that a step goes: the fastest, unless the caller chooses. */
function chooseWay(step: Step, ways: readonly Way[], choose: Choose | undefined): Way {
  const what = `the ${step.kernel.kind} of ${step.label}`;
  if (ways.length === 0) throw new NeocogError(`The WASM engine has no strategy for ${what}.`);
  const chosen = choose ? choose(ways, step) : ways[0];
  if (!chosen)
    throw new NeocogError(
      `Of the strategies for ${what} (${ways.map(({ name }) => name).join(", ")}) none was chosen.`,
    );
  return chosen;
}

export class Chooser {
  readonly #strategies: Strategies;
  readonly #choose: Choose | undefined;
  readonly #known = new Map<string, CarriedOut>();
  /** Steps that do not take the fastest way, for the sake of memory. */
  #thrifty: ReadonlyMap<Step, Way> = new Map();

  /** `works`: all steps that are loops; `weightBytes`: what keeps its numbers from run to run. */
  constructor(works: readonly Work[], weightBytes: number, strategies: Strategies, choose?: Choose) {
    this.#strategies = strategies;
    this.#choose = choose;
    if (!choose)
      this.#thrifty = withinBudget(
        works,
        weightBytes,
        (work) => this.carryOut(work),
        (work) => this.#waysOf(work),
      );
  }

  #waysOf({ kernel, context }: Work): Way[] {
    return waysOf(this.#strategies, kernel, context);
  }

  carryOut(work: Work): CarriedOut {
    const { step, kernel, context } = work;
    const thrifty = this.#thrifty.get(step);
    const text = `${kernelKey(kernel)} ${context.inputTypes} > ${context.outputTypes} ${context.stableInputs} ${thrifty?.name}`;
    const known = this.#known.get(text);
    if (known) return known;
    const ways = this.#waysOf(work);
    const way = thrifty ?? chooseWay(step, ways, this.#choose);
    const made = {
      key: `${way.name} ${text}`,
      way,
      ways: ways.map(({ name, time }) => ({ name, time })),
      emission: way.emit(),
    };
    // Tables are no part of the text, and a caller who chooses may choose by the step.
    const repeatable = !made.emission.buffers.some((definition) => definition.data) && !this.#choose;
    if (repeatable) this.#known.set(text, made);
    return made;
  }
}
