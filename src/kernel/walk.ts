// Walks over scalar expressions: their parts, what they read, and the same tree over other operands. Whoever asks
// something of an expression asks it here; only what gives each kind of node its own meaning (values, slopes, machine
// code, ONNX nodes) goes through the kinds by itself.
import { binary, type Expression, select, unary } from "./expression.ts";

/** The parts of a node, in the order in which they are read. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "unary":
      return [expression.a];
    case "binary":
      return [expression.a, expression.b];
    case "select":
      return [expression.condition, expression.a, expression.b];
    case "operand":
    case "constant":
    case "axisIndex":
    case "uniform":
      return [];
  }
}

/** What a node is, apart from its parts: two nodes with the same word and equal parts have the same value. */
export function wordOf(node: Expression): string {
  switch (node.kind) {
    case "operand":
      return `operand ${node.index}`;
    case "constant":
      return `constant ${Object.is(node.value, -0) ? "-0" : node.value}`;
    case "axisIndex":
      return `axis ${node.axis}`;
    case "uniform":
      return `uniform ${node.seed} ${node.step} ${node.stream}`;
    case "select":
      return "select";
    case "unary":
    case "binary":
      return node.name;
  }
}

/** Calls `visit` on every node, parents after children. */
export function walk(expression: Expression, visit: (node: Expression) => void): void {
  for (const child of childrenOf(expression)) walk(child, visit);
  visit(expression);
}

/** Whether any node passes the test. */
export const someNode = (expression: Expression, test: (node: Expression) => boolean): boolean =>
  test(expression) || childrenOf(expression).some((child) => someNode(child, test));

/** How many nodes the tree has. */
export const countNodes = (expression: Expression): number =>
  childrenOf(expression).reduce((count, child) => count + countNodes(child), 1);

/** The operands that are read, as numbers or as seed and step of random ones. */
export function operandsOf(expression: Expression): Set<number> {
  const found = new Set<number>();
  walk(expression, (node) => {
    if (node.kind === "operand") found.add(node.index);
    if (node.kind === "uniform") found.add(node.seed).add(node.step);
  });
  return found;
}

/** Whether the value depends on the element's place, and not on the operands alone. */
export const usesPlace = (expression: Expression): boolean =>
  someNode(expression, ({ kind }) => kind === "axisIndex" || kind === "uniform");

/** Whether two trees are the same, node by node. */
export function sameExpression(a: Expression, b: Expression): boolean {
  if (a === b) return true;
  const [parts, others] = [childrenOf(a), childrenOf(b)];
  return a.kind === b.kind && wordOf(a) === wordOf(b) && parts.every((part, i) => sameExpression(part, others[i]));
}

/** Replaces every operand leaf; how expressions are composed when kernels fuse. Constants fold on the way. */
export function substitute(expression: Expression, replace: (index: number) => Expression): Expression {
  switch (expression.kind) {
    case "operand":
      return replace(expression.index);
    case "constant":
    case "axisIndex":
      return expression;
    case "uniform": {
      const seed = replace(expression.seed);
      const step = replace(expression.step);
      if (seed.kind !== "operand" || step.kind !== "operand")
        throw new Error("seed and step of uniform must stay operands");
      return { ...expression, seed: seed.index, step: step.index };
    }
    case "unary":
      return unary(expression.name, substitute(expression.a, replace));
    case "binary":
      return binary(expression.name, substitute(expression.a, replace), substitute(expression.b, replace));
    case "select":
      return select(
        substitute(expression.condition, replace),
        substitute(expression.a, replace),
        substitute(expression.b, replace),
      );
  }
}
