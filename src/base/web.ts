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
