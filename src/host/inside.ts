// What a thread's script asks of its host, for Node and browsers in one. It stands apart from "#host" and imports nothing:
// import maps do not reach into a page's workers, so that a thread's script must not need one.
import { NeocogError } from "../base/errors.ts";
import type { Inside } from "./host.ts";

const inNode = typeof process !== "undefined" && typeof process.getBuiltinModule === "function";

export const inside: Inside = {
  serve(message) {
    if (!inNode) {
      globalThis.onmessage = (event: MessageEvent<unknown>) => message(event.data);
      return (answer, handedOver = []) => globalThis.postMessage(answer, { transfer: [...handedOver] });
    }
    const port = process.getBuiltinModule("node:worker_threads").parentPort;
    if (!port) throw new NeocogError("This script is no thread: it was started as a program.");
    port.on("message", message);
    return (answer, handedOver = []) => port.postMessage(answer, handedOver);
  },
  enableRelaxedSimd() {
    if (inNode) process.getBuiltinModule("node:v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
  },
};
