// How a training run ends: the score on the test pictures, what was confused, where the model lies, what to try next.
import {
  type BestEpoch,
  type Evaluation,
  type FinishedEvent,
  type Split,
  type StoppedEvent,
  secondsTo,
} from "../src/index.ts";
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

export function finished(
  { history, best, seconds, weightsHash, folder }: FinishedEvent,
  evaluation: Evaluation,
  { skipped }: Split,
  data: string,
  out: string,
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
      test: { images, accuracy, loss },
      classes,
      confusion,
      perClass,
      history,
      ...(best ? { best: { epoch: best.epoch, accuracy: best.accuracy } } : {}),
      secondsTo: reached,
      seconds,
      weightsHash,
      skipped,
    },
    text: () =>
      [
        "",
        `${scoreLine(evaluation, context, "Test accuracy")}, ${epochs}, ${duration(seconds)}`,
        ...reached.slice(0, 1).map(() => wrap(`Time to a test accuracy of ${times}.`, width).join("\n")),
        "",
        confusionTable(evaluation, width, paint),
        "",
        `The model is in ${paint.title(out)}  ${paint.faint(`(weights ${weightsHash.slice(0, 12)})`)}`,
        ...(best && best.epoch < history.length ? wrap(betterEpoch(best, history.length), width) : []),
        "",
        "Try next:",
        ...next(data, out, context),
      ].join("\n"),
  };
}

const betterEpoch = ({ epoch, accuracy }: BestEpoch, last: number): string =>
  `It is used as it was after epoch ${last}. Epoch ${epoch} did better in the validation, ${percent(accuracy)}: --weights best uses that one, which is kept in best.safetensors.`;

function next(data: string, out: string, { paint, width }: Context): string[] {
  const self = invocation();
  const lines: (readonly [string, string])[] = [
    [`${self} eval ${quote(out)} ${quote(data)} --mistakes wrong`, "see what it gets wrong"],
    [`${self} predict ${quote(out)} <picture>`, "ask it about a picture"],
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
      ? `${out} holds the first ${count(epochsDone, "epoch")}. Go on with:\n  ${paint.key(`${invocation()} train ${quote(data)} --out ${quote(out)} --resume`)}`
      : "No epoch was whole yet, so nothing was written.";
  return {
    json: { data, stopped: { epoch, batch, epochsDone }, ...(epochsDone > 0 ? { folder: out } : {}) },
    text: () => `\nStopped in epoch ${epoch}, after ${count(batch, "batch", "batches")}.\n${kept}`,
  };
}

/** As a shell wants it. */
const quote = (text: string): string => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
