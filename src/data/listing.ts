// What a folder of pictures holds, before any picture is opened: the parts, the classes, the files of each, and everything that
// is left out with its reason. Links are followed, but no file or folder is taken twice, whatever ways lead to it.

import { files } from "#host";
import { DataError, nearest } from "../base/errors.ts";
import type { StopSignal } from "../base/web.ts";
import type { Entry } from "../host/host.ts";
import type { Skipped } from "./dataset.ts";
import { clutter, type PartName, partOf, whyNoPicture } from "./names.ts";

/** A picture's file and the place of its class. */
export interface Listed {
  readonly file: string;
  readonly label: number;
}

export interface Listing {
  readonly classes: readonly string[];
  /** By sub-folders named train, val and test; all in `whole` where there are none. */
  readonly parts: Readonly<Partial<Record<PartName | "whole", readonly Listed[]>>>;
  readonly skipped: readonly Skipped[];
}

export interface ListingOptions {
  readonly signal?: StopSignal;
  /** Told how many pictures are found after every folder; how many there will be is not known. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** Sub-folders inside a class folder are followed to this depth. */
const deepest = 32;

/** A folder of one class, or a link to one. */
interface ClassFolder {
  readonly part: PartName | "whole";
  readonly name: string;
  readonly path: string;
  readonly real: string;
}

/**
 * Looks through a folder. With `known` classes (of a model) sub-folders are matched with them by name: some may be missing,
 * but pictures of an unknown class are refused. Without, the classes are the sub-folders' names in order.
 */
export async function listPictures(
  folder: string,
  known?: readonly string[],
  { signal, onProgress }: ListingOptions = {},
): Promise<Listing> {
  const walk = new Walk((done) => {
    signal?.throwIfAborted();
    onProgress?.(`${folder} (files)`, done, 0);
  });
  const root = await files.realPath(folder);
  const parts = await findParts(folder, root, walk);
  const found: ClassFolder[] = [];
  for (const { part, path, real } of parts) found.push(...(await classFolders(part, path, real, root, walk)));
  const named = found.filter(({ part }) => part === parts[0].part).map(({ name }) => name);
  const classes = known ?? named.sort((a, b) => (a < b ? -1 : 1));
  if (!known && classes.length < 2) {
    throw new DataError(
      `${parts[0].path} has ${classes.length === 1 ? `only one class (${classes[0]})` : "no class"}; it needs a sub-folder of pictures for each of at least two classes.`,
    );
  }
  const alike = found.find(({ name, part }, i) =>
    found.some((one, j) => j < i && one.part === part && one.name.toLowerCase() === name.toLowerCase()),
  );
  if (alike) {
    const other = found.find(({ name }) => name !== alike.name && name.toLowerCase() === alike.name.toLowerCase())!;
    throw new DataError(
      `${parts[0].path} has the classes ${other.name} and ${alike.name}, which differ by case alone and are one on some disks; rename one, or put them together.`,
    );
  }
  if (found.length === 0)
    throw new DataError(`${folder} has no class; it needs a sub-folder of pictures for each class.`);
  for (const one of found) walk.claim(one.path, one.real);
  for (const one of found) await walk.enter(one, one.path, one.real, 0);
  await walk.followLinks(root);
  for (const { name, path } of found) {
    if (classes.includes(name)) continue;
    if (walk.taken.some(({ of }) => of.path === path)) throw unknownClass(path, name, classes, known !== undefined);
    walk.skip(path, "it holds no pictures");
  }
  const listed = (part: PartName | "whole"): Listed[] =>
    walk.taken
      .filter(({ of }) => of.part === part)
      .map(({ file, of }) => ({ file, label: classes.indexOf(of.name) }))
      .sort((a, b) => a.label - b.label);
  return {
    classes,
    parts: Object.fromEntries(parts.map(({ part }) => [part, listed(part)])),
    skipped: walk.skipped,
  };
}

function unknownClass(path: string, name: string, classes: readonly string[], ofModel: boolean): DataError {
  if (!ofModel) return new DataError(`${path} is a class that the training pictures do not have.`);
  const near = nearest(name, classes);
  const some = classes.length > 12 ? `${classes.slice(0, 12).join(", ")}, …` : classes.join(", ");
  return new DataError(
    `${path} is a class that the model does not know; ${near ? `did you mean ${near}?` : `it knows ${some}.`}`,
  );
}

interface PartFolder {
  readonly part: PartName | "whole";
  readonly path: string;
  readonly real: string;
}

/** Sub-folders that are parts: named so, and holding folders of classes themselves. A class may be called train. */
async function findParts(folder: string, root: string, walk: Walk): Promise<PartFolder[]> {
  const entries = (await files.list(folder)).filter(({ name }) => !clutter.test(name));
  const found: PartFolder[] = [];
  for (const { name, kind } of linksLast(entries)) {
    const part = partOf(name);
    const path = files.join(folder, name);
    if (!part || kind !== "folder" || !(await holdsFolders(path))) continue;
    const same = found.find((one) => one.part === part);
    if (same) {
      throw new DataError(`${folder} has both ${files.baseName(same.path)} and ${name}; keep one ${part} set.`);
    }
    const real = await files.realPath(path);
    const target = found.find((one) => one.real === real);
    if (target) walk.skip(path, `it leads to ${target.path}, which is taken already`);
    else found.push({ part, path, real });
  }
  const order: readonly (PartName | "whole")[] = ["train", "validation", "test"];
  found.sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
  const folders = entries.filter(({ kind }) => kind === "folder").length;
  if (found.length === 0 || (found[0].part !== "train" && found.length < folders)) {
    return [{ part: "whole", path: folder, real: root }];
  }
  for (const { name, kind, what } of entries) {
    const path = files.join(folder, name);
    if (found.some((one) => one.path === path) || walk.skipped.some(({ file }) => file === path)) continue;
    const beside = found.map((one) => files.baseName(one.path)).join(", ");
    walk.skip(path, kind === "other" ? `it is ${what}` : `it lies beside ${beside}`);
  }
  return found;
}

async function holdsFolders(path: string): Promise<boolean> {
  return (await files.list(path)).some(({ name, kind }) => kind === "folder" && !clutter.test(name));
}

/** Real folders first, so that a link to one is the one to give way. */
const linksLast = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => Number(a.link ?? 0) - Number(b.link ?? 0));

