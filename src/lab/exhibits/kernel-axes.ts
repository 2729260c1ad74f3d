// What each axis of a weight does.
import { fromNested, type NdArray, ndarray } from "../../base/array.ts";
import { conv2d } from "../../ops/convolution.ts";
import { compute, counting, known, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { composedKernel } from "../measure/kernels.ts";
import { equal, matrices, same, table } from "../parts.ts";

export const kernelAxes = exhibit({
  id: "kernel-axes",
  title: "Which axes are summed, which are kept?",
  group: "Channels, pooling, 1x1",
  claim:
    "A weight [out, in, rows, columns] is summed over its last three axes, stacked along the first, and slid over two.",
  formula: "Y[o, i, j] = Σ_c Σ_a Σ_b  W[o, c, a, b] X[c, i + a, j + b]",
  parameters: {
    filters: whole(3, 1, 8, "filters K, K + 1, K + 2, …"),
    channels: whole(2, 1, 6, "channels of the picture"),
  },
  tryThis: ["More filters: more maps. More channels: larger numbers, and not one map more."],
  source: "Dive into Deep Learning, 7.4.2",
  async run({ filters, channels }, { engine }) {
    const size = 3;
    const x = ndarray(
      [1, channels, size, size],
      Array.from({ length: channels }, (_, c) => Array.from(counting([size, size], c).data)).flat(),
    );
    const base = composedKernel(
      channels,
      fromNested([
        [0, 1],
        [2, 3],
      ]),
      (c, value) => value + c,
    );
    const one = (o: number): NdArray => ({ ...base, data: base.data.map((value) => value + o) });
    const stack = ndarray(
      [filters, channels, 2, 2],
      Array.from({ length: filters }, (_, o) => Array.from(one(o).data)).flat(),
    );
    const { y, first } = await compute(engine, {
      y: conv2d(known(x), known(stack)),
      first: conv2d(known(x), known(one(0))),
    });
    // Adding 1 to every weight adds the sum of the window.
    const { ones } = await compute(engine, {
      ones: conv2d(known(x), known({ ...base, data: base.data.map(() => 1) })),
    });
    const maps = Object.fromEntries(
      Array.from({ length: filters }, (_, o) => [o === 0 ? "K" : `K + ${o}`, plane(y, o)]),
    );
    return {
      parts: [
        matrices(maps),
        table(
          ["axis of the weight", "size", "what happens"],
          [
            ["0, out", filters, "stacked: a map each"],
            ["1, in", channels, "summed"],
            ["2, rows", 2, "summed, and slid over the picture"],
            ["3, columns", 2, "summed, and slid over the picture"],
          ],
        ),
      ],
      checks: [
        equal("as many maps as filters", y.shape[1], filters),
        same("the first map is the first filter's alone", plane(y, 0).data, first.data),
        ...Array.from({ length: filters - 1 }, (_, i) =>
          same(
            `K + ${i + 1} adds ${i + 1} times the window's sum`,
            plane(y, i + 1).data,
            Float64Array.from(first.data, (value, p) => value + (i + 1) * ones.data[p]),
          ),
        ),
      ],
    };
  },
});
