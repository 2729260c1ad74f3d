// A look at data before anything is trained on it. Every picture is opened once, and a few numbers are kept of each, so that a
// set of any size fits.

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { options as byName, callback, flag, type OptionsOf, path, signal as signalRule, whole } from "../base/rules.ts";
import { sizeOf } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import { copiesIn, type PartPrints, printsOf } from "./concerns.ts";
import { countClasses, type Skipped } from "./dataset.ts";
import { type ListedSet, withLabels } from "./folder.ts";
import { type PictureSet, partsOf } from "./images.ts";
import type { InspectedPart, Inspection, SizeCount } from "./inspection.ts";
import { kindOfLabels, type LabelKind, type Labels } from "./labels.ts";
import { listPictures } from "./listing.ts";
import { findPairs, pairKindOf } from "./pairs.ts";
import { checkUsed, kindOf, openData } from "./source.ts";
import { deviation, type Looked } from "./stream/look.ts";
import { openReaders, usualReaders } from "./stream/readers.ts";
import { inOrder } from "./stream/survey.ts";
import { concernsIn, Oddities } from "./suspicions.ts";
import { openTable } from "./table/table.ts";

/** Options of inspectData. */
export interface InspectOptions {
  /** The labels that belong to an IDX file of images; found by its name unless told. */
  readonly labels?: string;
  /** Whether mnist and fashion-mnist may be downloaded; true unless told. */
  readonly download?: boolean;
  /** Threads that read; as many as there are cores unless told, 0: none but the calling one. */
  readonly workers?: number;
  /** Told what is read and how far it is; how many there are is 0 where it is not known yet. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** Stops the work. */
  readonly signal?: StopSignal;
}

/**
 * Looks through data as `openData` and `openPairs` name it, without bringing it to a size: counts, formats and sizes, files that
 * cannot be read, pictures that are there more than once (across parts and classes too), classes that are uneven or lacking,
 * and pictures that are tiny, long or of one colour. Memory grows by some ten numbers a picture. Throws as `openData` does for
 * what is no data; rejects with the signal's reason once it is aborted.
 */
export async function inspectData(nameOrPath: string, options: InspectOptions = {}): Promise<Inspection> {
  understand("inspectData", arguments, {
    nameOrPath: path,
    options: byName<OptionsOf<typeof inspectData>>({
      ...{ labels: path, download: flag, workers: whole(0), onProgress: callback, signal: signalRule },
    }),
  });
  const { workers: _, ...rest } = options;
  const kind = await kindOf(nameOrPath, rest);
  checkUsed(kind, nameOrPath, options);
  if (kind === "pictures" || kind === "table")
    return inspectFiles(nameOrPath, await listed(nameOrPath, kind, options), options);
  const single = kind === "idx" || kind === "cifar";
  const opened = await openData(nameOrPath, { ...rest, ...(single ? { testFraction: 0, validationFraction: 0 } : {}) });
  return inspectStored(nameOrPath, single ? { whole: opened.train } : { train: opened.train, test: opened.test });
}

async function listed(name: string, kind: "pictures" | "table", options: InspectOptions): Promise<ListedFiles> {
  if (kind === "table") {
    const table = await openTable(name, undefined);
    return { ...table, labelKind: table.kind };
  }
  const pairs = await pairKindOf(name);
  if (!pairs) return { ...withLabels(await listPictures(name, undefined, options)), labelKind: "class" };
  const found = await findPairs(name, pairs);
  const names = files.join(name, "classes.txt");
  const told = pairs === "masks" && (await files.kindOf(names)) === "file" ? await files.readText(names) : "";
  return {
    ...{ labelKind: pairs, classes: told.split(/\r?\n/).filter((line) => line.trim() !== ""), skipped: found.skipped },
    parts: { whole: { files: found.pairs.map(([picture]) => picture) } },
  };
}

type PartFiles = { readonly files: readonly string[]; readonly labels?: Labels };

interface ListedFiles extends Pick<ListedSet, "classes" | "skipped"> {
  readonly labelKind: LabelKind;
  readonly parts: Readonly<Record<string, PartFiles>>;
}

/** What is summed up while pictures pass by. */
class Sum {
  bytes = 0;
  readonly broken: Skipped[] = [];
  readonly #formats = new Map<string, number>();
  readonly #sizes = new Map<string, { readonly height: number; readonly width: number; pictures: number }>();

  add({ bytes, format, height, width }: Pick<Looked, "bytes" | "format" | "height" | "width">, times = 1): void {
    this.bytes += bytes;
    this.#formats.set(format, (this.#formats.get(format) ?? 0) + times);
    const size = `${height}x${width}`;
    const met = this.#sizes.get(size);
    if (met) met.pictures += times;
    else this.#sizes.set(size, { height, width, pictures: times });
  }

