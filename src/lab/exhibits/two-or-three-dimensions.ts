// Is it 2-D or 3-D?
import { fromNested, ndarray } from "../../base/array.ts";
import { conv2d, conv3d } from "../../ops/convolution.ts";
import { flip } from "../../ops/copy.ts";
import { reshape } from "../../ops/reshape.ts";
import { compute, counting, known, noise, plane, reshaped } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { composedKernel } from "../measure/kernels.ts";
import { above, below, equal, largestDifference, matrices, table } from "../parts.ts";

export const twoOrThreeDimensions = exhibit({
  id: "two-or-three-dimensions",
  title: "Is it 2-D or 3-D?",
  group: "Channels, pooling, 1x1",
  claim:
    "A 2-D convolution over channels is a 3-D correlation whose kernel is as deep as the picture: it slides in two directions only, and has another kernel for every depth.",
  formula: "conv2d = conv3d with depth(K) = depth(X): one place along the depth",
  parameters: {
    channels: whole(2, 2, 6, "channels, or the depth"),
    shallow: whole(1, 1, 5, "depth of a kernel that is shallower (at most channels − 1)"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["With a shallower kernel the 3-D correlation has several places along the depth: another operation."],
  source: "Dive into Deep Learning, 7.4.1, exercises",
  async run({ channels, shallow, seed }, { engine }) {
    const size = 3;
    const x = ndarray(
      [1, channels, size, size],
      Array.from({ length: channels }, (_, c) => Array.from(counting([size, size], c).data)).flat(),
    );
    const k = composedKernel(
      channels,
      fromNested([
        [0, 1],
        [2, 3],
      ]),
      (c, value) => value + c,
    );
    const solid = reshape(known(x), [1, 1, channels, size, size]);
    const deep = reshape(known(k), [1, 1, channels, 2, 2]);
    const depth = Math.min(shallow, channels - 1);
    const random = noise([1, channels, 6, 6], seed, "x");
    const weight = noise([4, channels, 3, 3], seed, "w");
    const found = await compute(engine, {
      flat: conv2d(known(x), known(k)),
      solid: conv3d(solid, deep),
      turned: conv3d(solid, flip(deep, [2])),
      thin: conv3d(solid, known(noise([1, 1, depth, 2, 2], seed, "thin"))),
      many2: conv2d(known(random), known(weight)),
      many3: conv3d(reshape(known(random), [1, 1, channels, 6, 6]), reshape(known(weight), [4, 1, channels, 3, 3])),
    });
    const two = (array: typeof found.solid) => plane(reshaped(array, [1, 1, 2, 2]));
    const turned = two(found.turned);
    return {
      parts: [
        matrices({ "2-D": plane(found.flat), "3-D, as deep": two(found.solid), "3-D, depth flipped": turned }),
        table(
          ["depth of the kernel", "places along the depth"],
          [
            [channels, found.solid.shape[2]],
            [depth, found.thin.shape[2]],
          ],
        ),
      ],
      checks: [
        equal("2-D equals 3-D with a kernel as deep", largestDifference(found.flat.data, found.solid.data), 0),
        below("with many filters too", largestDifference(found.many2.data, found.many3.data), 1e-4),
        equal("a kernel as deep has one place along the depth", found.solid.shape[2], 1),
        equal("a shallower one has more", found.thin.shape[2], channels - depth + 1),
        above("flipping the depth gives other numbers", largestDifference(found.flat.data, turned.data), 0),
      ],
    };
  },
});
