// What an exhibit gave, as one JSON document that a page can draw: arrays become { shape, data }.
import { understand } from "../base/arguments.ts";
import type { NdArray } from "../base/array.ts";
import { type Exhibit, exhibitRule, reportRule } from "./exhibit.ts";
import type { Part } from "./parts.ts";
import type { ExhibitReport } from "./run.ts";

/** An exhibit as it stands in a list. */
export function exhibitJson(exhibit: Exhibit) {
  understand("exhibitJson", arguments, { exhibit: exhibitRule });
  const { id, title, group, claim, formula, parameters, trained = false, tryThis, source } = exhibit;
  return { id, title, group, claim, formula, trained, tryThis, source, parameters };
}

/** A report as one JSON document: arrays become { shape, data }, and numbers without end words. */
export function reportJson(report: ExhibitReport) {
  understand("reportJson", arguments, { report: reportRule });
  const { exhibit, values, verdict, checks, parts, engine, seconds } = report;
  return {
    ...exhibitJson(exhibit),
    values,
    verdict,
    checks: checks.map((check) => ({ ...check, found: plain(check.found) })),
    parts: parts.map(partJson),
    engine,
    seconds,
  };
}

function partJson(part: Part): object {
  switch (part.kind) {
    case "pictures":
      return { ...part, items: part.items.map(({ title, array }) => ({ title, ...arrayJson(array) })) };
    case "table":
      return { ...part, rows: part.rows.map((row) => row.map(plain)) };
    case "numbers":
      return { ...part, rows: part.rows.map((row) => ({ ...row, value: plain(row.value) })) };
    default:
      return part;
  }
}

const arrayJson = ({ shape, data }: NdArray) => ({ shape, data: [...data] });

/** JSON has no infinity: it is told in words. */
const plain = <T>(value: T): T | string =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
