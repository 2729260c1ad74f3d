// Functions by rank: what takes any number of spatial axes within the library has, as torch.nn.functional has it, one function for
// each of 1, 2 and 3 axes, which refuses another input.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import type { RuleTable } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import type { Tensor } from "../graph/graph.ts";

/** `any` for inputs of `rank` spatial axes: `rules` are those of its arguments at a rank, `torch` PyTorch's order of them. */
export function ofRank<More extends unknown[], Y>(
  name: string,
  rank: number,
  any: (x: Tensor, ...more: More) => Y,
  rules: (rank: number) => RuleTable,
  torch?: string,
): (x: Tensor, ...more: More) => Y {
  return (...given) => {
    understand(name, given, rules(rank), torch);
    checkSpatial(name, rank, given[0]);
    return any(...given);
  };
}

/** Refuses an input without `rank` spatial axes. */
export function checkSpatial(name: string, rank: number, x: Tensor): void {
  if (x.shape.length !== rank + 2) {
    throw new ShapeError(
      `${name} needs an input of ${rank + 2} axes [batch, channels${", size".repeat(rank)}]; it got ${formatShape(x.shape)}.`,
    );
  }
}
