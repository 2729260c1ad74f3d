// A folder on a disk. A link to a folder is followed: what is written goes where it leads.
import { files } from "#host";
import { NeocogError } from "../../base/errors.ts";
import type { WritableStore } from "./store.ts";

export function folderStore(title: string): WritableStore {
  const path = (name: string): string => files.join(title, name);
  /** The topmost folder that `open` made. */
  let made: string | undefined;
  return {
    title,
    path,
    reason: () => undefined,
    async read(name) {
      // Asked first for a clear answer; it may be renamed before it is opened.
      if ((await files.kindOf(path(name))) === undefined) return undefined;
      try {
        return await files.readFile(path(name));
      } catch (error) {
        if ((await files.kindOf(path(name))) === undefined) return undefined;
        throw error;
      }
    },
    async open() {
      const kind = await files.kindOf(title);
      if (kind !== undefined && kind !== "folder")
        throw new NeocogError(`${title} is a file; give the output another name.`);
      if (kind === undefined) made = await files.makeFolder(title);
    },
    async close() {
      if (made === undefined) return;
      const top = await files.realPath(made).catch(() => undefined);
      let folder = await files.realPath(title).catch(() => undefined);
      while (top && folder && folder.length >= top.length && (await files.removeEmptyFolder(folder))) {
        folder = files.join(folder, "..");
      }
    },
    async list() {
      const entries = (await files.kindOf(title)) === "folder" ? await files.list(title) : [];
      return entries.map(({ name, kind, link }) => ({ name, kind: kind === "file" && !link ? kind : "other" }));
    },
    write: (name, bytes) => files.writeFile(path(name), bytes),
    claim: (name, bytes) => files.claimFile(path(name), bytes),
    move: (from, to) => files.move(path(from), path(to)),
    remove: (name) => files.removeFile(path(name)),
    freeSpace: () => files.freeSpace(title),
    sync: () => files.syncFolder(title),
  };
}
