// Without a non-linearity, depth is an illusion.
import { compose } from "../../analyze/compose.ts";
import { input } from "../../graph/graph.ts";
import { relu } from "../../ops/activations.ts";
import { conv2d } from "../../ops/convolution.ts";
import { compute, known, noise, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { above, below, equal, largestDifference, pictures, table } from "../parts.ts";

export const linearStack = exhibit({
  id: "linear-stack",
  title: "Two convolutions are one, until ReLU comes between",
  group: "The kernel",
  claim:
    "Without a non-linearity between them, a stack of convolutions equals a single larger one; with ReLU it cannot be folded.",
  formula: "(x ⋆ a) ⋆ b = x ⋆ c        side of c = k_a + k_b − 1",
  parameters: {
    first: whole(3, 1, 9, "side of the first kernel"),
    second: whole(5, 1, 9, "side of the second kernel"),
    channels: whole(3, 1, 16, "channels in, between and out"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["Two 3x3 make a 5x5: fewer weights for the same reach, and with ReLU between also more to say."],
  source: "Associativity of convolution; VGG (Simonyan & Zisserman 2014)",
  async run({ first, second, channels, seed }, { exact }) {
    const a = noise([channels, channels, first, first], seed, "a");
    const b = noise([channels, channels, second, second], seed, "b");
    const size = first + second + 8;
    const x = input("x", [1, channels, size, size]);
    const folded = compose([{ weight: a }, { weight: b }]);
    const between = conv2d(x, known(a));
    const found = await compute(
      exact,
      {
        stack: conv2d(between, known(b)),
        relu: conv2d(relu(between), known(b)),
        single: conv2d(x, known(folded.weight)),
      },
      { x: noise([1, channels, size, size], seed, "x") },
    );
    const side = folded.weight.shape[2];
    const linear = largestDifference(found.stack.data, found.single.data);
    const scale = largestDifference(found.stack.data, new Float64Array(found.stack.data.length));
    const broken = largestDifference(found.relu.data, found.single.data);
    return {
      parts: [
        table(
          ["", "side", "weights", "largest difference"],
          [
            [`${first}x${first}, then ${second}x${second}`, side, a.data.length + b.data.length, 0],
            ["folded into one", side, folded.weight.data.length, linear],
            ["the stack with ReLU, against the fold", side, a.data.length + b.data.length, broken],
          ],
        ),
        pictures({ a: plane(a), b: plane(b), "a and b in one": plane(folded.weight) }, { separate: true }),
      ],
      checks: [
        equal("the folded side is k_a + k_b − 1", side, first + second - 1),
        below("the fold equals the stack, relative to its largest value", linear / scale, 1e-12),
        above("with ReLU between, it does not", broken, 0.01),
      ],
    };
  },
});
