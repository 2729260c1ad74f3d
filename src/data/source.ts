// From what a person writes after `train` to a split: a known name, an IDX pair, CIFAR batches, or a folder of pictures.

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { DataError, nearest } from "../base/errors.ts";
import {
  options as byName,
  callback,
  flag,
  listOf,
  oneOf,
  path,
  perAxis,
  type Rules,
  real,
  signal,
  text,
  whole,
} from "../base/rules.ts";
import { holdsCifar, openCifarFile, openCifarFolder } from "./cifar.ts";
import { type Split, split, splitRules } from "./dataset.ts";
import { digits } from "./digits.ts";
import { type FolderOptions, openPictureFolder } from "./folder.ts";
import { looksLikeIdx, openIdxPair } from "./idx.ts";
import { fashionMnist, holdsMnistFiles, type MnistOptions, mnist, openMnistFolder } from "./mnist.ts";

/** The data sets that have a name; "fashion-mnist" and "mnist" are downloaded where they are not on this machine. */
export const dataNames = ["digits", "fashion-mnist", "mnist"] as const;

/** The name of a built-in data set. */
export type DataName = (typeof dataNames)[number];

/** Options of openData; those of a folder of pictures among them. */
export interface DataOptions extends Omit<FolderOptions, "onProgress"> {
  /** The labels that belong to an IDX file of images; found by its name unless told. */
  readonly labels?: string;
  /** Names of the classes of IDX files. */
  readonly classes?: readonly string[];
  /** The folder of the four files of mnist or fashion-mnist. */
  readonly folder?: string;
  /** Whether mnist and fashion-mnist may be downloaded; true unless told. */
  readonly download?: boolean;
  /** Told what is being done and how far it is: bytes of a download, pictures of a folder. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

const dataRules = {
  labels: path,
  classes: listOf(text, "a list of names"),
  folder: path,
  download: flag,
  onProgress: callback,
  ...splitRules,
  size: perAxis(1, 2),
  channels: whole(1, 3),
  resize: oneOf(["cover", "squash", "refuse"]),
  crop: real(0, 1),
  signal,
} satisfies Rules<DataOptions>;

/**
 * Opens data by name or path. Throws one sentence for what is unknown (with the nearest right name), broken or
 * unfitting; what had to be left out is in `skipped`.
 */
export async function openData(nameOrPath: DataName | (string & {}), options: DataOptions = {}): Promise<Split> {
  understand("openData", arguments, { nameOrPath: path, options: byName(dataRules) });
  const { labels, classes, folder, download, onProgress, signal, testFraction, seed, ...form } = options;
  const fetching: MnistOptions = { folder, download, onProgress, signal };
  if (nameOrPath === "digits") return digits();
  if (nameOrPath === "fashion-mnist") return fashionMnist(fetching);
  if (nameOrPath === "mnist") return mnist(fetching);
  const splitting = { testFraction, seed };
  const kind = await files.kindOf(nameOrPath);
  if (kind === "folder") {
    if (await holdsMnistFiles(nameOrPath)) return openMnistFolder(nameOrPath, nameOrPath, classes);
    if (await holdsCifar(nameOrPath)) return openCifarFolder(nameOrPath);
    const report = (done: number, total: number) => onProgress?.(nameOrPath, done, total);
    return openPictureFolder(nameOrPath, { ...form, ...splitting, signal, onProgress: report });
  }
  if (kind === "file") {
    if (labels !== undefined) return split(await openIdxPair(nameOrPath, labels, classes), splitting);
    if (await isIdx(nameOrPath)) {
      return split(await openIdxPair(nameOrPath, await labelsBeside(nameOrPath), classes), splitting);
    }
    if (nameOrPath.toLowerCase().endsWith(".bin")) return openCifarFile(nameOrPath, splitting);
    throw new DataError(
      `${nameOrPath} is neither an IDX file nor a CIFAR batch (.bin); name a folder for pictures, or one of ${dataNames.join(", ")}.`,
    );
  }
  const near = nearest(nameOrPath, dataNames);
  throw new DataError(
    near
      ? `Unknown data "${nameOrPath}"; did you mean "${near}"?`
      : `Unknown data "${nameOrPath}": it is neither a file or folder here nor one of ${dataNames.join(", ")}.`,
  );
}

/** Told by the first bytes; of gzip files only IDX is known. */
async function isIdx(path: string): Promise<boolean> {
  const bytes = await files.readFile(path);
  return looksLikeIdx(bytes) || (bytes[0] === 0x1f && bytes[1] === 0x8b);
}

/** train-images-idx3-ubyte.gz → train-labels-idx1-ubyte.gz, photos.images.idx → photos.labels.idx. */
async function labelsBeside(images: string): Promise<string> {
  const name = files.baseName(images);
  const partner =
    images.slice(0, images.length - name.length) + name.replace("images", "labels").replace("idx3", "idx1");
  if (partner !== images && (await files.kindOf(partner)) === "file") return partner;
  throw new DataError(`${images} holds images, but no labels were found beside it; name their file too.`);
}
