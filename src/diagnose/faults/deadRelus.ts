// ReLUs that never open.
import { diagnosis, percent } from "../diagnosis.ts";

const some = 0.4;
const most = 0.9;

export const deadRelus = diagnosis({
  name: "dead-relus",
  about: "units are zero on every picture: nothing flows through them, forward or back",
  needs: ["pictures"],
  untrained: true,
  threshold: `${percent(some)} of a layer's units, severe from ${percent(most)} on`,
  source: "Stanford's CS231n: as much as 40 % of a network can die of a rate too high; Lu et al. 2019",
  next: "train with a lower --lr, or a network with batch norm or LeakyReLU",
  look({ pictures: { units, pictures } }) {
    return units.flatMap(({ layer, units: all, dead }) => {
      const share = dead / all;
      if (pictures === 0 || share < some) return [];
      return [
        {
          severity: share >= most ? "severe" : "warning",
          said: `${dead} of ${all} units after ${layer} are zero on all ${pictures} pictures (${percent(share)}).`,
          evidence: { layer, units: all, dead, pictures, share, threshold: some },
        } as const,
      ];
    });
  },
});
