// The nodes of a graph in an order in which each comes after what it reads. The standard asks for that order in the file, but
// files of converters and half-precision tools break it and every runtime takes them, so it is made here: in time linear in
// the size of the file, and without moving nodes that already stand right.
import { DataError } from "../../base/errors.ts";
import { nodeName } from "./names.ts";
import type { OnnxGraph, OnnxNode } from "./schema.ts";

/** How many nodes of a circle an error names. */
const SHOWN = 6;

/**
 * Places of `nodes` in an order of computation: the file's own, except that what a node reads comes before it. Inner graphs
 * count as reading what they take from around them. Throws a DataError that names the nodes of a circle.
 */
export function orderOf(nodes: readonly OnnxNode[]): number[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ outputs }, i) => {
    for (const name of outputs) if (name !== "" && !makers.has(name)) makers.set(name, i);
  });
  const order: number[] = [];
  const state = new Uint8Array(nodes.length);
  const stack: { readonly node: number; readonly reads: readonly number[]; next: number }[] = [];
  const open = (node: number): void => {
    state[node] = OPEN;
    const reads = [...readsOf(nodes[node])].flatMap((name) => makers.get(name) ?? []);
    stack.push({ node, reads, next: 0 });
  };
  for (let start = 0; start < nodes.length; start++) {
    if (state[start] === 0) open(start);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next === top.reads.length) {
        state[top.node] = DONE;
        order.push(top.node);
        stack.pop();
        continue;
      }
      const read = top.reads[top.next++];
      if (state[read] === OPEN) throw circle(nodes, [...stack.map(({ node }) => node), read]);
      if (state[read] === 0) open(read);
    }
  }
  return order;
}

const OPEN = 1;
const DONE = 2;

/** The names that a node reads, those that its inner graphs take from around them included. */
function readsOf({ inputs, attributes }: OnnxNode): Set<string> {
  const reads = new Set(inputs);
  for (const { graph, graphs } of attributes) {
    for (const inner of graph ? [graph, ...graphs] : graphs) for (const name of takenBy(inner)) reads.add(name);
  }
  return reads;
}

/** What an inner graph reads and does not make itself. */
function takenBy(graph: OnnxGraph): Set<string> {
  const taken = new Set<string>();
  for (const node of graph.nodes) for (const name of readsOf(node)) taken.add(name);
  for (const { name } of graph.outputs) taken.add(name ?? "");
  for (const { name } of [...graph.inputs, ...graph.initializers]) taken.delete(name ?? "");
  for (const { outputs } of graph.nodes) for (const name of outputs) taken.delete(name);
  return taken;
}

/** `path` ends with a node that it has met before; what lies between is the circle. */
function circle(nodes: readonly OnnxNode[], path: readonly number[]): DataError {
  const around = path.slice(path.indexOf(path[path.length - 1]), -1).reverse();
  const named = around.slice(0, SHOWN).map((i) => `${nodes[i].opType} "${nodeName(nodes[i], i)}"`);
  const more = around.length > SHOWN ? ` → … (${around.length} nodes)` : "";
  return around.length === 1
    ? new DataError(`The node ${named[0]} reads its own output, so that it can never be computed.`)
    : new DataError(
        `The nodes ${named.join(" → ")}${more} → ${named[0]} read each other in a circle, so that none can be computed first.`,
      );
}
