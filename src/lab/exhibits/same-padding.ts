// When the output has n / s places.
import { describeWindow } from "../../analyze/window.ts";
import { exhibit, whole } from "../exhibit.ts";
import { equal, holds, numbers, table } from "../parts.ts";

export const samePadding = exhibit({
  id: "same-padding",
  title: "p = k − 1 gives ceil(n / s)",
  group: "Padding and stride",
  claim:
    "With a total padding of k − 1 the output has ceil(n / s) places for every kernel, odd or even; it is n / s exactly when the stride divides the input size.",
  formula: "p = k − 1   ⇒   out = floor((n − 1) / s) + 1 = ceil(n / s)",
  parameters: {
    sizes: whole(64, 1, 512, "input sizes 1 to this"),
    kernels: whole(12, 1, 32, "kernels 1 to this"),
    strides: whole(6, 1, 16, "strides 1 to this"),
  },
  tryThis: ["It is the input that must divide by the stride, not the kernel, and the kernel need not be odd."],
  source: "Dive into Deep Learning, 7.3; Dumoulin & Visin 2016",
  async run({ sizes, kernels, strides }) {
    let [tried, ceiling, exact, dividing, disagreeing] = [0, 0, 0, 0, 0];
    for (let n = 1; n <= sizes; n++) {
      for (let k = 1; k <= kernels; k++) {
        for (let s = 1; s <= strides; s++) {
          const { output } = describeWindow({ size: n, kernel: k, stride: s, padding: { total: k - 1 } });
          tried++;
          if (output === Math.ceil(n / s)) ceiling++;
          if (output === n / s) exact++;
          if (n % s === 0) dividing++;
          if ((output === n / s) !== (n % s === 0)) disagreeing++;
        }
      }
    }
    const rows = [
      [28, 5, 1],
      [28, 4, 2],
      [28, 5, 3],
      [29, 3, 2],
      [224, 7, 2],
    ].map(([n, k, s]) => {
      const told = describeWindow({ size: n, kernel: k, stride: s, padding: { total: k - 1 } });
      return [n, k, s, `${told.padBefore} + ${told.padAfter}`, told.output, n % s === 0 ? "yes" : "no"];
    });
    return {
      parts: [
        table(["n", "k", "s", "padding", "output", "s divides n"], rows),
        numbers({
          "cases tried": tried,
          "output is ceil(n / s)": ceiling,
          "output is n / s": exact,
          "s divides n": dividing,
        }),
      ],
      checks: [
        equal("the output is ceil(n / s) in every case", ceiling, tried),
        equal("it is n / s as often as s divides n", exact, dividing),
        holds("and in exactly these cases", disagreeing === 0),
      ],
    };
  },
});
