// How well the training pictures are learned, and how much of it holds for others.
import { diagnosis, percent, short } from "../diagnosis.ts";
import type { ClassEvidence } from "../evidence/classes.ts";
import type { HistoryEvidence } from "../evidence/history.ts";

const gap = 0.1;
const regained = 1.25;

interface Level {
  readonly train: number;
  readonly held: number | undefined;
  readonly part: string;
  /** Pictures that `held` is the share of, where known. */
  readonly pictures: number | undefined;
}

/** Accuracy on training and other pictures: as judged now, or as the history tells. */
function levels(history: HistoryEvidence, classes: ClassEvidence | undefined): Level | undefined {
  if (history.metric !== "accuracy" || history.epochs.length === 0) return undefined;
  const train = classes?.parts.find(({ part }) => part === "train");
  const held =
    classes?.parts.find(({ part }) => part === "test") ?? classes?.parts.find(({ part }) => part !== "train");
  const last = history.epochs[history.epochs.length - 1];
  return {
    train: train?.accuracy ?? history.value(last.train),
    held: held?.accuracy ?? (last.validation && history.value(last.validation)),
    part: held?.part ?? "validation",
    pictures: held?.labels.length,
  };
}

export const overfitting = diagnosis({
  name: "overfitting",
  about: "training pictures are known by heart, others are not",
  needs: ["history"],
  threshold: `an accuracy worse by ${gap} and 3 standard errors than on training pictures; of other tasks a validation loss that is ${regained} times its least one while the training loss falls`,
  source: "Prechelt 1998, Early stopping — but when?; Goodfellow et al. 2016, 5.2",
  next: "use more pictures or --augment, --weights best, fewer --epochs, or a smaller --model",
  look({ history, classes }) {
    const level = levels(history, classes);
    if (level) {
      const { train, held, part, pictures = 200 } = level;
      if (held === undefined) return [];
      const error = Math.sqrt((held * (1 - held)) / pictures);
      if (train - held < Math.max(gap, 3 * error)) return [];
      return [
        {
          severity: "warning",
          said: `The network is right ${percent(train)} of the time on training pictures, but ${percent(held)} on ${part} pictures.`,
          evidence: { train, [part]: held, gap: train - held, threshold: gap },
        },
      ];
    }
    const { validationLosses: held, losses } = history;
    const least = held.reduce((a, b) => Math.min(a, b), Infinity);
    const last = held.at(-1);
    const [train, before] = [losses.at(-1), losses[Math.max(0, held.indexOf(least))]];
    if (held.length < 3 || last === undefined || train === undefined) return [];
    if (last < regained * least || train >= before || last < 2 * train) return [];
    return [
      {
        severity: "warning",
        said: `The validation loss rose from ${short(least)} to ${short(last)} while the training loss fell to ${short(train)}.`,
        evidence: { least, last, train, threshold: regained },
      },
    ];
  },
});

const share = 0.5;

export const underfitting = diagnosis({
  name: "underfitting",
  about: "even the training pictures are not learned",
  needs: ["history"],
  threshold: `less than ${percent(share)} of the way from the commonest class to all right; of numbers a loss above ${share} of their variance`,
  source: "Goodfellow et al. 2016, 5.2: the training error itself is high",
  next: "train longer (--epochs), with a larger --model, a higher --lr, or less --augment",
  look({ history, classes }) {
    const last = history.epochs.at(-1);
    const level = levels(history, classes);
    if (level) {
      const counts = classes?.parts.find(({ part }) => part === "train")?.counts;
      const all = counts?.reduce((a, b) => a + b, 0) ?? 0;
      const base = counts && all > 0 ? Math.max(...counts) / all : 1 / Math.max(2, history.classes);
      // Where training is made harder than use, the other pictures tell better how much was learned.
      const reached = history.harder && !classes ? Math.max(level.train, level.held ?? 0) : level.train;
      const way = (reached - base) / Math.max(1e-9, 1 - base);
      if (way >= share) return [];
      return [
        {
          severity: "severe",
          said: `The network is right ${percent(reached)} of the time on its own training pictures; always answering the commonest class would reach ${percent(base)}.`,
          evidence: { train: reached, baseline: base, value: way, threshold: share },
        },
      ];
    }
    if (history.task !== "regression" || !last || last.train.loss <= share) return [];
    return [
      {
        severity: "severe",
        said: `The training loss ends at ${short(last.train.loss)} of the numbers' variance; always answering their mean would give 1.`,
        evidence: { value: last.train.loss, threshold: share },
      },
    ];
  },
});
