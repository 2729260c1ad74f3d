// Tables for people: a head, a thin rule, rows; numbers to the right. No boxes: the columns carry themselves.
import Table from "cli-table3";
import { visible } from "./door.ts";
import { visibleLength } from "./lines.ts";
import type { Paint } from "./paint.ts";

export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
}

/** `totals` come below a second rule. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  totals: readonly (readonly string[])[] = [],
  gap = 2,
): string[] {
  const lines = layOut(columns, [columns.map(({ head }) => head), ...rows, ...totals], gap);
  const rule = paint.faint("─".repeat(Math.max(...lines.map(visibleLength))));
  const [head, ...body] = lines;
  const end = totals.length > 0 ? [rule, ...body.slice(rows.length)] : [];
  return [paint.title(head), rule, ...body.slice(0, rows.length), ...end];
}

function layOut(columns: readonly Column[], rows: readonly (readonly string[])[], gap: number): string[] {
  const none = ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"];
  const within = ["left", "left-mid", "mid", "mid-mid", "right", "right-mid"];
  const made = new Table({
    chars: { ...Object.fromEntries([...none, ...within].map((name) => [name, ""])), middle: " ".repeat(gap) },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: columns.map(({ align }) => align ?? "left"),
  });
  made.push(...rows.map((row) => row.map(visible)));
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}
