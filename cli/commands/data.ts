// `neocog data ./photos`: what data is made of, what is worth a look, and a page with pictures of it.
import { files } from "#host";
import { bytes, count, grouped, percent } from "../../src/base/amounts.ts";
import { checkPage, contactSheet, type Inspection, inspectData } from "../../src/doors/report.ts";
import type { dataCard } from "../cards/data.ts";
import type { Run } from "../command.ts";
import type { Context } from "../context.ts";
import { reporter } from "../data.ts";
import { wrap } from "../lines.ts";
import { plainName } from "../plainName.ts";
import { table } from "../table.ts";

export const run: Run<typeof dataCard> = async ([name], { preview, labels, workers, noDownload }, context) => {
  const file = preview === "" ? `${plainName(name)}-preview.html` : preview;
  if (file !== undefined) await checkPage(file);
  const { signal } = context;
  const told = reporter(context);
  let found: Inspection;
  try {
    found = await inspectData(name, {
      ...(labels === undefined ? {} : { labels }),
      ...(workers === undefined ? {} : { workers }),
      ...(noDownload ? { download: false } : {}),
      ...{ onProgress: told.progress, signal },
    });
  } finally {
    told.stop();
  }
  if (file !== undefined) await files.writeFileAtomic(file, await contactSheet(found, { signal }));
  return {
    json: { ...described(found), ...(file === undefined ? {} : { preview: file }) },
    lines: () => [
      ...linesOf(found, context),
      ...(file === undefined ? [] : ["", `Pictures of each class and warning: ${context.paint.title(file)}`]),
    ],
  };
};

/** What a program is told: no list of all files. */
function described({ parts, copies, concerns, ...rest }: Inspection): object {
  const fileOf = fileNamer(parts);
  return {
    ...rest,
    parts: parts.map(({ part, pictures, counts }) => ({ part, pictures, counts })),
    copies: copies.map((one) => ({ ...one, places: one.places.map(fileOf) })),
    concerns: concerns.map((one) => ({ ...one, places: one.places.map(fileOf) })),
  };
}

/** A picture by its file; by part and place where it has none. */
function fileNamer(parts: Inspection["parts"]): (place: { part: string; index: number }) => string | object {
  const listed = new Map(parts.map(({ part, files: names }) => [part, names]));
  return (place) => listed.get(place.part)?.[place.index] ?? place;
}

/** Rows of classes that are told one by one; more only by their number. */
const mostRows = 40;

function linesOf(found: Inspection, context: Context): string[] {
  const { name, pictures, classes, parts, formats, sizes, bytes: size, concerns } = found;
  const { paint, width } = context;
  const whole = parts.length === 1 && parts[0].part === "whole";
  const rows = classes.slice(0, mostRows).map((one, c) => [one, ...parts.map(({ counts }) => grouped(counts[c]))]);
  const counted = parts.some(({ counts }) => counts.length > 0);
  const heads = parts.map(({ part }) => ({ head: whole ? "pictures" : part, align: "right" as const }));
  return [
    `${paint.title(name)}: ${count(pictures, "picture")}, ${bytes(size)}`,
    ...wrap(formats.map(({ format, pictures: n }) => `${format} ${percent(n / pictures, 0)}`).join(", "), width),
    ...wrap(sizesOf(sizes, pictures), width),
    "",
    ...table([{ head: "class" }, ...heads], counted ? rows : [], paint, [
      ["all", ...parts.map((part) => grouped(part.pictures))],
    ]),
    ...(counted && classes.length > mostRows
      ? [`… and ${count(classes.length - mostRows, "more class", "more classes")}`]
      : []),
    "",
    ...(concerns.length === 0
      ? [paint.good("Nothing about it is suspicious.")]
      : concerns.flatMap(({ message, places }) => concernLines(message, places.map(fileNamer(parts)), context))),
  ];
}

function sizesOf(sizes: Inspection["sizes"], pictures: number): string {
  const [first] = sizes;
  if (!first) return "no picture can be read";
  const named = sizes
    .slice(0, 3)
    .map(({ height, width, pictures: n }) => `${width} x ${height} (${percent(n / pictures, 0)})`);
  return `${sizes.length === 1 ? "all" : "sizes"} ${sizes.length === 1 ? `${first.width} x ${first.height}` : named.join(", ")}${sizes.length > 3 ? ", …" : ""}`;
}

function concernLines(message: string, places: readonly (string | object)[], { paint, width }: Context): string[] {
  const named = places.filter((place) => typeof place === "string");
  const shown = named.slice(0, 3).map((file) => paint.faint(`    ${file}`));
  const left = named.length - shown.length;
  return [
    ...wrap(message, width - 2).map((line, i) => `${i === 0 ? paint.warn("! ") : "  "}${line}`),
    ...shown,
    ...(left > 0 ? [paint.faint(`    and ${grouped(left)} more`)] : []),
  ];
}
