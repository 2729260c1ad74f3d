// What Neocog asks of the place it runs in. Two implementations stand behind the package import "#host":
// node.ts and browser.ts, thin lists of parts. Each part is an object that satisfies one interface of this file,
// so that code above says `import { files } from "#host"` and never asks where it is.
import type { Picked, WorkerLike } from "../base/web.ts";

/** What stands at a path, links followed. `other`: what is not to be read as a file, such as a pipe or a device. */
export type Kind = "file" | "folder" | "other";

/** One thing in a folder. */
export interface Entry {
  readonly name: string;
  readonly kind: Kind;
  /** What an `other` is, in words: "a pipe", "a link that leads nowhere". */
  readonly what?: string;
  /** Reached through a link. */
  readonly link?: true;
}

/** What a file holds when it is written: bytes, or text stored as UTF-8. */
export type Content = Uint8Array | string;

/**
 * Files and folders. Paths are the platform's own (a browser takes addresses). Every failure is a DataError of one
 * sentence that names the path; nothing is ever left half-written under its final name.
 */
export interface Files {
  /** The bytes of a regular file, links followed; pipes and devices, which may never end, are refused. */
  readFile(path: string): Promise<Uint8Array>;
  /** The text of a regular UTF-8 file. */
  readText(path: string): Promise<string>;
  /** Files that a page was given, under a path of their own. */
  mount(picked: Picked): Promise<string>;
  /** What stands at the path, or undefined for nothing. */
  kindOf(path: string): Promise<Kind | undefined>;
  /** The one path of what stands there, all links followed: equal for two ways to one file or folder. */
  realPath(path: string): Promise<string>;
  /** The entries of a folder, sorted by name (by code unit, the same everywhere). */
  list(path: string): Promise<Entry[]>;
  /** Makes the folder and those above it; gives the topmost one that was not there before. */
  makeFolder(path: string): Promise<string | undefined>;
  /** Removes a folder that holds nothing; says whether it did. */
  removeEmptyFolder(path: string): Promise<boolean>;
  /** Writes beside the target, syncs, renames: the old file or the new one, never half of either. */
  writeFileAtomic(path: string, content: Content): Promise<void>;
  /** Writes a file and syncs it; a crash may leave half of it, so it is for names that nobody reads yet. */
  writeFile(path: string, content: Content): Promise<void>;
  /** Writes beside the target and renames, without syncing: for what others may read, but can be made again. */
  putFile(path: string, content: Content): Promise<void>;
  /** Removes what killed programs of this machine had begun to write in a folder. */
  sweepFolder(path: string): Promise<void>;
  /** Makes a file that was not there, to last until this program ends; false where it was there. */
  claimFile(path: string, content: Content): Promise<boolean>;
  /** Renames a file; what stood there is replaced at once. */
  move(from: string, to: string): Promise<void>;
  /** Makes what was renamed and removed in a folder last through a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Adds to the end of a file (made where missing), synced. */
  append(path: string, content: Content): Promise<void>;
  /** Removes a file; no complaint where there is nothing. */
  removeFile(path: string): Promise<void>;
  /** Bytes that can still be written where a folder is; undefined where that is not known. */
  freeSpace(path: string): Promise<number | undefined>;
  /** Joins parts of a path. */
  join(...parts: string[]): string;
  /** The last part of a path. */
  baseName(path: string): string;
  /** Paths are addresses on the net: files can be fetched, and there are no folders. */
  readonly onNet: boolean;
  /** The path of a file: address. */
  pathOf(address: string): string;
  /** Where downloads are kept: NEOCOG_DATA, or `neocog` in the platform's cache folder. */
  dataFolder(): string;
  /** Compresses with gzip; equal input gives equal bytes. */
  gzip(bytes: Uint8Array): Promise<Uint8Array>;
  /** Expands gzip data, to at most `limit` bytes; broken or larger data is a DataError that names `name`. */
  gunzip(bytes: Uint8Array, name: string, limit?: number): Promise<Uint8Array>;
}

/** Pixels row by row, channels innermost (HWC), 0..255. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What a picture's header says; height and width are as seen, after the EXIF rotation. */
export interface PictureHeader {
  readonly height: number;
  readonly width: number;
  readonly gray: boolean;
}

