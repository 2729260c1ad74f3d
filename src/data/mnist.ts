// MNIST (LeCun, Cortes and Burges, 1998) and Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): 60,000 training and 10,000
// test pictures of 28 x 28 bytes in ten classes, as four IDX files of the same names, so that only a checksum tells which is
// which. They are looked for on this machine first and downloaded only when they are nowhere.

import { download, files } from "#host";
import { understand } from "../base/arguments.ts";
import { checkOptions, DataError } from "../base/errors.ts";
import { oneOf } from "../base/rules.ts";
import { sha256 } from "../base/sha256.ts";
import type { StopSignal } from "../base/web.ts";
import type { TestedSplit } from "./dataset.ts";
import { openIdxPair, unpackedIdx } from "./idx.ts";

interface Source {
  readonly name: string;
  readonly title: string;
  readonly address: string;
  readonly classes: readonly string[];
  /** Where systems install it. */
  readonly installed: readonly string[];
  /** SHA-256 of the test labels, unpacked: what the four files really are. */
  readonly labels: string;
  /** Of the gzip files at the address, in the order of `parts`: length in bytes, SHA-256. */
  readonly checks: readonly (readonly [number, string])[];
}

/** The four files: training images and labels, test images and labels. */
const parts = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

const fashion: Source = {
  name: "fashion-mnist",
  title: "Fashion-MNIST",
  address: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
  classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
  installed: ["/usr/share/datasets/fashion-mnist"],
  labels: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  checks: [
    [26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"],
    [29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"],
    [4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"],
    [5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"],
  ],
};

const handwritten: Source = {
  name: "mnist",
  title: "MNIST",
  address: "https://ossci-datasets.s3.amazonaws.com/mnist/",
  classes: Array.from({ length: 10 }, (_, c) => String(c)),
  installed: [],
  labels: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  checks: [
    [9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"],
    [28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"],
    [1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"],
    [4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"],
  ],
};

export interface MnistOptions {
  /** The folder (in a browser: the address) that holds the four files; then no other place is looked at. */
  readonly folder?: string;
  /** Whether to download what is nowhere on this machine; true unless told. */
  readonly download?: boolean;
  /** Told the file, the bytes so far and its length while downloading. */
  readonly onProgress?: (file: string, received: number, total: number) => void;
  readonly signal?: StopSignal;
}

/** Fashion-MNIST, uint8 [count, 1, 28, 28]. */
export const fashionMnist = (options?: MnistOptions): Promise<TestedSplit> => open(fashion, options);

/** MNIST, uint8 [count, 1, 28, 28]. */
export const mnist = (options?: MnistOptions): Promise<TestedSplit> => open(handwritten, options);

/** True where a folder holds the four standard files, plain or gzip. */
export async function holdsMnistFiles(folder: string): Promise<boolean> {
  return (await findParts(folder)).every((path) => path !== undefined);
}

/** Any folder with the four standard file names. Classes are named by their numbers unless told. */
export async function openMnistFolder(
  folder: string,
  name = folder,
  classes?: readonly string[],
): Promise<TestedSplit> {
  const found = await findParts(folder);
  const missing = found.indexOf(undefined);
  if (missing >= 0) throw new DataError(`${folder} does not hold ${parts[missing]}, plain or with .gz.`);
  const [trainImages, trainLabels, testImages, testLabels] = found as string[];
  const train = await openIdxPair(trainImages, trainLabels, classes);
  const test = await openIdxPair(testImages, testLabels, classes ?? train.classes);
  return {
    train: { ...train, name: `${name} (training)` },
    test: { ...test, name: `${name} (test)` },
    skipped: [],
  };
}

/** The path of each part in a folder, or undefined: gzip or plain, with "-" or "." before "idx". */
async function findParts(folder: string): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for (const part of parts) {
    const spellings = [part, part.replace("-idx", ".idx")].flatMap((spelling) => [`${spelling}.gz`, spelling]);
    let path: string | undefined;
    for (const spelling of spellings) {
      const candidate = files.join(folder, spelling);
      if (path === undefined && (await files.kindOf(candidate)) === "file") path = candidate;
    }
    found.push(path);
  }
  return found;
}

/**
 * The folder on this machine that holds the four files of a set, or undefined: the cache, or where systems install
 * it. Nothing is downloaded.
 */
export async function locateMnist(name: "fashion-mnist" | "mnist"): Promise<string | undefined> {
  understand("locateMnist", arguments, { name: oneOf(["fashion-mnist", "mnist"]) });
  return locate(name === "mnist" ? handwritten : fashion);
}

async function locate(source: Source): Promise<string | undefined> {
  const unnamed = files.dataFolder();
  for (const folder of [files.join(unnamed, source.name), unnamed, ...source.installed]) {
    if (!(await holdsMnistFiles(folder))) continue;
    const held = await identify(folder);
    // A folder that says nothing by its name must hold the set for certain.
    if (held === source || (held === undefined && folder !== unnamed)) return folder;
  }
  return undefined;
}

/** Which of the known sets a folder holds, by the checksum of its test labels. */
async function identify(folder: string): Promise<Source | undefined> {
  const path = (await findParts(folder))[3];
  if (path === undefined) return undefined;
  const labels = await unpackedIdx(path).catch(() => undefined);
  const found = labels && (await sha256(new Uint8Array(labels)));
  return [fashion, handwritten].find((source) => source.labels === found);
}

async function refuseOther(source: Source, folder: string): Promise<void> {
  const held = await identify(folder);
  if (held !== undefined && held !== source) {
    throw new DataError(`${folder} holds ${held.title}, not ${source.title}: the names of their files are the same.`);
  }
}

async function open(source: Source, options: MnistOptions = {}): Promise<TestedSplit> {
  checkOptions(source.name, options, ["folder", "download", "onProgress", "signal"]);
  if (options.folder !== undefined) {
    await refuseOther(source, options.folder);
    return openMnistFolder(options.folder, source.name, source.classes);
  }
  const kept = files.join(files.dataFolder(), source.name);
  const here = await locate(source);
  if (here !== undefined) return openMnistFolder(here, source.name, source.classes);
  await refuseOther(source, kept);
  if (options.download === false) {
    throw new DataError(
      `${source.title} is not on this machine: put its four files into ${kept} or allow the download.`,
    );
  }
  await files.makeFolder(kept);
  for (const [i, part] of parts.entries()) {
    const file = `${part}.gz`;
    const path = files.join(kept, file);
    if ((await files.kindOf(path)) === "file") continue;
    const [bytes, sha256] = source.checks[i];
    const onProgress = (received: number, total: number) => options.onProgress?.(file, received, total);
    const content = await download(
      { url: source.address + file, bytes, sha256 },
      { onProgress, signal: options.signal },
    );
    await files.writeFileAtomic(path, content);
  }
  return openMnistFolder(kept, source.name, source.classes);
}
