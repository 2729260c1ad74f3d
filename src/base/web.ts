// What is used of the web's objects, by its form: the public types name neither DOM nor Node, so that a program can be
// compiled without either, and the objects of both fit.

/** What is used of an AbortSignal: `new AbortController().signal`. */
export interface StopSignal {
  /** Whether the work is to stop. */
  readonly aborted: boolean;
  /** Why; what the promise is then rejected with. */
  readonly reason: unknown;
  addEventListener(kind: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(kind: "abort", listener: () => void): void;
  throwIfAborted(): void;
}

/** What is used of a browser's worker. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
}

/** A WebAssembly.Module: nothing is asked of it. */
export type WasmModule = object;

/** What is used of a WebAssembly.Memory. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of a browser's File. */
export interface PickedFile {
  /** Its name. */
  readonly name: string;
  /** Its path, where the folder that it lies in was picked: "photos/cat/1.png". */
  readonly webkitRelativePath?: string;
  /** Its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What is used of a browser's FileSystemDirectoryHandle. */
export interface PickedFolder {
  /** A folder, not a file. */
  readonly kind: "directory";
  /** Its name. */
  readonly name: string;
}

/** What the user of a page picked or dropped: a folder, or several folders and files, such as a FileList. */
export type Picked = PickedFolder | ArrayLike<PickedFolder | PickedFile>;
