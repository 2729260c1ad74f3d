// What a convolution holds instead.
import { summary } from "../../analyze/summary.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { Flatten } from "../../nn/layers/shape.ts";
import { exhibit, whole } from "../exhibit.ts";
import { bars, equal, holds, numbers, table } from "../parts.ts";

export const convParameters = exhibit({
  id: "conv-parameters",
  title: "A convolution on the same megapixel",
  group: "Why not a plain MLP",
  claim: "A convolution's parameters do not depend on the picture: 64 filters of 7x7 on three channels have 9,472.",
  formula: "parameters = filters · channels · k² + filters",
  parameters: {
    kernel: whole(7, 1, 101, "side of the kernel"),
    channels: whole(3, 1, 1024, "channels of the picture"),
    filters: whole(64, 1, 4096, "filters, and so output channels"),
    size: whole(1000, 101, 20000, "side of the picture"),
    hidden: whole(1000, 1, 100000, "units of the dense layer beside it"),
  },
  tryThis: ["Change the size: only the dense layer grows.", "Make the kernel as large as you like, up to 101."],
  source: "Dive into Deep Learning, 7.1.3",
  async run({ kernel, channels, filters, size, hidden }) {
    const convolution = (c: number, k: number, f: number) =>
      summary(Conv2d(f, k, { padding: "same" }), [1, c, size, size]).parameters;
    const dense = summary(Sequential([Flatten(), Linear(hidden)]), [1, channels, size, size]).parameters;
    const own = convolution(channels, kernel, filters);
    const others = [
      [1, 3, filters],
      [3, 3, filters],
      [3, 3, hidden],
    ] as const;
    const formula = (c: number, k: number, f: number): number => f * c * k * k + f;
    const half = summary(Conv2d(filters, kernel, { padding: "same" }), [
      1,
      channels,
      Math.ceil(size / 2),
      size,
    ]).parameters;
    return {
      parts: [
        table(
          ["convolution", "kernel", "parameters"],
          [[channels, kernel, filters] as const, ...others].map(([c, k, f]) => [
            `${c} -> ${f}`,
            `${k} x ${k}`,
            convolution(c, k, f),
          ]),
        ),
        numbers({ "dense layer": dense, "times as many": dense / own }),
        bars("parameters", { convolution: own, "dense layer": dense }, { logarithmic: true }),
      ],
      checks: [
        equal("the built layer has filters·channels·k² + filters numbers", own, formula(channels, kernel, filters)),
        ...others.map(([c, k, f]) => equal(`${c} -> ${f}, ${k}x${k}`, convolution(c, k, f), formula(c, k, f))),
        equal("half the picture, the same number", half, own),
        holds("fewer than the dense layer has", own < dense),
      ],
    };
  },
});
