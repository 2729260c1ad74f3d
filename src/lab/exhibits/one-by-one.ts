// The 1x1 convolution.

import { summary } from "../../analyze/summary.ts";
import { ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { conv2d } from "../../ops/convolution.ts";
import { permute } from "../../ops/copy.ts";
import { linear } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { compute, known, noise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { bars, below, close, equal, largestDifference, table } from "../parts.ts";

export const oneByOne = exhibit({
  id: "one-by-one",
  title: "The 1x1 convolution",
  group: "Channels, pooling, 1x1",
  claim:
    "A 1x1 convolution is one linear map across the channels, the same at every pixel; put before a large kernel it saves most of its work.",
  formula: "Y[:, i, j] = W X[:, i, j]        saved: k² c_in c_out / (c_in m + k² m c_out) through m channels",
  parameters: {
    channels: whole(192, 1, 512, "channels in"),
    filters: whole(32, 1, 256, "channels out"),
    middle: whole(16, 1, 256, "channels in the narrow place"),
    kernel: whole(5, 1, 9, "side of the kernel"),
    size: whole(28, 1, 64, "side of the map"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["Find the middle at which nothing is saved any more."],
  source: "Lin, Chen & Yan 2013, Network in network; Szegedy et al. 2014, GoogLeNet (inception 3a)",
  async run({ channels, filters, middle, kernel, size, seed }, { direct: engine }) {
    const picture = noise([1, channels, size, size], seed, "x");
    const weight = noise([filters, channels, 1, 1], seed, "w");
    const places = size * size;
    const order = new Random(seed, "order").permutation(places);
    const shuffle = (data: ArrayLike<number>, maps: number): Float64Array =>
      Float64Array.from({ length: maps * places }, (_, i) => data[Math.floor(i / places) * places + order[i % places]]);
    const mixed = ndarray(picture.shape, shuffle(picture.data, channels));
    const run = async (x: typeof picture) => (await compute(engine, { y: conv2d(known(x), known(weight)) })).y;
    const [straight, moved] = [await run(picture), await run(mixed)];
    const { product } = await compute(engine, {
      product: linear(
        reshape(permute(known(picture), [0, 2, 3, 1]), [places, channels]),
        reshape(known(weight), [filters, channels]),
      ),
    });
    const perPixel = Float64Array.from(
      { length: filters * places },
      (_, i) => product.data[(i % places) * filters + Math.floor(i / places)],
    );
    const scale = largestDifference(straight.data, new Float64Array(straight.data.length));
    const padding = "same";
    const direct = summary(Conv2d(filters, kernel, { padding }), [1, channels, size, size]).macs;
    const through = summary(Sequential([Conv2d(middle, 1), Conv2d(filters, kernel, { padding })]), [
      1,
      channels,
      size,
      size,
    ]).macs;
    const formula = places * (channels * middle + kernel ** 2 * middle * filters);
    return {
      parts: [
        table(
          [`${channels} -> ${filters} at ${size} x ${size}`, "MACs"],
          [
            [`${kernel}x${kernel}`, direct],
            [`1x1 to ${middle}, then ${kernel}x${kernel}`, through],
            ["times less", direct / through],
          ],
        ),
        bars("MACs", { direct, "through 1x1": through }),
      ],
      checks: [
        below(
          "equal to the product at each pixel, relative to the largest",
          largestDifference(straight.data, perPixel) / scale,
          1e-6,
        ),
        equal(
          "shuffled pixels give the shuffled output, to the bit",
          largestDifference(shuffle(straight.data, filters), moved.data),
          0,
        ),
        equal("MACs of the direct convolution", direct, places * kernel ** 2 * channels * filters),
        equal("MACs through the 1x1", through, formula),
        close("times less", direct / through, (places * kernel ** 2 * channels * filters) / formula, 1e-9),
      ],
    };
  },
});
