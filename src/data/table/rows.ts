// Rows of a table in text: CSV (RFC 4180: quotes, doubled quotes, line ends inside quotes; commas, semicolons or tabs between) and
// JSON lines. Every row knows its line, for messages.

import { DataError } from "../../base/errors.ts";

/** Cells by the names of their columns; JSON lines hold numbers and lists as they are. */
export interface Row {
  readonly line: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Words that may stand above the column of paths. */
export const pathNames = ["path", "file", "filename", "file_name", "image", "picture", "img"];

const empty = (name: string): DataError => new DataError(`${name} has no rows.`);

/** The rows of a CSV. Without a row of names on top the columns are called path, label, label 2, … */
export function readCsv(text: string, name: string): Row[] {
  const lines = linesOf(text.replace(/^\uFEFF/, ""), name);
  if (lines.length === 0) throw empty(name);
  const [{ cells: first }] = lines;
  const named = first.some((cell) => pathNames.includes(cell.trim().toLowerCase()));
  const names = first.map((cell, i) => (named ? cell.trim() : i === 0 ? "path" : i === 1 ? "label" : `label ${i}`));
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice !== undefined) throw new DataError(`${name} has two columns with the name "${twice}".`);
  const rows = named ? lines.slice(1) : lines;
  if (rows.length === 0) throw empty(name);
  return rows.map(({ line, cells }) => {
    if (cells.length !== names.length) {
      throw new DataError(
        `${name}, line ${line}, has ${cells.length} cells, but there are ${names.length} columns (${names.join(", ")}).`,
      );
    }
    return { line, cells: Object.fromEntries(cells.map((cell, i) => [names[i], cell.trim()])) };
  });
}

/** The separator that the first line has most of. */
function separatorOf(text: string): string {
  const [first] = text.split("\n", 1);
  const counted = [",", ";", "\t"].map((mark) => ({ mark, times: first.split(mark).length }));
  return counted.reduce((best, one) => (one.times > best.times ? one : best)).mark;
}

function linesOf(text: string, name: string): Line[] {
  const separator = separatorOf(text);
  const lines: Line[] = [];
  let [line, begun, at] = [1, 1, 0];
  let cells: string[] = [];
  const end = (): void => {
    if (cells.length > 1 || (cells.length === 1 && cells[0] !== "")) lines.push({ line: begun, cells });
    cells = [];
    begun = line;
  };
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) throw new DataError(`${name}, line ${begun}, opens a quote that is never closed.`);
        if (text[at] === "\n") line++;
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') {
          cell += '"';
          at++;
        } else break;
      }
      at++;
    }
    let stop = at;
    while (stop < text.length && text[stop] !== separator && text[stop] !== "\n") stop++;
    cell += text.slice(at, stop).replace(/\r$/, "");
    cells.push(cell);
    at = stop + 1;
    if (text[stop] === separator) {
      if (at === text.length) cells.push("");
      continue;
    }
    line++;
    end();
  }
  end();
  return lines;
}

/** The rows of JSON lines: an object a line. */
export function readJsonLines(text: string, name: string): Row[] {
  const rows: Row[] = [];
  for (const [i, one] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (one.trim() === "") continue;
    let cells: unknown;
    try {
      cells = JSON.parse(one);
    } catch (error) {
      throw new DataError(`${name}, line ${i + 1}, is not JSON: ${(error as Error).message}.`, { cause: error });
    }
    if (typeof cells !== "object" || cells === null || Array.isArray(cells))
      throw new DataError(`${name}, line ${i + 1}, must be an object, such as {"path": "a.jpg", "label": "cat"}.`);
    rows.push({ line: i + 1, cells: cells as Record<string, unknown> });
  }
  if (rows.length === 0) throw empty(name);
  return rows;
}
