// The transposed convolution.
import { fromNested, type NdArray, ndarray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import { input } from "../../graph/graph.ts";
import { conv2d, convTranspose2d } from "../../ops/convolution.ts";
import { compute, counting, known, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { equal, matrices, same } from "../parts.ts";

/** Stamps the kernel, times each number, onto the output. */
function stamped(x: NdArray, k: NdArray, stride: number, padding: number): NdArray {
  const n = x.shape[2];
  const side = k.shape[2];
  const full = (n - 1) * stride + side;
  const out = new Float64Array(full * full);
  for (let i = 0; i < n * n; i++) {
    for (let p = 0; p < side * side; p++) {
      const row = Math.floor(i / n) * stride + Math.floor(p / side);
      out[row * full + (i % n) * stride + (p % side)] += x.data[i] * k.data[p];
    }
  }
  const left = full - 2 * padding;
  return ndarray(
    [left, left],
    Array.from({ length: left * left }, (_, i) => out[(Math.floor(i / left) + padding) * full + (i % left) + padding]),
  );
}

export const transposedConvolution = exhibit({
  id: "transposed-convolution",
  title: "The transposed convolution",
  group: "Learning",
  claim:
    "A transposed convolution stamps the kernel onto the output once for every input cell; it is the gradient of a convolution, its stride makes the output larger, and its padding crops.",
  formula: "out = (n − 1) s + k − p        p the total cropped from both sides",
  parameters: {
    size: whole(2, 1, 8, "side of X = 0, 1, 2, …"),
    stride: whole(2, 1, 4, "stride"),
    padding: whole(1, 0, 1, "cells cropped per side"),
  },
  tryThis: ["Stride 2 with a kernel of 2: the stamps do not overlap. With a kernel of 3 they do: a chequerboard."],
  source: "Dive into Deep Learning, 14.10; Dumoulin & Visin 2016 (1603.07285)",
  async run({ size, stride, padding }, { engine }) {
    const x = counting([1, 1, size, size]);
    const k = fromNested([
      [
        [
          [0, 1],
          [2, 3],
        ],
      ],
    ]);
    const plain = convTranspose2d(known(x), known(k));
    const wide = convTranspose2d(known(x), known(k), { stride });
    // A single cell under a kernel of 2 leaves nothing to crop.
    const crops = size > 1 || padding === 0;
    const cropped = convTranspose2d(known(x), known(k), { padding: crops ? padding : 0 });
    const picture = input("picture", wide.shape);
    const [adjoint] = gradients([conv2d(picture, known(k), { stride })], [picture], [known(x)]);
    const found = await compute(engine, { plain, wide, adjoint, cropped });
    const crop = crops ? found.cropped : undefined;
    return {
      parts: [
        matrices({
          X: plane(x),
          K: plane(k),
          "stride 1": plane(found.plain),
          [`stride ${stride}`]: plane(found.wide),
          ...(crop ? { [`padding ${padding}`]: plane(crop) } : {}),
        }),
      ],
      checks: [
        same("stride 1: as stamps", found.plain.data, stamped(x, k, 1, 0).data),
        same(`stride ${stride}: as stamps`, found.wide.data, stamped(x, k, stride, 0).data),
        ...(crop ? [same(`padding ${padding}: the same, cropped`, crop.data, stamped(x, k, 1, padding).data)] : []),
        same("it is the gradient of the convolution", found.wide.data, found.adjoint.data),
        equal("side of the output", found.wide.shape[2], (size - 1) * stride + 2),
      ],
    };
  },
});
