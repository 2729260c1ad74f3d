// The strategies for contractions, in the order of preference where estimates are equal.
import type { ContractKernel } from "../../../kernel/kernel.ts";
import type { Strategy } from "../strategy.ts";
import { gemmStrategy } from "./gemm.ts";

export const contractStrategies: readonly Strategy<ContractKernel>[] = [gemmStrategy({ rows: 4, vectors: 2 })];
