// The strategies for contractions that sum over images, which only training has: gradients of filters.
import type { ContractStrategy } from "./contraction.ts";
import { imagesFilterStrategy } from "./images/filter.ts";
import { dotStrategy } from "./inPlace/dot.ts";
import { winogradFilterStrategy } from "./winograd/filter.ts";

export const filterStrategies: readonly ContractStrategy[] = [
  dotStrategy({ rows: 3, vectors: 3 }),
  dotStrategy({ rows: 4, vectors: 2 }),
  dotStrategy({ rows: 1, vectors: 5 }),
  imagesFilterStrategy({ rows: 3, vectors: 3 }),
  imagesFilterStrategy({ rows: 4, vectors: 2 }),
  winogradFilterStrategy("f3x2"),
  winogradFilterStrategy("f3x4"),
  winogradFilterStrategy("f3x4s2"),
];
