// What a file uses and the tables do not have, said all at once.
import { NeocogError, nearest } from "../../base/errors.ts";
import { nodeName, operatorName } from "./names.ts";
import { hints, rowOf, tableNames } from "./operators/list.ts";
import type { OnnxGraph } from "./schema.ts";

/** How many operators, and how many nodes of each, an error names. */
const SHOWN_OPERATORS = 12;
const SHOWN_NODES = 3;

/** Refuses a graph with operators that have no row, naming the nodes that use them. */
export function refuseUnknown(graph: OnnxGraph): void {
  const missing = new Map<string, { readonly nodes: string[]; count: number }>();
  const visit = ({ nodes }: OnnxGraph): void => {
    nodes.forEach((node, i) => {
      const name = operatorName(node);
      if (!rowOf(name)) {
        const found = missing.get(name) ?? { nodes: [], count: 0 };
        if (found.count++ < SHOWN_NODES) found.nodes.push(nodeName(node, i));
        missing.set(name, found);
      }
      for (const attribute of node.attributes) if (attribute.graph) visit(attribute.graph);
    });
  };
  visit(graph);
  if (missing.size === 0) return;
  const lines = [...missing].slice(0, SHOWN_OPERATORS).map(([name, { nodes, count }]) => {
    const shown = nodes.join(", ") + (count > nodes.length ? `, and ${count - nodes.length} more` : "");
    const near = nearest(name, tableNames);
    const way = hints[name] ?? (near ? `did you mean ${near}?` : "replace it by supported operators before exporting.");
    return `${name} (${shown}): ${way}`;
  });
  if (missing.size > lines.length) lines.push(`And ${missing.size - lines.length} more.`);
  throw new NeocogError(
    `${missing.size === 1 ? "One operator is" : `${missing.size} operators are`} not supported. ${lines.join(" ")}`,
  );
}
