// What happens in a run of `fit`, written down as TensorBoard reads it: loss, main metric, rate and speed by steps and epochs,
// the settings as text, and on wish how the weights are spread. Whoever goes on with a run writes another file into the same
// folder, which says from which step on it counts.

import { clock, files } from "#host";
import { understand } from "../base/arguments.ts";
import { options as byName, flag, type OptionsOf, path } from "../base/rules.ts";
import { eventRecord, histogramOf, type SummaryValue, type TensorBoardEvent } from "../io/tfevents.ts";
import type { Layer } from "../nn/layer.ts";
import type { TrainingEvent } from "../train/events.ts";
import { type TaskName, taskOf } from "../use/tasks/list.ts";

/** A log that a run is told to. */
export interface EventLog {
  /** The file that is written. */
  readonly file: string;
  /** Takes note of an event; written in a batch at the end of an epoch, and every few seconds. */
  add(event: TrainingEvent<Layer, TaskName>): Promise<void>;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** Milliseconds between two writings. */
const patience = 5000;

/**
 * Opens a log of events for TensorBoard (`tensorboard --logdir runs`) in a folder, which is made. Hand it every event of `fit`,
 * and close it. Rejects with one sentence where nothing can be written.
 */
export async function openEventLog(
  folder: string,
  options: {
    /** Writes the spread of every variable's numbers after each epoch; false unless told. */
    readonly weights?: boolean;
    /** A text to show beside the curves, in Markdown. */
    readonly text?: string;
  } = {},
): Promise<EventLog> {
  understand("openEventLog", arguments, {
    folder: path,
    options: byName<OptionsOf<typeof openEventLog>>({ weights: flag, text: path }),
  });
  await files.makeFolder(folder);
  const seconds = (): number => new Date(clock.today()).getTime() / 1000;
  const file = await freeName(folder, Math.floor(seconds()));
  let waiting: Uint8Array[] = [];
  let written = clock.now();
  let metric = "";
  let perEpoch = 0;
  const note = (event: Omit<TensorBoardEvent, "wallTime">): void => {
    waiting.push(eventRecord({ wallTime: seconds(), ...event }));
  };
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const [parts, length] = [waiting, waiting.reduce((sum, { length: n }) => sum + n, 0)];
    const all = new Uint8Array(length);
    let offset = 0;
    for (const part of parts) {
      all.set(part, offset);
      offset += part.length;
    }
    waiting = [];
    written = clock.now();
    await files.append(file, all);
  };
  note({ fileVersion: "brain.Event:2" });
  await flush();
  return {
    file,
    async add(event) {
      switch (event.kind) {
        case "started":
          metric = taskOf(event).main.name;
          perEpoch = event.batches;
          if (event.epochsDone > 0) note({ step: event.epochsDone * perEpoch + 1, restart: true });
          if (options.text !== undefined) note({ step: 0, values: [{ tag: "recipe", text: options.text }] });
          break;
        case "batch":
          note({
            step: event.step,
            values: [
              ...scores(event, "batch", metric),
              { tag: "learning rate", scalar: event.learningRate },
              { tag: "images per second", scalar: event.imagesPerSecond },
            ],
          });
          break;
        case "epoch":
          note({
            step: event.step,
            values: [
              ...scores(event.train, "train", metric),
              ...(event.validation ? scores(event.validation, "validation", metric) : []),
              { tag: "epoch", scalar: event.epoch },
            ],
          });
          await flush();
          break;
        case "checkpoint": {
          const { trained, step, cursor } = event.checkpoint;
          if (!options.weights || cursor) break;
          const values = [...trained.weights].map(
            ([name, { data }]): SummaryValue => ({ tag: `weights/${name}`, histogram: histogramOf(data) }),
          );
          note({ step, values });
          break;
        }
      }
      if (clock.now() - written > patience) await flush();
    },
    close: flush,
  };
}

const scores = (score: object, part: string, metric: string): SummaryValue[] =>
  ["loss", metric].map((name) => ({
    tag: `${name}/${part}`,
    scalar: (score as Readonly<Record<string, number>>)[name],
  }));

/** A name that TensorBoard knows events by, and that nothing has yet. */
async function freeName(folder: string, second: number): Promise<string> {
  for (let i = 0; ; i++) {
    const file = files.join(folder, `events.out.tfevents.${second}.neocog.${i}`);
    if ((await files.kindOf(file)) === undefined) return file;
  }
}
