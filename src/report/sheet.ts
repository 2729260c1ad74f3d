// A contact sheet: what data looks like, class by class, and what about it is worth a look, in one page without anything from
// elsewhere. At most 300 pictures of a few kilobytes each: the page stays below 2 MB however many the data has.

import { bytes, count, grouped, percent } from "../base/amounts.ts";
import { understand } from "../base/arguments.ts";
import { options as byName, like, type OptionsOf, signal as signalRule } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import type { PicturePlace } from "../data/concerns.ts";
import { picturesAt } from "../data/images.ts";
import type { Concern, InspectedPart, Inspection } from "../data/inspection.ts";
import { type Thumbnail, thumbnail } from "../data/stream/look.ts";
import { openReaders, usualReaders } from "../data/stream/readers.ts";
import { inOrder } from "../data/stream/survey.ts";
import { partTitle } from "../data/suspicions.ts";
import { type Html, html, type Part } from "./html.ts";
import { barred, details, facts, page, type Section, table } from "./page.ts";
import { captioned, picture, pixelsOf, side } from "./pictures.ts";

/** Pictures of all classes, of one class, and of one warning. */
const [most, mostOfClass, mostOfConcern] = [216, 12, 12] as const;
/** Rows of a table. */
const mostRows = 500;

/**
 * A page that shows what `inspectData` found: counts, formats and sizes, warnings with the pictures they are about, and some
 * pictures of each class. Names of classes and files are text in it, whatever they hold. Below 2 MB.
 */
export async function contactSheet(
  inspection: Inspection,
  options: {
    /** Stops the work. */
    readonly signal?: StopSignal;
  } = {},
): Promise<string> {
  understand("contactSheet", arguments, {
    inspection: like("what inspectData found", "parts", "concerns", "classes"),
    options: byName<OptionsOf<typeof contactSheet>>({ signal: signalRule }),
  });
  const { name, pictures, classes, labelKind, concerns } = inspection;
  const groups = groupsOf(inspection);
  const warned = concerns.map(({ places }) => places.slice(0, mostOfConcern));
  const shown = await thumbnails(
    inspection,
    [...groups.flatMap(({ places }) => places), ...warned.flat()],
    options.signal,
  );
  const sections: Section[] = [
    { id: "warnings", title: "Worth a look", body: warnings(inspection, shown) },
    { id: "counts", title: "Counts", body: countTable(inspection) },
    {
      id: "pictures",
      title: "Pictures",
      about: aboutPictures(inspection, groups),
      body: groups.map((group) => groupOf(group, inspection, shown)),
    },
    { id: "files", title: "Formats and sizes", body: formats(inspection) },
    { id: "left-out", title: "Left out", body: leftOut(inspection) },
  ];
  const what = labelKind === "tags" ? "tag" : labelKind === "numbers" ? "number" : "class";
  const header = html`<h1>${name}</h1>
<p class="lead">${count(pictures, "picture")}${classes.length > 0 && `, ${count(classes.length, what, what === "class" ? "classes" : `${what}s`)}`}, ${bytes(inspection.bytes)}</p>`;
  return page(
    `${name}: the data`,
    header,
    sections,
    "Made by neocog data. The page holds all it needs and asks nothing of the net.",
  );
}

interface Group {
  readonly title: string;
  readonly pictures: number;
  readonly places: readonly PicturePlace[];
}

/** Some pictures of each class, from all over its files; of data without classes from all over the data. */
function groupsOf({ parts, classes, labelKind }: Inspection): Group[] {
  if (labelKind !== "class" && labelKind !== "tags") {
    return parts.map(({ part, pictures }) => ({
      ...{ title: part === "whole" ? "All" : partTitle(part), pictures },
      places: spread(
        Array.from({ length: Math.min(pictures, 100_000) }, (_, index) => ({ part, index })),
        3 * mostOfClass,
      ),
    }));
  }
  const each = Math.max(2, Math.min(mostOfClass, Math.floor(most / classes.length)));
  return classes.slice(0, Math.floor(most / each)).map((title, c) => {
    const places = parts.flatMap((part) => placesOf(part, c, classes.length));
    return { title, pictures: places.length, places: spread(places, each) };
  });
}

