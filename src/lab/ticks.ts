// Ticks of an axis: round numbers at steps of 1, 2 or 5 times a power of ten; on a logarithmic axis powers of ten.

import { understand } from "../base/arguments.ts";
import { numbers, optional, whole } from "../base/rules.ts";

/** An axis of a figure. */
export interface Axis {
  /** Where ticks stand, ascending; the axis runs from the first to the last of them. */
  readonly ticks: readonly number[];
  /** What is written at them. */
  readonly labels: readonly string[];
}

/** An axis that holds all values, with about `wanted` ticks. Whole values get whole ticks. */
export function axisOf(values: readonly number[], wanted = 5): Axis {
  understand("axisOf", arguments, { values: numbers, wanted: optional(whole(1)) });
  const usable = values.filter(Number.isFinite);
  let [low, high] = [Math.min(...usable), Math.max(...usable)];
  if (!(high > low)) [low, high] = [Math.min(0, low), Math.max(low, 0) || 1];
  const rough = (high - low) / Math.max(1, wanted - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9))! * power;
  const step = usable.every(Number.isInteger) ? Math.max(1, nice) : nice;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)));
  return { ticks, labels: ticks.map((tick) => tickWords(tick, digits)) };
}

/** Powers of ten that hold all positive values, at most `most` of them. */
export function logarithmicAxisOf(values: readonly number[], most = 7): Axis {
  understand("logarithmicAxisOf", arguments, { values: numbers, most: optional(whole(1)) });
  const usable = values.filter((value) => value > 0 && Number.isFinite(value));
  let [first, last] = usable.length > 0 ? [Math.min(...usable), Math.max(...usable)].map(Math.log10) : [0, 1];
  [first, last] = [Math.floor(first + 1e-9), Math.ceil(last - 1e-9)];
  if (last <= first) last = first + 1;
  const step = Math.ceil((last - first) / (most - 1));
  last = first + step * Math.ceil((last - first) / step);
  const powers = Array.from({ length: (last - first) / step + 1 }, (_, i) => first + i * step);
  return { ticks: powers.map((power) => 10 ** power), labels: powers.map(powerWords) };
}

const tickWords = (value: number, digits: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");

const superscripts: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from("-0123456789", (digit, i) => [digit, Array.from("⁻⁰¹²³⁴⁵⁶⁷⁸⁹")[i]]),
);

const powerWords = (power: number): string =>
  power >= -3 && power <= 5
    ? (10 ** power).toLocaleString("en-US", { maximumFractionDigits: 3 })
    : `10${Array.from(String(power), (digit) => superscripts[digit]).join("")}`;
