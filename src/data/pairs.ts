// A folder of pictures with a second one for each: its mask (a class for every pixel), or what is to be made of it.
//
//   cells/images/1.jpg  cells/masks/1.png  cells/classes.txt      or      scans/inputs/1.png  scans/targets/1.png
//
// A pair has one name but for the ending. Masks are gray PNGs whose numbers are places among the classes, 255 where nothing is known.

import { pictures as decoder, files } from "#host";
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import {
  options as byName,
  callback,
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
import type { Pixels } from "../host/host.ts";
import { dataset, type Skipped, type Split } from "./dataset.ts";
import { checkForm, type DecodeOptions, type FormOptions, formOf } from "./decode.ts";
import type { PictureSet } from "./images.ts";
import type { MaskLabels, PictureLabels } from "./labels.ts";
import { clutter, whyNoPicture } from "./names.ts";
import { pixelsFor } from "./picture.ts";
import type { Preprocessing } from "./preprocessing.ts";
import { shownBox } from "./shown.ts";
import { divide, type SplitOptions, share, splitRules } from "./split.ts";

/** Options of openPairs. */
export interface PairOptions extends SplitOptions, FormOptions, Pick<DecodeOptions, "onProgress" | "signal"> {
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

/**
 * Opens a folder of pairs: pictures in `images` with their masks in `masks`, or in `inputs` with other pictures in `targets`.
 * Cut as openData cuts a folder: a fifth for testing and a tenth for validation unless told. Throws one sentence with the file
 * for a mask of another size than its picture, one in colours, a value beyond the classes, and a target of another size than
 * the others; pictures without a partner are left out and told.
 */
export async function openPairs<K extends keyof PairLabels>(
  folder: string,
  kind: K,
  options: PairOptions = {},
): Promise<Split<PictureSet<PairLabels[K], NdArray>>> {
  understand("openPairs", arguments, {
    folder: path,
    kind: oneOf(["masks", "pictures"]),
    options: byName<OptionsOf<typeof openPairs>>({
      size: perAxis(1, 2),
      channels: whole(1, 3),
      resize: oneOf(["cover", "squash", "refuse"]),
      crop: real(0, 1),
      onProgress: callback,
      signal,
      classes: listOf(text, "a list of names"),
      ...splitRules,
      testFraction: share,
    }),
  });
  checkForm(options);
  const { pairs, skipped } = await findPairs(folder, kind);
  const form = await formOf(
    folder,
    pairs.map(([file]) => file),
    options,
  );
  const images = await readAll(folder, pairs, form, options);
  const labels = kind === "masks" ? await readMasks(pairs, form, options) : await readTargets(pairs, form, options);
  const classes = labels.kind === "masks" ? await namesOf(folder, labels, options.classes) : [];
  const { resize, crop } = form;
  const set = dataset<PictureSet<PairLabels[K], NdArray>>(
    {
      ...{ name: folder, images, labels: labels as PairLabels[K], classes, reading: { resize, crop } },
      origins: pairs.map(([, other]) => other),
    },
    folder,
  );
  return { ...divide(set, options), skipped };
}

type Pair = readonly [picture: string, other: string];

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

const decoded = async (file: string): Promise<Pixels> => decoder.decode(await files.readFile(file), file);

async function readAll(
  name: string,
  pairs: readonly Pair[],
  form: Preprocessing,
  { onProgress, signal: stop }: PairOptions,
): Promise<NdArray> {
  const { channels, height, width } = form;
  const size = channels * height * width;
  const data = new Uint8Array(pairs.length * size);
  for (const [i, [file]] of pairs.entries()) {
    stop?.throwIfAborted();
    data.set(pixelsFor(await decoded(file), file, form).data, i * size);
    onProgress?.(name, i + 1, 2 * pairs.length);
  }
  return ndarray([pairs.length, channels, height, width], data, "uint8");
}

async function readMasks(pairs: readonly Pair[], form: Preprocessing, options: PairOptions): Promise<MaskLabels> {
  const { height, width } = form;
  const plane = height * width;
  const values = new Uint8Array(pairs.length * plane);
  for (const [i, [picture, file]] of pairs.entries()) {
    options.signal?.throwIfAborted();
    const [seen, mask] = [await decoder.readHeader(await files.readFile(picture), picture), await decoded(file)];
    if (seen.height !== mask.height || seen.width !== mask.width) {
      throw new DataError(
        `${file} is ${mask.width} x ${mask.height} pixels, but its picture ${picture} is ${seen.width} x ${seen.height}; a mask must be as large as its picture.`,
      );
    }
    values.set(nearestIn(mask, file, form), i * plane);
    options.onProgress?.("masks", pairs.length + i + 1, 2 * pairs.length);
  }
  return { kind: "masks", values: ndarray([pairs.length, height, width], values, "uint8") };
}

/** The numbers of a mask where the network's pixels lie: the nearest, for names cannot be mixed. */
function nearestIn({ data, ...mask }: Pixels, file: string, form: Preprocessing): Uint8Array {
  const { height, width } = form;
  const box = shownBox({ data, ...mask }, form);
  const at = (place: number, from: number, seen: number, count: number, all: number): number =>
    Math.min(all - 1, Math.max(0, Math.floor(from + ((place + 0.5) * seen) / count)));
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const row = at(Math.floor(i / width), box.top, box.height, height, mask.height);
    const column = at(i % width, box.left, box.width, width, mask.width);
    const pixel = 3 * (row * mask.width + column);
    if (data[pixel] === data[pixel + 1] && data[pixel] === data[pixel + 2]) return data[pixel];
    throw new DataError(
      `${file} is in colours; a mask is a gray PNG whose numbers, 0, 1, 2, …, are places among the classes (255: not known).`,
    );
  });
}

/** The names of classes: told, written beside the pictures, or as many numbers as the masks need. */
async function namesOf(folder: string, { values }: MaskLabels, told?: readonly string[]): Promise<readonly string[]> {
  if (told) return told;
  const file = files.join(folder, "classes.txt");
  if ((await files.kindOf(file)) === "file") {
    return (await files.readText(file)).split(/\r?\n/).filter((line) => line.trim() !== "");
  }
  let highest = 1;
  for (const value of values.data) if (value !== most) highest = Math.max(highest, value);
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
}

async function readTargets(pairs: readonly Pair[], form: Preprocessing, options: PairOptions): Promise<PictureLabels> {
  const [input, target] = await Promise.all(
    pairs[0].map(async (file) => decoder.readHeader(await files.readFile(file), file)),
  );
  // Targets that are larger by a whole factor stay so.
  const times = Math.max(1, Math.round(target.height / input.height));
  const large = { ...form, height: times * form.height, width: times * form.width };
  const { channels, height, width } = large;
  const size = channels * height * width;
  const data = new Uint8Array(pairs.length * size);
  for (const [i, [picture, file]] of pairs.entries()) {
    options.signal?.throwIfAborted();
    const seen = await decoder.readHeader(await files.readFile(picture), picture);
    const pixels = await decoded(file);
    if (pixels.height !== times * seen.height || pixels.width !== times * seen.width) {
      throw new DataError(
        `${file} is ${pixels.width} x ${pixels.height} pixels, but its picture ${picture} is ${seen.width} x ${seen.height}; all targets must be ${times === 1 ? "as large as their pictures" : `${times} times as large as their pictures`}.`,
      );
    }
    data.set(pixelsFor(pixels, file, large).data, i * size);
    options.onProgress?.("targets", pairs.length + i + 1, 2 * pairs.length);
  }
  return { kind: "pictures", values: ndarray([pairs.length, channels, height, width], data, "uint8") };
}
