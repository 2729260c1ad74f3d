// How a training run ends: the score on the test pictures (or what there is of others), what was confused, where the model lies,
// what to try next.

import { count, duration } from "../src/base/amounts.ts";
import type {
  FinishedEvent,
  Layer,
  PictureSet,
  Split,
  StoppedEvent,
  TaskName,
  TaskTypes,
} from "../src/doors/neocog.ts";
import type { Answer } from "./command.ts";
import type { Context } from "./context.ts";
import { invocation } from "./invocation.ts";
import { pairs, wrap } from "./lines.ts";
import { howFar } from "./plan.ts";
import type { AnyView } from "./tasks/list.ts";
import type { Ended, NextStep } from "./tasks/view.ts";

/** The pictures that tell how good a network has become, and what is to be thought of them. */
export interface Measured {
  readonly part: "test" | "validation" | "train";
  readonly set: PictureSet;
  readonly note: string;
}

/** `watched`: the test pictures were scored after every epoch. */
export function measuredOf({ train, validation, test }: Split<PictureSet>, watched: boolean): Measured {
  if (test && watched) {
    return {
      part: "test",
      set: test,
      note: "The test pictures were scored after every epoch: what was chosen by that, they flatter.",
    };
  }
  if (test) return { part: "test", set: test, note: "The test pictures were looked at once, now." };
  if (validation) {
    const note =
      "The validation pictures were scored after every epoch, and there is no test set: only pictures that nothing was chosen by tell how good it really is.";
    return { part: "validation", set: validation, note };
  }
  const note = "There are no other pictures than those it was trained on: this says nothing of new ones.";
  return { part: "train", set: train, note };
}

export interface Told {
  readonly data: string;
  /** Where the test pictures lie, if not with the data. */
  readonly asked?: string;
  readonly out: string;
  /** How the set is called that was scored after every epoch. */
  readonly scored: string;
  /** Where the report went, if there is one. */
  readonly page?: string | undefined;
  /** What `eval` needs to find the same pictures again. */
  readonly evalFlags: string;
}

export function finished(
  { history, best, seconds, weightsHash, folder }: FinishedEvent<Layer, TaskName>,
  evaluation: TaskTypes[TaskName]["evaluation"],
  view: AnyView,
  split: Split<PictureSet>,
  { part, set, note }: Measured,
  { data, asked = data, out, scored, page, evalFlags }: Told,
  context: Context,
): Answer {
  const { paint, width } = context;
  const { name, show } = view.metric;
  const value = best && (best as unknown as Readonly<Record<string, number>>)[name];
  return {
    json: {
      ...{ data, folder, ...view.document(evaluation, part, split, history), history },
      ...(best ? { best: { epoch: best.epoch, [name]: value } } : {}),
      ...(page === undefined ? {} : { report: page }),
      ...{ seconds, weightsHash, skipped: split.skipped },
    },
    lines: () => [
      "",
      `${view.score(evaluation, context, titles[part])}, ${count(history.length, "epoch")}, ${duration(seconds)}`,
      ...view.worth(set),
      ...wrap(note, width).map(paint.faint),
      ...(view.milestones?.(history, scored) ?? []).flatMap((line) => wrap(line, width)),
      "",
      ...paragraph(view.rows(evaluation, context)),
      `The model is in ${paint.title(out)}  ${paint.faint(`(weights ${weightsHash.slice(0, 12)})`)}`,
      ...(page === undefined ? [] : [`All about it: ${paint.title(page)}`]),
      ...(best && value !== undefined && best.epoch < history.length
        ? wrap(betterEpoch(best.epoch, show(value, true), history.length), width)
        : []),
      "",
      "Try next:",
      ...pairs(nextSteps(view, { data: quote(asked), out: quote(out), evalFlags }), width, paint.key),
    ],
  };
}

/** Lines with an empty one after them, if there are any. */
const paragraph = (lines: readonly string[]): string[] => (lines.length > 0 ? [...lines, ""] : []);

const betterEpoch = (epoch: number, value: string, last: number): string =>
  `It is used as it was after epoch ${last}. Epoch ${epoch} did better in the validation, ${value}: --weights best uses that one, which is kept in best.safetensors.`;

const titles = { test: "Test", validation: "Validation", train: "Training" } as const;

const nextSteps = (view: AnyView, ended: Ended): NextStep[] =>
  view.next(ended).map(([command, what]) => [`${invocation()} ${command}`, what]);

export function stopped(event: StoppedEvent, data: string, out: string, { paint }: Context): Answer {
  const { epoch, batch, epochsDone, batchesDone = 0 } = event;
  const isKept = epochsDone + batchesDone > 0;
  const kept = isKept
    ? [
        `${out} holds the first ${howFar(epochsDone, batchesDone)}. Go on with:`,
        `  ${paint.key(`${invocation()} train ${quote(data)} --out ${quote(out)} --resume`)}`,
      ]
    : ["Nothing was to be kept yet, so nothing was written."];
  return {
    json: {
      ...{ data, stopped: { epoch, batch, epochsDone, ...(batchesDone > 0 ? { batchesDone } : {}) } },
      ...(isKept ? { folder: out } : {}),
    },
    lines: () => ["", `Stopped in epoch ${epoch}, after ${count(batch, "batch", "batches")}.`, ...kept],
  };
}

/** As a shell wants it. */
const quote = (text: string): string => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
