// The formula of a convolution layer, term by term.
import { type NdArray, ndarray } from "../../base/array.ts";
import { input } from "../../graph/graph.ts";
import { conv2d } from "../../ops/convolution.ts";
import { compute, counting, known, plane, wholeNoise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { equal, matrices, same, table } from "../parts.ts";

/** The sum as it is written, place by place. */
function written(x: NdArray, v: NdArray, u: readonly number[], d: number): Float64Array {
  const [, channels, height, width] = x.shape;
  const side = 2 * d + 1;
  const out = new Float64Array(u.length * height * width);
  u.forEach((bias, k) => {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        let sum = bias;
        for (let a = -d; a <= d; a++) {
          for (let b = -d; b <= d; b++) {
            if (i + a < 0 || j + b < 0 || i + a >= height || j + b >= width) continue;
            for (let c = 0; c < channels; c++) {
              sum +=
                v.data[((k * channels + c) * side + a + d) * side + b + d] *
                x.data[(c * height + i + a) * width + j + b];
            }
          }
        }
        out[(k * height + i) * width + j] = sum;
      }
    }
  });
  return out;
}

export const radiusAndSide = exhibit({
  id: "radius-and-side",
  title: "The formula, and what a single 1 in the kernel does",
  group: "The kernel",
  claim:
    "A unit is a bias plus a weighted sum over its neighbourhood of radius D and all channels; a kernel with a single 1 hands the picture on or moves it.",
  formula: "H[i, j, d] = u[d] + Σ a,b = −D…D  Σ c  V[a, b, c, d] X[i + a, j + b, c]        side k = 2D + 1",
  parameters: {
    radius: whole(1, 1, 5, "radius D"),
    channels: whole(2, 1, 8, "channels of the picture"),
    filters: whole(3, 1, 8, "filters"),
    size: whole(6, 3, 32, "side of the picture"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["An even side has no middle, and so no radius: see the exhibit odd-kernels."],
  source: "Dive into Deep Learning, equation 7.1.7",
  async run({ radius: d, channels, filters, size: n, seed }, { engine }) {
    const side = 2 * d + 1;
    const picture = wholeNoise([1, channels, n, n], seed, 9, "picture");
    const v = wholeNoise([filters, channels, side, side], seed, 9, "kernel");
    const u = Array.from({ length: filters }, (_, k) => k - 1);
    const single = (right: number): NdArray => {
      const kernel = new Float64Array(side * side);
      kernel[d * side + d + right] = 1;
      return ndarray([1, 1, side, side], kernel);
    };
    const x = input("x", [1, channels, n, n]);
    const count = counting([1, 1, n, n]);
    const gray = known(count);
    const radii = [0, 1, 2, 3];
    const found = await compute(
      engine,
      {
        layer: conv2d(x, known(v), { bias: known(ndarray([filters], u)), padding: d }),
        identity: conv2d(gray, known(single(0)), { padding: d }),
        moved: conv2d(gray, known(single(1)), { padding: d }),
      },
      { x: picture },
    );
    const left = Float64Array.from(count.data, (_, i) => (i % n === n - 1 ? 0 : count.data[i + 1]));
    return {
      parts: [
        table(
          ["radius D", "side k"],
          radii.map((r) => [r, 2 * r + 1]),
        ),
        matrices({ X: plane(count), "identity kernel": plane(found.identity), "1 at b = +1": plane(found.moved) }),
      ],
      checks: [
        same("the layer computes the sum as it is written", found.layer.data, written(picture, v, u, d)),
        same("the identity kernel hands the picture on", found.identity.data, count.data),
        same("a single 1 at b = +1 moves the content left by one", found.moved.data, left),
        equal("the side is 2D + 1", v.shape[2], 2 * d + 1),
      ],
    };
  },
});
