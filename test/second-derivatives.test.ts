// Gradients are graphs, so they can be differentiated again (gradient penalties, Hessian-vector products). Every family of
// ops: the gradient of its gradient against central differences, in every engine.
import { test } from "node:test";
import { Random } from "../src/base/random.ts";
import type { Shape } from "../src/base/shape.ts";
import { gradients } from "../src/compile/grad.ts";
import type { Tensor } from "../src/graph/graph.ts";
import { adaptiveAvgPool, adaptiveMaxPool } from "../src/ops/adaptive.ts";
import { div, exp, mul, square } from "../src/ops/arithmetic.ts";
import { conv2d, convTranspose2d } from "../src/ops/convolution.ts";
import { concat, pad, permute, slice } from "../src/ops/copy.ts";
import { binaryCrossEntropyWithLogits, crossEntropy, mseLoss } from "../src/ops/loss.ts";
import { linear } from "../src/ops/matmul.ts";
import { activation } from "../src/ops/named.ts";
import { batchNorm, groupNorm, layerNorm, localResponseNorm } from "../src/ops/normalization.ts";
import { cumsum, topk } from "../src/ops/order.ts";
import { avgPool2d, globalAvgPool, maxPool2d } from "../src/ops/pooling.ts";
import { amax, prod } from "../src/ops/reduce.ts";
import { interpolate } from "../src/ops/resize.ts";
import { logSoftmax, logsumexp, softmax } from "../src/ops/softmax.ts";
import { mean, sum } from "../src/ops/sum.ts";
import { checkFunction, distinct, numbers } from "./check-op.ts";

type Build = (inputs: readonly Tensor[]) => Tensor;

const picture: Shape = [2, 2, 4, 5];
const functions: readonly (readonly [string, Build, ...Shape[]])[] = [
  ["convolution", ([x, w]) => conv2d(x, w, { padding: 1, stride: 2 }), picture, [3, 2, 3, 3]],
  ["transposed convolution", ([x, w]) => convTranspose2d(x, w, { stride: 2 }), picture, [2, 2, 3, 2]],
  ["linear", ([x, w]) => linear(x, w), [3, 4], [2, 4]],
  ["maximum pooling", ([x]) => square(maxPool2d(x, 2)), picture],
  ["average pooling", ([x]) => square(avgPool2d(x, 3, { padding: 1, stride: 2 })), picture],
  ["global pooling", ([x]) => square(globalAvgPool(x)), picture],
  ["adaptive pooling", ([x]) => mul(adaptiveAvgPool(x, 3), adaptiveMaxPool(x, 3)), picture],
  ["batch normalisation", ([x, w, b]) => batchNorm(x, { weight: w, bias: b }).y, picture, [2], [2]],
  ["group and layer normalisation", ([x]) => layerNorm(groupNorm(x, 2), 5), picture],
  ["local response normalisation", ([x]) => localResponseNorm(x, 3, { alpha: 0.5 }), picture],
  ["softmax", ([x]) => softmax(x, 1), [3, 4]],
  ["logSoftmax", ([x]) => logSoftmax(x, 1), [3, 4]],
  ["logsumexp", ([x]) => logsumexp(x, [0, 1]), [3, 4]],
  ["cross-entropy with soft targets", ([x, t]) => crossEntropy(x, softmax(t, 1)), [3, 4], [3, 4]],
  ["squared error", ([x, t]) => mseLoss(x, t), [3, 4], [3, 4]],
  ["binary cross-entropy", ([x, t]) => binaryCrossEntropyWithLogits(x, activation("sigmoid", t)), [3, 4], [3, 4]],
  ["smooth activations", ([x]) => mul(activation("gelu", x), activation("mish", x)), [3, 4]],
  ["arithmetic", ([x, y]) => div(exp(mul(x, 0.25)), activation("softplus", y)), [3, 1], [4]],
  ["copies", ([x]) => square(concat([permute(x), slice(permute(x), [{ step: 2 }])], 0)), [3, 4]],
  ["reflecting pad", ([x]) => square(pad(x, [1, 2], [2, 1], "reflect")), [3, 4]],
  ["reductions", ([x]) => mul(amax(x, 1), mul(prod(x, 1), mean(square(x), 1))), [3, 3]],
  ["resize", ([x]) => square(interpolate(x, { size: [7, 3], mode: "bicubic" })), picture],
  ["order", ([x]) => mul(topk(exp(x), 2, 1).values, slice(cumsum(x, 1), [undefined, { stop: 2 }])), [3, 4]],
];

for (const [name, build, ...shapes] of functions) {
  test(`${name}: the gradient of the gradient`, async () => {
    const random = new Random(shapes.length, name);
    const arrays = shapes.map((shape, i) => (i === 0 ? distinct(random, shape) : numbers(random, shape)));
    for (const array of arrays) for (let i = 0; i < array.data.length; i++) array.data[i] /= 2;
    await checkFunction((inputs) => {
      // A sum of squares, so that the first gradient depends on the value.
      return gradients([sum(square(build(inputs)))], inputs);
    }, arrays);
  });
}
