// Pictures that are learned from and tested on.
import { copiesIn, printsOf } from "../../data/concerns.ts";
import { imageName } from "../../data/images.ts";
import { diagnosis, percent, some } from "../diagnosis.ts";

const few = 0.005;
const many = 0.05;

export const duplicatesAcrossSplits = diagnosis({
  name: "duplicates-across-splits",
  about: "pictures that are scored on were learned from, so the score is too good",
  needs: ["pictures"],
  untrained: true,
  threshold: `${percent(few)} of the pictures of validation and test, severe from ${percent(many)} on; equal pixels`,
  source: "Barz & Denzler 2020 found 3.3 % in CIFAR-10 and 10 % in CIFAR-100",
  next: "take the copies out of one part: neocog data names them",
  look({ pictures: { samples } }) {
    const held = samples.filter(({ part }) => part !== "train");
    if (held.length === 0 || held.length === samples.length) return [];
    const sets = new Map(samples.map(({ part, whole }) => [part as string, whole]));
    const copies = copiesIn(samples.map(({ part, whole }) => printsOf(part, whole))).filter((one) => one.acrossParts);
    const tested = copies.flatMap(({ places }) => places.filter(({ part }) => part !== "train"));
    const all = held.reduce((sum, { whole }) => sum + whole.images.shape[0], 0);
    const share = tested.length / all;
    if (share < few) return [];
    const names = copies.map(({ places }) =>
      places.map(({ part, index }) => `${part}: ${imageName(sets.get(part)!, index)}`).join(" = "),
    );
    return [
      {
        severity: share >= many ? "severe" : "warning",
        said: `${tested.length} of ${all} pictures that are scored on have their copies in other parts (${percent(share)}): ${some(names, 2)}.`,
        evidence: { pictures: tested.length, of: all, share, copies: names.slice(0, 100), threshold: few },
      },
    ];
  },
});
