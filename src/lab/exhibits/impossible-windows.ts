// Shapes, and windows that do not fit.
import { describeWindow } from "../../analyze/window.ts";
import { NeocogError } from "../../base/errors.ts";
import { exhibit, whole } from "../exhibit.ts";
import { type Check, equal, holds, table } from "../parts.ts";

const impossible = [
  [3, 5, 0, 3],
  [4, 5, 0, 2],
  [2, 5, 0, 4],
  [1, 5, 0, 1],
] as const;

/** The output, or the sentence of the refusal. */
function ask(n: number, k: number, p: number, s: number): number | string {
  try {
    return describeWindow({ size: n, kernel: k, stride: s, padding: { total: p } }).output;
  } catch (error) {
    if (error instanceof NeocogError) return error.message;
    throw error;
  }
}

export const impossibleWindows = exhibit({
  id: "impossible-windows",
  title: "Shapes, and windows that do not fit",
  group: "Padding and stride",
  claim:
    "A window larger than the padded input has no output: the bare formula would give 0 or less, or even 1 where nothing fits, so it is an error that names the axis and the numbers.",
  formula: "n + p < d(k − 1) + 1   ⇒   error",
  parameters: {
    size: whole(224, 8, 1024, "input size n"),
    kernel: whole(11, 1, 64, "taps k"),
    stride: whole(4, 1, 16, "stride s"),
  },
  tryThis: ["AlexNet's first layer: 224 with p = 2 gives 54, with p = 4 it gives 55, as 227 without padding does."],
  source: "Dumoulin & Visin 2016 (1603.07285)",
  async run({ size, kernel, stride }) {
    const rows = [
      ...[0, 1, 2, 3, 4, 5, 6].map((p) => [size, kernel, stride, p] as const),
      [size + 3, kernel, stride, 0] as const,
    ].map(([n, k, s, p]) => ({ n, k, s, p, out: ask(n, k, p, s) }));
    const refusals = impossible.map(([n, k, p, s]) => ({ n, k, p, s, out: ask(n, k, p, s) }));
    const checks: Check[] = rows.map(({ n, k, s, p, out }) => {
      const formula = Math.floor((n + p - k) / s) + 1;
      return typeof out === "number"
        ? equal(`n ${n}, k ${k}, s ${s}, total p ${p}`, out, formula)
        : holds(`n ${n}, k ${k}, s ${s}, total p ${p} is refused`, n + p < k);
    });
    return {
      parts: [
        table(
          ["n", "k", "s", "total p", "output"],
          rows.map(({ n, k, s, p, out }) => [n, k, s, p, typeof out === "number" ? out : "refused"]),
        ),
        table(
          ["n", "k", "s", "total p", "the formula", "what is said"],
          refusals.map(({ n, k, s, p, out }) => [n, k, s, p, Math.floor((n + p - k) / s) + 1, out]),
        ),
      ],
      checks: [
        ...checks,
        ...refusals.map(({ n, k, s, out }) =>
          holds(
            `n ${n}, k ${k}, s ${s}: refused by a sentence with its numbers`,
            typeof out === "string" && out.includes(`${n} cell`) && out.includes(`kernel of ${k}`),
          ),
        ),
      ],
    };
  },
});
