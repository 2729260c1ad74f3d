// A compiled program with its memory, on one thread.
import type { WasmMemory, WasmModule } from "../../../base/web.ts";
import { hostMath } from "../scalar/host.ts";
import { control } from "./runtime.ts";

export interface Instance {
  readonly main: (thread: number, threads: number, start: number, end: number, resumed: number) => number;
  readonly reset: (start: number, end: number) => void;
  /** Makes the others leave their barriers. */
  readonly abort: () => void;
}

export function instantiate(module: WasmModule, given: WasmMemory): Instance {
  const memory = given as WebAssembly.Memory;
  const { exports } = new WebAssembly.Instance(module, {
    host: { memory },
    math: { ...hostMath },
    clock: { now: () => performance.timeOrigin + performance.now() },
  });
  return {
    main: exports.main as Instance["main"],
    reset: exports.reset as Instance["reset"],
    abort() {
      const words = new Int32Array(memory.buffer, 0, control.end / 4);
      Atomics.store(words, control.abort / 4, 1);
      Atomics.add(words, control.generation / 4, 1);
      if (memory.buffer instanceof SharedArrayBuffer) Atomics.notify(words, control.generation / 4);
    },
  };
}
