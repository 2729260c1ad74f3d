// A folder of pictures, one sub-folder a class, split by chance or by sub-folders of its own:
//
//   pets/cat/1.jpg  pets/dog/7.png      or      pets/train/cat/1.jpg  pets/val/dog/3.jpg  pets/test/cat/7.png
//
// What cannot be read is left out and reported, never fatal by itself: by its name before anything is decoded, by its content
// afterwards.

import { DataError } from "../base/errors.ts";
import { UnusedOption } from "../base/unused.ts";
import type { Skipped, Split } from "./dataset.ts";
import { checkForm, type DecodeOptions, type FormOptions, formOf, readPictures, type Wanted } from "./decode.ts";
import type { ClassSet } from "./images.ts";
import { type Listed, type Listing, listPictures } from "./listing.ts";
import type { PartName } from "./names.ts";
import { divide, type SplitOptions } from "./split.ts";

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

/**
 * Opens a folder of pictures as uint8 [count, channels, height, width], in memory or streamed. Classes are the sub-folders in order of name. Where
 * the folder has no parts, a fifth is held back for testing and a tenth for validation; where it has parts without
 * validation, a tenth of the training pictures is.
 */
export async function openPictureFolder(folder: string, options: FolderOptions = {}): Promise<Split<ClassSet>> {
  checkForm(options);
  const listing = await listPictures(folder, undefined, options);
  const { parts, classes, skipped } = listing;
  const { train, validation, test, whole } = parts;
  const { testFraction, validationFraction, seed } = options;
  refuseFraction(folder, "test", test, testFraction);
  refuseFraction(folder, "validation", validation, validationFraction);
  announced(listing, options);
  if (whole) {
    const wanted = wantedOf(folder, classes, whole, true);
    const form = await formOf(folder, wanted.files, options);
    const found = await readPictures(wanted, form, options);
    return {
      ...divide(found.set, { testFraction, validationFraction, seed }),
      skipped: [...skipped, ...found.skipped],
    };
  }
  if (!train) {
    throw new DataError(
      `${folder} has ${Object.keys(parts).join(" and ")} pictures, but no sub-folder train to learn from.`,
    );
  }
  const learning = wantedOf(`${folder} (training)`, classes, train, true);
  const form = await formOf(folder, learning.files, options);
  const broken: Skipped[] = [];
  const read = async (wanted: Wanted<Int32Array>): Promise<ClassSet> => {
    const found = await readPictures(wanted, form, options);
    broken.push(...found.skipped);
    return found.set;
  };
  const learned = await read(learning);
  const validated = validation && (await read(wantedOf(`${folder} (validation)`, classes, validation, false)));
  const tested = test && (await read(wantedOf(`${folder} (test)`, classes, test, false)));
  // Parts that the folder lacks are cut from the training pictures: validation always, a test set only where it is asked for.
  const cut = divide(learned, {
    testFraction: tested ? 0 : (testFraction ?? 0),
    validationFraction: validated ? 0 : validationFraction,
    seed,
  });
  return {
    ...cut,
    ...(validated ? { validation: validated } : {}),
    ...(tested ? { test: tested } : {}),
    skipped: [...skipped, ...broken],
  };
}

/** Listed pictures as files with labels. */
export function wantedOf(
  name: string,
  classes: readonly string[],
  listed: readonly Listed[],
  every: boolean,
): Wanted<Int32Array> {
  const files = listed.map(({ file }) => file);
  return { name, classes, files, labels: Int32Array.from(listed, ({ label }) => label), every };
}

/** Tells what was found. */
export function announced(listing: Listing, { onFound }: FolderOptions): Listing {
  const { parts, classes, skipped } = listing;
  const pictures = Object.fromEntries(Object.entries(parts).map(([part, list]) => [part, list.length]));
  onFound?.({ pictures, classes, skipped });
  return listing;
}

function refuseFraction(folder: string, what: string, part: readonly Listed[] | undefined, told: unknown): void {
  if (part && told !== undefined) {
    throw new UnusedOption(`${what}Fraction`, `has no effect on ${folder}, which has ${what} pictures of its own.`);
  }
}
