// Which strategy a contraction gets: the one with the smallest estimate among those that fit.
import type { ContractKernel } from "../../../kernel/kernel.ts";
import type { Strategy, StrategyContext } from "../strategy.ts";
import { contractStrategies } from "./list.ts";

export function chooseContract(kernel: ContractKernel, context: StrategyContext): Strategy<ContractKernel> {
  let best = contractStrategies[0];
  let least = Number.POSITIVE_INFINITY;
  for (const strategy of contractStrategies) {
    if (!strategy.fits(kernel, context)) continue;
    const time = strategy.estimate(kernel, context);
    if (time < least) {
      best = strategy;
      least = time;
    }
  }
  return best;
}
