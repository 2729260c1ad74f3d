// The engines that the conformance harness runs. `epsilon` is the rounding of one operation in that engine.
import type { Engine } from "../src/engines/engine.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";

export interface TestEngine {
  readonly name: string;
  readonly epsilon: number;
  /** The engine is made once and shared by all checks. */
  make(): Promise<Engine>;
}

/** The reference engine's loops: what each op lowers to, fused, in float64. */
const loops: TestEngine = {
  name: "reference, loops",
  epsilon: 2 ** -50,
  make: async () => ({ ...referenceEngine(), lowering: "loops" }),
};

export const testEngines: readonly TestEngine[] = [loops];
