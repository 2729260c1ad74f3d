// `neocog shape 28 5 --padding 2`: how large the output is, and why.

import { count, times } from "../../src/base/amounts.ts";
import { describeWindow, type WindowAnswer } from "../../src/doors/analyze.ts";
import type { Padding } from "../../src/doors/neocog.ts";
import type { shapeCard } from "../cards/shape.ts";
import { type Run, readSizes, UsageError } from "../command.ts";
import type { Context } from "../context.ts";

export const run: Run<typeof shapeCard> = ([n, k], options, context) => {
  if (options.padding !== undefined && options.total !== undefined)
    throw new UsageError("Give either --padding (per side) or --total-padding (both sides together).");
  const size = readSizes(n, "<n>", 1, 1, 3);
  const kernel = readSizes(k, "<k>", 1, 1, 3);
  const rank = Math.max(
    ...[size, kernel, options.stride, options.total, options.dilation].map((list) => list?.length ?? 1),
  );
  const along = (values: readonly number[] | undefined, usual: number, axis: number, what: string): number => {
    if (values && values.length !== 1 && values.length !== rank)
      throw new UsageError(`${what} has ${values.length} numbers, but another has ${rank}.`);
    return values ? (values[axis] ?? values[0]) : usual;
  };
  const answers = Array.from({ length: rank }, (_, axis) =>
    describeWindow({
      size: along(size, 1, axis, "<n>"),
      kernel: along(kernel, 1, axis, "<k>"),
      stride: along(options.stride, 1, axis, "--stride"),
      dilation: along(options.dilation, 1, axis, "--dilation"),
      padding: options.total ? { total: along(options.total, 0, axis, "--total-padding") } : options.padding,
      ceilMode: options.ceil,
      axis,
      rank,
    }),
  );
  const distinct = answers.filter((answer, i) => i === 0 || JSON.stringify(answer) !== JSON.stringify(answers[0]));
  return {
    json: { output: answers.map(({ output }) => output), axes: answers.map(toJson) },
    lines: () => [
      ...(rank > 1
        ? [
            `${times(answers.map((a) => a.size))} becomes ${context.paint.title(times(answers.map((a) => a.output)))}`,
            "",
          ]
        : []),
      ...distinct.flatMap((answer, i) => {
        const name = distinct.length > 1 ? [context.paint.title(`Axis ${i + 1}`)] : [];
        return [...(i > 0 ? [""] : []), ...name, ...explain(answer, options, context)];
      }),
    ],
  };
};

function toJson(answer: WindowAnswer): object {
  const { padBefore, padAfter } = answer;
  return { ...answer, totalPadding: padBefore + padAfter, perSide: padBefore === padAfter ? padBefore : null };
}

interface Given {
  readonly padding?: Padding;
  readonly total?: readonly number[];
}

function explain(answer: WindowAnswer, given: Given, { paint, width }: Context): string[] {
  const { size, kernel, stride, dilation, reach, output, derivation } = answer;
  const rows: (readonly [string, string])[] = [
    ["input", `n = ${size}`],
    [
      "kernel",
      `k = ${kernel}${dilation > 1 ? `, its taps ${dilation} apart (d = ${dilation}), so it reaches d(k − 1) + 1 = ${reach} cells` : ""}`,
    ],
    ["stride", `s = ${stride}`],
    ["padding", paddingWords(answer)],
    ["output", `${derivation[0]}`],
    ...derivation
      .slice(1)
      .map((line, i) => ["", `= ${i === derivation.length - 2 ? paint.title(line) : line}`] as const),
    ["unused", unusedWords(answer)],
  ];
  const lines = rows.map(([name, value]) => `  ${paint.faint(name.padEnd(9))}${value}`);
  const picture = draw(answer, width, paint);
  const other = conventions(answer, given);
  return [
    `${size} cells, a kernel of ${kernel}: ${paint.title(count(output, "output"))}`,
    "",
    ...lines,
    ...picture,
    ...other,
  ];
}

function paddingWords({ padBefore, padAfter }: WindowAnswer): string {
  const total = padBefore + padAfter;
  if (total === 0) return "none";
  const sides = padBefore === padAfter ? `${padBefore} on either side` : `${padBefore} before and ${padAfter} after`;
  return `p = ${total} in total: ${sides}`;
}

function unusedWords({ size, padBefore, padAfter, reach, stride, unused, overhang }: WindowAnswer): string {
  if (overhang > 0) return `none; the last window hangs over the end by ${count(overhang, "cell")}`;
  const padded = size + padBefore + padAfter;
  const sum = `(${padded} − ${reach}) mod ${stride} = ${unused}`;
  if (unused === 0) return `none: ${sum}`;
  return `${count(unused, "cell")} at the end, reached by no window: ${sum}`;
}

/** What the same number would mean in the other convention. */
function conventions(answer: WindowAnswer, { padding, total }: Given): string[] {
  const number = typeof padding === "number" ? padding : total?.length === 1 ? total[0] : 0;
  if (number === 0) return [];
  const { size, kernel, stride, dilation } = answer;
  const otherwise = typeof padding === "number" ? { total: number } : number;
  const words =
    typeof padding === "number"
      ? "If that is a textbook's p, the total of both sides"
      : "If that is a framework's padding, on either side";
  const tell = (): string => {
    try {
      return `the output is ${describeWindow({ size, kernel, stride, dilation, padding: otherwise }).output}`;
    } catch {
      return "no window fits";
    }
  };
  return ["", `  You said ${number}. ${words}, ${tell()}.`];
}

/** The cells and the windows over them, where they fit into the width. */
function draw(answer: WindowAnswer, width: number, paint: Context["paint"]): string[] {
  const { size, kernel, stride, dilation, padBefore, padAfter, reach, output, unused, overhang } = answer;
  const cells = padBefore + size + padAfter;
  const margin = 11;
  if (cells + overhang > width - margin) return [];
  const indent = " ".repeat(margin);
  const used = cells - unused;
  const strip = Array.from({ length: cells }, (_, i) => {
    const sign = i < padBefore || i >= padBefore + size ? "·" : "■";
    return i < used ? sign : paint.warn(sign === "■" ? "□" : "·");
  }).join("");
  const taps = Array.from({ length: kernel }, () => "●")
    .join("─".repeat(dilation - 1))
    .padEnd(reach, "─");
  const shown = [...new Set([0, 1, 2, output - 1])].filter((i) => i < output).sort((a, b) => a - b);
  const rows = shown.flatMap((i, place) => [
    ...(place > 0 && i - shown[place - 1] > 1 ? [`${indent}${" ".repeat(i * stride)}${paint.faint("⋮")}`] : []),
    `  ${paint.faint(`[${i}]`.padEnd(margin - 2))}${" ".repeat(i * stride)}${paint.key(taps)}`,
  ]);
  const legend = [padBefore + padAfter > 0 ? "· padding" : "", unused > padAfter ? "□ unused" : "", "● tap"].filter(
    Boolean,
  );
  return ["", `${indent}${strip}   ${paint.faint(legend.join("  "))}`, ...rows];
}
