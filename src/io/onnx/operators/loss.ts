// Losses of exported training graphs: negative log-likelihood, and cross-entropy (log-softmax before it).
import { DataError } from "../../../base/errors.ts";
import { formatShape } from "../../../base/shape.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { binary, constant, type Expression, multiply, select, unary } from "../../../kernel/expression.ts";
import { div } from "../../../ops/arithmetic.ts";
import { broadcastMap } from "../../../ops/cards/arithmetic.ts";
import { perChannel } from "../../../ops/cards/reshape.ts";
import { reshape } from "../../../ops/reshape.ts";
import { logSoftmax } from "../../../ops/softmax.ts";
import { sum } from "../../../ops/sum.ts";
import { type Attributes, type Inputs, optional, row, type Table, unsupported } from "../row.ts";

/**
 * loss[n, d] = −w[t] logp[n, t, d] with t = target[n, d], 0 where t is `ignore_index`; the mean divides by Σ w[t].
 * The target picks its class by comparing it with the place along axis 1.
 */
function negativeLogLikelihood(
  logp: Tensor,
  target: Tensor,
  weight: Tensor | undefined,
  attributes: Attributes,
): Tensor {
  const ignore = attributes.has("ignore_index") ? attributes.int("ignore_index", 0) : undefined;
  const reduction = attributes.text("reduction", "mean");
  if (logp.shape.length < 2) throw new DataError(`it needs scores [N, C, …], not ${formatShape(logp.shape)}.`);
  const lifted = reshape(target, [logp.shape[0], 1, ...logp.shape.slice(2)]);
  const chosen = (t: Expression): Expression => {
    const here = binary("equal", { kind: "axisIndex", axis: 1 }, t);
    return ignore === undefined ? here : select(binary("equal", t, constant(ignore)), constant(0), here);
  };
  const classWeight = weight && perChannel(weight, logp.shape);
  const operands = classWeight ? [logp, lifted, classWeight] : [logp, lifted];
  const pick = (value: (x: Expression, w: Expression) => Expression) =>
    sum(
      broadcastMap(
        "nllLoss",
        operands,
        (x, t, w = constant(1)) => select(chosen(t), value(x, w), constant(0)),
        logp.dtype,
      ),
      1,
    );
  const losses = pick((x, w) => multiply(unary("negate", x), w));
  switch (reduction) {
    case "none":
      return losses;
    case "sum":
      return sum(losses);
    case "mean":
      return div(sum(losses), sum(pick((_x, w) => w)));
    default:
      throw unsupported(`the reduction "${reduction}"`);
  }
}

function crossEntropy(inputs: Inputs, attributes: Attributes): Tensor[] {
  const logp = logSoftmax(inputs[0], 1);
  return [negativeLogLikelihood(logp, inputs[1], optional(inputs, 2), attributes), logp];
}

export const lossTable: Table = {
  NegativeLogLikelihoodLoss: row(2, (inputs, attributes) =>
    negativeLogLikelihood(inputs[0], inputs[1], optional(inputs, 2), attributes),
  ),
  SoftmaxCrossEntropyLoss: row(2, crossEntropy),
};
