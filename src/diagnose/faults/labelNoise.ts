// Labels that are likely wrong, by confident learning: a picture is a candidate where the network gives another class at least
// the probability that it gives that class on average where it is right. Of pictures that were learned from the network may have
// learned the wrong label by heart: those are named too, but fewer are found.
import { diagnosis, percent, some } from "../diagnosis.ts";
import type { ClassEvidence, JudgedPart } from "../evidence/classes.ts";

const share = 0.03;
const ofMistakes = 0.5;
/** Who is wrong as often as this is no judge of labels. */
const competent = 0.5;
/** Fewer candidates say nothing. */
const fewest = 5;
const named = 200;

export interface Candidate {
  readonly part: string;
  readonly index: number;
  readonly label: number;
  readonly likelier: number;
  readonly probability: number;
  readonly name: string;
}

export const labelNoise = diagnosis({
  name: "label-noise",
  about:
    "pictures are confidently taken for another class than their label's, in numbers that no hard picture explains",
  needs: ["classes"],
  threshold: `${percent(share)} of a part's pictures (at least ${fewest}), and half of all its mistakes, by a network that is right half of the time or more; out of sample on validation and test, in sample on train`,
  source: "confident learning, Northcutt et al. 2021, who found 3.3 % on average in ten well-known data sets",
  next: "look at the pictures that are named (eval --mistakes writes them), and mend their labels",
  look({ classes }) {
    return classes.parts.flatMap((judged) => {
      const found = candidatesOf(classes, judged);
      const mistakes = judged.labels.reduce((sum, label, i) => sum + (label === judged.predicted[i] ? 0 : 1), 0);
      const all = judged.labels.length;
      if (
        judged.accuracy < competent ||
        found.length < fewest ||
        found.length < share * all ||
        found.length < ofMistakes * mistakes
      )
        return [];
      const sample = judged.part === "train" ? "in sample" : "out of sample";
      const words = found.map(
        ({ name, label, likelier, probability }) =>
          `${name}: labelled ${classes.classes[label]}, taken for ${classes.classes[likelier]} (${percent(probability)})`,
      );
      return [
        {
          severity: "warning",
          said: `${found.length} of ${all} ${judged.part} pictures looked at (${percent(found.length / all)}, ${sample}) are confidently taken for another class than their label's: ${some(words, 3)}.`,
          evidence: {
            ...{ part: judged.part, predictions: sample, pictures: found.length, of: all, mistakes },
            ...{ candidates: words.slice(0, named), threshold: share },
          },
        } as const,
      ];
    });
  },
});

/** The surest first. */
export function candidatesOf({ classes }: Pick<ClassEvidence, "classes">, judged: JudgedPart): Candidate[] {
  const { part, labels, probabilities, predicted, nameOf } = judged;
  const width = classes.length;
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  labels.forEach((label, i) => {
    if (predicted[i] !== label) return;
    sums[label] += probabilities[i * width + label];
    counts[label]++;
  });
  const found: Candidate[] = [];
  labels.forEach((label, index) => {
    const likelier = predicted[index];
    const probability = probabilities[index * width + likelier];
    if (likelier === label || counts[likelier] === 0 || probability < Math.min(0.99, sums[likelier] / counts[likelier]))
      return;
    found.push({ part, index, label, likelier, probability, name: nameOf(index) });
  });
  return found.sort((a, b) => b.probability - a.probability || a.index - b.index);
}
