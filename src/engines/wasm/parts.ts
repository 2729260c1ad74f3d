// Expressions as parts: children, walks, and which parts occur more than once.
import type { Expression } from "../../kernel/expression.ts";

/** Numbers equal parts of expressions alike and counts who uses them. */
export class Parts {
  readonly #ids = new Map<string, number>();
  readonly #known = new Map<Expression, number>();
  readonly #uses: number[] = [];

  constructor(roots: readonly Expression[]) {
    for (const root of roots) this.#visit(root);
  }

  id(expression: Expression): number {
    return this.#known.get(expression) ?? -1;
  }

  shared(expression: Expression): boolean {
    return this.#uses[this.id(expression)] > 1;
  }

  #visit(expression: Expression): number {
    const known = this.#known.get(expression);
    if (known !== undefined) {
      this.#uses[known]++;
      return known;
    }
    const parts = childrenOf(expression).map((child) => this.#visit(child));
    const key = `${describe(expression)} ${parts}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#uses.length;
      this.#ids.set(key, id);
      this.#uses.push(0);
    }
    this.#uses[id]++;
    this.#known.set(expression, id);
    return id;
  }
}

export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "unary":
      return [expression.a];
    case "binary":
      return [expression.a, expression.b];
    case "select":
      return [expression.condition, expression.a, expression.b];
    default:
      return [];
  }
}

function describe(expression: Expression): string {
  switch (expression.kind) {
    case "operand":
      return `operand ${expression.index}`;
    case "constant":
      return `constant ${Object.is(expression.value, -0) ? "-0" : expression.value}`;
    case "axisIndex":
      return `axis ${expression.axis}`;
    case "uniform":
      return `uniform ${expression.seed} ${expression.step} ${expression.stream}`;
    case "select":
      return "select";
    default:
      return expression.name;
  }
}

/** Calls `visit` on every node, parents after children. */
export function walk(expression: Expression, visit: (node: Expression) => void): void {
  for (const child of childrenOf(expression)) walk(child, visit);
  visit(expression);
}
