// Trying several settings: a grid or random draws, each a run in a folder of its own. With successive halving (Jamieson & Talwalkar
// 2016) all run for a few epochs, and the better half goes on with twice as many. The validation decides; the test set is never
// opened. A table in the folder says what is done, so that a sweep that was killed goes on where it was.
import { files } from "#host";
import { understand } from "../../base/arguments.ts";
import { DataError, NeocogError } from "../../base/errors.ts";
import {
  options as byName,
  callback,
  flag,
  like,
  type OptionsOf,
  path,
  record,
  required,
  seed as seedRule,
  signal,
  whole,
} from "../../base/rules.ts";
import type { StopSignal } from "../../base/web.ts";
import type { Labels } from "../../data/labels.ts";
import { type Engine, engineRule } from "../../engines/engine.ts";
import type { Layer } from "../../nn/layer.ts";
import { openEngine } from "../../run/engines.ts";
import { checkOutput } from "../../use/output.ts";
import { type TaskName, taskFor, taskNames } from "../../use/tasks/list.ts";
import type { TrainingEvent } from "../events.ts";
import { fit } from "../fit.ts";
import { openCheckpoint } from "../folder.ts";
import type { FitOptions, TrainingData } from "../options.ts";
import { isBetter, mainIn } from "../record.ts";
import { optionsOf } from "../resume.ts";
import { type Space, type Tried, triedIn } from "./space.ts";

/** What is trained with some values. */
export interface Trial {
  /** The network. */
  readonly model: Layer;
  /** How it is trained; epochs, folder and engine are the sweep's. */
  readonly options?: Omit<FitOptions, "epochs" | "out" | "force" | "resume" | "engine" | "signal">;
}

/** Options of sweep. */
export interface SweepOptions {
  /** What is tried, by name: lists of values, or ranges. */
  readonly space: Space;
  /** A folder by its path: the table, and a folder for each run. A sweep that is there goes on. */
  readonly out: string;
  /** How many draws; every combination of the lists unless told. */
  readonly runs?: number;
  /** Seed of the draws; 0 unless told. */
  readonly seed?: number;
  /** Epochs of a run (with halving: of the last ones); 10 unless told. */
  readonly epochs?: number;
  /** Successive halving: few epochs for all, more for the better half each time; false unless told. */
  readonly halving?: boolean;
  /** Where to run; the best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
  /** Stops at once; the sweep goes on from there when it is called again. */
  readonly signal?: StopSignal;
}

/** A row of the table. */
export interface SweepRow {
  /** From 1. */
  readonly run: number;
  /** What it tries. */
  readonly tried: Tried;
  /** Epochs that it has been trained for. */
  readonly epochs: number;
  /** Best value of the task's main metric in the validation so far; undefined where its numbers broke down, or it could not begin. */
  readonly score?: number;
  /** Why there is no score. */
  readonly failure?: string;
}

/** What happens in a sweep. */
export type SweepEvent =
  | {
      /** A run begins, or goes on. */
      readonly kind: "run";
      /** From 1. */
      readonly run: number;
      /** How many there are. */
      readonly runs: number;
      /** What it tries. */
      readonly tried: Tried;
      /** Epochs that it goes to. */
      readonly epochs: number;
    }
  | {
      /** What happens in it. */
      readonly kind: "training";
      /** From 1. */
      readonly run: number;
      /** What fit tells. */
      readonly event: TrainingEvent<Layer, TaskName>;
    }
  | {
      /** All is done, or the signal was aborted. */
      readonly kind: "finished" | "stopped";
      /** Every run, the best first. */
      readonly table: readonly SweepRow[];
      /** The folder of the best run, where one has a score. */
      readonly best?: string;
    };

const version = 1;

interface Table {
  readonly settings: string;
  rows: SweepRow[];
}

/**
 * Trains with every combination of values (or so many draws), each in a folder of its own, and tells which did best in the
 * validation: `for await (const event of sweep(data, ({ lr }) => ({ model, options: { optimizer: SGD({ lr }) } }), { space: { lr:
 * [0.01, 0.1] }, out: "sweeps/a" }))`. The test set is never looked at. Throws a sentence where there is no validation data, or the
 * folder holds another sweep.
 */
export async function* sweep<D extends Labels = Int32Array>(
  data: TrainingData<D>,
  trial: (tried: Tried) => Trial | Promise<Trial>,
  options: SweepOptions,
): AsyncGenerator<SweepEvent, void, undefined> {
  understand("sweep", arguments, {
    // The test set is not even asked whether it is one.
    data: like("{ train, validation }: datasets, as openData() gives them", "train"),
    trial: callback,
    options: required(
      byName<OptionsOf<typeof sweep>>({
        ...{ space: required(record), out: required(path), runs: whole(1), seed: seedRule, epochs: whole(1) },
        ...{ halving: flag, engine: engineRule, signal },
      }),
    ),
  });
  const { space, out, runs, seed = 0, epochs = 10, halving = false, signal: stop } = options;
  const { train, validation } = data as unknown as TrainingData<Labels>;
  if (!validation)
    throw new NeocogError("sweep needs validation data: it says which run is better, and the test set must not.");
  const task = taskFor(train.labels);
  const all = triedIn(space, runs, seed);
  const settings = JSON.stringify({ version, space, runs: all.length, seed, epochs, halving, data: train.name });
  const table = await openTable(out, settings, all);
  const engine = options.engine ?? (await openEngine());
  try {
    let left = table.rows.map((_, i) => i);
    for (const [round, goal] of roundsOf(all.length, epochs, halving).entries()) {
      if (round > 0) left = ranked(table.rows, task, left).slice(0, Math.ceil(left.length / 2));
      for (const i of left) {
        const { epochs: done, failure } = table.rows[i];
        if (done >= goal || failure !== undefined) continue;
        yield { kind: "run", run: i + 1, runs: all.length, tried: all[i], epochs: goal };
        const folder = folderOf(out, i);
        const run = oneRun(await trial(all[i]), { train, validation }, { folder, epochs: goal, engine, stop, task });
        let row: Pick<SweepRow, "score" | "failure"> | undefined;
        for await (const event of run) {
          if ("kind" in event) yield { kind: "training", run: i + 1, event };
          else row = event;
        }
        if (!row) return yield { kind: "stopped", ...toldOf(table, task, out) };
        table.rows = table.rows.with(i, { ...table.rows[i], ...row, epochs: goal });
        await files.writeFileAtomic(files.join(out, tableName), written(table));
      }
    }
    yield { kind: "finished", ...toldOf(table, task, out) };
  } finally {
    if (!options.engine) await engine.close();
  }
}

