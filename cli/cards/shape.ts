// The words of `neocog shape`: what it takes, and its help.

import type { Padding } from "../../src/doors/neocog.ts";
import { card, flag, type OptionCard, readSizes, readWhole, sizes, UsageError } from "../command.ts";

/** `2`, `1,2` (before, after) or a word. */
function padding(flags: string, about: string): OptionCard<Padding> {
  return {
    flags,
    about,
    read(value) {
      const words = ["same", "same-lower", "valid", "full"] as const;
      const word = words.find((known) => known === value);
      if (word) return word;
      if (/^[a-z]/i.test(value))
        throw new UsageError(`--padding can be a number or ${words.join(", ")}, not "${value}".`);
      if (!value.includes(",")) return readWhole(value, "--padding", 0);
      const [before, after] = readSizes(value, "--padding", 0, 2, 2);
      return [[before, after]];
    },
  };
}

export const shapeCard = card({
  name: "shape",
  group: "Understand",
  summary: "The output size of a window, step by step",
  about:
    "The window is that of a convolution or of pooling. n is the number of cells of the input along an axis, k the number of taps of the kernel; write 224x160 for two axes at once.",
  arguments: [
    { name: "<n>", about: "input size, 28 or 224x160" },
    { name: "<k>", about: "kernel size, 5 or 3x7" },
  ],
  options: {
    stride: sizes("-s, --stride <s>", "cells from one window to the next"),
    padding: padding(
      "-p, --padding <p>",
      "cells added on either side, as PyTorch's; or before,after; or same, same-lower, valid, full",
    ),
    total: sizes("-t, --total-padding <p>", "cells added on both sides together, as textbooks write p", 0),
    dilation: sizes("-d, --dilation <d>", "cells from one tap to the next"),
    ceil: flag("--ceil", "count a last window that hangs over the end"),
  },
  examples: [
    ["28 5", "no padding: 24"],
    ["28 5 --padding 2", "2 on either side: 28"],
    ["28 5 --total-padding 2", "2 in total: 26"],
    ["224 11 --stride 4 --padding 2", "AlexNet's first convolution, 1 cell unused"],
    ["224x160 3 --stride 2 --padding same", "two axes at once"],
  ],
});
