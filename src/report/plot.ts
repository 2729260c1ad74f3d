// Plots as SVG in the page's own colours: lines, bars and points over two axes. A plot's numbers stand in a table beside it, so
// that one who cannot see it misses nothing.

import { type Html, html, type Part, raw } from "./html.ts";

/** The colours of a page by what they are for; see style.ts. */
export const colours = ["var(--one)", "var(--two)", "var(--three)", "var(--four)"] as const;

const [width, height] = [340, 210];
const margin = { top: 8, right: 16, bottom: 34, left: 44 };

/** An axis: its ends, what it counts, and how its numbers are written. */
export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Equal steps are equal factors. */
  readonly log?: boolean;
  /** Only whole numbers are marked. */
  readonly whole?: boolean;
  readonly write?: (value: number) => string;
}

/** From values to places in the plot. */
export interface Frame {
  x(value: number): number;
  y(value: number): number;
  readonly bottom: number;
}

/** A line, and how it is told from the others. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly colour: string;
  readonly dashed?: boolean;
}

export interface Chart {
  readonly title: string;
  /** What is seen, in a sentence, for one who cannot. */
  readonly about: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: (frame: Frame) => Part;
  /** What the colours mean, where there are several. */
  readonly key?: readonly Pick<Series, "name" | "colour" | "dashed">[];
}

export function chart({ title, about, x, y, marks, key }: Chart): Html {
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const frame: Frame = { x: scale(x, margin.left, right), y: scale(y, bottom, margin.top), bottom };
  const grid = ticks(y, 5).map(
    ([value, text]) =>
      html`<line x1="${margin.left}" x2="${right}" y1="${at(frame.y(value))}" y2="${at(frame.y(value))}" stroke="var(--line)"/><text x="${margin.left - 6}" y="${at(frame.y(value) + 3.5)}" text-anchor="end">${text}</text>`,
  );
  const below = ticks(x, 6).map(
    ([value, text]) => html`<text x="${at(frame.x(value))}" y="${bottom + 15}" text-anchor="middle">${text}</text>`,
  );
  return html`<figure class="plot"><h3>${title}</h3>
${key && key.length > 1 && html`<p class="key">${key.map(({ name, colour, dashed }) => html`<span style="--k:${raw(colour)}"${dashed && raw(' class="dashed"')}>${name}</span>`)}</p>`}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${about}" font-size="11" fill="var(--soft)" style="font-variant-numeric:tabular-nums">
<g>${grid}</g><g>${below}</g>
<line x1="${margin.left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="var(--soft)"/>
<text x="${right}" y="${height - 3}" text-anchor="end">${x.label}</text>
${marks(frame)}
</svg></figure>`;
}

/** Lines over one x; where there are many points, some of them. */
export function lines(
  chartOf: Omit<Chart, "marks" | "key" | "y"> & { readonly y: Omit<Axis, "from" | "to"> & Partial<Axis> },
  series: readonly Series[],
): Html {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite);
  const [from, to] = span(values, chartOf.y.log === true);
  return chart({
    ...chartOf,
    y: { from, to, ...chartOf.y },
    key: series,
    marks: (frame) => series.map((one) => line(one, frame)),
  });
}

const mostPoints = 500;

function line({ points, colour, dashed }: Series, { x, y }: Frame): Html {
  const step = Math.max(1, Math.ceil(points.length / mostPoints));
  const some = points.filter(([, value], i) => Number.isFinite(value) && (i % step === 0 || i === points.length - 1));
  if (some.length === 1)
    return html`<circle cx="${at(x(some[0][0]))}" cy="${at(y(some[0][1]))}" r="3" fill="${raw(colour)}"/>`;
  const path = some.map(([a, b], i) => `${i === 0 ? "M" : "L"}${at(x(a))} ${at(y(b))}`).join("");
  return html`<path d="${path}" fill="none" stroke="${raw(colour)}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"${dashed && raw(' stroke-dasharray="5 4"')}/>`;
}

/** A bar from 0 up, between two values of x. */
export function column(
  [from, to]: readonly [number, number],
  value: number,
  colour: string,
  { x, y, bottom }: Frame,
): Html {
  const [left, top] = [x(from), y(value)];
  return html`<rect x="${at(left + 0.75)}" y="${at(top)}" width="${at(Math.max(0.5, x(to) - left - 1.5))}" height="${at(Math.max(0, bottom - top))}" fill="${raw(colour)}"/>`;
}

/** Points that shine through where they lie upon one another. */
export const dots = (points: readonly (readonly [number, number])[], colour: string, { x, y }: Frame): Html =>
  html`<g fill="${raw(colour)}" fill-opacity="${points.length > 300 ? 0.35 : 0.6}">${points.map(([a, b]) => html`<circle cx="${at(x(a))}" cy="${at(y(b))}" r="2.4"/>`)}</g>`;

/** Where two axes are equal. */
export const diagonal = ({ x, y }: Frame, from: number, to: number): Html =>
  html`<line x1="${at(x(from))}" y1="${at(y(from))}" x2="${at(x(to))}" y2="${at(y(to))}" stroke="var(--soft)" stroke-dasharray="2 4"/>`;

/** Ends that hold all values, with 0 where it is near. */
export function span(values: readonly number[], log = false): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (log && value <= 0) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return log ? [0.1, 1] : [0, 1];
  if (log) return least === most ? [least / 2, most * 2] : [least, most];
  if (least > 0 && least < 0.5 * most) least = 0;
  const room = least === most ? Math.max(Math.abs(most) * 0.1, 1e-9) : 0.04 * (most - least);
  return [least === 0 ? 0 : least - room, most + room];
}

const at = (value: number): string => String(Math.round(value * 10) / 10);

function scale({ from, to, log }: Axis, start: number, end: number): (value: number) => number {
  const place = log ? Math.log : (value: number): number => value;
  const [a, b] = [place(from), place(to)];
  return (value) => start + ((place(Math.max(value, log ? from / 10 : value)) - a) / (b - a || 1)) * (end - start);
}

/** Round numbers between the ends of an axis. */
export function ticks({ from, to, log, whole, write = plain }: Axis, about: number): [value: number, text: string][] {
  const values = log ? powers(from, to) : steps(from, to, about, whole === true);
  return values.map((value) => [value, write(value)]);
}

function steps(from: number, to: number, about: number, whole: boolean): number[] {
  const rough = (to - from) / about;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough * 0.999)!;
  if (whole) step = Math.max(1, Math.round(step));
  const values: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++)
    values.push(Number((i * step).toPrecision(12)));
  return values;
}

function powers(from: number, to: number): number[] {
  const values: number[] = [];
  const decades = Math.log10(to / from);
  const of = decades > 3 ? [1] : decades > 1 ? [1, 3] : [1, 2, 5];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++)
    for (const times of of) values.push(Number((times * 10 ** power).toPrecision(3)));
  const inside = values.filter((value) => value >= from * 0.999 && value <= to * 1.001);
  return inside.length > 1 ? inside : [from, to];
}

function plain(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(0).replace("e+", "e");
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}
