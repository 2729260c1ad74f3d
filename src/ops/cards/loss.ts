// Binary cross-entropy of probabilities: −(t ln p + (1 − t) ln(1 − p)), no logarithm below −100. A card of its own for the
// sake of its gradient, (p − t) / max(p (1 − p), 1e-12): large but finite at 0 and 1, where that of the clipped logarithms is
// nothing, so that a sure and wrong answer is still moved (as torch.nn.functional.binary_cross_entropy has it).
import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, sameShape } from "../../base/shape.ts";
import { apply1, type Tensor } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import {
  add,
  constant,
  divide,
  type Expression,
  maximum,
  multiply,
  operand,
  subtract,
  unary,
} from "../../kernel/expression.ts";
import { elementwise } from "./map.ts";

const [p, t, dy] = [operand(0), operand(1), operand(2)];

const one = constant(1);

const least = -100;

const logOf = (e: Expression): Expression => maximum(unary("log", e), constant(least));

const logOfRest = (e: Expression): Expression => maximum(unary("log1p", unary("negate", e)), constant(least));

export const binaryCrossEntropyOp: Op = {
  name: "binaryCrossEntropy",
  infer([x, target]) {
    if (!sameShape(x.shape, target.shape)) {
      throw new ShapeError(
        `binaryCrossEntropy: the probabilities ${formatShape(x.shape)} and the target ${formatShape(target.shape)} must have one shape.`,
      );
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference([x, target], _attributes, [type]) {
    const losses = zeros64(type.shape, type.dtype);
    for (let i = 0; i < losses.data.length; i++) {
      const [probability, share] = [x.data[i], target.data[i]];
      const yes = Math.max(Math.log(probability), least);
      const no = Math.max(Math.log1p(-probability), least);
      losses.data[i] = -(share * yes + (1 - share) * no);
    }
    return [losses];
  },
  expand: (inputs) => [
    elementwise(
      "binaryCrossEntropy",
      unary("negate", add(multiply(t, logOf(p)), multiply(subtract(one, t), logOfRest(p)))),
      inputs,
    ),
  ],
  gradient(node, [gradient]) {
    if (!gradient) return [undefined, undefined];
    const inputs = [...node.inputs, gradient];
    const spread = maximum(multiply(p, subtract(one, p)), constant(1e-12));
    return [
      elementwise("gradient of binaryCrossEntropy", multiply(dy, divide(subtract(p, t), spread)), inputs),
      elementwise("gradient of target", multiply(dy, subtract(logOfRest(p), logOf(p))), inputs),
    ];
  },
  spatial: ([x]) => [0, 1].map(() => x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 }))),
};

/** The loss of each probability, not reduced. */
export const binaryCrossEntropy = (x: Tensor, target: Tensor): Tensor => apply1(binaryCrossEntropyOp, [x, target], {});
