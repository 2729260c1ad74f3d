// What expressions ask of their operands, and what they cost.
import type { Expression } from "../../../kernel/expression.ts";
import { walk } from "../../../kernel/walk.ts";
import { profile } from "../profile.ts";

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

// The table as it is, never corrected for a machine: how far sums are unrolled depends on it, and so do their bits.
const { arithmetic, calls } = profile.functions;
const costs: Readonly<Record<string, number>> = arithmetic;

function costOf(node: Expression): number {
  switch (node.kind) {
    case "unary":
      return costs[node.name] ?? calls.host;
    case "binary":
      if (node.name === "atan2") return calls.host;
      if (node.name === "power")
        return node.b.kind === "constant" && Number.isInteger(node.b.value * 4)
          ? arithmetic.constantPower
          : calls.power;
      return costs[node.name] ?? arithmetic.other;
    case "select":
      return 2 * arithmetic.other;
    case "uniform":
      return arithmetic.random;
    default:
      return 0;
  }
}

export function demandOf(expressions: readonly Expression[]): Demand {
  const numbers = new Set<number>();
  const integers = new Set<number>();
  const axes = new Set<number>();
  let random = false;
  let cost = 0;
  for (const expression of expressions) {
    walk(expression, (node) => {
      cost += costOf(node);
      if (node.kind === "operand") numbers.add(node.index);
      else if (node.kind === "axisIndex") axes.add(node.axis);
      else if (node.kind === "uniform") {
        integers.add(node.seed).add(node.step);
        random = true;
      }
    });
  }
  return { numbers, integers, axes, random, cost };
}
