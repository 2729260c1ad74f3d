// Classes that are never said, and classes that nothing shows.
import { lackingIn } from "../../data/concerns.ts";
import { diagnosis, some } from "../diagnosis.ts";

const fewest = 5;

export const unusedClass = diagnosis({
  name: "unused-class",
  about: "a class is never answered, though there are pictures of it",
  needs: ["classes"],
  threshold: `no picture is taken for it, of at least ${fewest} that show it`,
  source: "a class that a network has given up on hides in a good accuracy",
  next: "look at its pictures and labels, give it more of them, or weigh it (loss with classWeights of fit)",
  look({ classes: { classes, parts } }) {
    const said = classes.map(() => 0);
    const shown = classes.map(() => 0);
    for (const { labels, predicted } of parts) {
      for (const label of labels) shown[label]++;
      for (const label of predicted) said[label]++;
    }
    const unused = classes.filter((_, c) => said[c] === 0 && shown[c] >= fewest);
    if (unused.length === 0) return [];
    const pictures = classes.reduce((sum, _, c) => sum + (said[c] === 0 ? shown[c] : 0), 0);
    return [
      {
        severity: "severe",
        said: `Of ${classes.length} classes ${unused.length} ${unused.length === 1 ? "is" : "are"} never answered: ${some(unused)}; ${pictures} pictures show ${unused.length === 1 ? "it" : "them"}.`,
        evidence: { classes: unused, pictures, threshold: fewest },
      },
    ];
  },
});

export const missingClass = diagnosis({
  name: "missing-class",
  about: "the network knows a class that the data never shows",
  needs: ["classes"],
  threshold: "no picture in the training pictures, or in a part of more than ten pictures a class",
  source: "what is not shown is neither learned nor measured",
  next: "add pictures of it: neocog data shows what each part holds",
  look({ classes: { classes, parts } }) {
    const counted = parts
      .filter(({ part, counts }) => part === "train" || counts.reduce((a, b) => a + b, 0) > 10 * classes.length)
      .map(({ part, counts }) => ({ part, counts }));
    return lackingIn(counted, classes).map(({ part, classes: lacking }) => ({
      severity: part === "train" ? "severe" : "warning",
      said: `The ${part} pictures show nothing of ${some(lacking)}.`,
      evidence: { part, classes: lacking, threshold: 0 },
    }));
  },
});
