// The strategies for contractions, in the order of preference where estimates are equal.
import type { ContractStrategy } from "./contraction.ts";
import { depthwiseStrategy } from "./depthwise/depthwise.ts";
import { imagesFilterStrategy } from "./images/filter.ts";
import { imagesStrategy } from "./images/images.ts";
import { directStrategy } from "./inPlace/direct.ts";
import { dotStrategy } from "./inPlace/dot.ts";
import { rowStrategy } from "./inPlace/row.ts";
import { gemmStrategy } from "./packed/gemm.ts";
import { matvecStrategy } from "./packed/matvec.ts";
import { winogradFilterStrategy } from "./winograd/filter.ts";
import { winogradStrategy } from "./winograd/winograd.ts";

export const contractStrategies: readonly ContractStrategy[] = [
  gemmStrategy({ rows: 6, vectors: 2 }),
  gemmStrategy({ rows: 6, vectors: 4 }),
  matvecStrategy,
  depthwiseStrategy,
  directStrategy({ rows: 4, vectors: 2 }),
  directStrategy({ rows: 3, vectors: 3 }),
  dotStrategy({ rows: 3, vectors: 3 }),
  dotStrategy({ rows: 4, vectors: 2 }),
  dotStrategy({ rows: 1, vectors: 5 }),
  rowStrategy({ rows: 4, vectors: 2 }),
  rowStrategy({ rows: 2, vectors: 4 }),
  imagesStrategy({ rows: 2, vectors: 4 }),
  imagesStrategy({ rows: 4, vectors: 2 }),
  imagesStrategy({ rows: 4, vectors: 4 }),
  imagesStrategy({ rows: 6, vectors: 4 }),
  imagesFilterStrategy({ rows: 3, vectors: 3 }),
  imagesFilterStrategy({ rows: 4, vectors: 2 }),
  winogradStrategy("f2x3"),
  winogradStrategy("f2.4x3"),
  winogradStrategy("f4x3"),
  winogradStrategy("f2x3s2"),
  winogradStrategy("f2.4x3s2"),
  winogradStrategy("f4x3s2"),
  winogradFilterStrategy("f3x2"),
  winogradFilterStrategy("f3x4"),
  winogradFilterStrategy("f3x4s2"),
];
