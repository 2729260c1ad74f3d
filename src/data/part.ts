// The pictures of a folder that a model is tried on: as it takes them, labels counting in its classes.

import { DataError } from "../base/errors.ts";
import { UnusedOption } from "../base/unused.ts";
import type { Skipped } from "./dataset.ts";
import { checkForm, readPictures } from "./decode.ts";
import { announced, type FolderOptions, type ListedSet, withLabels } from "./folder.ts";
import type { ClassSet } from "./images.ts";
import { listPictures } from "./listing.ts";
import type { PartName } from "./names.ts";
import { completePreprocessing, type PreprocessingOptions } from "./preprocessing.ts";
import { divide, type SplitOptions } from "./split.ts";
import { isTable, openTable } from "./table/table.ts";

/** What a model takes, and knows. */
export interface Taker {
  readonly classes: readonly string[];
  readonly preprocessing: PreprocessingOptions;
}

/** Which pictures are wanted: a part, or all. */
export type PartChoice = PartName | "all";

/**
 * The pictures of a folder for a model, its classes matched by name. Unless told: all of a folder without parts; of one with
 * parts the test pictures, or else those for validation.
 */
export async function openPicturesFor(
  folder: string,
  { classes, preprocessing: told }: Taker,
  options: FolderOptions & { readonly split?: PartChoice },
): Promise<{ readonly data: ClassSet; readonly split: PartChoice; readonly skipped: readonly Skipped[] }> {
  checkForm(options);
  const preprocessing = completePreprocessing(told);
  const listing = isTable(folder)
    ? await classesOf(folder, classes)
    : withLabels(await listPictures(folder, classes, options));
  const { parts, skipped } = listing;
  const { whole, test, validation } = parts;
  const split = options.split ?? (whole ? "all" : test ? "test" : validation ? "validation" : "train");
  const byChance = whole !== undefined && split !== "all";
  if (!byChance) refuseFractions(folder, options);
  announced(listing, options);
  const pictures = byChance || split === "all" ? joinedParts(Object.values(parts)) : parts[split];
  if (!pictures || pictures.files.length === 0) {
    throw new DataError(
      `${folder} has no ${split === "train" ? "training " : split === "all" ? "" : `${split} `}pictures.`,
    );
  }
  const { resize = preprocessing.resize, crop = preprocessing.crop } = options;
  const name = split === "all" ? folder : `${folder} (${split === "train" ? "training" : split})`;
  const form = { ...preprocessing, resize, crop };
  const found = await readPictures({ name, classes, ...pictures, every: false }, form, options);
  const left = [...skipped, ...found.skipped];
  if (!byChance) return { data: found.set, split, skipped: left };
  // Names are cut as training cuts them: in the order of the classes that the folder has.
  const own = classes.filter((_, c) => found.set.labels.includes(c));
  const cut = divide(relabelled(found.set, own), options)[split];
  if (!cut) throw new UnusedOption("split", `cannot be ${split}: no pictures of ${folder} are held back for it.`);
  return { data: relabelled(cut, classes), split, skipped: left };
}

type ListedPart = NonNullable<ListedSet<Int32Array>["parts"]["whole"]>;

const joinedParts = (parts: readonly ListedPart[]): ListedPart => ({
  files: parts.flatMap(({ files }) => files),
  labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
});

/** A table of classes; what else it tells a classifier cannot be tried on. */
async function classesOf(path: string, known?: readonly string[]): Promise<ListedSet<Int32Array>> {
  return (await openTable(path, "class", known)) as ListedSet<Int32Array>;
}

/** Shares are for what is cut by chance, and all of it is not cut. */
export function refuseFractions(name: string, options: SplitOptions): void {
  for (const option of ["testFraction", "validationFraction"] as const) {
    if (options[option] === undefined) continue;
    throw new UnusedOption(option, `has no effect on ${name} here, where nothing is cut by chance.`);
  }
}

const relabelled = (set: ClassSet, classes: readonly string[]): ClassSet => ({
  ...set,
  labels: set.labels.map((label) => classes.indexOf(set.classes[label])),
  classes,
});
