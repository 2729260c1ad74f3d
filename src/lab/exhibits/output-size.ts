// How many places a window finds, and which padding is meant.
import { describeWindow } from "../../analyze/window.ts";
import { build } from "../../nn/build.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { exhibit, whole } from "../exhibit.ts";
import { equal, numbers, table } from "../parts.ts";

/** Counts the places where a window fits, one by one. */
const count = (padded: number, reach: number, stride: number): number => {
  let places = 0;
  for (let start = 0; start + reach <= padded; start += stride) places++;
  return places;
};

export const outputSize = exhibit({
  id: "output-size",
  title: "How large is the output, and is p one side or both?",
  group: "Padding and stride",
  claim:
    "The output size follows one formula with p the total padding; a framework's padding is per side, so the same number means twice as much.",
  formula: "out = floor((n + p − d(k − 1) − 1) / s) + 1        unused = (n + p − d(k − 1) − 1) mod s",
  parameters: {
    size: whole(28, 1, 4096, "cells n of the input"),
    kernel: whole(5, 1, 64, "taps k"),
    padding: whole(2, 0, 64, "the number p, read in both ways"),
    stride: whole(1, 1, 16, "stride s"),
    dilation: whole(1, 1, 16, "dilation d"),
  },
  tryThis: [
    "`neocog shape 28 5 --padding 2` derives it step by step.",
    "Stride 3: see how many cells at the end no window reaches.",
  ],
  source: "Dumoulin & Visin 2016, A guide to convolution arithmetic (1603.07285)",
  async run({ size: n, kernel: k, padding: p, stride: s, dilation: d }) {
    const readings = [
      ["per side (frameworks)", p, 2 * p],
      ["total of both sides (textbooks)", { total: p }, p],
    ] as const;
    const rows = readings.map(([name, padding, total]) => {
      const told = describeWindow({ size: n, kernel: k, stride: s, dilation: d, padding });
      const built = build(
        Conv2d(1, k, { stride: s, dilation: d, padding: typeof padding === "number" ? padding : { total: p } }),
        [1, 1, n, n],
      );
      return { name, total, told, built: built.output.shape[3] };
    });
    const reach = d * (k - 1) + 1;
    return {
      parts: [
        table(
          ["p is", "total", "output", "unused cells"],
          rows.map(({ name, total, told }) => [name, total, told.output, told.unused]),
        ),
        numbers(
          Object.fromEntries(rows[0].told.derivation.map((line, i) => [i === 0 ? "per side" : " ".repeat(i), line])),
          "Derivation",
        ),
      ],
      checks: rows.flatMap(({ name, total, told, built }) => [
        equal(`${name}: as many windows as can be counted one by one`, told.output, count(n + total, reach, s)),
        equal(`${name}: the built layer gives as many`, built, told.output),
        equal(`${name}: unused cells`, told.unused, (n + total - reach) % s),
      ]),
    };
  },
});
