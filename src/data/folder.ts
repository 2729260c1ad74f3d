// A folder of pictures, one sub-folder a class, split by chance or by sub-folders of its own:
//
//   pets/cat/1.jpg  pets/dog/7.png      or      pets/train/cat/1.jpg  pets/val/dog/3.jpg  pets/test/cat/7.png
//
// What cannot be read is left out and reported, never fatal by itself: by its name before anything is decoded, by its content
// afterwards.

import { DataError } from "../base/errors.ts";
import { UnusedOption } from "../base/unused.ts";
import type { Skipped, Split } from "./dataset.ts";
import { checkForm, type DecodeOptions, type FormOptions, formOf, readPictures } from "./decode.ts";
import type { ClassSet, PictureSet } from "./images.ts";
import type { Labels } from "./labels.ts";
import { type Listed, type Listing, listPictures } from "./listing.ts";
import type { PartName } from "./names.ts";
import { divide, type SplitOptions } from "./split.ts";
import { isTable } from "./table/table.ts";

/** What a folder holds by the names in it, told before any picture is opened. */
export interface Found {
  /** Files a part: train, validation, test, or whole where the folder has no parts. */
  readonly pictures: Readonly<Partial<Record<PartName | "whole", number>>>;
  /** Names of the classes: the sub-folders in order of name. */
  readonly classes: readonly string[];
  /** What is left out, and why. */
  readonly skipped: readonly Skipped[];
}

export interface FolderOptions extends SplitOptions, FormOptions, DecodeOptions {
  /** Told before decoding begins. */
  readonly onFound?: (found: Found) => void;
}

/** Files of pictures by part, with what is known of each; all in `whole` where there are no parts. */
export interface ListedSet<L extends Labels = Labels> {
  readonly classes: readonly string[];
  readonly parts: Readonly<
    Partial<Record<PartName | "whole", { readonly files: readonly string[]; readonly labels: L }>>
  >;
  readonly skipped: readonly Skipped[];
}

/** A folder's list with its labels apart. */
export function withLabels({ parts, classes, skipped }: Listing): ListedSet<Int32Array> {
  const apart = (listed: readonly Listed[]) => ({
    files: listed.map(({ file }) => file),
    labels: Int32Array.from(listed, ({ label }) => label),
  });
  const entries = Object.entries(parts).map(([part, listed]) => [part, apart(listed)]);
  return { classes, parts: Object.fromEntries(entries), skipped };
}

/** Opens a folder of pictures: classes are the sub-folders in order of name. */
export async function openPictureFolder(folder: string, options: FolderOptions = {}): Promise<Split<ClassSet>> {
  checkForm(options);
  return openListed(folder, withLabels(await listPictures(folder, undefined, options)), true, options);
}

/**
 * Opens listed pictures as uint8 [count, channels, height, width], in memory or streamed. Where there are no parts, a fifth is
 * held back for testing and a tenth for validation; where there are parts without validation, a tenth of the training pictures
 * is. `every`: each class must have a picture to learn from.
 */
export async function openListed<L extends Labels>(
  name: string,
  listed: ListedSet<L>,
  every: boolean,
  options: FolderOptions,
): Promise<Split<PictureSet<L>>> {
  const { parts, classes, skipped } = listed;
  const { train, validation, test, whole } = parts;
  const { testFraction, validationFraction, seed } = options;
  refuseFraction(name, "test", test, testFraction);
  refuseFraction(name, "validation", validation, validationFraction);
  announced(listed, options);
  if (whole) {
    const { form, choices } = await formOf(name, whole.files, options);
    const found = await readPictures({ name, classes, ...whole, every }, form, options);
    return {
      ...divide(found.set, { testFraction, validationFraction, seed }),
      choices,
      skipped: [...skipped, ...found.skipped],
    };
  }
  if (!train) {
    const where = isTable(name) ? "none of the part train" : "no sub-folder train";
    throw new DataError(`${name} has ${Object.keys(parts).join(" and ")} pictures, but ${where} to learn from.`);
  }
  const { form, choices } = await formOf(name, train.files, options);
  const broken: Skipped[] = [];
  const read = async (part: PartName, of: NonNullable<typeof train>): Promise<PictureSet<L>> => {
    const title = part === "train" ? "training" : part;
    const wanted = { name: `${name} (${title})`, classes, ...of, every: every && part === "train" };
    const found = await readPictures(wanted, form, options);
    broken.push(...found.skipped);
    return found.set;
  };
  const learned = await read("train", train);
  const validated = validation && (await read("validation", validation));
  const tested = test && (await read("test", test));
  // Parts that are lacking are cut from the training pictures: validation always, a test set only where it is asked for.
  const cut = divide(learned, {
    testFraction: tested ? 0 : (testFraction ?? 0),
    validationFraction: validated ? 0 : validationFraction,
    seed,
  });
  return {
    ...cut,
    ...(validated ? { validation: validated } : {}),
    ...(tested ? { test: tested } : {}),
    choices,
    skipped: [...skipped, ...broken],
  };
}

/** Tells what was found. */
export function announced({ parts, classes, skipped }: ListedSet, { onFound }: FolderOptions): void {
  const pictures = Object.fromEntries(Object.entries(parts).map(([part, { files }]) => [part, files.length]));
  onFound?.({ pictures, classes, skipped });
}

function refuseFraction(folder: string, what: string, part: unknown, told: unknown): void {
  if (part && told !== undefined) {
    throw new UnusedOption(`${what}Fraction`, `has no effect on ${folder}, which has ${what} pictures of its own.`);
  }
}
