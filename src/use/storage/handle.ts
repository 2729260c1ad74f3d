// A folder that a page holds a handle of: one that its user picked (File System Access), or one of the page's own storage
// (OPFS). A file is written beside and takes its place when it is closed, which is the browser's doing.
import { DataError } from "../../base/errors.ts";
import type { WritableStore } from "./store.ts";

/** What is used of the browser's FileSystemDirectoryHandle. */
export interface DirectoryHandle {
  /** A folder, not a file. */
  readonly kind: "directory";
  /** The folder's own name; empty for the root of a page's own storage. */
  readonly name: string;
  /** The file of a name; made where it is missing, if that is asked for. */
  getFileHandle(
    name: string,
    options?: {
      /** Make the file where it is missing; false unless told. */
      create?: boolean;
    },
  ): Promise<FileHandle>;
  /** Removes a file. */
  removeEntry(name: string): Promise<void>;
}

/** Older type definitions of the browser lack it. */
interface Listing extends DirectoryHandle {
  entries(): AsyncIterable<readonly [string, { readonly kind: "file" | "directory" }]>;
}

/** What is used of the browser's FileSystemFileHandle. */
export interface FileHandle {
  /** The file as it is now. */
  getFile(): Promise<{ arrayBuffer(): Promise<ArrayBuffer> }>;
  /** A stream whose bytes take the file's place when it is closed. */
  createWritable(): Promise<{
    write(data: Uint8Array<ArrayBuffer>): Promise<void>;
    close(): Promise<void>;
    abort(): Promise<void>;
  }>;
}

export function handleStore(handle: DirectoryHandle): WritableStore {
  // The root of a page's own storage has no name.
  const title = handle.name || "the page's storage";
  const path = (name: string): string => `${title}/${name}`;

  async function attempt<T>(name: string, deed: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new DataError(`${path(name)} cannot be ${deed}: ${reasonOf(error)}.`, { cause: error });
    }
  }

  async function read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return attempt(name, "read", async () => {
      try {
        const file = await handle.getFileHandle(name);
        return new Uint8Array(await (await file.getFile()).arrayBuffer());
      } catch (error) {
        // NotReadableError: it was replaced while it was read.
        if (isNamed(error, "NotFoundError") || isNamed(error, "NotReadableError")) return undefined;
        throw error;
      }
    });
  }

  async function write(name: string, bytes: Uint8Array): Promise<void> {
    await attempt(name, "written", async () => {
      const file = await handle.getFileHandle(name, { create: true });
      const stream = await file.createWritable();
      try {
        await stream.write(bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice());
        await stream.close();
      } catch (error) {
        await stream.abort().catch(() => undefined);
        throw error;
      }
    });
  }

  async function remove(name: string): Promise<void> {
    await attempt(name, "removed", async () => {
      await handle.removeEntry(name).catch((error: unknown) => {
        if (!isNamed(error, "NotFoundError")) throw error;
      });
    });
  }

  return {
    title,
    path,
    reason: () => undefined,
    read,
    write,
    remove,
    open: async () => undefined,
    close: async () => undefined,
    async list() {
      return attempt("", "listed", async () => {
        const entries: { name: string; kind: "file" | "other" }[] = [];
        for await (const [name, { kind }] of (handle as Listing).entries())
          entries.push({ name, kind: kind === "file" ? kind : "other" });
        return entries;
      });
    },
    async claim(name, bytes) {
      // Making a file tells nobody whether it was there; the pages of one origin ask one after another.
      return oneAtATime(`neocog claims ${path(name)}`, async () => {
        if (await read(name)) return false;
        await write(name, bytes).catch(async (error: unknown) => {
          // The browser has made the file, empty.
          await remove(name);
          throw error;
        });
        return true;
      });
    },
    async move(from, to) {
      const bytes = await read(from);
      if (!bytes) throw new DataError(`${path(to)} cannot be written: ${from} is gone.`);
      await write(to, bytes);
      await remove(from);
    },
    sync: async () => undefined,
  };
}

function oneAtATime(name: string, work: () => Promise<boolean>): Promise<boolean> {
  return globalThis.navigator?.locks ? navigator.locks.request(name, work) : work();
}

const isNamed = (error: unknown, name: string): boolean => (error as { name?: unknown } | undefined)?.name === name;

function reasonOf(error: unknown): string {
  if (isNamed(error, "QuotaExceededError")) return "the space that the browser gives is used up";
  if (isNamed(error, "NotAllowedError")) return "the page may not write there; ask for it with requestPermission";
  return (error as Error).message.replace(/\.$/, "");
}
