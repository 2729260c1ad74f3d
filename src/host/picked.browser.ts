// Files that a page was given: a folder that its user picked or dropped (FileSystemDirectoryHandle), files of one (FileList), or
// several of these. They are found again under a path of their own, "picked:photos/cat/1.png", and read only when they are asked for.

import { DataError, reasonOf } from "../base/errors.ts";
import type { Picked, PickedFile, PickedFolder } from "../base/web.ts";
import type { Entry, Kind } from "./host.ts";

const scheme = "picked:";

/** What stands under a name: a folder, or how a file is had. */
type Tree = Map<string, Tree | (() => Promise<PickedFile>)>;
const roots: Tree = new Map();

/** Older type definitions of the browser lack it. */
interface Listing extends PickedFolder {
  entries(): AsyncIterable<readonly [string, PickedFolder | { readonly kind: "file"; getFile(): Promise<PickedFile> }]>;
}

export const isPicked = (path: string): boolean => path.startsWith(scheme);

/** The path under which they are found from now on. */
export async function mount(picked: Picked): Promise<string> {
  const tree: Tree = new Map();
  const given = "length" in picked ? Array.from(picked) : [picked];
  for (const one of given) {
    if ("kind" in one) tree.set(one.name, await treeOf(one as Listing));
    else put(tree, (one.webkitRelativePath || one.name).split("/"), one);
  }
  // One folder is what was meant; of several things a folder is made.
  const [only] = tree;
  const alone = tree.size === 1 && only[1] instanceof Map ? only : undefined;
  const [name, root] = alone ?? ["pictures", tree];
  let free = name;
  for (let n = 2; roots.has(free); n++) free = `${name} (${n})`;
  roots.set(free, root);
  return scheme + free;
}

async function treeOf(folder: Listing): Promise<Tree> {
  const tree: Tree = new Map();
  for await (const [name, entry] of folder.entries())
    tree.set(name, entry.kind === "directory" ? await treeOf(entry as Listing) : () => entry.getFile());
  return tree;
}

function put(tree: Tree, [name, ...rest]: readonly string[], file: PickedFile): void {
  if (rest.length === 0) tree.set(name, async () => file);
  else {
    const held = tree.get(name);
    const below = held instanceof Map ? held : (new Map() as Tree);
    tree.set(name, below);
    put(below, rest, file);
  }
}

function find(path: string): Tree | (() => Promise<PickedFile>) | undefined {
  let found: Tree | (() => Promise<PickedFile>) | undefined = roots;
  for (const name of path.slice(scheme.length).split("/")) found = found instanceof Map ? found.get(name) : undefined;
  return found;
}

export async function readPicked(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = find(path);
  if (found === undefined) throw new DataError(`${path} cannot be read: there is no such file.`);
  if (found instanceof Map) throw new DataError(`${path} cannot be read: it is a folder.`);
  try {
    return new Uint8Array(await (await found()).arrayBuffer());
  } catch (error) {
    throw new DataError(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

export function kindOfPicked(path: string): Kind | undefined {
  const found = find(path);
  return found && (found instanceof Map ? "folder" : "file");
}

export function listPicked(path: string): Entry[] {
  const found = find(path);
  if (!(found instanceof Map)) throw new DataError(`${path} cannot be listed: it is no folder.`);
  const entries = Array.from(found, ([name, at]): Entry => ({ name, kind: at instanceof Map ? "folder" : "file" }));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
