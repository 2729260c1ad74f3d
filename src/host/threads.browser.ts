// Threads in a browser: module workers. Memory is shared only on pages that are cross-origin isolated.
import type { Threads } from "./host.ts";

export const threads: Threads = {
  cores: () => navigator.hardwareConcurrency ?? 1,
  // Only workers may wait; a page is what has a window.
  mayBlock: () => typeof window === "undefined",
  missing() {
    if (globalThis.crossOriginIsolated) return undefined;
    return (
      "Threads are off: the page is not cross-origin isolated; serve it with the headers " +
      "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp."
    );
  },
  enableRelaxedSimd: () => {},
  enableWideSimd: () => false,
  mayRefuse: true,
  start({ worker: open }, events) {
    // A page's worker: only what is used of it stands in the public types.
    const worker = open() as Worker;
    worker.onmessage = (event: MessageEvent<unknown>) => events.message(event.data);
    worker.onerror = (event) => events.died(event.message || "its script could not be loaded");
    return {
      post: (message) => worker.postMessage(message),
      keep: () => {},
      end: async () => worker.terminate(),
    };
  },
};
