// How much memory a model takes, known before anything runs: both plans are compiled and their arenas read off. These are the
// bytes that a run really reserves; an engine adds packed weights and scratch, which it reports itself.
import type { Shape } from "../base/shape.ts";
import { compile } from "../compile/compile.ts";
import type { PlannedMemory } from "../compile/memory.ts";
import { buildModel } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { type StepOptions, trainingStep } from "./step.ts";

export interface ArenaSize {
  /** Bytes of the whole arena. */
  readonly bytes: number;
  /** Weights, running statistics, optimizer state, inputs. */
  readonly persistentBytes: number;
  /** The shared room of everything in between. */
  readonly activationBytes: number;
  /** The largest set of values that must be alive at once: no order of the same steps needs less. */
  readonly leastActivationBytes: number;
}

export interface Footprint {
  readonly inference: ArenaSize;
  readonly training: ArenaSize;
}

const sizeOfPlan = ({ plan, persistentBytes, temporaryBytes, leastTemporaryBytes }: PlannedMemory): ArenaSize => ({
  bytes: plan.arenaBytes,
  persistentBytes,
  activationBytes: temporaryBytes,
  leastActivationBytes: leastTemporaryBytes,
});

/** Memory of inference and of a training step for an input [batch, channels, height, width]. Allocates nothing of that size. */
export function footprint(model: Layer, inputShape: Shape, options: Omit<StepOptions, "inputShape"> = {}): Footprint {
  const built = buildModel(model, inputShape);
  const program = { outputs: { output: built.output }, updates: [] };
  const inference = compile(program, { lowering: "loops", inputs: [built.input] });
  const step = trainingStep(model, { ...options, inputShape });
  const training = compile(step.program, { lowering: "loops", inputs: step.inputs });
  return { inference: sizeOfPlan(inference.memory), training: sizeOfPlan(training.memory) };
}
