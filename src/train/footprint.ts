// How much memory a model takes, known before anything runs: both plans are compiled and their arenas read off. These are the
// bytes that a run really reserves. Where an engine is given, what it adds is told beside: packed weights and scratch.
import { understand } from "../base/arguments.ts";
import { options as byName, type OptionsOf, shape as shapeRule } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import { compile } from "../compile/compile.ts";
import type { PlannedMemory } from "../compile/memory.ts";
import { type Engine, engineRule } from "../engines/engine.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { layer as layerRule } from "../nn/rules.ts";
import { usualTask } from "../use/tasks/list.ts";
import { type StepOptions, stepRules, trainingStep } from "./step.ts";

/** Bytes that a plan takes. */
export interface ArenaSize {
  /** Bytes of the whole arena. */
  readonly bytes: number;
  /** Weights, running statistics, optimizer state, inputs. */
  readonly persistentBytes: number;
  /** The shared room of everything in between. */
  readonly activationBytes: number;
  /** The largest set of values that must be alive at once: no order of the same steps needs less. */
  readonly leastActivationBytes: number;
  /** In the engine beside the arena: weights packed for its loops, and room of steps and threads; 0 without an engine. */
  readonly packedBytes: number;
  /** Room for single steps and for threads; 0 without an engine. */
  readonly scratchBytes: number;
}

/** Options of footprint. */
export interface FootprintOptions extends Omit<StepOptions, "inputShape"> {
  /** Where the plans would run. */
  readonly engine?: Engine;
}

/** Memory of inference and of training. */
export interface Footprint {
  /** Answering a batch of that shape. */
  readonly inference: ArenaSize;
  /** One training step on a batch of that shape. */
  readonly training: ArenaSize;
}

async function sizeOfPlan(memory: PlannedMemory, engine: Engine | undefined): Promise<ArenaSize> {
  const { packedBytes, scratchBytes } = (await engine?.memoryOf(memory.plan)) ?? { packedBytes: 0, scratchBytes: 0 };
  return {
    bytes: memory.plan.arenaBytes,
    persistentBytes: memory.persistentBytes,
    activationBytes: memory.temporaryBytes,
    leastActivationBytes: memory.leastTemporaryBytes,
    packedBytes,
    scratchBytes,
  };
}

/**
 * Bytes of inference and of one training step for an input [batch, channels, height, width], known before anything
 * runs: `await footprint(model, [64, 1, 28, 28])`. Allocates nothing of that size. The training of a model that makes maps is that
 * of pictures unless a task is told. Throws for a model that does not fit the input, or gives neither logits nor maps.
 */
export async function footprint(model: Layer, inputShape: Shape, options: FootprintOptions = {}): Promise<Footprint> {
  understand("footprint", arguments, {
    model: layerRule,
    inputShape: shapeRule(1),
    options: byName<OptionsOf<typeof footprint>>({ ...stepRules, engine: engineRule }),
  });
  const { engine, ...rest } = options;
  const built = build(model, inputShape);
  const program = { outputs: { output: built.output }, updates: [] };
  const inference = compile(program, { lowering: "loops", inputs: [built.input] });
  // Nobody need say of a network that makes maps that it tells no classes.
  const task = built.output.shape.length === 4 ? "image-to-image" : usualTask;
  const step = trainingStep(model, { task, ...rest, inputShape });
  const training = compile(step.program, { lowering: "loops", inputs: step.inputs });
  return {
    inference: await sizeOfPlan(inference.memory, engine),
    training: await sizeOfPlan(training.memory, engine),
  };
}
