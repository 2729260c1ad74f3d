// From what a user names to a store: a path, an address, a zip, a directory handle.
import { files } from "#host";
import { DataError, NeocogError } from "../../base/errors.ts";
import type { Rule } from "../../base/rules.ts";
import { addressStore, fetchBytes } from "./address.ts";
import { folderStore } from "./folder.ts";
import { type DirectoryHandle, handleStore } from "./handle.ts";
import type { Store, WritableStore } from "./store.ts";

/** What is used of a Blob or File. */
export interface BlobLike {
  /** Its bytes. */
  readonly size: number;
  /** Its media type, such as "application/zip". */
  readonly type: string;
  /** The bytes themselves. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What is used of a URL. */
export interface UrlLike {
  /** The whole address. */
  readonly href: string;
  /** "https:", "file:", … */
  readonly protocol: string;
}

/**
 * Where a model lies: the path of a folder or zip (in a page: its address), the address of a folder behind any static
 * server or of a zip, the bytes of a zip, a Blob or File that is one, or a directory handle of a page.
 */
export type ModelLocation = string | UrlLike | Uint8Array | BlobLike | DirectoryHandle;

/** Where a model can be written: the path of a folder, or a directory handle of a page. */
export type ModelTarget = string | UrlLike | DirectoryHandle;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const isHandle = (value: unknown): value is DirectoryHandle =>
  isObject(value) && value.kind === "directory" && typeof value.getFileHandle === "function";

const isBlob = (value: unknown): value is BlobLike => isObject(value) && typeof value.arrayBuffer === "function";

const isUrl = (value: unknown): value is UrlLike => isObject(value) && typeof value.href === "string";

const isNamed = (value: unknown): value is string | UrlLike =>
  (typeof value === "string" && value !== "") || isUrl(value);

export const locationRule: Rule = {
  must: "a path, an address, the bytes of a zip, a Blob or a directory handle",
  accepts: (value) => isNamed(value) || value instanceof Uint8Array || isBlob(value) || isHandle(value),
};

export const targetRule: Rule = {
  must: "a path or a directory handle",
  accepts: (value) => isNamed(value) || isHandle(value),
};

/** Whether what a text names is fetched. */
export const isOnNet = (text: string): boolean => files.onNet || /^(https?|blob|data):/i.test(text);

/** The path or address of what is named by text or URL. */
export function named(location: string | UrlLike): string;
export function named(location: ModelLocation): string | undefined;
export function named(location: ModelLocation): string | undefined {
  if (!isNamed(location)) return undefined;
  if (typeof location === "string") return /^file:/i.test(location) ? files.pathOf(location) : location;
  return location.protocol === "file:" ? files.pathOf(location.href) : location.href;
}

/** What is given by itself, bytes or a Blob: its bytes, with the name that it has. */
export async function contentOf(
  location: ModelLocation,
  nameless = "the file",
): Promise<{ readonly title: string; readonly bytes: Uint8Array } | undefined> {
  if (location instanceof Uint8Array) return { title: nameless, bytes: location };
  if (!isBlob(location)) return undefined;
  const { name } = location as { readonly name?: unknown };
  const title = typeof name === "string" && name !== "" ? name : nameless;
  return { title, bytes: new Uint8Array(await location.arrayBuffer()) };
}

/** The folder around a file of a model, which must have one. */
export function folderOf(location: ModelLocation): ModelLocation {
  const place = named(location);
  if (place === undefined)
    throw new DataError("One file of a model folder is no model; give the folder, or a zip of it.");
  return isOnNet(place) ? place : place.slice(0, place.length - files.baseName(place).length) || ".";
}

/** `wanted`: the names that will be read. */
export async function storeOf(location: ModelLocation, wanted: readonly string[]): Promise<Store> {
  if (isHandle(location)) return handleStore(location);
  const content = await contentOf(location, "the zip");
  if (content) return opened(content.bytes, content.title, wanted);
  const title = named(location as string | UrlLike);
  if (isOnNet(title)) {
    const isFile = /^(blob|data):/i.test(title) || /\.zip($|[?#])/i.test(title);
    return isFile ? opened(await fetchBytes(title), title, wanted) : addressStore(title);
  }
  const kind = await files.kindOf(title);
  if (kind === undefined) throw new DataError(`There is no model folder ${title}.`);
  return kind === "folder" ? folderStore(title) : opened(await files.readFile(title), title, wanted);
}

/** Whether bytes begin as a zip does. */
export const isArchive = (bytes: Uint8Array): boolean =>
  bytes.length >= 22 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] <= 5;

/** What reads a zip is loaded with the first. */
async function opened(bytes: Uint8Array, title: string, wanted: readonly string[]): Promise<Store> {
  if (!isArchive(bytes)) throw new DataError(`${title} is neither a model folder nor a zip of one.`);
  const { archiveStore } = await import("./archive.ts");
  return archiveStore(bytes, title, wanted);
}

export function targetOf(target: ModelTarget): WritableStore {
  if (isHandle(target)) return handleStore(target);
  const path = named(target);
  if (!isOnNet(path)) return folderStore(path);
  throw new NeocogError(
    `${path} is an address and cannot be written to; a page writes to a directory handle, or offers modelZip(trained) for download.`,
  );
}

/** Whether a target is the path of a zip file. */
export const zipPathOf = (target: ModelTarget): string | undefined => {
  if (isHandle(target)) return undefined;
  const path = named(target);
  return /\.zip$/i.test(path) && !isOnNet(path) ? path : undefined;
};
