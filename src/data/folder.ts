// A folder of pictures, one sub-folder a class, split by chance or by sub-folders of its own:
//
//   pets/cat/1.jpg  pets/dog/7.png            or            pets/train/cat/1.jpg  pets/test/dog/7.png   (val/ too)
//
// What cannot be read is left out and reported, never fatal by itself.

import { files, pictures } from "#host";
import { ndarray } from "../base/array.ts";
import { checkOptions, DataError, NeocogError } from "../base/errors.ts";
import { type Dataset, dataset, type Skipped, type Split, type SplitOptions, split } from "./dataset.ts";
import { pixelsFor } from "./picture.ts";
import { completePreprocessing, type Preprocessing, type Resize } from "./preprocessing.ts";

export interface FolderOptions extends SplitOptions {
  /** Pixels down and across, or one number for a square. Unless told: the pictures' own size where all share one of at most 128, else 64. */
  readonly size?: number | readonly [number, number];
  /** 1 for gray, 3 for colour. Unless told: gray where every picture is. */
  readonly channels?: 1 | 3;
  /** How pictures of another size are brought to size; `cover` (crops the middle) unless told. With `refuse` they are left out. */
  readonly resize?: Resize;
  /** Share of each side of the resized picture that the middle shows; 1 unless told. */
  readonly crop?: number;
  /** Told after every few pictures. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const folderOptionNames = ["size", "channels", "resize", "crop", "onProgress", "signal", "testFraction", "seed"];

const pictureName = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;
/** What file managers leave lying about: not worth a report. */
const clutter = /^(\..*|thumbs\.db|desktop\.ini)$/i;
const trainNames = ["train", "training"];
const testNames = ["test", "testing", "val", "valid", "validation"];
/** Sub-folders inside a class folder are followed to this depth; links can lead in circles. */
const deepest = 8;
/** Pictures decoded at the same time. */
const together = 8;
const ownSizeMost = 128;
const usualSize = 64;

interface Listed {
  readonly file: string;
  readonly label: number;
}

interface Listing {
  readonly classes: readonly string[];
  readonly pictures: readonly Listed[];
  readonly skipped: readonly Skipped[];
}

/** Opens a folder of pictures as uint8 [count, channels, height, width]. Classes are the sub-folders in order of name. */
export async function openPictureFolder(folder: string, options: FolderOptions = {}): Promise<Split> {
  checkOptions("openPictureFolder", options, folderOptionNames);
  checkForm(options);
  const inside = await subFolders(folder);
  const [trainName, testName] = [trainNames, testNames].map((names) =>
    inside.find((name) => names.includes(name.toLowerCase())),
  );
  if (!trainName || !testName) {
    const listing = await list(trainName ? files.join(folder, trainName) : folder);
    const form = await formOf(listing, options);
    const { set, skipped } = await decodeAll(folder, listing, form, options);
    const { testFraction, seed } = options;
    return { ...split(set, { testFraction, seed }), skipped };
  }
  const train = await list(files.join(folder, trainName));
  const test = await list(files.join(folder, testName), train.classes);
  const form = await formOf(train, options);
  const trained = await decodeAll(`${folder} (training)`, train, form, options);
  const tested = await decodeAll(`${folder} (test)`, test, form, options, false);
  return { train: trained.set, test: tested.set, skipped: [...trained.skipped, ...tested.skipped] };
}

async function subFolders(folder: string): Promise<string[]> {
  const entries = await files.list(folder);
  return entries.filter(({ name, kind }) => kind === "folder" && !clutter.test(name)).map(({ name }) => name);
}

/** Finds the classes and their files. With `known` classes (of the training set) there may be no others. */
async function list(folder: string, known?: readonly string[]): Promise<Listing> {
  const names = await subFolders(folder);
  const classes = known ?? names;
  const stranger = names.find((name) => !classes.includes(name));
  if (stranger !== undefined) {
    throw new DataError(`${files.join(folder, stranger)} is a class that the training pictures do not have.`);
  }
  if (classes.length < 2) {
    throw new DataError(
      `${folder} has ${classes.length === 1 ? `only one class (${classes[0]})` : "no class"}; it needs a sub-folder of pictures for each of at least two classes.`,
    );
  }
  const listed: Listed[] = [];
  const skipped: Skipped[] = [];
  const walk = async (path: string, label: number, depth: number): Promise<void> => {
    for (const { name, kind } of await files.list(path)) {
      const file = files.join(path, name);
      if (clutter.test(name)) continue;
      if (kind === "folder" && depth === deepest) skipped.push({ file, reason: "it lies too deep" });
      else if (kind === "folder") await walk(file, label, depth + 1);
      else if (pictureName.test(name)) listed.push({ file, label });
      else skipped.push({ file, reason: "its name is not a picture's" });
    }
  };
  for (const name of names) await walk(files.join(folder, name), classes.indexOf(name), 0);
  return { classes, pictures: listed, skipped };
}

function checkForm({ size, channels, resize }: FolderOptions): void {
  for (const n of size === undefined ? [] : [size].flat()) {
    if (!Number.isInteger(n) || n < 1 || n > 8192) {
      throw new NeocogError(`The size of pictures must be a whole number from 1 to 8192, not ${n}.`);
    }
  }
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new NeocogError(`Pictures have 1 channel (gray) or 3 (colour), not ${channels}.`);
  }
  if (resize !== undefined && !["cover", "squash", "refuse"].includes(resize)) {
    throw new NeocogError(
      `Pictures are resized by "cover" or "squash", or refused by "refuse", but not by "${resize}".`,
    );
  }
}

