// Curves and bars, with axes whose ticks are round numbers.
import type { BarsPart, CurvePart } from "../parts.ts";
import { axisOf, logarithmicAxisOf } from "../ticks.ts";
import { numberWords } from "../words.ts";
import { type Drawing, inks, line, rectangle, room, round, titled, widthOf, write } from "./svg.ts";

const gray = ' fill="#666"';

export function drawCurve({ title, series, x, y, logarithmic }: CurvePart): Drawing {
  const head = titled(title);
  const [tall, left] = [200, 64];
  const wide = room - left - 16;
  const usable = series.map((one) => ({
    ...one,
    points: one.points.filter(([, v]) => Number.isFinite(v) && (!logarithmic || v > 0)),
  }));
  const points = usable.flatMap((one) => one.points);
  const heights = points.map(([, v]) => v);
  const up = logarithmic ? logarithmicAxisOf(heights) : axisOf(heights);
  const along = axisOf(
    points.map(([u]) => u),
    9,
  );
  const share = (value: number, ticks: readonly number[], log?: boolean): number => {
    const of = (v: number): number => (log ? Math.log10(v) : v);
    return (of(value) - of(ticks[0])) / (of(ticks[ticks.length - 1]) - of(ticks[0]));
  };
  const legend =
    series.length > 1
      ? legendOf(
          series.map(({ name }) => name),
          left,
          head.height + 30,
        )
      : undefined;
  const top = head.height + 20 + (legend?.height ?? 0);
  const placeX = (u: number): number => left + share(u, along.ticks) * wide;
  const placeY = (v: number): number => top + tall * (1 - share(v, up.ticks, logarithmic));
  let shapes = head.shapes + write(left, head.height + 12, `${y}${logarithmic ? " (logarithmic)" : ""}`, gray);
  shapes += legend?.shapes ?? "";
  up.ticks.forEach((tick, i) => {
    shapes += line(left, placeY(tick), left + wide, placeY(tick));
    shapes += write(left - 6, placeY(tick) + 4, up.labels[i], ' text-anchor="end"');
  });
  along.ticks.forEach((tick, i) => {
    shapes += line(placeX(tick), top + tall, placeX(tick), top + tall + 4, "#888");
    shapes += write(placeX(tick), top + tall + 16, along.labels[i], ' text-anchor="middle"');
  });
  shapes += line(left, top + tall, left + wide, top + tall, "#888") + line(left, top, left, top + tall, "#888");
  usable.forEach(({ points: own }, i) => {
    const ink = inks[i % inks.length];
    // A later curve on the same points is dashed, so that both are seen.
    const dash = i > 0 ? ' stroke-dasharray="6 3"' : "";
    const path = own.map(([u, v]) => `${round(placeX(u))},${round(placeY(v))}`);
    shapes += `<polyline points="${path.join(" ")}" fill="none" stroke="${ink}" stroke-width="1.5"${dash}/>`;
    if (own.length > 40) return;
    for (const [u, v] of own)
      shapes += `<circle cx="${round(placeX(u))}" cy="${round(placeY(v))}" r="2.5" fill="${ink}"/>`;
  });
  const below = top + tall + 34;
  return { shapes: shapes + write(left + wide / 2, below, x, ` text-anchor="middle"${gray}`), height: below + 4 };
}

/** Names in their inks, in as many lines as they need. */
function legendOf(names: readonly string[], left: number, top: number): Drawing {
  let [x, y, shapes] = [left, top, ""];
  names.forEach((name, i) => {
    const wide = widthOf(`● ${name}   `);
    if (x > left && x + wide > room) [x, y] = [left, y + 18];
    shapes += write(x, y, `● ${name}`, ` fill="${inks[i % inks.length]}"`);
    x += wide;
  });
  return { shapes, height: y - top + 18 };
}

export function drawBars({ title, unit, bars, logarithmic }: BarsPart): Drawing {
  const head = titled(title);
  const left = Math.min(260, 12 + Math.max(...bars.map(({ name }) => widthOf(name))));
  const wide = room - left - 110;
  const values = bars.map(({ value }) => value);
  // A bar needs a length even where it is the least: a decade below it.
  const axis = logarithmic
    ? logarithmicAxisOf([...values, Math.min(...values.filter((value) => value > 0)) / 2])
    : axisOf([0, ...values], 6);
  const { ticks, labels } = axis;
  const of = (value: number): number => (logarithmic ? Math.log10(value) : value);
  const [first, last] = [of(ticks[0]), of(ticks[ticks.length - 1])];
  const place = (value: number): number =>
    left + (logarithmic && !(value > 0) ? 0 : ((of(value) - first) / (last - first)) * wide);
  const zero = logarithmic ? left : place(0);
  const [top, bottom] = [head.height + 20, head.height + 22 + 20 * bars.length];
  let shapes = head.shapes + write(left, head.height + 12, `${unit}${logarithmic ? " (logarithmic)" : ""}`, gray);
  ticks.forEach((tick, i) => {
    shapes += line(place(tick), top, place(tick), bottom + 4);
    shapes += write(place(tick), bottom + 17, labels[i], ' text-anchor="middle" font-size="11"');
  });
  bars.forEach(({ name, value }, i) => {
    const [from, to] = [Math.min(zero, place(value)), Math.max(zero, place(value))];
    shapes += write(left - 8, top + 20 * i + 12, name, ' text-anchor="end"');
    shapes += rectangle(from, top + 20 * i + 2, to - from, 13, inks[0]);
    shapes += write(to + 6, top + 20 * i + 12, numberWords(value));
  });
  return { shapes: `${shapes}${line(zero, top, zero, bottom, "#888")}`, height: bottom + 22 };
}
