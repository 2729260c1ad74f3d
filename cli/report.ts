// How a training run ends: the score on the test pictures (or what there is of others), what was confused, where the model lies,
// what to try next.
import {
  type BestEpoch,
  type ClassSet,
  type Evaluation,
  type FinishedEvent,
  type Split,
  type StoppedEvent,
  secondsTo,
} from "../src/doors/neocog.ts";
import { baselineIfUneven, classCounts } from "./balance.ts";
import type { Answer } from "./command.ts";
import { confusionTable } from "./confusion.ts";
import type { Context } from "./context.ts";
import { invocation } from "./invocation.ts";
import { pairs, wrap } from "./lines.ts";
import { count, duration, grouped, percent } from "./numbers.ts";

/** Accuracy 98.61 % (354 of 359 pictures), loss 0.0512 */
export function scoreLine({ accuracy, images, loss }: Evaluation, context: Context, what = "Accuracy"): string {
  const right = grouped(Math.round(accuracy * images));
  const title = context.paint.title(`${what} ${percent(accuracy)}`);
  return `${title} (${right} of ${count(images, "picture")}), loss ${loss.toFixed(4)}`;
}

/** Accuracies whose time is told when they are reached. */
const levels = [0.85, 0.9, 0.91, 0.92, 0.93, 0.95, 0.98, 0.99];

/** The pictures that tell how good a network has become, and what is to be thought of them. */
export interface Measured {
  readonly part: "test" | "validation" | "train";
  readonly set: ClassSet;
  readonly note: string;
}

/** `watched`: the test pictures were scored after every epoch. */
export function measuredOf({ train, validation, test }: Split<ClassSet>, watched: boolean): Measured {
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
  readonly out: string;
  /** How the set is called that was scored after every epoch. */
  readonly scored: string;
  /** What `eval` needs to find the same pictures again. */
  readonly evalFlags: string;
}

export function finished(
  { history, best, seconds, weightsHash, folder }: FinishedEvent,
  evaluation: Evaluation,
  split: Split<ClassSet>,
  { part, set, note }: Measured,
  { data, out, scored, evalFlags }: Told,
  context: Context,
): Answer {
  const { accuracy, loss, confusion, perClass, classes, images } = evaluation;
  const { paint, width } = context;
  const epochs = count(history.length, "epoch");
  const reached = levels.flatMap((level) => {
    const after = secondsTo(level, history);
    return after === undefined ? [] : [{ level, seconds: after }];
  });
  const times = reached.map(({ level, seconds: after }) => `${level}: ${duration(after)}`).join(", ");
  return {
    json: {
      data,
      folder,
      [part]: { images, accuracy, loss },
      counts: classCounts(split),
      classes,
      confusion,
      perClass,
      history,
      ...(best ? { best: { epoch: best.epoch, accuracy: best.accuracy } } : {}),
      secondsTo: reached,
      seconds,
      weightsHash,
      skipped: split.skipped,
    },
    lines: () => [
      "",
      `${scoreLine(evaluation, context, titles[part])}, ${epochs}, ${duration(seconds)}`,
      ...baselineIfUneven(set),
      ...wrap(note, width).map(paint.faint),
      ...reached.slice(0, 1).flatMap(() => wrap(`Time to a ${scored} accuracy of ${times}.`, width)),
      "",
      ...confusionTable(evaluation, width, paint),
      "",
      `The model is in ${paint.title(out)}  ${paint.faint(`(weights ${weightsHash.slice(0, 12)})`)}`,
      ...(best && best.epoch < history.length ? wrap(betterEpoch(best, history.length), width) : []),
      "",
      "Try next:",
      ...next(data, out, evalFlags, context),
    ],
  };
}

const betterEpoch = ({ epoch, accuracy }: BestEpoch, last: number): string =>
  `It is used as it was after epoch ${last}. Epoch ${epoch} did better in the validation, ${percent(accuracy)}: --weights best uses that one, which is kept in best.safetensors.`;

const titles = { test: "Test accuracy", validation: "Validation accuracy", train: "Training accuracy" } as const;

function next(data: string, out: string, evalFlags: string, { paint, width }: Context): string[] {
  const self = invocation();
  const lines: (readonly [string, string])[] = [
    [`${self} eval ${quote(out)} ${quote(data)}${evalFlags} --mistakes wrong`, "see what it gets wrong"],
    ["digits", "mnist"].includes(data)
      ? [`${self} predict ${quote(out)} <picture> --invert`, "ask it about a digit in ink on paper"]
      : [`${self} predict ${quote(out)} <picture>`, "ask it about a picture"],
    [`${self} inspect ${quote(out)}`, "see what each layer costs"],
    data === "fashion-mnist"
      ? [`${self} train <folder>`, "your own pictures, one sub-folder a class"]
      : [`${self} train fashion-mnist`, "a harder task: clothes"],
  ];
  return pairs(lines, width, paint.key);
}

export function stopped(event: StoppedEvent, data: string, out: string, { paint }: Context): Answer {
  const { epoch, batch, epochsDone } = event;
  const kept =
    epochsDone > 0
      ? [
          `${out} holds the first ${count(epochsDone, "epoch")}. Go on with:`,
          `  ${paint.key(`${invocation()} train ${quote(data)} --out ${quote(out)} --resume`)}`,
        ]
      : ["No epoch was whole yet, so nothing was written."];
  return {
    json: { data, stopped: { epoch, batch, epochsDone }, ...(epochsDone > 0 ? { folder: out } : {}) },
    lines: () => ["", `Stopped in epoch ${epoch}, after ${count(batch, "batch", "batches")}.`, ...kept],
  };
}

/** As a shell wants it. */
const quote = (text: string): string => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
