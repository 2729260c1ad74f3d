// A network compiled ahead of time, for one picture and one thread: the engine's own plan and programs, without the engine.
import { NeocogError } from "../base/errors.ts";
import { compile } from "../compile/compile.ts";
import { freeze } from "../compile/freeze.ts";
import { inputShape, type Preprocessing } from "../data/preprocessing.ts";
import { buildProgram, type Program } from "../engines/wasm/run/program.ts";
import type { Plan, Slot } from "../kernel/plan.ts";
import { sourceOf } from "../nn/source.ts";
import { checkWeights } from "../use/network.ts";
import { type AnyTask, type TaskName, taskOf } from "../use/tasks/list.ts";
import type { ClassifierModel } from "../use/trained.ts";

export interface CompiledModel {
  readonly plan: Plan;
  readonly input: Slot;
  readonly output: Slot;
  /** With fused multiply-add where it is asked for, and without. */
  readonly programs: readonly Program[];
}

export async function compileModel(
  trained: ClassifierModel<TaskName>,
  form: Preprocessing,
  fused: boolean,
): Promise<CompiledModel> {
  const task: AnyTask = taskOf(trained);
  const source = sourceOf(trained.model);
  if (source.fixedBatch !== undefined && source.fixedBatch !== 1)
    throw new NeocogError(`A bundle takes one picture at a time, but this network takes ${source.fixedBatch}.`);
  const built = source.build(inputShape(form, 1));
  checkWeights(trained.weights, built.variables);
  const program = { outputs: { answers: task.head(built.output, trained) }, updates: [] };
  const frozen = freeze(program, (name, initial) => trained.weights.get(name) ?? initial());
  const { lowered, memory } = compile(frozen, { lowering: "loops", inputs: [built.input] });
  const { plan } = memory;
  const host = plan.steps.find(({ kernel }) => kernel.kind === "host");
  if (host)
    throw new NeocogError(`A bundle has only WebAssembly, and ${host.label} is computed by JavaScript of the library.`);
  const programs: Program[] = [];
  for (const relaxedSimd of fused ? [true, false] : [false]) {
    const features = { simd: true, relaxedSimd, wide: false, threads: false };
    programs.push(await buildProgram(plan, { features, threads: 1, shared: false, spins: 0 }));
  }
  const input = plan.slots.find(({ role }) => role === "input");
  const output = plan.slots.find(({ id }) => id === lowered.outputs.answers);
  if (!input || !output)
    throw new NeocogError("The network gives the same answer to every picture; there is nothing to bundle.");
  return { plan, input, output, programs };
}
