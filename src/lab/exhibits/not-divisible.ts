// A learner's question: what if the stride does not divide the size?
import { describeWindow } from "../../analyze/window.ts";
import { exhibit, whole } from "../exhibit.ts";
import { pixelUsage } from "../measure/usage.ts";
import { equal, holds, pictures, table } from "../parts.ts";

export const notDivisible = exhibit({
  id: "not-divisible",
  title: "What if the stride does not fit?",
  group: "Padding and stride",
  claim:
    "The windows stop where the last one fits: the cells behind it are in the picture, but no unit ever reads them.",
  formula: "unread cells at the end = (n + p − d(k − 1) − 1) mod s        ceil mode hangs one window more over the end",
  parameters: {
    size: whole(12, 3, 32, "side of the picture"),
    kernel: whole(3, 1, 3, "side of the kernel"),
    stride: whole(4, 1, 6, "stride"),
  },
  tryThis: ["AlexNet on 224 with padding 2 leaves one row and one column unread; 227 without padding leaves none."],
  source: "Dumoulin & Visin 2016 (1603.07285); measured as the gradient of the sum of all outputs",
  async run({ size: n, kernel: k, stride: s }, { engine }) {
    const map = await pixelUsage(engine, [n, n], [k, k], { stride: s });
    const told = describeWindow({ size: n, kernel: k, stride: s });
    const line = Array.from({ length: n }, (_, x) =>
      Array.from({ length: n }, (_, y) => map.data[y * n + x]).some((uses) => uses > 0),
    );
    let behind = 0;
    for (let x = n - 1; x >= 0 && !line[x]; x--) behind++;
    const between = line.filter((used) => !used).length - behind;
    const sizes = Array.from({ length: 6 }, (_, i) => n + i).map((size) => {
      const one = describeWindow({ size, kernel: k, stride: s });
      const ceil = describeWindow({ size, kernel: k, stride: s, ceilMode: true });
      return [size, one.output, one.unused, ceil.output, ceil.overhang] as const;
    });
    return {
      parts: [
        pictures({ "uses of each pixel": map }, { numbers: n <= 12 }),
        table(["n", "output", "unread at the end", "ceil mode", "hangs over by"], sizes),
      ],
      checks: [
        equal("unread columns at the end, measured", behind, told.unused),
        equal("as the formula says", told.unused, (n - k) % s),
        equal("unread columns between the windows", between, Math.max(0, s - k) * (told.output - 1)),
        holds(
          "nothing is left over exactly where s divides n − k",
          sizes.every(([size, , unused]) => (unused === 0) === ((size - k) % s === 0)),
        ),
      ],
    };
  },
});
