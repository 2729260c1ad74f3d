// What expressions ask of their operands, and what they cost.
import type { Expression } from "../../kernel/expression.ts";
import { walk } from "./parts.ts";

/** What the expressions of a kernel ask of their operands. */
export interface Demand {
  /** Operands read as numbers, and operands read as seeds. */
  readonly numbers: ReadonlySet<number>;
  readonly integers: ReadonlySet<number>;
  readonly axes: ReadonlySet<number>;
  readonly random: boolean;
  /** Nanoseconds for one element, roughly. */
  readonly cost: number;
}

const costs: Record<string, number> = {
  exp: 1.5,
  log: 2,
  tanh: 2.5,
  sigmoid: 2.2,
  erf: 4,
  divide: 0.6,
  reciprocal: 0.6,
  sqrt: 0.6,
  modulo: 3,
  negate: 0.1,
  abs: 0.1,
  sign: 0.3,
  floor: 0.2,
  ceil: 0.2,
  round: 0.2,
  isNaN: 0.2,
  isFinite: 0.2,
};

export function demandOf(expressions: readonly Expression[]): Demand {
  const numbers = new Set<number>();
  const integers = new Set<number>();
  const axes = new Set<number>();
  let random = false;
  let cost = 0;
  for (const expression of expressions) {
    walk(expression, (node) => {
      if (node.kind === "operand") numbers.add(node.index);
      else if (node.kind === "axisIndex") axes.add(node.axis);
      else if (node.kind === "uniform") {
        integers.add(node.seed).add(node.step);
        random = true;
        cost += 8;
      } else if (node.kind === "unary") cost += costs[node.name] ?? 25;
      else if (node.kind === "binary")
        cost +=
          node.name === "power" && node.b.kind !== "constant"
            ? 25
            : node.name === "atan2"
              ? 25
              : (costs[node.name] ?? 0.15);
      else if (node.kind === "select") cost += 0.2;
    });
  }
  return { numbers, integers, axes, random, cost };
}
