// A table of pictures: a CSV or JSON lines with a path and what is known of each picture.
//
//   path,label              path,labels               path,age,height          {"path": "a.jpg", "labels": ["cat", "indoors"]}
//   cat/1.jpg,cat           1.jpg,cat|indoors         1.jpg,31,1.72            {"path": "b.jpg", "numbers": [31, 1.72]}
//
// A column split (train, val, test) says which part a picture is of. Paths lie inside the folder of the table.

import { files } from "#host";
import { ndarray } from "../../base/array.ts";
import { DataError } from "../../base/errors.ts";
import { isInsidePath } from "../../base/paths.ts";
import type { Skipped } from "../dataset.ts";
import type { Labels } from "../labels.ts";
import { type PartName, partOf, whyNoPicture } from "../names.ts";
import { pathNames, type Row, readCsv, readJsonLines } from "./rows.ts";

/** What a table's labels may be. */
export const tableKinds = ["class", "tags", "numbers"] as const;
export type TableKind = (typeof tableKinds)[number];

export const isTable = (path: string): boolean => /\.(csv|tsv|jsonl|ndjson)$/i.test(path);

/** The pictures of a table by part, all in `whole` where it names none. */
export interface Table {
  readonly kind: TableKind;
  readonly classes: readonly string[];
  readonly parts: Readonly<
    Partial<Record<PartName | "whole", { readonly files: readonly string[]; readonly labels: Labels }>>
  >;
  readonly skipped: readonly Skipped[];
}

/** A row that names a picture. */
interface Entry {
  readonly file: string;
  readonly part: PartName | "whole";
  /** Where the table says it, for messages. */
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const splitNames = ["split", "part", "set", "subset"];

/** Reads a table. `known`: the classes of a model, which labels are then matched with. */
export async function openTable(path: string, told: TableKind | undefined, known?: readonly string[]): Promise<Table> {
  const text = await files.readText(path);
  const rows = /\.(jsonl|ndjson)$/i.test(path) ? readJsonLines(text, path) : readCsv(text, path);
  const { entries, skipped } = await entriesOf(rows, path);
  const columns = [...new Set(entries.flatMap(({ values }) => Object.keys(values)))];
  if (columns.length === 0) throw new DataError(`${path} tells paths only; it needs a column of labels too.`);
  const kind = told ?? guess(columns, entries);
  const { classes, labelsOf } = readers[kind](columns, entries, path, known);
  const parts: Partial<Record<PartName | "whole", { files: readonly string[]; labels: Labels }>> = {};
  for (const part of ["train", "validation", "test", "whole"] as const) {
    const own = entries.filter((entry) => entry.part === part);
    if (own.length > 0) parts[part] = { files: own.map(({ file }) => file), labels: labelsOf(own) };
  }
  return { kind, classes, parts, skipped };
}

/** The rows with a picture's path; a path that leaves the folder, or one that is told twice in two ways, is refused. */
async function entriesOf(rows: readonly Row[], path: string): Promise<{ entries: Entry[]; skipped: Skipped[] }> {
  const base = folderOf(path);
  const columns = new Set(rows.flatMap(({ cells }) => Object.keys(cells)));
  const named = [...columns].find((name) => pathNames.includes(name.toLowerCase()));
  if (named === undefined)
    throw new DataError(`${path} has no column of paths; call it path, or ${pathNames.slice(1, 4).join(", ")}.`);
  const splitColumn = [...columns].find((name) => splitNames.includes(name.toLowerCase()));
  const entries: Entry[] = [];
  const skipped: Skipped[] = [];
  const met = new Map<string, Entry>();
  for (const { line, cells } of rows) {
    const where = `${path}, line ${line},`;
    const given = cells[named];
    if (typeof given !== "string" || given === "") throw new DataError(`${where} names no picture.`);
    const inside = given.startsWith(`${base}/`) ? given.slice(base.length + 1) : given;
    const plain = inside.replace(/^(\.\/)+/, "");
    if (!isInsidePath(plain)) {
      throw new DataError(
        `${where} names ${given}, which does not lie inside ${base}; a table's pictures lie in its folder.`,
      );
    }
    const file = files.join(base, plain);
    const values = Object.fromEntries(Object.entries(cells).filter(([name]) => name !== named && name !== splitColumn));
    const entry = {
      file,
      part: partOfRow(splitColumn === undefined ? undefined : cells[splitColumn], where),
      where,
      values,
    };
    const before = met.get(file.toLowerCase());
    if (before && (before.file === file || (await sameFile(before.file, file)))) {
      if (JSON.stringify([before.values, before.part]) !== JSON.stringify([values, entry.part])) {
        throw new DataError(
          `${where} tells of ${file} otherwise than ${before.where.replace(/,$/, "")}; keep one of the two.`,
        );
      }
      skipped.push({ file, reason: `it stands in ${before.where.replace(/,$/, "")} already` });
      continue;
    }
    met.set(file.toLowerCase(), entry);
    const reason = whyNoPicture(files.baseName(file));
    if (reason === undefined) entries.push(entry);
    else skipped.push({ file, reason });
  }
  if (entries.length === 0) throw new DataError(`${path} names no picture that could be read.`);
  const without = entries.find(({ part }) => part === "whole");
  if (without && splitColumn !== undefined && entries.some(({ part }) => part !== "whole"))
    throw new DataError(`${without.where} does not say which part it is of; others say train, val or test.`);
  return { entries, skipped };
}

const folderOf = (path: string): string =>
  path.slice(0, path.length - files.baseName(path).length).replace(/[/\\]$/, "") || ".";

/** Names that differ by case are one file on some disks. */
async function sameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((file) => files.realPath(file).catch(() => file)));
  return a === b;
}

