// Files in a browser. Reading takes addresses (relative to the page, http, blob:, data:). There are no folders to write
// to: functions that make bytes give them back, and the page offers them for saving.

import { DataError, reasonOf } from "../base/errors.ts";
import type { Files } from "./host.ts";
import { isPicked, kindOfPicked, listPicked, mount, readPicked } from "./picked.browser.ts";

async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (isPicked(path)) return readPicked(path);
  let response: Response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw new DataError(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
  if (!response.ok) throw new DataError(`${path} cannot be read: the server answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

function refuse(path: string, deed: string): Promise<never> {
  return Promise.reject(new DataError(`${path} cannot be ${deed}: a browser has no folders.`));
}

/** Sends bytes through a compression stream; stops as soon as more than `limit` bytes came out. */
async function throughStream(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  limit = Number.POSITIVE_INFINITY,
): Promise<Uint8Array | undefined> {
  const reader = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(stream).getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
    total += next.value.length;
    if (total > limit) {
      await reader.cancel();
      return undefined;
    }
  }
  const result = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    result.set(chunk, offset);
    offset += chunk.length;
  }
  return result;
}

export const files: Files = {
  readFile,
  readText: async (path) => new TextDecoder().decode(await readFile(path)),
  mount,
  kindOf: async (path) => {
    if (isPicked(path)) return kindOfPicked(path);
    const response = await fetch(path, { method: "HEAD" }).catch(() => undefined);
    return response?.ok ? "file" : undefined;
  },
  realPath: async (path) => (isPicked(path) ? path : new URL(path, globalThis.location?.href).href),
  list: async (path) => (isPicked(path) ? listPicked(path) : refuse(path, "listed")),
  makeFolder: (path) => refuse(path, "made"),
  removeEmptyFolder: (path) => refuse(path, "removed"),
  writeFileAtomic: (path) => refuse(path, "written"),
  writeFile: (path) => refuse(path, "written"),
  putFile: (path) => refuse(path, "written"),
  sweepFolder: async () => {},
  claimFile: (path) => refuse(path, "written"),
  move: (_, path) => refuse(path, "written"),
  syncFolder: (path) => refuse(path, "written"),
  append: (path) => refuse(path, "written"),
  removeFile: (path) => refuse(path, "removed"),
  freeSpace: async () => undefined,
  join: (...parts) => parts.map((part, i) => (i < parts.length - 1 ? part.replace(/\/$/, "") : part)).join("/"),
  baseName: (path) =>
    (isPicked(path) ? path : path.replace(/[?#].*$/, "")).replace(/\/$/, "").split("/").at(-1) ?? path,
  onNet: true,
  pathOf: (address) => address,
  dataFolder: () => ".",
  gzip: async (bytes) => (await throughStream(bytes, new CompressionStream("gzip"))) ?? new Uint8Array(),
  gunzip: async (bytes, name, limit) => {
    const expanded = await throughStream(bytes, new DecompressionStream("gzip"), limit).catch((error: unknown) => {
      throw new DataError(`${name} is not a whole gzip file.`, { cause: error });
    });
    if (!expanded) {
      throw new DataError(
        `${name} expands to more than ${limit} bytes, which is not believable for this kind of file.`,
      );
    }
    return expanded;
  },
};
