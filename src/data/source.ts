// From what a person writes after `train` or `eval` to data: a known name, an IDX pair, CIFAR batches, or a folder of pictures.

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { DataError, nearest } from "../base/errors.ts";
import {
  options as byName,
  callback,
  either,
  flag,
  isRecord,
  like,
  listOf,
  type OptionsOf,
  oneOf,
  path,
  perAxis,
  type Rule,
  type Rules,
  real,
  signal,
  text,
  whole,
} from "../base/rules.ts";
import { UnusedOption } from "../base/unused.ts";
import type { Picked } from "../base/web.ts";
import { holdsCifar, openCifarFile, openCifarFolder } from "./cifar.ts";
import { type Dataset, joined, relabel, type Skipped, type Split, someOf, type TestedSplit } from "./dataset.ts";
import { checkForm } from "./decode.ts";
import { digits } from "./digits.ts";
import { type FolderOptions, openListed, openPictureFolder } from "./folder.ts";
import { looksLikeIdx, openIdxPair } from "./idx.ts";
import type { ClassSet, PictureSet } from "./images.ts";
import { fashionMnist, holdsMnistFiles, type MnistOptions, mnist, openMnistFolder } from "./mnist.ts";
import { openPicturesFor, type PartChoice, refuseFractions, type Taker } from "./part.ts";
import { divide, holdBack, share, splitRules } from "./split.ts";
import { isTable, openTable, type TableKind, tableKinds } from "./table/table.ts";

/** The data sets that have a name; "fashion-mnist" and "mnist" are downloaded where they are not on this machine. */
export const dataNames = ["digits", "fashion-mnist", "mnist"] as const;

/** The name of a built-in data set. */
export type DataName = (typeof dataNames)[number];

/** Options of openData; those of a folder of pictures among them. */
export interface DataOptions extends FolderOptions {
  /** The labels that belong to an IDX file of images; found by its name unless told. */
  readonly labels?: string;
  /** Names of the classes of IDX files; of a table the tags that a model knows (with `labelKind: "tags"`): others are refused. */
  readonly classes?: readonly string[];
  /** What a table's labels are: "class", "tags" or "numbers"; read off their form unless told. */
  readonly labelKind?: TableKind;
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
  labelKind: oneOf(tableKinds),
  folder: path,
  download: flag,
  onProgress: callback,
  onFound: callback,
  ...splitRules,
  testFraction: share,
  size: perAxis(1, 2),
  channels: whole(1, 3),
  resize: oneOf(["cover", "squash", "refuse"]),
  crop: real(0, 1),
  stream: either(flag, oneOf(["auto"])),
  cache: path,
  workers: whole(0, 256),
  mostBroken: real(0, 1),
  signal,
} satisfies Rules<DataOptions>;
const isPicked = (value: unknown): boolean => isRecord(value) && typeof value.name === "string";
const pickedRule: Rule = {
  must: "in a page a folder's handle or a list of files and folders",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    (isPicked(value) ||
      ("length" in value && Number(value.length) > 0 && Array.from(value as ArrayLike<unknown>).every(isPicked))),
};
const takerRule = like("a model { classes, preprocessing }", "classes", "preprocessing");

type Kind =
  | "digits"
  | "fashion-mnist"
  | "mnist"
  | "idx folder"
  | "cifar folder"
  | "pictures"
  | "table"
  | "idx"
  | "cifar";

const own = ["validationFraction", "seed"];
const cut = [...own, "testFraction"];
const usable: Readonly<Record<Kind, readonly string[]>> = {
  digits: own,
  "fashion-mnist": [...own, "folder"],
  mnist: [...own, "folder"],
  "idx folder": [...own, "classes"],
  "cifar folder": own,
  pictures: [...cut, "size", "channels", "resize", "crop", "stream", "cache", "workers", "mostBroken"],
  table: [...cut, "size", "channels", "resize", "crop", "stream", "cache", "workers", "mostBroken", "labelKind"],
  idx: [...cut, "labels", "classes"],
  cifar: cut,
};
const ofForm = "whose pictures have a size and colours of their own";
const ofFiles = "whose pictures are not single files";
const reasons: Readonly<Record<string, string>> = {
  ...{ size: ofForm, channels: ofForm, resize: ofForm, crop: ofForm },
  ...{ stream: ofFiles, cache: ofFiles, workers: ofFiles, mostBroken: ofFiles },
  testFraction: "which has a test set of its own",
  labels: "which has its labels with it",
  classes: "whose classes have names already",
  folder: "which is not one of mnist and fashion-mnist",
  labelKind: "which is no table",
};

