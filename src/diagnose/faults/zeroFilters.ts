// Filters that are nothing.
import { diagnosis, percent } from "../diagnosis.ts";

const least = 1e-6;

export const zeroFilters = diagnosis({
  name: "zero-filters",
  about: "filters of a layer are all zeros: they see nothing, and cost as much as the others",
  needs: ["weights"],
  untrained: true,
  threshold: `a norm below ${least} of the layer's median, severe from half of the layer's filters on`,
  source: "Li et al. 2017 prune filters by their norm",
  next: "start from other weights, or train with fewer channels",
  look({ weights: { filters } }) {
    return filters.flatMap(({ name, norms }) => {
      const median = norms.toSorted()[Math.floor(norms.length / 2)];
      const zero = norms.filter((norm) => norm <= least * median).length;
      if (zero === 0) return [];
      const share = zero / norms.length;
      return [
        {
          severity: share >= 0.5 ? "severe" : "warning",
          said: `${zero} of ${norms.length} filters of ${name} are zero (${percent(share)}).`,
          evidence: { layer: name, filters: norms.length, zero, threshold: least },
        } as const,
      ];
    });
  },
});
