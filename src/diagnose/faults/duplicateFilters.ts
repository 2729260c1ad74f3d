// Filters that are copies of others.
import { diagnosis } from "../diagnosis.ts";
import type { Filters } from "../evidence/weights.ts";

const near = 1e-4;
/** A filter of fewer numbers may be like another by chance. */
const fewest = 8;

export const duplicateFilters = diagnosis({
  name: "duplicate-filters",
  about: "filters of a layer are equal, so they compute the same and learn the same",
  needs: ["weights"],
  untrained: true,
  threshold: `a difference below ${near} of the norm, between filters of at least ${fewest} numbers; severe from half of the filters on`,
  source: "Goodfellow et al. 2016, 8.4: equal units stay equal, so a start must break symmetry",
  next: "start from random weights (no constant init), or train with fewer channels",
  look({ weights: { filters } }) {
    return filters.flatMap((layer) => {
      const copies = copiesIn(layer);
      if (copies === 0) return [];
      const all = layer.norms.length;
      return [
        {
          severity: copies >= all / 2 ? "severe" : "warning",
          said: `${copies} of ${all} filters of ${layer.name} are copies of others.`,
          evidence: { layer: layer.name, filters: all, copies, threshold: near },
        } as const,
      ];
    });
  },
});

/** Filters like one before them; only those of one norm are compared number by number. */
function copiesIn({ rows: { shape, data }, norms }: Filters): number {
  const [count, width] = shape;
  if (width < fewest) return 0;
  const order = Array.from(norms.keys()).sort((a, b) => norms[a] - norms[b]);
  const taken = new Set<number>();
  for (let i = 0; i < count; i++) {
    const a = order[i];
    if (!(norms[a] > 1e-30)) continue;
    for (let j = i + 1; j < count; j++) {
      const b = order[j];
      if (norms[b] - norms[a] > near * norms[a]) break;
      if (taken.has(b)) continue;
      let off = 0;
      for (let k = 0; k < width && off <= (near * norms[a]) ** 2; k++)
        off += (data[a * width + k] - data[b * width + k]) ** 2;
      if (off <= (near * norms[a]) ** 2) taken.add(b);
    }
  }
  return taken.size;
}
