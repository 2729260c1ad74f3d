// Other gradients for rectifiers, as a rewrite of the graph: each becomes an op of the same value whose gradient
//
//   guided    lets through only what is positive: dx = f'(x) · max(dy, 0)        Springenberg et al. 2014, arXiv:1412.6806
//   leaking   lets a tenth through where it is closed: dx = 0.9 f'(x) · dy + 0.1 dy
//
// so that one network, one compiler and one engine serve plain and guided gradients alike.
import { apply, atPath, attributesIf, scalar, type Tensor } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";
import { rewrite } from "../graph/walk.ts";
import { relu } from "../ops/activations.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { type MapAttributes, mapOp } from "../ops/cards/map.ts";

/** Activations that the rule is for: all that let what is positive pass and hold back what is negative. */
const rectifiers: ReadonlySet<string> = new Set([
  "relu",
  "relu6",
  "leakyRelu",
  "elu",
  "celu",
  "selu",
  "gelu",
  "geluTanh",
  "silu",
  "mish",
  "hardswish",
  "softplus",
]);

const guidedOp: Op<MapAttributes> = {
  name: "guided",
  infer: mapOp.infer,
  reference: mapOp.reference,
  expand: (inputs, attributes) => apply(mapOp, inputs, attributes),
  gradient: (node, [dy], attributes) => mapOp.gradient!(node, [dy && relu(dy)], attributes),
};

/** Shares of what a closed rectifier lets through backwards. */
const leak = 0.1;

const leakingOp: Op<MapAttributes> = {
  ...guidedOp,
  name: "leaking",
  gradient(node, [dy], attributes) {
    const [own] = mapOp.gradient!(node, [dy], attributes);
    return [own && dy ? add(mul(own, scalar(1 - leak)), mul(dy, scalar(leak))) : own];
  },
};

export interface Guided {
  readonly output: Tensor;
  /** How many activations follow the rule. */
  readonly rectifiers: number;
}

/** The same tensor, whose gradient is guided. Inputs and variables stay the same ones. */
export const guide = (output: Tensor): Guided => withRectifiers(output, guidedOp);

/** The same tensor, whose gradient finds a way through closed rectifiers. */
export const leaking = (output: Tensor): Guided => withRectifiers(output, leakingOp);

function withRectifiers(output: Tensor, op: Op<MapAttributes>): Guided {
  let count = 0;
  const replaced = rewrite([output], (node, inputs) => {
    const map = attributesIf(node, mapOp);
    if (map && inputs.length === 1 && rectifiers.has(map.name)) {
      count++;
      return atPath(node.path, () => apply(op, inputs, map));
    }
    if (inputs.every((tensor, i) => tensor === node.inputs[i])) return node.outputs;
    return atPath(node.path, () => apply(node.op, inputs, node.attributes));
  });
  return { output: replaced.get(output.node)![output.output], rectifiers: count };
}
