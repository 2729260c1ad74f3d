// A learner's question: how does 1x1 differ from dense?
import { denseEquivalent } from "../../analyze/dense.ts";
import { summary } from "../../analyze/summary.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { conv2d } from "../../ops/convolution.ts";
import { linear } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { compute, known, noise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { bars, below, equal, largestDifference, table } from "../parts.ts";

export const oneByOneOrDense = exhibit({
  id: "one-by-one-or-dense",
  title: "How does a 1x1 convolution differ from a dense layer?",
  group: "Channels, pooling, 1x1",
  claim:
    "A 1x1 convolution is a dense layer for each pixel, shared by all of them; only where the map has one pixel are the two the same, and a kernel as large as the map is dense again.",
  formula: "1x1: c_in c_out weights        dense: (c_in h w)(c_out h w)        kernel h x w: c_in h w c_out",
  parameters: {
    channels: whole(16, 1, 64, "channels in"),
    filters: whole(8, 1, 64, "channels out"),
    size: whole(5, 1, 16, "side of the map"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["LeNet's first dense layer sees a 5x5 map: it is a 5x5 convolution, and runs on larger pictures as one."],
  source: "Dive into Deep Learning, 7.4.3 and 8.3",
  async run({ channels, filters, size, seed }, { engine }) {
    const shape = [1, channels, size, size];
    const pixel = noise([4, channels, 1, 1], seed, "pixel");
    const map = noise([4, channels, size, size], seed, "map");
    const w1 = known(noise([filters, channels, 1, 1], seed, "w1"));
    const whole = known(noise([filters, channels, size, size], seed, "w"));
    const found = await compute(engine, {
      conv: conv2d(known(pixel), w1),
      dense: linear(reshape(known(pixel), [4, channels]), reshape(w1, [filters, channels])),
      convWhole: conv2d(known(map), whole),
      denseWhole: linear(
        reshape(known(map), [4, channels * size * size]),
        reshape(whole, [filters, channels * size * size]),
      ),
    });
    const count = (model: Parameters<typeof summary>[0]) => summary(model, shape).parameters;
    const one = count(Conv2d(filters, 1, { bias: false }));
    const dense = denseEquivalent(shape, [1, filters, size, size]);
    const full = count(Conv2d(filters, size, { bias: false }));
    return {
      parts: [
        table(
          ["layer", "weights", "sees"],
          [
            ["1x1 convolution", one, "one pixel, all channels"],
            [`${size}x${size} convolution, no padding`, full, "the whole map"],
            ["dense, map to map", dense.weights, "the whole map, at every pixel anew"],
          ],
        ),
        bars("weights", { "1x1": one, [`${size}x${size}`]: full, dense: dense.weights }, { logarithmic: true }),
      ],
      checks: [
        below("on a single pixel, 1x1 is dense", largestDifference(found.conv.data, found.dense.data), 1e-4),
        below(
          "a kernel as large as the map is dense",
          largestDifference(found.convWhole.data, found.denseWhole.data),
          1e-3,
        ),
        equal("1x1 has c_in·c_out weights, whatever the map", one, channels * filters),
        equal("dense has (h w)² times as many", dense.weights, one * (size * size) ** 2),
        equal(
          "and as many as a layer of the built graph",
          dense.weights,
          count(Sequential([Flatten(), Linear(filters * size * size, { bias: false })])),
        ),
      ],
    };
  },
});
