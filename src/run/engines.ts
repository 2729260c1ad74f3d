// The engines by name. "auto" is the fastest that this machine can run: WebAssembly with vectors, or plain JavaScript.

import { understand } from "../base/arguments.ts";
import { unknownName } from "../base/errors.ts";
import {
  options as byName,
  flag,
  type OptionsOf,
  oneOf,
  optional,
  type Rules,
  signal as signalRule,
  whole,
} from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import type { Engine } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { probeFeatures } from "../engines/wasm/code/features.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";

/** The names of the engines. */
export const engineNames = ["auto", "wasm", "reference"] as const;
/** The name of an engine; "auto" is the fastest of this machine. */
export type EngineName = (typeof engineNames)[number];

/** Options of openEngine. */
export interface EngineOptions {
  /** Threads that take part; all cores unless told. The reference engine has one. */
  readonly threads?: number;
  /** 256-bit arithmetic by an experimental option of V8 (Node 24 and newer, x64): about 1.5 times faster. */
  readonly wide?: boolean;
  /**
   * Computes every sum as it is written: no Winograd, whose rounding depends on where a tile begins and leaves specks where
   * zeros belong. Slower; for measuring what is exact.
   */
  readonly direct?: boolean;
  /** Every run of this engine hears it, and rejects with its reason once it fires. */
  readonly signal?: StopSignal;
}

const engineRules = { threads: whole(1), wide: flag, direct: flag, signal: signalRule } satisfies Rules<EngineOptions>;

/**
 * Opens an engine, the best of this machine unless told; close it when nothing is to run any more. Throws where the
 * named engine cannot run here.
 */
export async function openEngine(name: EngineName = "auto", options: EngineOptions = {}): Promise<Engine> {
  understand("openEngine", arguments, {
    name: optional(oneOf(engineNames)),
    options: byName<OptionsOf<typeof openEngine>>(engineRules),
  });
  const { signal, ...rest } = options;
  return stoppable(await openNamed(name, rest), signal);
}

async function openNamed(name: EngineName, options: Omit<EngineOptions, "signal">): Promise<Engine> {
  const wasm = (): Promise<Engine> => {
    const { direct = false, ...rest } = options;
    return wasmEngine(direct ? { ...rest, choose: (ways) => ways.find(({ exact }) => exact) } : rest);
  };
  const reference = async (): Promise<Engine> => (await import("../engines/reference/engine.ts")).referenceEngine();
  switch (name) {
    case "auto":
      return probeFeatures(() => {}).simd ? wasm() : reference();
    case "wasm":
      return wasm();
    case "reference":
      return reference();
    default:
      throw unknownName("engine", name, engineNames);
  }
}
