// Pictures that are prepared in another way than the network learnt them.
import { diagnosis, percent } from "../diagnosis.ts";

const gain = 0.1;

export const wrongPreprocessing = diagnosis({
  name: "wrong-preprocessing",
  about: "the network does better with pictures prepared in another way",
  needs: ["classes"],
  threshold: `an accuracy better by ${gain} and by 3 standard errors, of networks from files that are right less than 90 % of the time`,
  source: "the usual ways of torchvision, Keras and Caffe are tried",
  next: "give the better way with --prepared",
  look({ classes: { now, tried, alternatives } }) {
    if (alternatives.length === 0) return [];
    const best = alternatives.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
    const error = Math.sqrt((best.accuracy * (1 - best.accuracy) + now * (1 - now)) / tried);
    if (best.accuracy - now < Math.max(gain, 3 * error)) return [];
    return [
      {
        severity: "severe",
        said: `With ${best.how} it is right ${percent(best.accuracy)} of the time, as pictures are prepared now ${percent(now)} (${tried} pictures).`,
        evidence: { now, better: best.accuracy, how: best.prepared, pictures: tried, threshold: gain },
        next: `give --prepared '${best.prepared}'`,
      },
    ];
  },
});
