// Rare classes that are paid for with the common ones.
import { imbalanceOf } from "../../data/concerns.ts";
import { diagnosis, percent } from "../diagnosis.ts";

const worse = 0.15;

export const imbalanceIgnored = diagnosis({
  name: "class-imbalance-ignored",
  about: "a rare class is recognised far less often than a common one, and the loss does not weigh them",
  needs: ["classes"],
  threshold: `three times fewer training pictures, and a recall worse by ${worse}`,
  source: "Buda et al. 2018",
  next: "add pictures of the rare class, or weigh classes (loss with classWeights of fit)",
  look({ classes: { classes, parts }, history }) {
    const train = parts.find(({ part }) => part === "train");
    const uneven = train && imbalanceOf(train.counts, classes);
    if (!train || !uneven || history?.weighted) return [];
    const recalls = [uneven.fewest, uneven.most].map(({ name }) => {
      const held = parts.filter(({ part }) => part !== "train");
      const [found, all] = (held.length > 0 ? held : parts).reduce(
        ([right, total], { labels, predicted }) => {
          const c = classes.indexOf(name);
          const own = labels.reduce((sum, label) => sum + (label === c ? 1 : 0), 0);
          const hit = labels.reduce((sum, label, i) => sum + (label === c && predicted[i] === c ? 1 : 0), 0);
          return [right + hit, total + own];
        },
        [0, 0],
      );
      return { recall: all === 0 ? Number.NaN : found / all, pictures: all };
    });
    const [rare, common] = recalls;
    const error = Math.sqrt((rare.recall * (1 - rare.recall) + 0.02) / Math.max(1, rare.pictures));
    if (!(common.recall - rare.recall >= Math.max(worse, 2 * error))) return [];
    const { fewest, most, ratio } = uneven;
    return [
      {
        severity: "warning",
        said: `${fewest.name} has ${fewest.pictures} training pictures and is recognised ${percent(rare.recall)} of the time, ${most.name} has ${most.pictures} and ${percent(common.recall)}.`,
        evidence: {
          fewest: fewest.name,
          most: most.name,
          ratio,
          rare: rare.recall,
          common: common.recall,
          threshold: worse,
        },
      },
    ];
  },
});