  result(): Pick<Inspection, "bytes" | "formats" | "sizes" | "sides" | "broken"> {
    const sizes = [...this.#sizes.values()].sort((a, b) => b.pictures - a.pictures || b.height - a.height);
    const formats = [...this.#formats].map(([format, pictures]) => ({ format, pictures }));
    return {
      ...{ bytes: this.bytes, broken: this.broken, sizes: sizes.slice(0, mostSizes) },
      formats: formats.sort((a, b) => b.pictures - a.pictures),
      ...(sizes.length > 0 ? { sides: sidesOf(sizes) } : {}),
    };
  }
}

const mostSizes = 10;

/** Shorter sides in order, each as often as there are pictures of it. */
function sidesOf(sizes: readonly SizeCount[]): { least: number; median: number; most: number } {
  const sides = sizes.map(({ height, width, pictures }) => ({ side: Math.min(height, width), pictures }));
  sides.sort((a, b) => a.side - b.side);
  const half = sides.reduce((sum, { pictures }) => sum + pictures, 0) / 2;
  let middle = 0;
  for (let passed = sides[0].pictures; passed < half; passed += sides[middle].pictures) middle++;
  const median = sides[middle].side;
  return { least: sides[0].side, median, most: Math.max(...sizes.map(({ height, width }) => Math.max(height, width))) };
}

async function inspectFiles(name: string, found: ListedFiles, options: InspectOptions): Promise<Inspection> {
  const { classes, labelKind, skipped } = found;
  const parts = Object.entries(found.parts).map(([part, { files: names, labels }]) =>
    partOf(part, names.length, classes, { files: names, ...(labels ? { labels } : {}) }),
  );
  const total = parts.reduce((sum, { pictures }) => sum + pictures, 0);
  const readers = openReaders(options.workers ?? (total < few ? 0 : usualReaders(true)));
  const [sum, odd] = [new Sum(), new Oddities()];
  const prints: PartPrints[] = [];
  let done = 0;
  try {
    for (const { part, files: names = [], labels } of parts) {
      const own = new Uint32Array(2 * names.length);
      const ask = (group: readonly string[]) => readers.ask("look", { files: group }, options.signal);
      for await (const { answer, start } of inOrder(names, readers.threads, ask)) {
        for (const [i, looked] of answer.entries()) {
          const index = start + i;
          if (looked.reason === undefined) sum.add(looked);
          else sum.broken.push({ file: names[index], reason: looked.reason });
          odd.add({ part, index }, looked);
          // What cannot be read is no copy of anything: its place is its print.
          own.set(looked.content === "" ? [done + i, 0] : printOf(looked.content), 2 * index);
        }
        done += answer.length;
        options.onProgress?.(name, done, total);
      }
      prints.push({ part, prints: own, ...(labels instanceof Int32Array ? { labels } : {}) });
    }
  } finally {
    await readers.close();
  }
  return inspected({ name, classes, labelKind, parts, skipped }, sum, odd, prints);
}

/** Fewer are read before threads have started. */
const few = 64;

/** 64 bits of a SHA-256. */
const printOf = (content: string): readonly [number, number] => [
  Number.parseInt(content.slice(0, 8), 16),
  Number.parseInt(content.slice(8, 16), 16),
];

/** Data whose pictures are not files: all have one size. */
async function inspectStored(
  name: string,
  given: Readonly<Record<string, PictureSet | undefined>>,
): Promise<Inspection> {
  const sets = Object.entries(given).flatMap(([part, set]) => (set ? [{ part, set }] : []));
  const { classes, labels: first } = sets[0].set;
  const [sum, odd] = [new Sum(), new Oddities()];
  for (const { part, set } of sets) {
    const [count, channels, height, width] = set.images.shape;
    const bytes = count * channels * height * width;
    sum.add({ bytes, format: channels === 1 ? "gray pixels" : "pixels", height, width }, count);
    let index = 0;
    for await (const { data, shape, dtype } of partsOf(set.images, 256)) {
      const size = sizeOf(shape.slice(1));
      const pixels = dtype === "uint8" ? (data as Uint8Array) : Uint8Array.from(data, (value) => 255 * value);
      for (let i = 0; i < shape[0]; i++) {
        const spread = deviation(pixels.subarray(i * size, (i + 1) * size), channels);
        odd.add({ part, index: index++ }, { height, width, spread });
      }
    }
  }
  const parts = sets.map(({ part, set }) => partOf(part, set.images.shape[0], classes, { set, labels: set.labels }));
  const prints = sets.map(({ part, set }) => printsOf(part, set));
  return inspected({ name, classes, labelKind: kindOfLabels(first), parts, skipped: [] }, sum, odd, prints);
}

function partOf(
  part: string,
  pictures: number,
  classes: readonly string[],
  rest: Pick<InspectedPart, "files" | "set" | "labels">,
): InspectedPart {
  return { part, pictures, counts: countsOf(rest.labels, classes.length), ...rest };
}

/** Pictures of each class or tag. */
function countsOf(labels: Labels | undefined, classes: number): readonly number[] {
  if (labels instanceof Int32Array) return [...countClasses(labels, classes)];
  if (labels?.kind !== "tags") return [];
  const counts = new Array<number>(classes).fill(0);
  labels.values.data.forEach((has, i) => {
    counts[i % classes] += has;
  });
  return counts;
}

function inspected(
  known: Pick<Inspection, "name" | "classes" | "labelKind" | "parts" | "skipped">,
  sum: Sum,
  odd: Oddities,
  prints: readonly PartPrints[],
): Inspection {
  const pictures = known.parts.reduce((total, part) => total + part.pictures, 0);
  const copies = copiesIn(prints);
  const found = { ...known, pictures, ...sum.result(), copies };
  return { ...found, concerns: concernsIn(found, odd) };
}