function placesOf({ part, labels }: InspectedPart, c: number, classes: number): PicturePlace[] {
  const places: PicturePlace[] = [];
  if (labels instanceof Int32Array) {
    labels.forEach((label, index) => {
      if (label === c) places.push({ part, index });
    });
  } else if (labels?.kind === "tags") {
    for (let index = 0; index < labels.values.shape[0]; index++)
      if (labels.values.data[index * classes + c] === 1) places.push({ part, index });
  }
  return places;
}

/** At most so many of a list, from its start to its end. */
function spread<T>(list: readonly T[], atMost: number): T[] {
  if (list.length <= atMost) return [...list];
  return Array.from({ length: atMost }, (_, i) => list[Math.floor((i * list.length) / atMost)]);
}

const keyOf = ({ part, index }: PicturePlace): string => `${part} ${index}`;

/** Small copies by place; nothing for what cannot be read. */
async function thumbnails(
  { parts }: Inspection,
  places: readonly PicturePlace[],
  signal: StopSignal | undefined,
): Promise<ReadonlyMap<string, Thumbnail>> {
  const made = new Map<string, Thumbnail>();
  const unique = [...new Map(places.map((place) => [keyOf(place), place])).values()];
  for (const { part, files, set } of parts) {
    const own = unique.filter((place) => place.part === part).map(({ index }) => index);
    if (set) {
      for (const index of own) {
        made.set(
          keyOf({ part, index }),
          await thumbnail(pixelsOf(await picturesAt(set.images, [index], signal)), side),
        );
      }
    }
    if (!files) continue;
    const readers = openReaders(own.length < 32 ? 0 : usualReaders(true));
    try {
      const ask = (group: readonly number[]) =>
        readers.ask("thumbnails", { files: group.map((index) => files[index]), side }, signal);
      for await (const { answer, start } of inOrder(own, readers.threads, ask)) {
        for (const [i, found] of answer.entries()) if (found) made.set(keyOf({ part, index: own[start + i] }), found);
      }
    } finally {
      await readers.close();
    }
  }
  return made;
}

/** How a picture is called: its file, or its number. */
export function nameOf({ parts }: Inspection, { part, index }: PicturePlace): string {
  const found = parts.find((one) => one.part === part);
  return found?.files?.[index] ?? `${part === "whole" ? "" : `${partTitle(part)} `}picture ${grouped(index)}`;
}

const shortName = (name: string): string => name.split(/[/\\]/).at(-1)!;

function shots(
  places: readonly PicturePlace[],
  inspection: Inspection,
  shown: ReadonlyMap<string, Thumbnail>,
  named: boolean,
): Html {
  const figures = places.flatMap((place) => {
    const found = shown.get(keyOf(place));
    const name = nameOf(inspection, place);
    if (!found) return [];
    const where = place.part === "whole" ? "" : html` <b>${partTitle(place.part)}</b>`;
    return [captioned(picture(found, name), named && html`${labelOf(inspection, place)}${where} ${shortName(name)}`)];
  });
  return html`<div class="shots${named ? "" : " small"}">${figures}</div>`;
}

function labelOf({ parts, classes }: Inspection, { part, index }: PicturePlace): Part {
  const labels = parts.find((one) => one.part === part)?.labels;
  return labels instanceof Int32Array ? html`<b>${classes[labels[index]]}</b>` : undefined;
}

const groupOf = (
  { title, pictures, places }: Group,
  inspection: Inspection,
  shown: ReadonlyMap<string, Thumbnail>,
): Html =>
  html`<div class="class"><h3>${title} <small>${grouped(pictures)}</small></h3>${shots(places, inspection, shown, false)}</div>`;