/** Refuses what would do nothing. `download` and what only listens is let pass: it is kept to. */
export function checkUsed(kind: Kind, nameOrPath: string, options: object): void {
  for (const [option, value] of Object.entries(options)) {
    if (
      value === undefined ||
      value === "auto" ||
      value === false ||
      usable[kind].includes(option) ||
      !(option in reasons)
    )
      continue;
    throw new UnusedOption(option, `has no effect on ${nameOrPath}, ${reasons[option]}.`);
  }
}

/**
 * Opens data by name or path. Data with a published split keeps it, and nothing of its training set is held back for
 * validation unless told by `validationFraction`; other data is cut by chance. Throws one sentence for what is unknown (with
 * the nearest right name), broken, unfitting, or an option without effect; what had to be left out is in `skipped`.
 */
export function openData(name: DataName, options?: DataOptions): Promise<TestedSplit>;
/** A table whose labels may be others than classes: tags or numbers, as told. */
export function openData(
  nameOrPath: string,
  options: DataOptions & { readonly labelKind: "tags" | "numbers" },
): Promise<Split<PictureSet>>;
/** Pictures that may be streamed: left in their files and read as they are asked for, or in memory where they come so. */
export function openData(
  nameOrPath: string,
  options: DataOptions & { readonly stream: true | "auto" },
): Promise<Split<ClassSet>>;
/** In a page: a folder of pictures that its user picked or dropped, or several, or files of one (an input's `files`). */
export function openData(
  picked: Picked,
  options: DataOptions & { readonly stream: true | "auto" },
): Promise<Split<ClassSet>>;
export function openData(picked: Picked, options?: DataOptions): Promise<Split>;
/** A built-in data set by its name, a file, or a folder: all in memory. What editors complete is read from here, the last. */
export function openData(nameOrPath: DataName | (string & {}), options?: DataOptions): Promise<Split>;
export async function openData(given: string | Picked, options: DataOptions = {}): Promise<Split<PictureSet>> {
  const rules = { nameOrPath: either(path, pickedRule), options: byName<OptionsOf<typeof openData>>(dataRules) };
  understand("openData", arguments, rules);
  const nameOrPath = typeof given === "string" ? given : await files.mount(given);
  const kind = await kindOf(nameOrPath, options);
  const tagged = kind === "table" && options.labelKind === "tags";
  checkUsed(kind, nameOrPath, tagged ? { ...options, classes: undefined } : options);
  if (kind === "pictures") return openPictureFolder(nameOrPath, picturesOptions(options));
  if (kind === "table") return openTableSet(nameOrPath, options);
  if (kind === "idx" || kind === "cifar") return divide(await openSingle(kind, nameOrPath, options), options);
  return holdBack(await openParted(kind, nameOrPath, options), options);
}

/** Options of openTestData. */
export interface TestDataOptions extends DataOptions {
  /** Which part: "train", "validation", "test" or "all". */
  readonly split?: PartChoice;
}

/** Pictures to try a model on. */
export interface TestData<S extends ClassSet = Dataset> {
  /** The pictures, labels counting in the model's classes. */
  readonly data: S;
  /** The part that they are. */
  readonly split: PartChoice;
  /** Files that could not be used. */
  readonly skipped: readonly Skipped[];
}

/**
 * Opens pictures to try a model on: as it takes them, labels counting in its classes, which are matched by name (some may
 * have no picture; an unknown one is refused). Unless told by `split`: the test set of data that has one, else everything.
 */
