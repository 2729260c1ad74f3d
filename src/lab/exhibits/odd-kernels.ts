// A learner's question: why odd kernels?

import { receptiveField } from "../../analyze/receptive.ts";
import { describeWindow } from "../../analyze/window.ts";
import { build } from "../../nn/build.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { exhibit, whole } from "../exhibit.ts";
import { type Check, curve, equal, holds, table } from "../parts.ts";

export const oddKernels = exhibit({
  id: "odd-kernels",
  title: "Why odd kernels?",
  group: "The kernel",
  claim:
    "Even kernels work as well, but the padding that keeps the size cannot be split equally, so each layer moves the picture by half a cell; odd kernels stay centred.",
  formula: "p = k − 1 is even exactly for odd k        drift of an even kernel: half a cell a layer",
  parameters: {
    largest: whole(9, 2, 31, "kernels 1 to this"),
    layers: whole(8, 1, 32, "layers on top of each other"),
    size: whole(64, 32, 256, "side of the picture"),
  },
  tryThis: ['"same-lower" puts the odd cell first: the drift goes the other way, so the two in turn cancel out.'],
  source: "Dive into Deep Learning, 7.3.1",
  async run({ largest, layers, size }) {
    const drift = (k: number, padding: "same" | "same-lower" | "turns", n = layers): number => {
      const stack = Sequential(
        Array.from({ length: n }, (_, i) =>
          Conv2d(1, k, { padding: padding === "turns" ? (i % 2 ? "same-lower" : "same") : padding }),
        ),
      );
      const built = build(stack, [1, 1, size, size]);
      return receptiveField(built.input, built.output)![1].centre;
    };
    const kernels = Array.from({ length: largest }, (_, i) => i + 1);
    const rows = kernels.map((k) => {
      const told = describeWindow({ size, kernel: k, padding: { total: k - 1 } });
      return { k, before: told.padBefore, after: told.padAfter, output: told.output, drift: drift(k, "same") };
    });
    const even = kernels.filter((k) => k % 2 === 0);
    const path = (k: number) => Array.from({ length: layers }, (_, i) => [i + 1, drift(k, "same", i + 1)] as const);
    return {
      parts: [
        table(
          ["k", "padding", "output", `centre of unit 0 after ${layers} layers`],
          rows.map(({ k, before, after, output, drift: moved }) => [k, `${before} + ${after}`, output, moved]),
        ),
        curve("layer", "centre of unit 0, cells", { "k = 3": path(3), "k = 2": path(2) }),
      ],
      checks: [
        ...rows.map(
          ({ k, before, after }): Check =>
            holds(`k ${k}: equal split exactly if odd`, (before === after) === (k % 2 === 1)),
        ),
        ...rows.map(({ k, drift: moved }) =>
          equal(`k ${k}: drift after ${layers} layers`, moved, k % 2 === 1 ? 0 : layers / 2),
        ),
        ...rows.map(({ k, output }) => equal(`k ${k}: the size is kept`, output, size)),
        ...even
          .slice(0, 1)
          .map((k) => equal(`k ${k}: same and same-lower in turn`, drift(k, "turns"), layers % 2 === 0 ? 0 : 0.5)),
      ],
    };
  },
});