function aboutPictures({ classes }: Inspection, groups: readonly Group[]): string {
  const some = groups.some(({ pictures, places }) => places.length < pictures);
  const left = classes.length - groups.length;
  return `${some ? "Some pictures of each, from the first file to the last." : "All pictures."}${left > 0 ? ` ${count(left, "more class has", "more classes have")} no room here.` : ""}`;
}

const titles: Readonly<Record<Concern["kind"], string>> = {
  "uneven classes": "Uneven classes",
  "missing class": "Missing class",
  "copies across parts": "Copies across parts",
  "copies across classes": "Copies across classes",
  copies: "Copies",
  broken: "Broken",
  tiny: "Tiny",
  "extreme shape": "Extreme shape",
  "one colour": "One colour",
};

function warnings(inspection: Inspection, shown: ReadonlyMap<string, Thumbnail>): Html {
  const { concerns } = inspection;
  if (concerns.length === 0)
    return html`<ul class="warnings good"><li>Nothing: no picture is broken, tiny, of one colour or there twice, and the classes are even.</li></ul>`;
  return html`<ul class="warnings">${concerns.map(({ kind, message, places }) => {
    const names = places.slice(0, 100).map((place) => nameOf(inspection, place));
    return html`<li><p><b>${titles[kind]}.</b> ${message}</p>
${places.length > 0 && kind !== "broken" && shots(places.slice(0, mostOfConcern), inspection, shown, true)}
${
  names.length > 0 &&
  details(
    names.length < places.length ? `The first ${names.length} files` : count(names.length, "file"),
    names.map((name) => html`<div><code>${name}</code></div>`),
  )
}</li>`;
  })}</ul>`;
}

function countTable({ parts, classes }: Inspection): Html {
  const whole = parts.length === 1 && parts[0].part === "whole";
  const columns = parts.map(({ part }) => ({ head: whole ? "pictures" : partTitle(part), number: true }));
  const total = ["all", ...parts.map(({ pictures }) => grouped(pictures))];
  if (parts.every(({ counts }) => counts.length === 0))
    return table("Pictures of each part", [{ head: "" }, ...columns], [total]);
  const largest = Math.max(...parts.map(({ counts }) => Math.max(...counts)));
  const rows = classes
    .slice(0, mostRows)
    .map((name, c) => [name, ...parts.map(({ counts }) => barred(counts[c] / largest, grouped(counts[c])))]);
  const left = classes.length - mostRows;
  return html`${table("Pictures of each class", [{ head: "class" }, ...columns], rows, total)}
${left > 0 && html`<p class="note">${count(left, "more class", "more classes")} not listed.</p>`}`;
}

function formats({ formats: list, sizes, sides, pictures }: Inspection): Html {
  const share = (n: number): string => percent(n / pictures, 1);
  return html`<div class="grid">
${table(
  "Pictures of each format",
  [{ head: "format" }, { head: "pictures", number: true }, { head: "share", number: true }],
  list.map(({ format, pictures: n }) => [format, grouped(n), share(n)]),
)}
${table(
  "The commonest sizes",
  [{ head: "width × height" }, { head: "pictures", number: true }, { head: "share", number: true }],
  sizes.map(({ height, width, pictures: n }) => [`${width} × ${height}`, grouped(n), share(n)]),
)}</div>
${
  sides &&
  facts([
    ["shortest side", `${grouped(sides.least)} px`],
    ["median of the shorter side", `${grouped(sides.median)} px`],
    ["longest side", `${grouped(sides.most)} px`],
  ])
}`;
}

function leftOut({ skipped, broken }: Inspection): Part {
  const all = [...broken, ...skipped];
  if (all.length === 0) return undefined;
  const left = all.length - mostRows;
  return html`${table(
    "Files that are left out",
    [{ head: "file" }, { head: "why" }],
    all.slice(0, mostRows).map(({ file, reason }) => [html`<code>${file}</code>`, reason]),
  )}${left > 0 && html`<p class="note">${count(left, "more file", "more files")} not listed.</p>`}`;
}
