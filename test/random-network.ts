// Random small networks with their training steps: what compilers and engines are tried on.
import { type NdArray, ndarray } from "../src/base/array.ts";
import { Random } from "../src/base/random.ts";
import { type Shape, sizeOf } from "../src/base/shape.ts";
import { gradients } from "../src/compile/grad.ts";
import type { Program } from "../src/compile/program.ts";
import { input, type Tensor, variable } from "../src/graph/graph.ts";
import { relu } from "../src/ops/activations.ts";
import { add, mul, sub } from "../src/ops/arithmetic.ts";
import { conv2d, convTranspose2d } from "../src/ops/convolution.ts";
import { concat } from "../src/ops/copy.ts";
import { crossEntropy } from "../src/ops/loss.ts";
import { linear } from "../src/ops/matmul.ts";
import { activation } from "../src/ops/named.ts";
import { batchNorm } from "../src/ops/normalization.ts";
import { avgPool2d, globalAvgPool, maxPool2d } from "../src/ops/pooling.ts";
import { flatten } from "../src/ops/reshape.ts";

const noise = (shape: Shape, name: string, scale = 1): NdArray => {
  const random = new Random(7, name);
  return ndarray(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => (random.uniform() - 0.5) * 2 * scale),
  );
};

/** A random network of blocks, its training step with momentum, and data for it. */
export function randomTraining(seed: number): { program: Program; inputs: Record<string, NdArray> } {
  const random = new Random(seed, "network");
  const weights: Tensor[] = [];
  const weight = (shape: Shape): Tensor => {
    const name = `w${seed}.${weights.length}`;
    const made = variable(name, shape, () => noise(shape, name, 0.5));
    weights.push(made);
    return made;
  };
  const x = input("x", [3, 2, 8, 8]);
  const labels = input("labels", [3], "int32");
  let y: Tensor = x;
  for (let block = 0; block < 3; block++) {
    const channels = y.shape[1];
    const kind = random.below(6);
    if (kind === 0) y = relu(conv2d(y, weight([4, channels, 3, 3]), { padding: 1, bias: weight([4]) }));
    if (kind === 1) {
      const c = conv2d(y, weight([4, channels, 3, 3]), { padding: "same", paddingMode: "reflect" });
      y = activation("silu", batchNorm(c, { weight: weight([4]), bias: weight([4]) }).y);
    }
    if (kind === 2) y = relu(add(conv2d(y, weight([channels, channels, 1, 1])), y));
    if (kind === 3) y = y.shape[2] >= 4 ? maxPool2d(y, 2) : mul(y, 0.5);
    if (kind === 4) y = concat([activation("tanh", y), conv2d(y, weight([2, channels, 1, 1]))], 1);
    if (kind === 5)
      y = avgPool2d(convTranspose2d(y, weight([channels, 3, 2, 2]), { stride: 2 }), 3, { stride: 2, padding: 1 });
  }
  const logits = add(linear(flatten(globalAvgPool(y)), weight([4, y.shape[1]])), weight([4]));
  const loss = crossEntropy(logits, labels, { labelSmoothing: 0.1 });
  const updates = gradients([loss], weights).flatMap((slope, i) => {
    const speed = variable(`speed${seed}.${i}`, slope.shape, () => noise(slope.shape, "speed", 0));
    const next = add(mul(speed, 0.9), slope);
    return [
      { variable: speed, value: next },
      { variable: weights[i], value: sub(weights[i], mul(next, 0.1)) },
    ];
  });
  const inputs = { x: noise(x.shape, `x${seed}`), labels: ndarray([3], Int32Array.of(0, 3, 1), "int32") };
  return { program: { outputs: { loss, logits }, updates }, inputs };
}
