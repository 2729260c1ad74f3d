// The report of a run, or of several side by side: one page with all that was computed of it.

import { count, duration, grouped } from "../base/amounts.ts";
import { understand } from "../base/arguments.ts";
import { options as byName, like, listOf, type OptionsOf, signal as signalRule } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import type { PictureSet } from "../data/images.ts";
import { type Engine, engineRule } from "../engines/engine.ts";
import { openEngine } from "../run/engines.ts";
import type { Settings } from "../train/checkpoint.ts";
import type { EpochRecord } from "../train/record.ts";
import { weightsHash } from "../use/hash.ts";
import { type TaskName, usualTask } from "../use/tasks/list.ts";
import { curves, type Phases, phaseTable } from "./curves.ts";
import { type Html, html, type Part } from "./html.ts";
import { inside } from "./inside.ts";
import { type AnyTrained, type Judged, judge } from "./judged.ts";
import { networkTable, parametersOf, settingRows, settingTable } from "./network.ts";
import { facts, page, type Section, table } from "./page.ts";
import { reportTask } from "./tasks/list.ts";

/** Something that was found out about a run, with what to try next. */
export interface ReportFinding {
  /** In a few words. */
  readonly name: string;
  /** The figures that it rests on. */
  readonly evidence: string;
  /** What to try. */
  readonly next: string;
}

/** A run to report of. */
export interface ReportRun {
  /** What it is called, its folder say. */
  readonly name: string;
  /** The model. */
  readonly trained: AnyTrained;
  /** A record of each epoch, as a checkpoint holds them. */
  readonly history?: readonly EpochRecord<TaskName>[];
  /** What it was trained with, as a checkpoint holds it. */
  readonly settings?: Settings;
  /** The pictures that it is judged by, and which part they are. */
  readonly data?: {
    /** As it was named. */
    readonly name: string;
    /** Which part, as an adjective. */
    readonly part: string;
    /** The pictures with their labels. */
    readonly set: PictureSet;
    /** Pictures of each part, by its name. */
    readonly pictures?: Readonly<Record<string, number>>;
  };
  /** Why there are no pictures, as a sentence. */
  readonly missing?: string;
  /** Seconds by what they were spent on. */
  readonly phases?: Phases;
  /** What a diagnosis found. */
  readonly findings?: readonly ReportFinding[];
}

/**
 * A page about one run, or several side by side: curves, time, the network, everything that was set, and of pictures what the
 * model's task measures, with the worst mistakes, calibration, filters, feature maps and Grad-CAM for classes. All is computed
 * here; names are text in it, whatever they hold; it runs no script, asks nothing of the net, and is about 0.3 MB large, below 2 MB for any model. Rejects
 * with the signal's reason once it is aborted.
 */
export async function report(
  runs: readonly ReportRun[],
  options: {
    /** The best engine of this machine unless told. Stays open. */
    readonly engine?: Engine;
    /** Stops the work. */
    readonly signal?: StopSignal;
  } = {},
): Promise<string> {
  understand("report", arguments, {
    runs: listOf(like("a run { name, trained }", "name", "trained"), "a list of runs", 1),
    options: byName<OptionsOf<typeof report>>({ engine: engineRule, signal: signalRule }),
  });
  const engine = options.engine ?? (await openEngine());
  const { signal } = options;
  try {
    const told: Told[] = [];
    for (const run of runs) {
      const { trained, data } = run;
      const judged = data && (await judge(trained, data.set, { engine, ...(signal ? { signal } : {}) }));
      told.push({ ...run, ...(judged ? { judged } : {}), hash: await weightsHash(trained.weights) });
    }
    return told.length === 1 ? await ofOne(told[0]) : ofSeveral(told);
  } finally {
    if (!options.engine) await engine.close();
  }
}

interface Told extends ReportRun {
  readonly judged?: Judged;
  readonly hash: string;
}

const taskNameOf = ({ trained }: Told): TaskName => trained.task ?? usualTask;

async function ofOne(run: Told): Promise<string> {
  const { name, trained, judged, history = [], settings, phases, findings } = run;
  const task = taskNameOf(run);
  const row = reportTask(task);
  const figures = judged ? row.figures(judged) : [];
  const sections: Section[] = [
    { id: "findings", title: "Diagnosis", body: findings && findingList(findings) },
    { id: "training", title: "Training", body: curves([{ name, task, history }]) },
    ...(judged ? await row.sections(judged) : []),
    {
      id: "inside",
      title: "What it looks at",
      body:
        judged && task === "classification" ? await inside(judged as unknown as Judged<"classification">) : undefined,
    },
    { id: "network", title: "Network", body: networkTable(trained) },
    { id: "time", title: "Time", body: phaseTable(phases, history) },
    { id: "data", title: "Data", body: dataTable(run) },
    { id: "recipe", title: "Recipe", body: settingTable([{ name, settings: settingRows(settings, trained) }]) },
  ];
  const header = html`<h1>${name}</h1>
<p class="lead">${lead(run)}</p>
${run.missing !== undefined && html`<ul class="warnings" style="margin-top:1rem"><li><p><b>No pictures.</b> ${run.missing} What needs them is left out.</p></li></ul>`}
${facts([...figures, ["parameters", grouped(parametersOf(trained))], ...effort(history)])}`;
  return page(`${name}: report`, header, sections, foot([run]));
}