export function openTestData(
  nameOrPath: string,
  model: Taker,
  options: TestDataOptions & { readonly stream: true | "auto" },
): Promise<TestData<ClassSet>>;
export function openTestData(nameOrPath: string, model: Taker, options?: TestDataOptions): Promise<TestData>;
export async function openTestData(
  nameOrPath: string,
  model: Taker,
  options: TestDataOptions = {},
): Promise<TestData<ClassSet>> {
  const rules = { ...dataRules, split: oneOf(["train", "validation", "test", "all"]) };
  understand("openTestData", arguments, {
    nameOrPath: path,
    model: takerRule,
    options: byName<OptionsOf<typeof openTestData>>(rules),
  });
  const { split: chosen, ...given } = options;
  const kind = await kindOf(nameOrPath, given);
  checkUsed(kind, nameOrPath, given);
  if (kind === "pictures" || kind === "table") {
    return openPicturesFor(nameOrPath, model, { ...picturesOptions(given), split: chosen });
  }
  const named = { ...given, classes: given.classes ?? model.classes };
  const single = kind === "idx" || kind === "cifar";
  const split = chosen ?? (single ? "all" : "test");
  if (single) {
    if (split === "all") refuseFractions(nameOrPath, given);
    const all = await openSingle(kind, nameOrPath, named);
    const part = split === "all" ? all : partOf(divide(all, given), split, nameOrPath);
    return { data: relabel(part, model.classes), split, skipped: [] };
  }
  if (split === "all" || split === "test") refuseFractions(nameOrPath, given);
  const parts = await openParted(kind, nameOrPath, named);
  const part =
    split === "all" ? joined(nameOrPath, [parts.train, parts.test]) : partOf(holdBack(parts, given), split, nameOrPath);
  return { data: relabel(part, model.classes), split, skipped: [] };
}

function partOf(parts: Split, split: Exclude<PartChoice, "all">, name: string): Dataset {
  const part = parts[split];
  if (part) return part;
  throw new UnusedOption("split", `cannot be ${split}: no pictures of ${name} are held back for it.`);
}

/** A table's pictures; labels that are not classes must be asked for, so that nobody learns from what was not meant. */
async function openTableSet(path: string, options: DataOptions): Promise<Split<PictureSet>> {
  const given = picturesOptions(options);
  checkForm(given);
  const table = await openTable(path, options.labelKind, options.classes);
  if (table.kind !== "class" && options.labelKind === undefined) {
    throw new DataError(
      (option) =>
        `${path} gives its pictures ${table.kind} (${someOf(table.classes)}), not one class each; say ${option("labelKind", table.kind)} if that is meant, or ${option("labelKind", "class")}.`,
    );
  }
  return openListed(path, table, table.kind === "class", given);
}

const picturesOptions = (options: DataOptions): FolderOptions => {
  const { labels: _, classes: __, folder: ___, download: ____, labelKind: _____, ...rest } = options;
  return rest;
};

/** What a name or path stands for; an unknown one is refused. */
export async function kindOf(nameOrPath: string, { labels }: DataOptions): Promise<Kind> {
  const name = dataNames.find((known) => known === nameOrPath);
  if (name) return name;
  const found = await files.kindOf(nameOrPath);
  if (found === "folder") {
    if (await holdsMnistFiles(nameOrPath)) return "idx folder";
    return (await holdsCifar(nameOrPath)) ? "cifar folder" : "pictures";
  }
  if (found === undefined) {
    const near = nearest(nameOrPath, dataNames);
    throw new DataError(
      near
        ? `Unknown data "${nameOrPath}"; did you mean "${near}"?`
        : `Unknown data "${nameOrPath}": it is neither a file or folder here nor one of ${dataNames.join(", ")}.`,
    );
  }
  if (isTable(nameOrPath)) return "table";
  if (labels !== undefined || (await isIdx(nameOrPath))) return "idx";
  if (nameOrPath.toLowerCase().endsWith(".bin")) return "cifar";
  throw new DataError(
    `${nameOrPath} is neither a table (.csv, .tsv, .jsonl), an IDX file nor a CIFAR batch (.bin); name a folder for pictures, or one of ${dataNames.join(", ")}.`,
  );
}

/** Data that comes with a split. */
function openParted(
  kind: Exclude<Kind, "pictures" | "table" | "idx" | "cifar">,
  path: string,
  { folder, download, onProgress, signal, classes }: DataOptions,
): Promise<TestedSplit> {
  const fetching: MnistOptions = { folder, download, onProgress, signal };
  switch (kind) {
    case "digits":
      return digits();
    case "fashion-mnist":
      return fashionMnist(fetching);
    case "mnist":
      return mnist(fetching);
    case "idx folder":
      return openMnistFolder(path, path, classes);
    case "cifar folder":
      return openCifarFolder(path);
  }
}

/** Data of one piece. */
async function openSingle(kind: "idx" | "cifar", path: string, { labels, classes }: DataOptions): Promise<Dataset> {
  return kind === "cifar" ? openCifarFile(path) : openIdxPair(path, labels ?? (await labelsBeside(path)), classes);
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
