// What this machine's WebAssembly can do, asked by validating tiny modules that use each feature.
import { type FunctionBuilder, f32x4 } from "./assembler.ts";
import { ModuleBuilder } from "./module.ts";

export interface Features {
  /** 128-bit vectors: the engine cannot do without. */
  readonly simd: boolean;
  /** Fused multiply-add (f32x4.relaxed_madd). */
  readonly relaxedSimd: boolean;
  /** Pairs of 128-bit operations run as one of 256 bits: tiles of sums may be twice as wide. Opt-in: see wide.ts. */
  readonly wide: boolean;
  /** Shared memory and atomics. */
  readonly threads: boolean;
}

function validates(write: (f: FunctionBuilder) => void, shared = false): boolean {
  const module = new ModuleBuilder();
  module.importMemory({ shared, minimumPages: 1, maximumPages: 1 });
  write(module.function("probe", ["v128"], "v128"));
  return WebAssembly.validate(module.build(false));
}

/** Probes now; `enableRelaxedSimd` may turn on an engine's flag first (Node 20), and is called only when needed. */
export function probeFeatures(enableRelaxedSimd: () => void): Features {
  const simd = validates((f) => f.return(f32x4.add(f.parameters[0], f.parameters[0])));
  const relaxed = (): boolean =>
    validates((f) => f.return(f32x4.relaxed_madd(f.parameters[0], f.parameters[0], f.parameters[0])));
  if (simd && !relaxed()) enableRelaxedSimd();
  return {
    simd,
    relaxedSimd: simd && relaxed(),
    wide: false,
    threads: simd && typeof SharedArrayBuffer !== "undefined" && validates((f) => f.return(f.parameters[0]), true),
  };
}