function partOfRow(value: unknown, where: string): PartName | "whole" {
  if (value === undefined || value === "" || value === null) return "whole";
  const part = typeof value === "string" ? partOf(value) : undefined;
  if (part === undefined)
    throw new DataError(`${where} is of the part "${String(value)}"; there are train, val and test.`);
  return part;
}

const isNumber = (value: unknown): boolean =>
  typeof value === "number" || (typeof value === "string" && value !== "" && Number.isFinite(Number(value)));
const isTag = (value: unknown): boolean =>
  value === true || value === false || (isNumber(value) && (Number(value) === 0 || Number(value) === 1));

/** What labels are, by their form. */
function guess(columns: readonly string[], entries: readonly Entry[]): TableKind {
  const all = (test: (value: unknown) => boolean): boolean =>
    entries.every(({ values }) => columns.every((column) => test(values[column])));
  const some = (test: (value: unknown) => boolean): boolean =>
    entries.some(({ values }) => columns.some((column) => test(values[column])));
  if (some((value) => Array.isArray(value)))
    return all((value) => Array.isArray(value) && value.every((one) => typeof one === "number")) ? "numbers" : "tags";
  if (columns.length > 1) return all(isTag) ? "tags" : "numbers";
  if (/^(labels|tags)$/i.test(columns[0]) || some((value) => typeof value === "string" && value.includes("|")))
    return "tags";
  return all(isNumber) && some((value) => !Number.isInteger(Number(value))) ? "numbers" : "class";
}

interface Read {
  readonly classes: readonly string[];
  readonly labelsOf: (entries: readonly Entry[]) => Labels;
}

type Reader = (columns: readonly string[], entries: readonly Entry[], path: string, known?: readonly string[]) => Read;

/** Labels are counted in the order of their names, numbers in that of their size. */
const inOrder = (names: ReadonlySet<string>): string[] =>
  [...names].every(isNumber)
    ? [...names].sort((a, b) => Number(a) - Number(b))
    : [...names].sort((a, b) => (a < b ? -1 : 1));

const mostClasses = 32768;

