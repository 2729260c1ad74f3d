// Weights that are no numbers.
import { diagnosis, some } from "../diagnosis.ts";

export const brokenWeights = diagnosis({
  name: "broken-weights",
  about: "a weight is NaN or infinite",
  needs: ["weights"],
  untrained: true,
  threshold: "any such number",
  source: "no sum with such a number has a value (IEEE 754)",
  next: "use an earlier checkpoint; to train again use a lower --lr",
  look({ weights: { state } }) {
    const broken = [...state].flatMap(([name, { data }]) => {
      let count = 0;
      for (const value of data) if (!Number.isFinite(value)) count++;
      return count > 0 ? [{ name, count }] : [];
    });
    if (broken.length === 0) return [];
    const numbers = broken.reduce((sum, { count }) => sum + count, 0);
    return [
      {
        severity: "severe",
        said: `${numbers} weights are NaN or infinite, in ${some(broken.map(({ name }) => name))}.`,
        evidence: { numbers, layers: broken.map(({ name }) => name), threshold: 0 },
      },
    ];
  },
});
