// A network as a table. Where the columns do not fit into the width, the gaps shrink, then long names, then the types go.

import { bytes, grouped, short } from "../src/base/amounts.ts";
import type { ReceptiveAxis, Summary, SummaryRow } from "../src/doors/analyze.ts";
import { visible } from "./door.ts";
import { visibleLength } from "./lines.ts";
import type { Paint } from "./paint.ts";
import { type Column, table } from "./table.ts";

/** field: size, step, padding and centre of the receptive field. sees: its size only. */
export type NetworkColumn = "layer" | "type" | "output" | "parameters" | "macs" | "memory" | "field" | "sees";

interface Printed extends Column {
  readonly cell: (row: SummaryRow) => string;
  readonly total?: (sum: Summary) => string;
}

const right = "right" as const;

function printed(column: NetworkColumn, exact: boolean): Printed[] {
  const number = exact ? grouped : short;
  switch (column) {
    case "layer":
      return [{ head: "layer", cell: ({ path }) => path || "(model)", total: () => "total" }];
    case "type":
      return [{ head: "type", cell: ({ type }) => type }];
    case "output":
      return [{ head: "output", align: right, cell: ({ output }) => output.slice(1).join("x") }];
    case "parameters":
      return [
        {
          head: exact ? "parameters" : "params",
          align: right,
          cell: ({ parameters }) => some(parameters, number),
          total: ({ parameters }) => number(parameters),
        },
      ];
    case "macs":
      return [
        { head: "MACs", align: right, cell: ({ macs }) => some(macs, number), total: ({ macs }) => number(macs) },
      ];
    case "memory":
      return [
        {
          head: "memory",
          align: right,
          cell: ({ activationBytes }) => bytes(activationBytes),
          total: ({ activationBytes }) => bytes(activationBytes),
        },
      ];
    case "sees":
      return [{ head: "sees", align: right, cell: ({ receptive }) => along(receptive, ({ size }) => size) }];
    case "field":
      return [
        { head: "field", align: right, cell: ({ receptive }) => along(receptive, ({ size }) => size) },
        {
          head: "step",
          align: right,
          cell: ({ receptive }) => along(receptive, ({ step, whole }) => (whole ? "–" : step)),
        },
        {
          head: "pad",
          align: right,
          // Beyond the edge a map may go on by its own places: `4 circular`.
          cell: ({ receptive }) =>
            along(receptive, ({ padding, beyond }) => (beyond.length ? `${padding} ${beyond.join("+")}` : padding)),
        },
        {
          head: "centre",
          align: right,
          // Paths that do not agree have no one centre.
          cell: ({ receptive }) => along(receptive, ({ centre, aligned }) => (aligned ? centre : "differs")),
        },
      ];
  }
}

const some = (value: number, print: (value: number) => string): string => (value === 0 ? "–" : print(value));

/** One value where all axes agree. */
function along(receptive: readonly ReceptiveAxis[], value: (axis: ReceptiveAxis) => number | string): string {
  const values = receptive.map((axis) => {
    const found = value(axis);
    return typeof found === "number" ? String(Math.round(found * 100) / 100) : found;
  });
  return new Set(values).size <= 1 ? (values[0] ?? "–") : values.join("x");
}

export function networkTable(sum: Summary, columns: readonly NetworkColumn[], width: number, paint: Paint): string[] {
  const attempts = [
    { exact: true, types: true, longest: 60, gap: 2 },
    { exact: true, types: true, longest: 60, gap: 1 },
    { exact: false, types: true, longest: 60, gap: 2 },
    { exact: false, types: true, longest: 28, gap: 1 },
    { exact: false, types: false, longest: 28, gap: 1 },
    { exact: false, types: false, longest: 20, gap: 1 },
  ];
  let made: string[] = [];
  for (const { exact, types, longest, gap } of attempts) {
    const list = columns.filter((name) => types || name !== "type").flatMap((name) => printed(name, exact));
    const rows = sum.rows.map((row) =>
      list.map(({ cell }, i) => (i === 0 ? shorten(visible(cell(row)), longest) : cell(row))),
    );
    const totals = list.map(({ total }) => total?.(sum) ?? "");
    made = table(list, rows, paint, [totals], gap);
    if (Math.max(...made.map(visibleLength)) <= width) break;
  }
  return made;
}

/** The end of a path tells more than its start. */
const shorten = (path: string, longest: number): string =>
  path.length <= longest ? path : `…${path.slice(path.length - longest + 1)}`;