const tableName = "sweep.json";
const folderOf = (out: string, i: number): string => files.join(out, `run-${String(i + 1).padStart(3, "0")}`);
const written = ({ settings, rows }: Table): string =>
  `${JSON.stringify({ settings: JSON.parse(settings), rows }, null, 2)}\n`;

/** Epochs that the runs of each round go to: with halving the last round has all, each before it half as many. */
export function roundsOf(runs: number, epochs: number, halving: boolean): number[] {
  if (!halving) return [epochs];
  const rounds = [epochs];
  for (let left = runs; left > 1 && rounds[0] > 1; left = Math.ceil(left / 2)) rounds.unshift(Math.ceil(rounds[0] / 2));
  return rounds;
}

async function openTable(out: string, settings: string, all: readonly Tried[]): Promise<Table> {
  const file = files.join(out, tableName);
  if ((await files.kindOf(file)) === undefined) {
    const table = { settings, rows: all.map((tried, i) => ({ run: i + 1, tried, epochs: 0 })) };
    await files.makeFolder(out);
    await files.writeFileAtomic(file, written(table));
    return table;
  }
  let found: { readonly settings?: unknown; readonly rows?: SweepRow[] };
  try {
    found = JSON.parse(await files.readText(file)) as typeof found;
  } catch (error) {
    throw new DataError(`${file} is no table of a sweep: ${(error as Error).message}`, { cause: error });
  }
  if (JSON.stringify(found.settings) !== settings || found.rows?.length !== all.length)
    throw new NeocogError(`${out} holds another sweep; give it the same settings to go on with it, or another folder.`);
  return { settings, rows: found.rows };
}

interface RunOptions {
  readonly folder: string;
  readonly epochs: number;
  readonly engine: Engine;
  readonly stop: StopSignal | undefined;
  readonly task: TaskName;
}

/** One run up to so many epochs, from where its folder is; at the end its score. Ends without one where it was stopped. */
async function* oneRun(
  { model, options = {} }: Trial,
  data: TrainingData<Labels>,
  { folder, epochs, engine, stop, task }: RunOptions,
): AsyncGenerator<TrainingEvent<Layer, TaskName> | Pick<SweepRow, "score" | "failure">, void, undefined> {
  const resume =
    (await checkOutput(folder)) === "model" ? await openCheckpoint(folder, { task: taskNames }) : undefined;
  const { weights: _, ...going } = options;
  const given: FitOptions = resume ? { ...going, ...optionsOf(resume), resume } : options;
  try {
    for await (const event of fit(model, data, {
      ...given,
      epochs,
      out: folder,
      engine,
      ...(stop ? { signal: stop } : {}),
    })) {
      yield event as TrainingEvent<Layer, TaskName>;
      if (event.kind === "stopped") return;
      if (event.kind !== "finished") continue;
      const scores = event.history.flatMap(({ validation }) => (validation ? [mainIn(task, validation)] : []));
      yield { score: scores.reduce((best, one) => (isBetter(task, one, best) ? one : best)) };
    }
  } catch (error) {
    // Values that cannot be trained with are no reason to lose the others; a disk that is full is.
    if (!(error instanceof NeocogError) || error instanceof DataError) throw error;
    yield { failure: error.message };
  }
}

/** Places of rows, the best first; those without a score last. */
function ranked(rows: readonly SweepRow[], task: TaskName, among: readonly number[]): number[] {
  return among.toSorted((a, b) => {
    const [one, other] = [rows[a], rows[b]];
    if (one.score === undefined || other.score === undefined || one.score === other.score)
      return Number(one.score === undefined) - Number(other.score === undefined) || a - b;
    return isBetter(task, one.score, other.score) ? -1 : 1;
  });
}

/** Runs that came further stand before those that were left behind. */
function toldOf({ rows }: Table, task: TaskName, out: string): { table: readonly SweepRow[]; best?: string } {
  const order = ranked(
    rows,
    task,
    rows.map((_, i) => i),
  );
  const table = order.map((i) => rows[i]).toSorted((one, other) => other.epochs - one.epochs);
  const [first] = table.filter(({ score }) => score !== undefined);
  return { table, ...(first ? { best: folderOf(out, first.run - 1) } : {}) };
}
