// Computes a small tensor while the graph is built, by the float64 definitions of its ops. Results are rounded to float32
// where that is their type, so that arithmetic on sizes gives what it gives elsewhere.
import { type NdArray, storageOf } from "../../base/array.ts";
import { sizeOf } from "../../base/shape.ts";
import { type Node, type Tensor, variableOp } from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";

/**
 * The numbers of a tensor that depends on no input; undefined where it or what it is made of has more than `limit` elements.
 * What is computed is remembered in `known`, so that a chain that is asked for piece by piece is computed once.
 */
export function evaluateNow(
  tensor: Tensor,
  limit: number,
  known: WeakMap<Tensor, NdArray> = new WeakMap(),
): NdArray | undefined {
  const order = unknownBelow(tensor, known);
  for (const { op, outputs, inputs, attributes } of order) {
    if (inputs.length > 0 && outputs.some(({ shape }) => sizeOf(shape) > limit)) return undefined;
    if ((op.macs?.(inputs, attributes, outputs) ?? 0) > 16 * limit) return undefined;
  }
  for (const node of order) compute(node, known);
  return known.get(tensor);
}

/** The nodes that must be computed, each behind what it reads. */
function unknownBelow(tensor: Tensor, known: WeakMap<Tensor, NdArray>): Node[] {
  const order = new Set<Node>();
  const stack = [tensor.node];
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    const waiting = order.has(node) ? [] : node.inputs.filter((t) => !known.has(t) && !order.has(t.node));
    for (const t of waiting) stack.push(t.node);
    if (waiting.length > 0) continue;
    order.add(node);
    stack.pop();
  }
  return [...order];
}

function compute(node: Node, values: WeakMap<Tensor, NdArray>): void {
  const { op, attributes, inputs, outputs } = node;
  let results: readonly NdArray[];
  if (op === variableOp) {
    results = [(attributes as { initial: () => NdArray }).initial()];
  } else if (op.reference) {
    results = op.reference(
      inputs.map((t) => values.get(t)!),
      attributes,
      outputs,
    );
  } else {
    // What has no definition is always made of others.
    const parts = op.expand!(inputs, attributes)!;
    for (const inner of walk(parts)) if (!inner.outputs.every((t) => values.has(t))) compute(inner, values);
    results = parts.map((t) => values.get(t)!);
  }
  outputs.forEach((t, i) => {
    const { shape, data } = results[i];
    values.set(t, {
      shape,
      dtype: t.dtype,
      data: t.dtype === "float32" && !(data instanceof Float32Array) ? new (storageOf("float32"))(data) : data,
    });
  });
}