/** What was measured on what. */
function lead(run: Told): Part {
  const { data, judged } = run;
  const what = `${taskNameOf(run)}, ${count(run.trained.classes.length, "class", "classes")}`;
  if (!data || !judged) return what;
  return html`${what}; measured on ${grouped(judged.evaluation.images)} ${data.part} pictures of ${data.name}`;
}

const effort = (history: readonly EpochRecord<TaskName>[]): (readonly [string, Part])[] =>
  history.length === 0
    ? []
    : [
        ["epochs", grouped(history.length)],
        ["time", duration(history.reduce((sum, { seconds }) => sum + seconds, 0))],
      ];

const findingList = (findings: readonly ReportFinding[]): Html =>
  findings.length === 0
    ? html`<ul class="warnings good"><li>Nothing was found to be wrong.</li></ul>`
    : html`<ul class="warnings">${findings.map(({ name, evidence, next }) => html`<li><p><b>${name}.</b> ${evidence}</p><p class="note">Try: ${next}</p></li>`)}</ul>`;

function dataTable({ data, trained }: Told): Part {
  if (!data) return undefined;
  const { set, part, pictures = { [part]: set.images.shape[0] } } = data;
  const [, channels, height, width] = set.images.shape;
  const rows = Object.entries(pictures).map(([name, n]): readonly Part[] => [name, grouped(n)]);
  const form = `${width} × ${height} pixels, ${channels === 1 ? "gray" : "colour"}`;
  return html`<p class="about">${data.name}: ${form}${trained.classes.length > 0 && html`; ${trained.classes.slice(0, 60).join(", ")}${trained.classes.length > 60 && ", …"}`}</p>
${table("Pictures of each part", [{ head: "part" }, { head: "pictures", number: true }], rows)}`;
}

const foot = (runs: readonly Told[]): Part =>
  html`${runs.map(({ name, hash }) => html`<p class="hash">Weights${runs.length > 1 && html` of ${name}`}, SHA-256: <code>${hash}</code></p>`)}
<p>Made by neocog report. The page holds all it needs, runs no script and asks nothing of the net.</p>`;

function ofSeveral(runs: readonly Told[]): string {
  const histories = runs.map((run) => ({ name: run.name, task: taskNameOf(run), history: run.history ?? [] }));
  const same = new Set(runs.map(taskNameOf)).size === 1;
  const settings = runs.map(({ name, trained, settings: set }) => ({ name, settings: settingRows(set, trained) }));
  const sections: Section[] = [
    { id: "figures", title: "Figures", body: figureTable(runs) },
    {
      id: "training",
      title: "Training",
      body: same ? curves(histories) : histories.map((one) => html`<h3>${one.name}</h3>${curves([one])}`),
    },
    { id: "classes", title: "Class by class", body: same ? classTable(runs) : undefined },
    { id: "recipe", title: "Recipes", about: "What differs stands first.", body: settingTable(settings) },
  ];
  const header = html`<h1>${runs.map(({ name }) => name).join(" · ")}</h1><p class="lead">${count(runs.length, "run")} side by side</p>
${runs.map(({ name, missing }) => missing !== undefined && html`<p class="note"><b>${name}:</b> ${missing}</p>`)}`;
  return page(`${runs.map(({ name }) => name).join(", ")}: report`, header, sections, foot(runs));
}

function figureTable(runs: readonly Told[]): Html {
  const each = runs.map((run): ReadonlyMap<string, Part> => {
    const { judged, data, trained, history = [] } = run;
    return new Map<string, Part>([
      ["task", taskNameOf(run)],
      ...(data && judged
        ? [["measured on", `${data.name}, ${grouped(judged.evaluation.images)} ${data.part} pictures`] as const]
        : []),
      ...(judged ? reportTask(taskNameOf(run)).figures(judged) : []),
      ["parameters", grouped(parametersOf(trained))],
      ...effort(history),
    ]);
  });
  const names = [...new Set(each.flatMap((one) => [...one.keys()]))];
  const columns = [{ head: "" }, ...runs.map(({ name }) => ({ head: name, number: true }))];
  return table(
    "Figures of the runs",
    columns,
    names.map((name) => [name, ...each.map((one) => one.get(name) ?? "–")]),
  );
}

function classTable(runs: readonly Told[]): Part {
  const each = runs.flatMap((run) =>
    run.judged ? [{ name: run.name, ...reportTask(taskNameOf(run)).perClass(run.judged.evaluation) }] : [],
  );
  if (each.length < 2) return undefined;
  const names = [...new Set(each.flatMap(({ values }) => values.map(([name]) => name)))].slice(0, 500);
  const maps = each.map(({ values }) => new Map(values));
  const columns = [{ head: each[0].what }, ...each.map(({ name }) => ({ head: name, number: true }))];
  return table(
    `${each[0].what}, run by run`,
    columns,
    names.map((name) => [name, ...maps.map((one) => one.get(name) ?? "–")]),
  );
}