/** The folders of classes in a part; whatever else lies beside them is left out. */
async function classFolders(
  part: PartName | "whole",
  folder: string,
  real: string,
  root: string,
  walk: Walk,
): Promise<ClassFolder[]> {
  const found: ClassFolder[] = [];
  const entries = (await files.list(folder)).filter(({ name }) => !clutter.test(name));
  for (const { name, kind, what, link } of linksLast(entries)) {
    const path = files.join(folder, name);
    if (kind === "other") walk.skip(path, `it is ${what}`);
    else if (kind === "file") walk.skip(path, whyNoPicture(name) ?? "it lies outside the classes' folders");
    else {
      const target = link ? await files.realPath(path) : files.join(real, name);
      const same = found.find((one) => one.real === target);
      if (holds(target, root) || holds(target, real)) walk.skip(path, backwards);
      else if (same) walk.skip(path, `it leads to ${same.path}, which is taken already`);
      else found.push({ part, name, path, real: target });
    }
  }
  return found;
}

const backwards = "it leads back to a folder that holds it";

/** Whether a folder is another or holds it somewhere below; both are real paths. */
function holds(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(files.join(outer, "x").slice(0, -1));
}

interface Waiting {
  readonly of: ClassFolder;
  readonly path: string;
  readonly entry: Entry;
  readonly depth: number;
}

/** Goes through folders once. Links wait until all real folders are done, so that a file is taken where it really lies. */
class Walk {
  readonly taken: { readonly file: string; readonly of: ClassFolder }[] = [];
  readonly skipped: Skipped[] = [];
  /**
   * Real paths of folders, and of files that were reached by a link of their own, with where they were first met. Other files
   * are met where their folder is: a set may have a million.
   */
  readonly #met = new Map<string, string>();
  readonly #entered = new Set<string>();
  readonly #links: Waiting[] = [];
  /** Told before every folder; may throw. */
  readonly #tell: (taken: number) => void;

  constructor(tell: (taken: number) => void) {
    this.#tell = tell;
  }

  skip(file: string, reason: string): void {
    this.skipped.push({ file, reason });
  }

  /** Folders of classes are their own: no link from another class leads into them. */
  claim(path: string, real: string): void {
    this.#met.set(real, path);
  }

  async enter(of: ClassFolder, path: string, real: string, depth: number): Promise<void> {
    if (this.#entered.has(real)) return;
    this.#entered.add(real);
    this.#met.set(real, this.#met.get(real) ?? path);
    this.#tell(this.taken.length);
    for (const entry of await files.list(path)) {
      const { name, kind } = entry;
      const file = files.join(path, name);
      if (clutter.test(name)) continue;
      if (kind === "other") this.skip(file, `it is ${entry.what}`);
      else if (kind === "folder" && depth === deepest) this.skip(file, "it lies too deep");
      else if (entry.link) this.#links.push({ of, path: file, entry, depth });
      else if (kind === "folder") await this.enter(of, file, files.join(real, name), depth + 1);
      else this.#take(of, file, files.join(real, name));
    }
  }

  async followLinks(root: string): Promise<void> {
    for (let waiting = this.#links.shift(); waiting; waiting = this.#links.shift()) {
      const { of, path, entry, depth } = waiting;
      const real = await files.realPath(path);
      const met = this.#met.get(real);
      if (entry.kind === "file") this.#take(of, path, real, true);
      else if (holds(real, root)) this.skip(path, backwards);
      else if (met !== undefined) this.skip(path, `it leads to ${met}, which is taken already`);
      else await this.enter(of, path, real, depth + 1);
    }
  }

  #take(of: ClassFolder, file: string, real: string, link = false): void {
    const reason = whyNoPicture(files.baseName(file));
    const met = this.#met.get(real) ?? (link ? this.#inFolder(real) : undefined);
    if (reason !== undefined) this.skip(file, reason);
    else if (met !== undefined) this.skip(file, `it is ${met} once more`);
    else {
      if (link) this.#met.set(real, file);
      this.taken.push({ file, of });
    }
  }

  /** Where a real file was taken, if its folder was gone through and its name is a picture's. */
  #inFolder(real: string): string | undefined {
    const name = files.baseName(real);
    const folder = real.slice(0, real.length - name.length - 1);
    const taken = this.#entered.has(folder) && !clutter.test(name) && whyNoPicture(name) === undefined;
    return taken ? files.join(this.#met.get(folder)!, name) : undefined;
  }
}
