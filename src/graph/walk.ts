// Walking a graph: every node that the given tensors need, inputs before users, in an order that depends only on the graph.
import type { Node, Tensor } from "./graph.ts";

/** Nodes reachable from `outputs`, in topological order. No recursion: a graph may be thousands of nodes deep. */
export function walk(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const root of outputs) {
    if (done.has(root.node)) continue;
    done.add(root.node);
    stack.push({ node: root.node, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next === top.node.inputs.length) {
        order.push(top.node);
        stack.pop();
        continue;
      }
      const child = top.node.inputs[top.next++].node;
      if (!done.has(child)) {
        done.add(child);
        stack.push({ node: child, next: 0 });
      }
    }
  }
  return order;
}

/** Rebuilds the graph below `outputs` by visiting nodes in order; `visit` gets a node with its already rebuilt inputs. */
export function rewrite(
  outputs: readonly Tensor[],
  visit: (node: Node, inputs: readonly Tensor[]) => readonly Tensor[],
): Map<Node, readonly Tensor[]> {
  const replaced = new Map<Node, readonly Tensor[]>();
  for (const node of walk(outputs)) {
    replaced.set(
      node,
      visit(
        node,
        node.inputs.map((tensor) => replaced.get(tensor.node)![tensor.output]),
      ),
    );
  }
  return replaced;
}
