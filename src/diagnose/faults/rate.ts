// Learning rates that are too high, told by a loss that jumps, or too low, told by one that hardly moves.
import { diagnosis, percent, short } from "../diagnosis.ts";
import type { GradientEvidence } from "../evidence/gradients.ts";

const jump = 1.1;
const aboveChance = 1.5;
const usual = 1e-3;

export const rateTooHigh = diagnosis({
  name: "rate-too-high",
  about: "steps are so long that the loss jumps about or ends worse than by chance",
  needs: ["history"],
  threshold: `a training loss of ${aboveChance} times chance in a run that ends above a third of it, one that rises by ${jump} times in three of ten epochs, or one that ends above its start`,
  source: "Bengio 2012, Practical recommendations, 3.1.1; Smith 2017",
  next: "train with a tenth of the --lr, or with the one-cycle schedule of a recipe (--recipe)",
  look({ history, gradients }) {
    const { losses, chanceLoss, peakRate } = history;
    if (losses.length < 2) return [];
    const first = losses[0];
    const last = losses[losses.length - 1];
    const highest = losses.slice(1).reduce((a, b) => Math.max(a, b));
    const rises = losses.slice(1).filter((loss, i) => loss > jump * losses[i] && loss > 0.3 * first).length;
    const share = rises / (losses.length - 1);
    const top = Math.max(first, highest);
    // A first epoch far above chance is soon forgotten where the rest goes well.
    const wild =
      chanceLoss !== undefined &&
      ((top > aboveChance * chanceLoss && last > 0.9 * chanceLoss) ||
        (highest > aboveChance * chanceLoss && last > 0.3 * chanceLoss));
    const ended = last > 1.2 * first;
    const jumpy = losses.length >= 5 && share >= 0.3;
    if (!wild && !ended && !jumpy) return [];
    const words = wild
      ? `The training loss was up to ${short(top)}, where chance has ${short(chanceLoss)}`
      : ended
        ? `The training loss rose from ${short(first)} to ${short(last)}`
        : `The training loss rose by a tenth or more in ${rises} of ${losses.length - 1} epochs`;
    return [
      {
        severity: ended || last > 0.9 * (chanceLoss ?? Infinity) ? "severe" : "warning",
        said: `${words}, at rates up to ${short(peakRate)}${moved(gradients)}.`,
        evidence: {
          highest: top,
          first,
          last,
          rises,
          rate: peakRate,
          threshold: wild ? aboveChance * chanceLoss! : jump,
          ...updateOf(gradients),
        },
      },
    ];
  },
});

export const rateTooLow = diagnosis({
  name: "rate-too-low",
  about: "steps are so short that the loss hardly moves, or still falls as fast at the end as at the start",
  needs: ["history"],
  threshold:
    "a loss above half of its start that falls in nearly every epoch, at the end at least half as fast as at the start; or one that fell by less than a tenth, where a step moves weights by less than 1e-4 of their size",
  source: `CS231n: a step should move weights by about ${usual} of their size; Bengio 2012`,
  next: "train with ten times the --lr, or for more --epochs",
  look({ history, gradients }) {
    const { losses, peakRate, lastRate } = history;
    const n = losses.length;
    if (n < 3 || !(losses[0] > 0)) return [];
    const [first, last] = [losses[0], losses[n - 1]];
    const falls = losses.slice(1).filter((loss, i) => loss < losses[i]).length / (n - 1);
    const third = Math.max(1, Math.floor((n - 1) / 3));
    const early = (first - losses[third]) / third;
    const late = (losses[n - 1 - third] - last) / third;
    const fell = 1 - last / first;
    const update = typicalUpdate(gradients);
    // A schedule that ends near 0 stops the fall itself.
    const steady = last > 0.5 * first && falls >= 0.8 && late >= 0.5 * early && late > 0 && lastRate >= 0.5 * peakRate;
    const still = fell < 0.1 && update !== undefined && update < 0.1 * usual && falls >= 0.6;
    if (!steady && !still) return [];
    return [
      {
        severity: "warning",
        said: `The training loss fell by ${percent(Math.max(0, fell))} in ${n} epochs, from ${short(first)} to ${short(last)}${steady ? ", and as steadily at the end as at the start" : ""}, at rates up to ${short(peakRate)}${moved(gradients)}.`,
        evidence: {
          first,
          last,
          early,
          late,
          rate: peakRate,
          threshold: steady ? 0.5 * early : 0.1 * usual,
          ...updateOf(gradients),
        },
      },
    ];
  },
});

/** The median over the layers of how far a step moves weights, by their size. */
function typicalUpdate(gradients: GradientEvidence | undefined): number | undefined {
  const updates = (gradients?.layers ?? []).flatMap(({ update }) => (update === undefined ? [] : [update]));
  return updates.length === 0 ? undefined : updates.sort((a, b) => a - b)[Math.floor(updates.length / 2)];
}

function moved(gradients: GradientEvidence | undefined): string {
  const update = typicalUpdate(gradients);
  return update === undefined
    ? ""
    : `; a step moves weights by ${short(update)} of their size (about ${usual} is usual)`;
}

function updateOf(gradients: GradientEvidence | undefined): { readonly update?: number } {
  const update = typicalUpdate(gradients);
  return update === undefined ? {} : { update };
}
