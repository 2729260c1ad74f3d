// Computes a small tensor while the graph is built, by the float64 definitions of its ops. Results are rounded to float32
// where that is their type, so that arithmetic on sizes gives what it gives elsewhere.
import { type NdArray, storageOf } from "../../base/array.ts";
import { sizeOf } from "../../base/shape.ts";
import { type Node, type Tensor, variableOp } from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";

/** The numbers of a tensor that depends on no input; undefined where it or what it is made of has more than `limit` elements. */
export function evaluateNow(tensor: Tensor, limit: number): NdArray | undefined {
  const order = walk([tensor]);
  for (const { op, outputs, inputs, attributes } of order) {
    if (inputs.length > 0 && outputs.some(({ shape }) => sizeOf(shape) > limit)) return undefined;
    if ((op.macs?.(inputs, attributes, outputs) ?? 0) > 16 * limit) return undefined;
  }
  const values = new Map<Tensor, NdArray>();
  for (const node of order) compute(node, values);
  return values.get(tensor);
}

function compute(node: Node, values: Map<Tensor, NdArray>): void {
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
    const parts = op.expand!(inputs, attributes);
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
