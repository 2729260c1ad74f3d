// Files in Node: reading, and where things lie. writing.node.ts has the rest.

import { constants as bufferLimits } from "node:buffer";
import { constants, type Dirent, type Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { DataError, reasonOf } from "../base/errors.ts";
import { attempt, sentence } from "./failures.node.ts";
import type { Entry, Files, Kind } from "./host.ts";
import { writing } from "./writing.node.ts";

/** A plain view of a Buffer: a Buffer's own `slice` shares memory, which no caller expects. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const longest = bufferLimits.MAX_LENGTH;
const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);

async function kindOf(path: string): Promise<Kind | undefined> {
  const found = await fs.stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw sentence(path, "read", error);
  });
  return found && kindIn(found);
}

const kindIn = (found: Stats): Kind => (found.isDirectory() ? "folder" : found.isFile() ? "file" : "other");

/** What is neither a file nor a folder. */
function whatIs(found: Stats): string {
  if (found.isFIFO()) return "a pipe";
  if (found.isSocket()) return "a socket";
  return "a device";
}

/** Opened without waiting for a writer, and looked at before anything is read: a pipe or a device may never end. */
async function readRegular(path: string): Promise<Buffer> {
  const handle = await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    if (kindIn(found) === "other")
      throw new DataError(`cannot be read: it is ${whatIs(found)}, not a file.`, {
        where: [{ kind: "file", name: path, asSubject: true }],
      });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Only links are looked at themselves: the folder's list tells the rest. */
async function entryOf(folder: string, listed: Dirent): Promise<Entry> {
  const { name } = listed;
  if (listed.isFile()) return { name, kind: "file" };
  if (listed.isDirectory()) return { name, kind: "folder" };
  try {
    const found = await fs.stat(join(folder, name));
    const kind = kindIn(found);
    const entry: Entry = kind === "other" ? { name, kind, what: whatIs(found) } : { name, kind };
    return listed.isSymbolicLink() ? { ...entry, link: true } : entry;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const link = code === "ENOENT" ? "a link that leads nowhere" : "a link that leads in a circle";
    return { name, kind: "other", what: code === "ENOENT" || code === "ELOOP" ? link : "not to be opened", link: true };
  }
}

/** The platform's folder for things that can be fetched again. */
function cacheFolder(): string {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  if (process.platform === "win32") return process.env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return join(homedir(), ".cache");
}

export const files: Files = {
  readFile: (path) => attempt(path, "read", async () => plain(await readRegular(path))),
  readText: (path) => attempt(path, "read", async () => (await readRegular(path)).toString("utf8")),
  mount: () => Promise.reject(new DataError("Picked files and folders are those of a page; in Node give the path.")),
  kindOf,
  realPath: (path) => attempt(path, "read", () => fs.realpath(path)),
  list: (path) =>
    attempt(path, "listed", async () => {
      const listed = await fs.readdir(path, { withFileTypes: true });
      listed.sort((a, b) => (a.name < b.name ? -1 : 1));
      return Promise.all(listed.map((one) => entryOf(path, one)));
    }),
  ...writing,
  freeSpace: (path) =>
    fs.statfs(path).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    ),
  join,
  baseName: (path) => basename(resolve(path)),
  onNet: false,
  pathOf: fileURLToPath,
  dataFolder: () => process.env.NEOCOG_DATA || join(cacheFolder(), "neocog"),
  gzip: async (bytes) => plain(await gzip(bytes, { level: 9 })),
  gunzip: async (bytes, name, limit) => {
    try {
      return plain(await gunzip(bytes, { maxOutputLength: Math.min(Math.max(1, limit ?? longest), longest) }));
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
        ? new DataError(`${name} expands to more than ${limit} bytes, which is not believable for this kind of file.`)
        : new DataError(`${name} is not a whole gzip file: ${reasonOf(error)}.`, { cause: error });
    }
  },
};