const readers: { readonly [K in TableKind]: Reader } = {
  class(columns, entries, path, known) {
    const [column] = columns;
    if (columns.length > 1) {
      throw new DataError(
        `${path} has the columns ${columns.join(", ")} beside the paths; for one class a picture there is one, called label.`,
      );
    }
    const nameOf = ({ values, where }: Entry): string => {
      const value = values[column];
      if ((typeof value === "string" && value !== "") || typeof value === "number") return String(value);
      throw new DataError(`${where} gives its picture no ${column}.`);
    };
    const classes = known ?? inOrder(new Set(entries.map(nameOf)));
    if (!known && classes.length < 2)
      throw new DataError(`${path} has only one class (${classes[0]}); it needs at least two.`);
    if (classes.length > mostClasses)
      throw new DataError(`${path} gives ${classes.length} classes; more than ${mostClasses} are not believable.`);
    const places = new Map(classes.map((name, i) => [name, i]));
    const labelOf = (entry: Entry): number => {
      const place = places.get(nameOf(entry));
      if (place !== undefined) return place;
      throw new DataError(`${entry.where} gives the class ${nameOf(entry)}, which the model does not know.`);
    };
    return { classes, labelsOf: (own) => Int32Array.from(own, labelOf) };
  },

  tags(columns, entries, path, known) {
    const single = columns.length === 1 && !entries.every(({ values }) => isTag(values[columns[0]]));
    const tagsOf = ({ values, where }: Entry): readonly string[] => {
      if (!single) {
        return columns.filter((column) => {
          if (!isTag(values[column]))
            throw new DataError(
              `${where} gives its picture the ${column} "${String(values[column] ?? "")}"; a tag is 0 or 1.`,
            );
          return Number(values[column]) === 1;
        });
      }
      const value = values[columns[0]] ?? "";
      const list: readonly unknown[] = Array.isArray(value) ? value : String(value).split("|");
      return list.map((tag) => String(tag).trim()).filter((tag) => tag !== "");
    };
    const found = new Set(entries.flatMap(tagsOf));
    const classes = known ?? (single ? inOrder(found) : columns);
    if (classes.length === 0) throw new DataError(`${path} gives no picture a tag.`);
    if (classes.length > mostClasses)
      throw new DataError(`${path} gives ${classes.length} tags; more than ${mostClasses} are not believable.`);
    const places = new Map(classes.map((name, i) => [name, i]));
    const labelsOf = (own: readonly Entry[]): Labels => {
      const values = new Uint8Array(own.length * classes.length);
      own.forEach((entry, i) => {
        for (const tag of tagsOf(entry)) {
          const place = places.get(tag);
          if (place === undefined)
            throw new DataError(`${entry.where} gives the tag ${tag}, which the model does not know.`);
          values[i * classes.length + place] = 1;
        }
      });
      return { kind: "tags", values: ndarray([own.length, classes.length], values, "uint8") };
    };
    return { classes, labelsOf };
  },

  numbers(columns, entries, path) {
    const [column] = columns;
    const lists = columns.length === 1 && Array.isArray(entries[0].values[column]);
    const { length } = lists ? (entries[0].values[column] as unknown[]) : columns;
    const classes = lists ? Array.from({ length }, (_, i) => (length === 1 ? column : `${column} ${i + 1}`)) : columns;
    if (length === 0) throw new DataError(`${path} gives its pictures no numbers.`);
    const numbersOf = ({ values, where }: Entry): number[] => {
      const row: readonly unknown[] = lists
        ? ((values[column] ?? []) as unknown[])
        : columns.map((name) => values[name]);
      if (!Array.isArray(row) || row.length !== length)
        throw new DataError(`${where} does not give its picture ${length} numbers, as the first row does.`);
      return row.map((value, i) => {
        if (isNumber(value) && Number.isFinite(Number(value))) return Number(value);
        throw new DataError(
          `${where} gives its picture the ${classes[i]} "${String(value ?? "")}", which is no number.`,
        );
      });
    };
    const labelsOf = (own: readonly Entry[]): Labels => ({
      kind: "numbers",
      values: ndarray([own.length, length], Float32Array.from(own.flatMap(numbersOf))),
    });
    return { classes, labelsOf };
  },
};