/** Pictures: PNG, JPEG, WebP, GIF and what else the host can read. Broken ones throw a DataError that names `name`. */
export interface Pictures {
  readHeader(bytes: Uint8Array, name: string): Promise<PictureHeader>;
  /** Decodes to red, green and blue at the picture's own size: turned as EXIF says, on white; the first frame. */
  decode(bytes: Uint8Array, name: string): Promise<Pixels>;
  /** The pixels of what the host can draw: an ImageBitmap, a canvas, an element that shows a picture. */
  draw(source: object, name: string): Promise<Pixels>;
  /** The bytes at an address: of a file, or over http. */
  fetch(address: string): Promise<Uint8Array>;
  encodePng(pixels: Pixels): Promise<Uint8Array>;
  /** For showing only: what is lost is not seen. Red, green and blue. */
  encodeJpeg(pixels: Pixels): Promise<Uint8Array>;
}

/** A program that writes somewhere, as others can know it later. */
export interface Owner {
  /** Machine or browser. */
  readonly machine: string;
  /** One start of the machine, or one page. */
  readonly session: string;
  /** Process, with the moment it started in ticks of the system where that is known. */
  readonly process?: number;
  readonly started?: string;
}

/** Tells a living writer from one that was killed. */
export interface Owners {
  /** This program, to be written down; it counts as alive at least until `end` is called. */
  claim(): Promise<{ readonly owner: Owner; end(): void }>;
  /** `unknown`: it runs, or ran, where this program cannot look. */
  stateOf(owner: Owner): Promise<"alive" | "dead" | "unknown">;
}

/** Bytes of memory, where the host tells them. */
export interface Memory {
  /** The most that this program has taken so far. */
  peak(): number | undefined;
  /** What can still be taken. */
  free(): number | undefined;
}

/** Time. */
export interface Clock {
  /** Milliseconds that only go forward. */
  now(): number;
  /** The date and time, ISO 8601 in UTC. */
  today(): string;
  /** Lets timers, input and signals have their turn, then goes on. */
  breathe(): Promise<void>;
}

/** A thread that runs a script of its own. */
export interface Thread {
  post(message: unknown): void;
  /** Whether the thread keeps the program from ending; a new one does not. */
  keep(alive: boolean): void;
  end(): Promise<void>;
}

/** What a thread tells the one that started it. */
export interface ThreadEvents {
  readonly message: (message: unknown) => void;
  /** It ended though nobody asked it to. */
  readonly died: (reason: string) => void;
}

/** Threads: one per core at best; they share memory where the host allows it. */
export interface Threads {
  /** Cores that this program may use. */
  cores(): number;
  /** Whether the calling thread may wait for others without returning to its event loop (a page must not). */
  mayBlock(): boolean;
  /** Why memory cannot be shared with threads here, in one sentence; undefined where it can. */
  missing(): string | undefined;
  /** Turns on fused multiply-add in WebAssembly where that takes a flag. */
  enableRelaxedSimd(): void;
  /** Asks the machine to join pairs of 128-bit operations to 256-bit ones; says whether it is one that can. */
  enableWideSimd(): boolean;
  /** Whether a thread may fail to start (a page's policy, a file that a bundler left behind), so that one should wait for it. */
  readonly mayRefuse: boolean;
  start(script: ThreadScript, events: ThreadEvents): Thread;
}

/** The script of a thread, which itself imports nothing by a bare name: a page's import map does not reach it. */
export interface ThreadScript {
  /** Its name, and the address of the script that starts it. */
  readonly name: string;
  readonly base: string;
  /** `new Worker(new URL(name, base), { type: "module" })` spelt out, as bundlers want to see it. */
  readonly worker: () => WorkerLike;
}

/** What a thread's script asks of its host (inside.ts). */
export interface Inside {
  /** Hears messages, and answers by the function it gives back; buffers that are handed over are not copied. */
  serve(message: (message: unknown) => void): (answer: unknown, handedOver?: readonly ArrayBuffer[]) => void;
  enableRelaxedSimd(): void;
}
