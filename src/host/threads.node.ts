// Threads in Node: worker_threads.
import { availableParallelism } from "node:os";
import { arch, versions } from "node:process";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Threads } from "./host.ts";

export const threads: Threads = {
  cores: availableParallelism,
  mayBlock: () => true,
  missing: () => undefined,
  enableRelaxedSimd: () => setFlagsFromString("--experimental-wasm-relaxed-simd"),
  enableWideSimd() {
    // V8 13 (Node 24) on x64 is the first that does it well; older ones know the flag, and gain nothing.
    if (arch !== "x64" || Number.parseInt(versions.v8, 10) < 13) return false;
    setFlagsFromString("--experimental-wasm-revectorize");
    return true;
  },
  mayRefuse: false,
  start({ name, base }, events) {
    // Options of the program (--input-type, loaders) are not for the thread: its script is plain JavaScript.
    const worker = new Worker(new URL(name, base), { execArgv: [] });
    let ending = false;
    worker.on("message", events.message);
    worker.on("error", (error) => {
      if (!ending) events.died(error instanceof Error ? error.message : String(error));
    });
    worker.on("exit", (code) => {
      if (!ending) events.died(`it ended with code ${code}`);
    });
    worker.unref();
    return {
      post: (message) => worker.postMessage(message),
      keep: (alive) => (alive ? worker.ref() : worker.unref()),
      end: async () => {
        ending = true;
        await worker.terminate();
      },
    };
  },
};
