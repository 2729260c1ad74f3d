// Curves and bars in plain text.
import { axisOf, logarithmicAxisOf, type Part } from "../../src/doors/lab.ts";
import type { Paint } from "../paint.ts";
import { cell } from "./cells.ts";

type Curve = Extract<Part, { kind: "curve" }>;
type Bars = Extract<Part, { kind: "bars" }>;

const marks = ["●", "○", "▲", "△", "■", "□"];
const rows = 11;

export function drawCurve({ series, x, y, logarithmic }: Curve, width: number, paint: Paint): string[] {
  const points = series.flatMap((one) => one.points);
  const value = (v: number): number => (logarithmic ? Math.log10(Math.max(v, 1e-30)) : v);
  const usable = points.filter(([, v]) => Number.isFinite(v) && (!logarithmic || v > 0));
  if (usable.length === 0) return [];
  const [left, right] = [Math.min(...usable.map(([u]) => u)), Math.max(...usable.map(([u]) => u))];
  const heights = usable.map(([, v]) => v);
  const axis = logarithmic ? logarithmicAxisOf(heights, 5) : axisOf(heights, 4);
  const [low, high] = [value(axis.ticks[0]), value(axis.ticks[axis.ticks.length - 1])];
  const margin = Math.max(...axis.labels.map(({ length }) => length));
  const columns = Math.min(64, width - margin - 4);
  const grid = Array.from({ length: rows }, () => new Array<string>(columns).fill(" "));
  series.forEach((one, i) => {
    for (const [u, v] of one.points) {
      if (!Number.isFinite(v) || (logarithmic && v <= 0)) continue;
      const column = right === left ? 0 : Math.round(((u - left) / (right - left)) * (columns - 1));
      const row = rows - 1 - Math.round(((value(v) - low) / (high - low)) * (rows - 1));
      grid[row][column] = paint.key(marks[i % marks.length]);
    }
  });
  const labels = new Map(
    axis.ticks.map((tick, i) => [
      rows - 1 - Math.round(((value(tick) - low) / (high - low)) * (rows - 1)),
      axis.labels[i],
    ]),
  );
  const [first, last] = [cell(left), cell(right)];
  const legend =
    series.length > 1 ? series.map(({ name }, i) => `${paint.key(marks[i % marks.length])} ${name}`).join("   ") : "";
  const room = columns - first.length - last.length;
  const middle = x.length + 2 <= room ? x : "";
  const before = Math.floor((room - middle.length) / 2);
  return [
    paint.faint(`${" ".repeat(margin + 2)}${y}${logarithmic ? ", logarithmic" : ""}${legend ? "   " : ""}`) + legend,
    ...grid.map((line, i) =>
      `${paint.faint((labels.get(i) ?? "").padStart(margin))} ${paint.faint("│")}${line.join("")}`.trimEnd(),
    ),
    paint.faint(`${" ".repeat(margin)} └${"─".repeat(columns)}`),
    paint.faint(
      `${" ".repeat(margin + 2)}${first}${" ".repeat(Math.max(1, before))}${middle}${" ".repeat(Math.max(1, room - before - middle.length))}${last}`,
    ),
  ];
}

export function drawBars({ bars, unit, logarithmic }: Bars, width: number, paint: Paint): string[] {
  const name = Math.max(...bars.map((bar) => bar.name.length));
  const numbers = bars.map(({ value }) => cell(value));
  const number = Math.max(...numbers.map(({ length }) => length));
  const room = Math.max(8, Math.min(48, width - name - number - 4));
  const usable = bars.map(({ value }) => value).filter((value) => value > 0);
  const [least, most] = [Math.min(...usable), Math.max(...usable)];
  const share = (value: number): number => {
    if (!(value > 0)) return 0;
    if (!logarithmic) return value / most;
    // The smallest keeps a tenth of the width, so that it can be seen.
    return most === least ? 1 : 0.1 + (0.9 * Math.log(value / least)) / Math.log(most / least);
  };
  return [
    paint.faint(`${" ".repeat(name + 2)}${unit}${logarithmic ? ", logarithmic" : ""}`),
    ...bars.map(({ name: of, value }, i) => {
      const halves = Math.round(share(value) * room * 2);
      const bar = "━".repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? "╸" : "");
      return `${of.padEnd(name)}  ${paint.key(bar)}${" ".repeat(room - bar.length)}  ${numbers[i].padStart(number)}`;
    }),
  ];
}
