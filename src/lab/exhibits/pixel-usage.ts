// Not every pixel is read equally often.
import type { NdArray } from "../../base/array.ts";
import { ndarray } from "../../base/array.ts";
import { exhibit, whole } from "../exhibit.ts";
import { pixelUsage } from "../measure/usage.ts";
import { type Check, matrices, numbers, same } from "../parts.ts";

/** Windows of k taps at stride s that read cell x of n, with `before` cells of padding; the product of two axes is the map. */
function usageAlong(n: number, k: number, s: number, p: number): number[] {
  const outputs = Math.floor((n + 2 * p - k) / s) + 1;
  return Array.from({ length: n }, (_, x) => {
    const first = Math.max(0, Math.ceil((x + p - k + 1) / s));
    const last = Math.min(outputs - 1, Math.floor((x + p) / s));
    return Math.max(0, last - first + 1);
  });
}

export const pixelUsageExhibit = exhibit({
  id: "pixel-usage",
  title: "How often each pixel is used",
  group: "Padding and stride",
  claim:
    "Without padding a corner pixel is read by one window and a middle one by k²; only full padding treats all alike.",
  formula: "uses of cell x along an axis = min(out − 1, floor((x + p) / s)) − max(0, ceil((x + p − k + 1) / s)) + 1",
  parameters: {
    size: whole(5, 3, 16, "side of the picture"),
    kernel: whole(3, 1, 3, "side of the kernel (odd, for same padding)"),
    stride: whole(1, 1, 4, "stride"),
  },
  tryThis: [
    "Stride 2 with a kernel of 3 makes a chequerboard; stride above the kernel leaves pixels that nobody reads.",
  ],
  source: "Dive into Deep Learning, 7.3 (figure 7.3.1); measured as the gradient of the sum of all outputs",
  async run({ size: n, kernel: k, stride }, { engine }) {
    const modes = { valid: 0, same: Math.floor((k - 1) / 2), full: k - 1 };
    const maps: Record<string, NdArray> = {};
    const checks: Check[] = [];
    for (const [name, padding] of Object.entries(modes)) {
      maps[name] = await pixelUsage(engine, [n, n], [k, k], { padding, stride });
      const line = usageAlong(n, k, stride, padding);
      checks.push(
        same(
          `${name}: the measured map is the formula's`,
          maps[name].data,
          line.flatMap((a) => line.map((b) => a * b)),
        ),
      );
    }
    const middle = n >> 1;
    const three = ({ data }: NdArray): string => `${data[0]} / ${data[middle]} / ${data[middle * n + middle]}`;
    return {
      parts: [
        matrices(maps),
        numbers(
          Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, three(map)])),
          "Corner / edge / middle",
        ),
      ],
      checks: [...checks, same("full padding, stride 1: all alike", fullOf(n, k), new Float64Array(n * n).fill(k * k))],
    };
  },
});

const fullOf = (n: number, k: number): NdArray["data"] => {
  const line = usageAlong(n, k, 1, k - 1);
  return ndarray(
    [n, n],
    line.flatMap((a) => line.map((b) => a * b)),
  ).data;
};
