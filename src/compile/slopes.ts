// The slope of an activation that was pooled by maxima:
//
//   y = relu(x),  p = maxPool(y):      relu'(y) · scatter(dp)  =  scatter(relu'(p) · dp)
//
// for the place that won a window holds what the window gave, and the others get no gradient. The slope is then taken on the
// smaller map, where it becomes the epilogue of whatever made dp.
import { sameShape } from "../base/shape.ts";
import { apply, atPath, attributesIf, type Node, type Tensor } from "../graph/graph.ts";
import { rewrite } from "../graph/walk.ts";
import type { Expression } from "../kernel/expression.ts";
import { operandsOf, usesPlace } from "../kernel/walk.ts";
import { type MapAttributes, mapOp } from "../ops/cards/map.ts";
import { maxPoolGradientOp, maxPoolOp } from "../ops/cards/pooling.ts";
import { mapRoots, type Program, rootsOf } from "./program.ts";

export function slopesBeforePools(program: Program): Program {
  const replaced = rewrite(rootsOf(program), (node, inputs) => {
    const before = slopeFirst(node, inputs);
    if (before) return before;
    const unchanged = inputs.every((tensor, i) => tensor === node.inputs[i]);
    return unchanged ? node.outputs : atPath(node.path, () => apply(node.op, inputs, node.attributes));
  });
  return mapRoots(program, (tensor) => replaced.get(tensor.node)![tensor.output]);
}

function slopeFirst(node: Node, inputs: readonly Tensor[]): readonly Tensor[] | undefined {
  const map = attributesIf(node, mapOp);
  const at = inputs.findIndex((tensor) => tensor.node.op === maxPoolGradientOp);
  if (!map || at < 0 || inputs.length !== 2) return undefined;
  const scatter = inputs[at].node;
  const pool = scatter.inputs[1].node;
  const isPooled = pool.op === maxPoolOp && pool.inputs[0] === inputs[1 - at];
  if (!isPooled || !isSlopeTimes(map, at)) return undefined;
  const [dp, places] = scatter.inputs;
  const [pooled] = pool.outputs;
  if (!sameShape(dp.shape, pooled.shape)) return undefined;
  const swapped = at === 1 ? [pooled, dp] : [dp, pooled];
  const [slope] = atPath(node.path, () => apply(mapOp, swapped, map));
  return atPath(scatter.path, () => apply(maxPoolGradientOp, [slope, places], scatter.attributes));
}

/** Whether a map is operand `at` times one of two numbers, by a condition on the other operand: nothing where no gradient came. */
function isSlopeTimes({ expression }: MapAttributes, at: number): boolean {
  return (
    expression.kind === "select" &&
    !operandsOf(expression.condition).has(at) &&
    !usesPlace(expression.condition) &&
    isMultiple(expression.a, at) &&
    isMultiple(expression.b, at)
  );
}

/** Whether an expression is operand `at` times a number: 0, the operand itself, or a product. */
function isMultiple(e: Expression, at: number): boolean {
  if (e.kind === "constant") return e.value === 0;
  if (e.kind === "binary") return e.name === "multiply" && isMultiple(e.a, at) && e.b.kind === "constant";
  return e.kind === "operand" && e.index === at;
}
