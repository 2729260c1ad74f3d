// What the threads of an engine share and say to each other.
import type { WasmMemory, WasmModule } from "../../../base/web.ts";

/**
 * Words of the shared control array. signal: moves with every run and every message, what idle workers wait on;
 * go: number of runs started; sent: messages posted (a worker that has heard fewer returns to its event loop);
 * executable, start, end: what to run; closing: not zero when all is over.
 */
export const word = { signal: 0, go: 1, sent: 2, executable: 3, start: 4, end: 5, closing: 6 } as const;

export type ToWorker =
  | {
      readonly kind: "start";
      readonly control: Int32Array<SharedArrayBuffer>;
      readonly thread: number;
      readonly threads: number;
    }
  | {
      readonly kind: "load";
      readonly executable: number;
      readonly module: WasmModule;
      readonly memory: WasmMemory;
    }
  | { readonly kind: "release"; readonly executable: number };

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: string };
