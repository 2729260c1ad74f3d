// The flip, and why nobody needs it.
import { fromNested, type NdArray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import type { Engine } from "../../engines/engine.ts";
import { input, type Tensor, variable } from "../../graph/graph.ts";
import { mul, square, sub } from "../../ops/arithmetic.ts";
import { conv2d } from "../../ops/convolution.ts";
import { flip } from "../../ops/copy.ts";
import { sum } from "../../ops/sum.ts";
import { openSession } from "../../run/session.ts";
import { compute, counting, known, noise, plane } from "../compute.ts";
import { exhibit, real, whole } from "../exhibit.ts";
import { below, curve, largestDifference, matrices, pictures, same } from "../parts.ts";

const flipped = ({ shape, dtype, data }: NdArray): NdArray => ({ shape, dtype, data: data.slice().reverse() });

export const correlationOrConvolution = exhibit({
  id: "correlation-or-convolution",
  title: "Correlation or convolution: does the flip matter?",
  group: "The kernel",
  claim:
    "What every framework calls convolution is correlation, which does not flip the kernel; trained on the same data from flipped starts, the two end with exactly flipped kernels and equal losses.",
  formula: "correlation Σ K[a, b] X[i + a, j + b]        convolution Σ K[a, b] X[i − a, j − b]",
  parameters: {
    side: whole(3, 1, 7, "side of the learnt kernel"),
    steps: whole(30, 1, 500, "steps of gradient descent"),
    rate: real(0.1, 0.0001, 0.3, "learning rate"),
    seed: whole(0, 0, 1e6, "seed of the data and the start"),
  },
  tryThis: ["Compare the two kernels: one is the other turned by 180 degrees."],
  source: "Dive into Deep Learning, 7.2.5",
  async run({ side, steps, rate, seed }, { engine }) {
    const x = known(counting([1, 1, 3, 3]));
    const k = fromNested([
      [
        [
          [0, 1],
          [2, 3],
        ],
      ],
    ]);
    const { correlation, convolution } = await compute(engine, {
      correlation: conv2d(x, known(k)),
      convolution: conv2d(x, flip(known(k), [2, 3])),
    });
    const picture = noise([4, 1, 12, 12], seed, "picture");
    const truth = noise([1, 1, side, side], seed, "truth");
    const target = (await compute(engine, { y: conv2d(known(picture), known(truth)) })).y;
    const start = noise([1, 1, side, side], seed, "start");
    const learn = (w: NdArray, turn: boolean) => descend(engine, picture, target, w, turn, steps, rate);
    const plain = await learn(start, false);
    const turned = await learn(flipped(start), true);
    return {
      parts: [
        matrices({
          X: plane(counting([1, 1, 3, 3])),
          K: plane(k),
          correlation: plane(correlation),
          convolution: plane(convolution),
        }),
        pictures(
          { truth: plane(truth), "learnt by correlation": plane(plain.kernel), "by convolution": plane(turned.kernel) },
          { title: "Kernels after training" },
        ),
        curve(
          "step",
          "loss",
          {
            correlation: plain.losses.map((loss, i) => [i, loss] as const),
            convolution: turned.losses.map((loss, i) => [i, loss] as const),
          },
          { logarithmic: true },
        ),
      ],
      checks: [
        same(
          "the flip is the only difference: convolution with K is correlation with K turned",
          convolution.data,
          (await compute(engine, { y: conv2d(x, known(flipped(k))) })).y.data,
        ),
        below(
          "the two learnt kernels are flips of each other",
          largestDifference(plain.kernel.data, flipped(turned.kernel).data),
          1e-5,
        ),
        below(
          "and their losses are equal, relative to the first",
          largestDifference(plain.losses, turned.losses) / plain.losses[0],
          1e-6,
        ),
      ],
    };
  },
});

async function descend(
  engine: Engine,
  picture: NdArray,
  target: NdArray,
  start: NdArray,
  turn: boolean,
  steps: number,
  rate: number,
): Promise<{ kernel: NdArray; losses: number[] }> {
  const x = input("x", picture.shape);
  const y = input("y", target.shape);
  const w = variable("w", start.shape, () => start);
  const kernel: Tensor = turn ? flip(w, [2, 3]) : w;
  const count = target.data.length;
  const loss = mul(sum(square(sub(conv2d(x, kernel), y))), 1 / count);
  const [dw] = gradients([loss], [w]);
  const session = await openSession(
    { outputs: { loss }, updates: [{ variable: w, value: sub(w, mul(dw, rate)) }] },
    engine,
  );
  try {
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) losses.push((await session.run({ x: picture, y: target })).loss.data[0]);
    return { kernel: session.readVariable("w"), losses };
  } finally {
    session.release();
  }
}
