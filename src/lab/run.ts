// Running exhibits: finds them by name, checks their parameters, opens the engines, and draws the verdict from the checks.

import { clock } from "#host";
import { understand } from "../base/arguments.ts";
import { NeocogError, nearest, unknownName } from "../base/errors.ts";
import {
  options as byName,
  callback,
  type OptionsOf,
  oneOf,
  optional,
  record as recordRule,
  signal,
  text,
  whole,
} from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import type { Engine } from "../engines/engine.ts";
import { type EngineName, engineNames, openEngine } from "../run/engines.ts";
import type { Exhibit, Findings, LabContext, Parameter } from "./exhibit.ts";
import { exhibits } from "./list.ts";

/** What a run gave: the findings, the verdict, and what was asked. */
export interface ExhibitReport extends Findings {
  /** What was run. */
  readonly exhibit: Exhibit;
  /** The value of every parameter, defaults filled in. */
  readonly values: Readonly<Record<string, number | string>>;
  /** Whether every check holds. */
  readonly verdict: boolean;
  /** How long the run took. */
  readonly seconds: number;
  /** Name of the engine that it ran on. */
  readonly engine: string;
}

/** Values as a user gives them: numbers, or text as typed on a command line. */
export type GivenValues = Readonly<Record<string, number | string | undefined>>;

/** Options of runExhibit. */
export interface ExhibitOptions {
  /** Told how many parts of how many are done, and which is next. */
  readonly progress?: LabContext["progress"];
  /** Stops the run; the promise is then rejected with the signal's reason. */
  readonly signal?: StopSignal;
  /** How a parameter is written where the values come from, for errors: a command line says `--rate`. */
  readonly named?: (parameter: string) => string;
}

/** A laboratory with its engines open: run any number of exhibits in it, then close it. */
export interface Lab {
  /** The engine that exhibits run on. */
  readonly engine: Engine;
  /** Runs an exhibit by its id. Throws for unknown ids and parameters and for values out of range. */
  run(id: string, given?: GivenValues, options?: ExhibitOptions): Promise<ExhibitReport>;
  /** Ends the engines; the lab cannot be used any more. */
  close(): Promise<void>;
}

/** The exhibit of an id; an unknown one is refused with the nearest right one. */
export function findExhibit(id: string): Exhibit {
  understand("findExhibit", arguments, { id: text });
  const found = exhibits.find((one) => one.id === id);
  if (!found) {
    throw unknownName(
      "exhibit",
      id,
      exhibits.map((one) => one.id),
    );
  }
  return found;
}

/** Opens the engines, the fastest of this machine unless told. */
export async function openLab(
  name: EngineName = "auto",
  options: {
    /** Threads that take part; all cores unless told. */
    readonly threads?: number;
  } = {},
): Promise<Lab> {
  understand("openLab", arguments, {
    name: optional(oneOf(engineNames)),
    options: byName<OptionsOf<typeof openLab>>({ threads: whole(1) }),
  });
  const engine = await openEngine(name, options);
  const direct = await openEngine(name, { ...options, direct: true });
  const exact = await openEngine("reference");
  const engines = [engine, direct, exact];
  return {
    engine,
    async run(id, given = {}, { progress = () => {}, signal, named } = {}) {
      const exhibit = findExhibit(id);
      const values = readValues(exhibit, given, named);
      const began = clock.now();
      const context: LabContext = { engine, direct, exact, progress, ...(signal ? { signal } : {}) };
      const { parts, checks } = await exhibit.run(values, context);
      const verdict = checks.length > 0 && checks.every((check) => check.holds);
      return { exhibit, values, parts, checks, verdict, engine: engine.name, seconds: (clock.now() - began) / 1000 };
    },
    async close() {
      for (const one of engines) await one.close();
    },
  };
}

/** Runs one exhibit: `runExhibit("kernel-learning", { rate: 0.01 })`. */
export async function runExhibit(
  id: string,
  given: GivenValues = {},
  options: ExhibitOptions = {},
): Promise<ExhibitReport> {
  understand("runExhibit", arguments, {
    id: text,
    given: optional(recordRule),
    options: byName<OptionsOf<typeof runExhibit>>({ progress: callback, signal, named: callback }),
  });
  const exhibit = findExhibit(id);
  readValues(exhibit, given, options.named);
  const lab = await openLab();
  try {
    return await lab.run(id, given, options);
  } finally {
    await lab.close();
  }
}

/** Fills in defaults; refuses unknown names, and values out of their range with the range. */
export function readValues(
  { id, parameters }: Exhibit,
  given: GivenValues,
  named = (parameter: string): string => parameter,
): Readonly<Record<string, number | string>> {
  const names = Object.keys(parameters);
  const quoted = (name: string): string => (named(name) === name ? `"${name}"` : named(name));
  for (const name of Object.keys(given)) {
    if (name in parameters) continue;
    const near = nearest(name, names);
    const mend = near
      ? `did you mean ${quoted(near)}?`
      : names.length === 0
        ? "it has none."
        : `its parameters are: ${names.map(named).join(", ")}.`;
    throw new NeocogError(`The exhibit "${id}" has no parameter ${quoted(name)}; ${mend}`);
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, card]) => [name, readValue(id, named(name), card, given[name])]),
  );
}

function readValue(id: string, name: string, card: Parameter, value: number | string | undefined): number | string {
  if (value === undefined) return card.default;
  if (card.kind === "choice") {
    if (typeof value === "string" && card.words.includes(value)) return value;
    const near = nearest(String(value), card.words);
    throw new NeocogError(
      `${id}: ${name} can be ${card.words.join(", ")}, not "${value}"${near ? `; did you mean "${near}"?` : "."}`,
    );
  }
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  const fits = number >= card.least && number <= card.most && (card.kind === "real" || Number.isInteger(number));
  if (!fits) {
    const kind = card.kind === "whole" ? "a whole number" : "a number";
    throw new NeocogError(`${id}: ${name} must be ${kind} from ${card.least} to ${card.most}, not ${value}.`);
  }
  return number;
}
