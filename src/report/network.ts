// The network layer by layer, and everything that was set.

import { summary } from "../analyze/summary.ts";
import { grouped } from "../base/amounts.ts";
import { inputShape } from "../data/preprocessing.ts";
import type { Settings } from "../train/checkpoint.ts";
import { type Html, html, type Part } from "./html.ts";
import type { AnyTrained } from "./judged.ts";
import { table } from "./page.ts";

const mostLayers = 600;

export function networkTable({ model, preprocessing }: AnyTrained): Html {
  const { rows, parameters, macs } = summary(model, inputShape(preprocessing, 1));
  const number = true;
  const columns = [
    ...[{ head: "layer" }, { head: "type" }],
    ...["output", "parameters", "MACs", "sees"].map((head) => ({ head, number })),
  ];
  const some = (n: number): string => (n === 0 ? "–" : grouped(n));
  const shown = rows
    .slice(0, mostLayers)
    .map((row): readonly Part[] => [
      ...[html`<code>${row.path || "(model)"}</code>`, row.type, row.output.slice(1).join(" × ")],
      ...[some(row.parameters), some(row.macs), seen(row.receptive.map(({ size }) => size))],
    ]);
  const left = rows.length - shown.length;
  const total = ["together", "", "", grouped(parameters), grouped(macs), ""];
  return html`${table("The network, layer by layer", columns, shown, total)}
<p class="note">Sees: pixels across that one unit of the layer depends on.${left > 0 && ` ${grouped(left)} more layers are not listed.`}</p>`;
}

export const parametersOf = ({ model, preprocessing }: AnyTrained): number =>
  summary(model, inputShape(preprocessing, 1)).parameters;

const seen = (sizes: readonly number[]): string => {
  const whole = sizes.map((size) => String(Math.round(size)));
  return whole.length === 0 ? "–" : new Set(whole).size === 1 ? whole[0] : whole.join(" × ");
};

/** Every setting by name; the network has a table of its own. */
export function settingRows(settings: Settings | undefined, { preprocessing }: AnyTrained): Map<string, string> {
  const told = { ...settings, preprocessing };
  const rows = Object.entries(told).filter(([name]) => name !== "model");
  return new Map(rows.map(([name, value]) => [name, worded(value)]));
}

function worded(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(worded).join(", ");
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([name, part]) => (name === "name" || name === "kind" ? worded(part) : `${name} ${worded(part)}`))
    .join(", ");
}

/** Settings of one run, or of several side by side, those that differ first. */
export function settingTable(
  runs: readonly { readonly name: string; readonly settings: ReadonlyMap<string, string> }[],
): Html {
  const names = [...new Set(runs.flatMap(({ settings }) => [...settings.keys()]))];
  const differs = (name: string): boolean => new Set(runs.map(({ settings }) => settings.get(name))).size > 1;
  const order = [...names.filter(differs), ...names.filter((name) => !differs(name))];
  const rows = order.map((name): readonly Part[] => [
    differs(name) ? html`<b>${name}</b>` : name,
    ...runs.map(({ settings }) => html`<span class="long">${settings.get(name) ?? "–"}</span>`),
  ]);
  return table(
    "Settings",
    [{ head: "setting" }, ...runs.map(({ name }) => ({ head: runs.length > 1 ? name : "value" }))],
    rows,
  );
}
