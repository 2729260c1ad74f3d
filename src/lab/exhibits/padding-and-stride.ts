// The numbers of a padded and of a strided correlation.
import { fromNested, type NdArray, ndarray } from "../../base/array.ts";
import { conv2d } from "../../ops/convolution.ts";
import { compute, counting, known, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { matrices, same } from "../parts.ts";

/** The windows one by one. */
function written(x: NdArray, k: NdArray, padding: number, down: number, right: number): NdArray {
  const [n, side] = [x.shape[2], k.shape[2]];
  const rows: number[] = [];
  let width = 0;
  for (let i = -padding; i + side <= n + padding; i += down) {
    width = 0;
    for (let j = -padding; j + side <= n + padding; j += right) {
      let sum = 0;
      for (let a = 0; a < side; a++) {
        for (let b = 0; b < side; b++) {
          const [y, z] = [i + a, j + b];
          if (y >= 0 && z >= 0 && y < n && z < n) sum += k.data[a * side + b] * x.data[y * n + z];
        }
      }
      rows.push(sum);
      width++;
    }
  }
  return ndarray([1, 1, rows.length / width, width], rows);
}

export const paddingAndStride = exhibit({
  id: "padding-and-stride",
  title: "What padding and stride do to the numbers",
  group: "Padding and stride",
  claim:
    "Padding lets the window hang over the edge, where it reads zeros; a stride keeps every s-th of the places that were there anyway.",
  formula: "Y[i, j] = Σ K[a, b] X[i s − p + a, j t − p + b]",
  parameters: {
    size: whole(3, 2, 12, "side of X = 0, 1, 2, …"),
    padding: whole(1, 0, 1, "padding per side"),
    down: whole(3, 1, 6, "stride along the height"),
    right: whole(2, 1, 6, "stride along the width"),
  },
  tryThis: ["Find the strided numbers in the padded picture: nothing new is computed."],
  source: "Dive into Deep Learning, 7.3",
  async run({ size, padding, down, right }, { engine }) {
    const x = counting([1, 1, size, size]);
    const k = fromNested([
      [
        [
          [0, 1],
          [2, 3],
        ],
      ],
    ]);
    const { padded, strided } = await compute(engine, {
      padded: conv2d(known(x), known(k), { padding }),
      strided: conv2d(known(x), known(k), { padding, stride: [down, right] }),
    });
    const [, , height, width] = padded.shape;
    const picked: number[] = [];
    for (let i = 0; i < height; i += down)
      for (let j = 0; j < width; j += right) picked.push(padded.data[i * width + j]);
    return {
      parts: [
        matrices({
          X: plane(x),
          K: plane(k),
          [`padding ${padding}`]: plane(padded),
          [`and stride (${down}, ${right})`]: plane(strided),
        }),
      ],
      checks: [
        same("padded: as the windows give it one by one", padded.data, written(x, k, padding, 1, 1).data),
        same("strided: as the windows give it one by one", strided.data, written(x, k, padding, down, right).data),
        same("the stride only picks", strided.data, picked),
      ],
    };
  },
});