/** The form all pictures are brought to: what is told, or what their headers suggest. */
async function formOf(listing: Listing, options: FolderOptions): Promise<Preprocessing> {
  const { size, channels, resize, crop } = options;
  const [height, width] = typeof size === "number" ? [size, size] : (size ?? []);
  if (height !== undefined && width !== undefined && channels)
    return completePreprocessing({ height, width, channels, resize, crop });
  const sizes = new Set<string>();
  let own = { height: usualSize, width: usualSize };
  let gray = true;
  for (const { file } of listing.pictures) {
    options.signal?.throwIfAborted();
    const header = await pictures.readHeader(await files.readFile(file), file).catch(() => undefined);
    if (!header) continue;
    gray &&= header.gray;
    own = header;
    sizes.add(`${header.height} x ${header.width}`);
  }
  const shared = sizes.size === 1 && Math.max(own.height, own.width) <= ownSizeMost;
  return completePreprocessing({
    height: height ?? (shared ? own.height : usualSize),
    width: width ?? (shared ? own.width : usualSize),
    channels: channels ?? (gray ? 1 : 3),
    resize,
    crop,
  });
}

/** Decodes every picture, a few at a time, in order; leaves out the broken ones. Each class must have one if `every`. */
async function decodeAll(
  name: string,
  listing: Listing,
  form: Preprocessing,
  options: FolderOptions,
  every = true,
): Promise<{ set: Dataset; skipped: readonly Skipped[] }> {
  const { channels, height, width, resize, crop } = form;
  const imageSize = channels * height * width;
  const total = listing.pictures.length;
  const images = new Uint8Array(total * imageSize);
  const labels: number[] = [];
  const origins: string[] = [];
  const broken: Skipped[] = [];
  for (let start = 0; start < total; start += together) {
    options.signal?.throwIfAborted();
    const group = listing.pictures.slice(start, start + together);
    const decoded = await Promise.all(
      group.map(async ({ file }) => {
        try {
          const bytes = await files.readFile(file);
          return pixelsFor(await pictures.decode(bytes, file), file, form).data;
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
          return error.message;
        }
      }),
    );
    for (const [i, result] of decoded.entries()) {
      const { file, label } = group[i];
      if (typeof result === "string") {
        broken.push({ file, reason: result });
        continue;
      }
      images.set(result, labels.length * imageSize);
      labels.push(label);
      origins.push(file);
    }
    options.onProgress?.(Math.min(start + together, total), total);
  }
  for (const [label, className] of listing.classes.entries()) {
    if (!every || labels.includes(label)) continue;
    const tried = listing.pictures.filter((picture) => picture.label === label);
    const first = broken.find(({ file }) => file === tried[0]?.file);
    throw new DataError(
      first
        ? `${name}: class ${className} has no picture that can be read (${tried.length} tried; the first: ${first.reason})`
        : `${name}: class ${className} has no pictures.`,
    );
  }
  const pixels = broken.length === 0 ? images : images.slice(0, labels.length * imageSize);
  const set = dataset({
    name,
    images: ndarray([labels.length, channels, height, width], pixels, "uint8"),
    labels: Int32Array.from(labels),
    classes: listing.classes,
    origins,
    reading: { resize, crop },
  });
  return { set, skipped: [...listing.skipped, ...broken] };
}
