// How training went: loss, main metric and learning rate by epochs, and where the time was spent.

import { duration } from "../base/amounts.ts";
import type { EpochRecord } from "../train/record.ts";
import { type TaskName, taskOf } from "../use/tasks/list.ts";
import { type Html, html, type Part } from "./html.ts";
import { value as written } from "./numbers.ts";
import { barred, details, table } from "./page.ts";
import { type Axis, colours, lines, type Series } from "./plot.ts";

/** Epochs of a run with its name. */
export interface RunHistory {
  readonly name: string;
  readonly task: TaskName;
  readonly history: readonly EpochRecord<TaskName>[];
}

type ScoredSet = "train" | "validation";

/** What a set scored in an epoch: numbers by name, whatever the task. */
const scored = (one: EpochRecord<TaskName>, set: ScoredSet): Readonly<Record<string, number>> | undefined =>
  one[set] as unknown as Readonly<Record<string, number>> | undefined;

const pointsOf = ({ history }: RunHistory, set: ScoredSet, key: string): (readonly [number, number])[] =>
  history.flatMap((one) => {
    const score = scored(one, set);
    return score === undefined ? [] : [[one.epoch, score[key]] as const];
  });

const validated = ({ history }: RunHistory): boolean => history.some(({ validation }) => validation);

/** Loss, main metric and rate. Of one run training and validation; of several the set that each is judged by. */
export function curves(runs: readonly RunHistory[]): Part {
  const told = runs.filter(({ history }) => history.length > 0);
  if (told.length === 0) return undefined;
  const epochs = Math.max(...told.map(({ history }) => history.at(-1)!.epoch));
  const x: Axis = { label: "epoch", from: Math.min(1, epochs), to: Math.max(2, epochs), whole: true };
  const { name: metric } = taskOf(told[0]).main;
  const rate = told.map(({ name, history }, i): Series => {
    const points = history.map((one) => [one.epoch, one.learningRate] as const);
    return { name, points, colour: colours[i % colours.length], dashed: i >= colours.length };
  });
  const drawn = (key: string, title: string, log = false): Html =>
    lines(
      { title, about: `${title} by epoch. The numbers are in the table below.`, x, y: { label: title, log } },
      seriesOf(told, key),
    );
  const share = shares.has(metric);
  const losses = told.flatMap(({ history }) => history.map(({ train }) => train.loss));
  const log = losses.every((loss) => loss > 0) && Math.max(...losses) > 20 * Math.min(...losses);
  return html`<div class="grid">${drawn("loss", log ? "Loss (logarithmic)" : "Loss", log)}
${lines({ title: titleOf(metric), about: `${titleOf(metric)} by epoch. The numbers are in the table below.`, x, y: { label: metric, ...(share ? { write: (n: number) => `${Number((100 * n).toFixed(1))} %` } : {}) } }, seriesOf(told, metric))}
${lines({ title: "Learning rate", about: "Learning rate at the end of each epoch. The numbers are in the table below.", x, y: { label: "rate" } }, rate)}</div>
${told.map((run) => details(runs.length > 1 ? `Epoch by epoch: ${run.name}` : "Epoch by epoch", epochTable(run, metric)))}`;
}

/** Metrics of 0 to 1. */
const shares = new Set(["accuracy", "f1", "meanIoU"]);

/** meanAbsoluteError → Mean absolute error */
export const titleOf = (name: string): string => {
  if (name === "meanIoU") return "Mean IoU";
  if (name === "f1") return "F1";
  if (name === "psnr") return "PSNR";
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0].toUpperCase() + words.slice(1);
};

function seriesOf(runs: readonly RunHistory[], key: string): Series[] {
  if (runs.length === 1) {
    const validation = pointsOf(runs[0], "validation", key);
    const train = pointsOf(runs[0], "train", key);
    return [
      { name: "training", points: train, colour: colours[0], dashed: validation.length > 0 },
      ...(validation.length > 0 ? [{ name: "validation", points: validation, colour: colours[1] }] : []),
    ];
  }
  return runs.map((run, i) => {
    const [set, word] = validated(run) ? (["validation", "validation"] as const) : (["train", "training"] as const);
    const points = pointsOf(run, set, key);
    return { name: `${run.name} (${word})`, points, colour: colours[i % colours.length], dashed: i >= colours.length };
  });
}

const mostRows = 1000;

function epochTable(run: RunHistory, metric: string): Html {
  const sets: readonly ScoredSet[] = validated(run) ? ["train", "validation"] : ["train"];
  const number = true;
  const columns = [
    { head: "epoch", number },
    ...sets
      .map((set) => (set === "train" ? "training" : set))
      .flatMap((word) => [`${word} loss`, `${word} ${titleOf(metric)}`])
      .map((head) => ({ head, number })),
    ...["learning rate", "seconds"].map((head) => ({ head, number })),
  ];
  const rows = run.history
    .slice(-mostRows)
    .map((one) => [
      String(one.epoch),
      ...sets
        .map((set) => scored(one, set))
        .flatMap((score) => (score ? [written(score.loss), written(score[metric])] : ["–", "–"])),
      ...[one.learningRate.toPrecision(3), one.seconds.toFixed(1)],
    ]);
  return table("Epoch by epoch", columns, rows);
}

/** Seconds by what they were spent on. */
export type Phases = Readonly<Record<string, number>>;

export function phaseTable(phases: Phases | undefined, history: readonly EpochRecord<TaskName>[]): Part {
  const known =
    phases ?? (history.length > 0 ? { epochs: history.reduce((sum, { seconds }) => sum + seconds, 0) } : {});
  const all = Object.values(known).reduce((sum, seconds) => sum + seconds, 0);
  if (all === 0) return undefined;
  const rows = Object.entries(known).map(([name, seconds]) => [
    name,
    barred(seconds / all, duration(seconds)),
    `${((100 * seconds) / all).toFixed(1)} %`,
  ]);
  const columns = [{ head: "what" }, { head: "time", number: true }, { head: "share", number: true }];
  return table("Time by what it was spent on", columns, rows, ["together", duration(all), "100.0 %"]);
}
