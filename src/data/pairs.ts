// A folder of pictures with a second one for each: its mask (a class for every pixel), or what is to be made of it.
//
//   cells/images/1.jpg  cells/masks/1.png  cells/classes.txt      or      scans/inputs/1.png  scans/targets/1.png
//   cells/train/images  cells/train/masks  cells/val/images …             one pair of sub-folders in each part
//
// A pair has one name but for the ending. The numbers of masks are places among the classes, 255 where nothing is known.

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import type { NdArray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import {
  options as byName,
  callback,
  either,
  flag,
  listOf,
  type OptionsOf,
  oneOf,
  path,
  perAxis,
  real,
  signal,
  text,
  whole,
} from "../base/rules.ts";
import type { Skipped, Split } from "./dataset.ts";
import { checkForm, formOf } from "./decode.ts";
import { type FolderOptions, type ListedSet, openListed } from "./folder.ts";
import type { PictureSet } from "./images.ts";
import type { MaskLabels, PictureLabels } from "./labels.ts";
import { clutter, type PartName, partOf, whyNoPicture } from "./names.ts";
import { readMasks, readTargets } from "./partners.ts";
import { share, splitRules } from "./split.ts";

/** Options of openPairs. */
export interface PairOptions extends FolderOptions {
  /** Names of the classes of masks; those of classes.txt, one a line, or numbers unless told. */
  readonly classes?: readonly string[];
}

/** The labels of each kind of pairs. */
interface PairLabels {
  /** A class for every pixel. */
  readonly masks: MaskLabels;
  /** Another picture for each. */
  readonly pictures: PictureLabels;
}

/** What the sub-folders of each kind are called. */
const folders = { masks: ["images", "masks"], pictures: ["inputs", "targets"] } as const;

const most = 255;

/** Pairs in memory. */
export function openPairs<K extends keyof PairLabels>(
  folder: string,
  kind: K,
  options?: PairOptions & {
    /** In memory. */
    readonly stream?: false;
  },
): Promise<Split<PictureSet<PairLabels[K], NdArray>>>;
/** Pairs whose pictures may be streamed: left in their files and read ahead as they are asked for. */
export function openPairs<K extends keyof PairLabels>(
  folder: string,
  kind: K,
  options: PairOptions,
): Promise<Split<PictureSet<PairLabels[K]>>>;
/**
 * Opens a folder of pairs: pictures in `images` with their masks in `masks`, or in `inputs` with other pictures in `targets`, each
 * with a second one of its name. Parts are sub-folders train, val and test with such a pair of folders each; without them a fifth
 * is held back for testing and a tenth for validation unless told. With `stream` the pictures stay in their files and are decoded
 * ahead by workers as openData does; masks and targets are kept in memory. Throws one sentence with the file for a mask of another
 * size than its picture, one in colours, a value beyond the classes, and a target of another size than the others; what has no
 * partner, or cannot be read, is left out and told.
 */
export async function openPairs<K extends keyof PairLabels>(
  folder: string,
  kind: K,
  options: PairOptions = {},
): Promise<Split<PictureSet<PairLabels[K]>>> {
  understand("openPairs", arguments, {
    folder: path,
    kind: oneOf(["masks", "pictures"]),
    options: byName<OptionsOf<typeof openPairs>>({
      size: perAxis(1, 2),
      channels: whole(1, 3),
      resize: oneOf(["cover", "squash", "refuse"]),
      crop: real(0, 1),
      onProgress: callback,
      onFound: callback,
      signal,
      stream: either(flag, oneOf(["auto"])),
      cache: path,
      workers: whole(0, 256),
      mostBroken: real(0, 1),
      classes: listOf(text, "a list of names"),
      ...splitRules,
      testFraction: share,
    }),
  });
  checkForm(options);
  const { parts, skipped } = await findParts(folder, kind);
  const first = parts.whole ?? parts.train;
  if (!first)
    throw new DataError(
      `${folder} has ${Object.keys(parts).join(" and ")} pictures, but no sub-folder train to learn from.`,
    );
  const { classes: told, ...reading } = options;
  // Masks and targets are cropped with their pictures unless told, never stretched.
  const { form, choices } = await formOf(
    folder,
    first.map(([file]) => file),
    { ...reading, resize: reading.resize ?? "cover" },
  );
  const known = kind === "masks" ? (told ?? (await namesIn(folder))) : [];
  const labelled: { [part in PartName | "whole"]?: { files: string[]; labels: MaskLabels | PictureLabels } } = {};
  for (const [part, pairs] of Object.entries(parts) as [PartName, readonly Pair[]][]) {
    const read = kind === "masks" ? readMasks(pairs, known, form, options) : readTargets(pairs, form, options);
    labelled[part] = { files: pairs.map(([picture]) => picture), labels: await read };
  }
  const classes =
    kind === "masks" ? (known ?? numbered(Object.values(labelled).map(({ labels }) => labels.values))) : [];
  const { height, width, channels, resize, crop } = form;
  const opened = await openListed(folder, { classes, parts: labelled, skipped } as ListedSet<PairLabels[K]>, false, {
    ...reading,
    size: [height, width],
    channels: channels as 1 | 3,
    resize,
    crop,
  });
  return { ...opened, choices };
}

export type Pair = readonly [picture: string, other: string];

interface FoundPairs {
  readonly parts: { readonly [part in PartName | "whole"]?: readonly Pair[] };
  readonly skipped: readonly Skipped[];
}

/** Pairs by part: all in `whole` where the two folders lie in the folder itself. */
async function findParts(folder: string, kind: keyof PairLabels): Promise<FoundPairs> {
  const [first, second] = folders[kind];
  const there = (await files.kindOf(folder)) === "folder" ? await files.list(folder) : [];
  const inside = there.filter(({ kind: what }) => what !== "file");
  if (inside.some(({ name }) => name === first || name === second)) {
    const { pairs, skipped } = await findPairs(folder, kind);
    return { parts: { whole: pairs }, skipped };
  }
  const parts: { [part in PartName]?: readonly Pair[] } = {};
  const left: Skipped[] = [];
  for (const { name } of inside) {
    const part = partOf(name);
    if (part === undefined) continue;
    if (parts[part])
      throw new DataError(`${folder} has more than one sub-folder of ${part} pictures; keep one of them.`);
    const { pairs, skipped } = await findPairs(files.join(folder, name), kind);
    parts[part] = pairs;
    left.push(...skipped);
  }
  if (Object.keys(parts).length > 0) return { parts, skipped: left };
  throw new DataError(
    `${folder} has no sub-folder ${first}; pairs lie in ${first} and ${second}, under one name each, or in such folders of train, val and test.`,
  );
}

/** The kind of pairs in a folder that has both sub-folders of one. */
export async function pairKindOf(folder: string): Promise<keyof PairLabels | undefined> {
  for (const kind of ["masks", "pictures"] as const) {
    const found = await Promise.all(folders[kind].map((name) => files.kindOf(files.join(folder, name))));
    if (found.every((what) => what === "folder")) return kind;
  }
  return undefined;
}

/** Pictures with the files of the same name beside them. */
export async function findPairs(
  folder: string,
  kind: keyof PairLabels,
): Promise<{ pairs: readonly Pair[]; skipped: readonly Skipped[] }> {
  const [first, second] = folders[kind].map((name) => files.join(folder, name));
  for (const path of [first, second]) {
    if ((await files.kindOf(path)) !== "folder") {
      throw new DataError(
        `${folder} has no sub-folder ${files.baseName(path)}; pairs lie in ${folders[kind].join(" and ")}, under one name each.`,
      );
    }
  }
  const stem = (name: string): string => name.replace(/\.\w+$/, "");
  const listed = async (path: string) =>
    (await files.list(path))
      .filter(({ name, kind: what }) => what === "file" && !clutter.test(name))
      .map(({ name }) => name)
      .sort((a, b) => (a < b ? -1 : 1));
  const others = new Map((await listed(second)).map((name) => [stem(name), name]));
  const pairs: Pair[] = [];
  const skipped: Skipped[] = [];
  for (const name of await listed(first)) {
    const other = others.get(stem(name));
    const reason = whyNoPicture(name) ?? (other === undefined ? `${second} has no picture of its name` : undefined);
    if (reason === undefined) pairs.push([files.join(first, name), files.join(second, other!)]);
    else skipped.push({ file: files.join(first, name), reason });
    if (other !== undefined) others.delete(stem(name));
  }
  for (const name of others.values())
    skipped.push({ file: files.join(second, name), reason: `${first} has no picture of its name` });
  if (pairs.length === 0)
    throw new DataError(`${folder} has no pair: no file of ${first} has one of its name in ${second}.`);
  return { pairs, skipped };
}

/** The names of classes that are written beside the pictures. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  const file = files.join(folder, "classes.txt");
  if ((await files.kindOf(file)) !== "file") return undefined;
  return (await files.readText(file)).split(/\r?\n/).filter((line) => line.trim() !== "");
}

/** As many numbers as the masks need. */
function numbered(masks: readonly NdArray[]): readonly string[] {
  let highest = 1;
  for (const { data } of masks) for (const value of data) if (value !== most) highest = Math.max(highest, value);
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
}
