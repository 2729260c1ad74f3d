// The kernel is learnt from the pair.
//
//   L = h [ n₁ (w₀ + w₁)² + (w₀ − 1)² + (w₁ + 1)² ]       h rows, n₁ pairs of two light cells in each
//
// From [0, 0] only w₀ − w₁ moves: L_t = 2h (1 − 2hη)^(2t). The stiffest direction is w₀ + w₁, with curvature h (4 n₁ + 2).
import { type NdArray, ndarray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import type { Engine } from "../../engines/engine.ts";
import { input, variable } from "../../graph/graph.ts";
import { mul, square, sub } from "../../ops/arithmetic.ts";
import { conv2d } from "../../ops/convolution.ts";
import { sum } from "../../ops/sum.ts";
import { openSession } from "../../run/session.ts";
import { exhibit, real, whole } from "../exhibit.ts";
import { type Check, close, curve, holds, matrices, numbers, table } from "../parts.ts";

interface Run {
  readonly losses: readonly number[];
  readonly weights: readonly (readonly number[])[];
  readonly slope: readonly number[];
}

/** Gradient descent on the summed squared error; the weights before each step and after the last. */
async function descend(
  engine: Engine,
  picture: NdArray,
  edges: NdArray,
  start: readonly number[],
  rate: number,
  steps: number,
): Promise<Run> {
  const x = input("x", picture.shape);
  const y = input("y", edges.shape);
  const w = variable("w", [1, 1, 1, 2], () => ndarray([1, 1, 1, 2], start));
  const loss = sum(square(sub(conv2d(x, w), y)));
  const [dw] = gradients([loss], [w]);
  const session = await openSession(
    { outputs: { loss, dw }, updates: [{ variable: w, value: sub(w, mul(dw, rate)) }] },
    engine,
  );
  try {
    const losses: number[] = [];
    const weights: number[][] = [[...start]];
    let slope: number[] = [];
    for (let step = 0; step < steps; step++) {
      const found = await session.run({ x: picture, y: edges });
      losses.push(found.loss.data[0]);
      if (step === 0) slope = [...found.dw.data];
      weights.push([...session.readVariable("w").data]);
    }
    return { losses, weights, slope };
  } finally {
    session.release();
  }
}

export const kernelLearning = exhibit({
  id: "kernel-learning",
  title: "Learning a kernel from one picture",
  group: "Learning",
  claim:
    "Gradient descent finds the edge kernel from a picture and its edges; the loss falls by the same factor in every step, and above a learning rate set by the curvature it explodes.",
  formula: "L_t = 2h (1 − 2hη)^(2t)        stable for η < 2 / λ_max",
  parameters: {
    rate: real(0.03, 0.0001, 0.033, "learning rate η"),
    steps: whole(10, 1, 200, "steps"),
    height: whole(6, 1, 6, "rows h of the picture"),
    width: whole(8, 5, 8, "columns of the picture; columns 2 to w − 3 are dark"),
  },
  tryThis: [
    "`--rate 0.01`: slower, and the same formula.",
    "With half the rows every gradient is half as large: the rate may be twice as large.",
  ],
  source: "Dive into Deep Learning, 7.2.4; the rule 2 / λ for quadratic losses",
  async run({ rate, steps, height: h, width }, { engine }) {
    const dark = (column: number): boolean => column >= 2 && column <= width - 3;
    const picture = ndarray(
      [1, 1, h, width],
      Array.from({ length: h * width }, (_, i) => (dark(i % width) ? 0 : 1)),
    );
    const row = Array.from({ length: width - 1 }, (_, j) => (dark(j) ? 0 : 1) - (dark(j + 1) ? 0 : 1));
    const edges = ndarray([1, 1, h, width - 1], Array.from({ length: h }, () => row).flat());
    const run = (start: readonly number[], eta: number, count: number) =>
      descend(engine, picture, edges, start, eta, count);
    const { losses, weights } = await run([0, 0], rate, steps);
    const [w0, w1] = weights[steps];
    // The loss is quadratic: its curvature is the change of the slope.
    const slopes = [];
    for (const start of [
      [0, 0],
      [1, 0],
      [0, 1],
    ])
      slopes.push((await run(start, 0, 1)).slope);
    const [a, b, c] = [slopes[1][0] - slopes[0][0], slopes[1][1] - slopes[0][1], slopes[2][1] - slopes[0][1]];
    const stiffest = (a + c) / 2 + Math.sqrt(((a - c) / 2) ** 2 + b * b);
    const limit = 2 / stiffest;
    const pairs = row.filter((_, j) => !dark(j) && !dark(j + 1)).length;
    const start = [0.5, 0.5];
    const [below, above] = [await run(start, 0.999 * limit, 600), await run(start, 1.02 * limit, 600)];
    const formula = losses.map((_, t) => 2 * h * (1 - 2 * h * rate) ** (2 * t));
    return {
      parts: [
        matrices({ picture: { ...picture, shape: [h, width] }, edges: { ...edges, shape: [h, width - 1] } }),
        table(
          ["step", "loss", "2h (1 − 2hη)^(2t)"],
          losses.map((loss, t) => [t, loss, formula[t]]),
        ),
        numbers({ "learnt w₀": w0, "learnt w₁": w1, "curvature λ_max": stiffest, "stable below η =": limit }),
        curve("step", "loss", { measured: losses.map((loss, t) => [t, loss] as const) }, { logarithmic: true }),
        table(
          ["rate", "loss at the start", "after 600 steps"],
          [
            [0.999 * limit, below.losses[0], below.losses[599]],
            [1.02 * limit, above.losses[0], above.losses[599]],
          ],
          "From [0.5, 0.5], on either side of the limit",
        ),
      ],
      checks: [
        ...losses.map(
          (loss, t): Check => close(`loss before step ${t + 1}`, loss, formula[t], 1e-5 * Math.max(1, formula[0])),
        ),
        close("w₀ = 1 − (1 − 2hη)^steps", w0, 1 - (1 - 2 * h * rate) ** steps, 1e-5),
        close("w₁ = −w₀", w1, -w0, 1e-6),
        close("stable below 2 / (h (4 n₁ + 2))", limit, 2 / (h * (4 * pairs + 2)), 1e-6),
        holds("just below the limit the loss falls", below.losses[599] < below.losses[0]),
        holds("just above it, it explodes", !(above.losses[599] < 1e3 * above.losses[0])),
      ],
    };
  },
});
