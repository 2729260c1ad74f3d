// WebAssembly's memory ends at 4 GiB: plans that need more are refused before anything runs.

import { NeocogError } from "../../../base/errors.ts";
import { type Plan, weightBytes } from "../../../kernel/plan.ts";

export const memoryLimit = 65536 * 65536;

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** Throws when `bytes` are too many, and says which batch size would fit: what is not held for ever grows with the batch. */
export function checkMemory(plan: Plan, bytes: number): void {
  if (bytes <= memoryLimit) return;
  const fixed = weightBytes(plan);
  const batches = new Set(
    plan.slots.filter(({ role, shape }) => role === "input" && shape.length > 0).map(({ shape }) => shape[0]),
  );
  const batch = batches.size === 1 ? [...batches][0] : 0;
  const fitting = Math.floor(((memoryLimit - fixed) / Math.max(1, bytes - fixed)) * batch * 0.98);
  const mend =
    fitting >= 1
      ? `a batch of ${fitting} instead of ${batch} would fit.`
      : "make the network or its input smaller, or use smaller batches.";
  throw new NeocogError(
    `This plan needs ${gibibytes(bytes)} of memory, but WebAssembly ends at ${gibibytes(memoryLimit)}; ${mend}`,
  );
}
