// Training as it is seen. On a terminal a table grows by a row an epoch, and the row of the running epoch moves; elsewhere
// every epoch is a plain line, and a long one tells how far it is every ten seconds.
//
//   epoch                          loss  accuracy  validation  images/s   time left
//    1/12  ━━━━━━━━━━━━━━━━━━━━  0.8123    74.2 %      91.1 %     9,123        12 s
//    2/12  ━━━━━╸──── ⣷⣄⣀⡀ ⣀⣤⣶⣿  0.3211    90.1 %                 9,200        10 s
//
// Beside the bar of the running epoch stand loss and main metric over all steps so far; at the end both once more, over the width.

import { duration, grouped, percent } from "../src/base/amounts.ts";
import type { BatchEvent, EpochEvent, Layer, TaskName, TrainingEvent } from "../src/doors/neocog.ts";
import { type Bar, drawBar, openBar } from "./bar.ts";
import type { Context } from "./context.ts";
import { Course, spark } from "./spark.ts";
import type { MetricColumn } from "./tasks/view.ts";

export interface TrainingView {
  show(event: TrainingEvent<Layer, TaskName>): void;
  /** Takes away what moves. */
  stop(): void;
}

/** `scored`: validation or test, as the set that is scored after every epoch is called; empty where there is none. */
export const trainingView = (context: Context, scored: string, metric: MetricColumn): TrainingView =>
  context.terminal ? terminalView(context, scored, metric) : plainView(context, scored, metric);

/** The main metric in a score, as it is shown. */
const shown = (score: object, metric: MetricColumn): string => metric.show(valueIn(score, metric));

const valueIn = (score: object, { name }: MetricColumn): number => (score as Readonly<Record<string, number>>)[name];

/** `scored`: what the pictures are called that are scored after every epoch. */
const headsFor = (scored: string, { head }: MetricColumn): readonly (readonly [string, number])[] => [
  ["loss", 8],
  [head, Math.max(10, head.length + 2)],
  [scored, 12],
  ["images/s", 10],
  ["time left", 12],
];

function terminalView(context: Context, scored: string, metric: MetricColumn): TrainingView {
  const { paint, width } = context;
  const heads = headsFor(scored, metric);
  let bar: Bar | undefined;
  let last: BatchEvent<TaskName> | undefined;
  const fixed = heads.reduce((sum, [, columns]) => sum + columns, 0);
  const [losses, values] = [new Course(), new Course()];
  /** The bar, and where there is room for them two curves. */
  const moving = (share: number, length: number): string => {
    const columns = Math.min(14, Math.floor((length - 10) / 2));
    if (columns < 4) return drawBar(share, length, context);
    const curves = [losses, values].map((course) => ` ${paint.key(spark(course.values, columns))}`);
    return drawBar(share, length - 2 * columns - 2, context) + curves.join("");
  };
  const row = (epoch: number, epochs: number, share: number, cells: readonly string[]): string => {
    const name = `${String(epoch).padStart(String(epochs).length)}/${epochs}`.padStart(7);
    const waits = last && last.waiting >= lazy ? `  waits ${percent(last.waiting, 0)}` : "";
    const length = Math.max(0, Math.max(8, Math.min(40, width - 1 - 7 - 2 - fixed)) - waits.length);
    // The rows that are done step back behind the one that runs.
    const bar = share < 1 ? moving(share, length) : paint.faint("━".repeat(length));
    return `${name}  ${bar}${cells.map((cell, i) => cell.padStart(heads[i][1])).join("")}${waits}`;
  };
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    stop,
    show(event) {
      switch (event.kind) {
        case "started": {
          const length = Math.max(8, Math.min(40, width - 1 - 7 - 2 - fixed));
          const names = heads.map(([name, columns]) => name.padStart(columns)).join("");
          context.say(paint.title(`${"epoch".padStart(7)}  ${" ".repeat(length)}${names}`));
          break;
        }
        case "batch":
          last = event as BatchEvent<TaskName>;
          losses.add(last.loss);
          values.add(valueIn(last, metric));
          bar ??= openBar(context, (share) => (last ? row(last.epoch, last.epochs, share, running(last, metric)) : ""));
          bar.update(event.batch / event.batches);
          break;
        case "epoch":
          stop();
          context.say(row(event.epoch, event.epochs, 1, finished(event, last, metric)));
          break;
        case "warning":
          stop();
          context.say(paint.warn(event.message));
          break;
        case "stopped":
          stop();
          break;
        case "finished": {
          const columns = Math.min(60, width - 2 - Math.max(8, metric.head.length) - 2);
          const courses = [
            ["loss", losses],
            [metric.head, values],
          ] as const;
          if (losses.values.length > 1)
            for (const [name, course] of courses)
              context.say(
                `${paint.faint(name.padStart(Math.max(8, metric.head.length)))}  ${paint.key(spark(course.values, columns))}`,
              );
          break;
        }
      }
    },
  };
}

/** From this share of the time on it is said that the engine stands still, because pictures are not read quickly enough. */
const lazy = 0.1;

function waiting(event: BatchEvent<TaskName> | undefined): string {
  return event && event.waiting >= lazy ? `, ${percent(event.waiting, 0)} of the time waiting for pictures` : "";
}

const loss = (value: number): string => (value < 1000 ? value.toFixed(4) : value.toExponential(1));

function running({ epochScore, imagesPerSecond, secondsLeft }: BatchEvent<TaskName>, metric: MetricColumn): string[] {
  return [loss(epochScore.loss), shown(epochScore, metric), "", grouped(imagesPerSecond), duration(secondsLeft)];
}

function finished(
  { train, validation, epoch, epochs }: EpochEvent<TaskName>,
  last: BatchEvent<TaskName> | undefined,
  metric: MetricColumn,
): string[] {
  const left = epoch === epochs ? 0 : (last?.secondsLeft ?? Number.NaN);
  return [
    loss(train.loss),
    shown(train, metric),
    validation ? shown(validation, metric) : "",
    grouped(last?.imagesPerSecond ?? 0),
    duration(left),
  ];
}

/** Seconds without a word after which a line tells how far the epoch is. */
const silence = 10;

function plainView(context: Context, scored: string, metric: MetricColumn): TrainingView {
  let last: BatchEvent<TaskName> | undefined;
  let spoken = Date.now();
  const say = (line: string): void => {
    context.say(line);
    spoken = Date.now();
  };
  return {
    stop() {},
    show(event) {
      if (event.kind === "warning") say(event.message);
      if (event.kind === "batch") {
        last = event as BatchEvent<TaskName>;
        if (Date.now() - spoken < silence * 1000) return;
        const { epoch, epochs, batch, batches } = event;
        const [value, reached, , speed, left] = running(event, metric);
        say(
          `epoch ${epoch}/${epochs}, ${percent(batch / batches, 0)}: loss ${value}, ${metric.head} ${reached}, ${speed} images/s, ${left} left${waiting(event)}`,
        );
      }
      if (event.kind === "epoch") {
        const [value, reached, score, speed, left] = finished(event, last, metric);
        const tested = score === "" ? "" : `, ${scored} ${score}`;
        say(
          `epoch ${event.epoch}/${event.epochs}: loss ${value}, ${metric.head} ${reached}${tested}, ${speed} images/s, ${left} left${waiting(last)}`,
        );
      }
    },
  };
}
