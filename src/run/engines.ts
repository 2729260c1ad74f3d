// The engines by name. "auto" is the fastest that this machine can run: WebAssembly with vectors, or plain JavaScript.
import { unknownName } from "../base/errors.ts";
import type { Engine } from "../engines/engine.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { wasmEngine } from "../engines/wasm/engine.ts";
import { probeFeatures } from "../engines/wasm/features.ts";

export const engineNames = ["auto", "wasm", "reference"] as const;
export type EngineName = (typeof engineNames)[number];

export interface EngineOptions {
  /** Threads that take part; all cores unless told. The reference engine has one. */
  readonly threads?: number;
}

/** Opens an engine; close it when nothing is to run any more. */
export async function openEngine(name: EngineName = "auto", options: EngineOptions = {}): Promise<Engine> {
  switch (name) {
    case "auto":
      return probeFeatures(() => {}).simd ? wasmEngine(options) : referenceEngine();
    case "wasm":
      return wasmEngine(options);
    case "reference":
      return referenceEngine();
    default:
      throw unknownName("engine", name, engineNames);
  }
}
