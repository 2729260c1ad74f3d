// A last epoch that is worse than an earlier one.
import { diagnosis, percent, short } from "../diagnosis.ts";

const worse = 0.03;
const ofNumbers = 0.2;

export const lastWorseThanBest = diagnosis({
  name: "last-worse-than-best",
  about: "an earlier epoch did better in the validation than the last, whose weights are the model's",
  needs: ["history"],
  threshold: `a share worse by ${worse}; of errors and decibels by ${percent(ofNumbers)}`,
  source: "Prechelt 1998: keep the weights of the best epoch",
  next: "use the best epoch's: --weights best",
  look({ history: { epochs, best, metric, value, higher } }) {
    const last = epochs.at(-1);
    if (!best || !last?.validation) return [];
    const now = value(last.validation);
    const off = higher ? best.value - now : now - best.value;
    const isShare = higher && best.value <= 1 && now >= 0;
    const relative = isShare ? off : off / Math.max(Math.abs(best.value), 1e-12);
    const limit = isShare ? worse : ofNumbers;
    if (!(relative >= limit)) return [];
    return [
      {
        severity: "warning",
        said: `Epoch ${best.epoch} had a validation ${metric} of ${short(best.value)}, the last (${last.epoch}) has ${short(now)}.`,
        evidence: { best: best.value, last: now, epoch: best.epoch, threshold: limit },
      },
    ];
  },
});
