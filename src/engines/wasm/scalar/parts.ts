// Which parts of expressions occur more than once.
import type { Expression } from "../../../kernel/expression.ts";
import { childrenOf, wordOf } from "../../../kernel/walk.ts";

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
    const key = `${wordOf(expression)} ${parts}`;
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
