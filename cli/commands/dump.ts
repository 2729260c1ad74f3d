// `neocog dump lenet --stage plan`: what each pass of the compiler gives, as text.
//
//   graph    the network as nodes           grad   with the loss and the gradients of all parameters
//   kernels  loops of the waist, fused      plan   the same with every slot's place in the arena
//   choice   the strategies that take each of these loops, and how long each is expected to take
//   program  the phases that the WASM engine made of it, with the strategy of each
//   wat      the WebAssembly module of the program, as text

import { bytes } from "../../src/base/amounts.ts";
import {
  type BuiltModel,
  build,
  type Compiled,
  compile,
  disassemble,
  gradients,
  input,
  type Program,
  printGraph,
  printPlan,
  printSteps,
  variableOf,
  type WasmProgram,
  wasmEngine,
} from "../../src/doors/graph.ts";
import { crossEntropy } from "../../src/doors/ops.ts";
import type { dumpCard, stages } from "../cards/dump.ts";
import { type Run, UsageError } from "../command.ts";
import { findNetwork } from "../model.ts";

export const run: Run<typeof dumpCard> = async (
  [name],
  { stage = "graph", input: form, classes, batch = 1, training = false, formulas = false },
) => {
  if (training && stage === "grad")
    throw new UsageError("--training has no effect on --stage grad, which has the gradients anyway; leave it out.");
  if (formulas && stage !== "kernels")
    throw new UsageError(`--formulas has no effect on --stage ${stage}; it is for --stage kernels.`);
  const model = await findNetwork(name, { input: form, classes });
  const built = build(model.layer, [batch, ...model.input], { training: training || stage === "grad" });
  const program = training || stage === "grad" ? withGradients(built) : answer(built);
  const lines = await print(stage, program, formulas);
  return { json: { model: name, stage, lines }, lines: () => lines };
};

const answer = ({ output }: BuiltModel): Program => ({ outputs: { output }, updates: [] });

function withGradients(built: BuiltModel): Program {
  const labels = input("labels", [built.output.shape[0]], "int32");
  const loss = crossEntropy(built.output, labels);
  const parameters = built.variables.filter((tensor) => variableOf(tensor).trainable);
  const slopes = gradients([loss], parameters);
  const named = parameters.map((tensor, i) => [`d ${variableOf(tensor).name}`, slopes[i]] as const);
  return { outputs: { loss, ...Object.fromEntries(named) }, updates: built.updates };
}

async function print(stage: (typeof stages)[number], program: Program, formulas: boolean): Promise<string[]> {
  if (stage === "graph" || stage === "grad") return linesOf(printGraph(program.outputs));
  const compiled = compile(program, { lowering: "loops" });
  if (stage === "kernels") return linesOf(printSteps(compiled.lowered.steps, formulas));
  if (stage === "plan") return [memoryLine(compiled), ...linesOf(printPlan(compiled.memory.plan))];
  return withProgram(compiled, { choice: printChoices, program: printProgram, wat: printCode }[stage]);
}

/** The library writes names in its texts without their line breaks. */
const linesOf = (text: string): string[] => text.split("\n");

function memoryLine({ memory }: Compiled): string {
  const { persistentBytes, temporaryBytes, leastTemporaryBytes } = memory;
  return `kept ${bytes(persistentBytes)}, shared by temporaries ${bytes(temporaryBytes)} (no plan can need less than ${bytes(leastTemporaryBytes)})`;
}

/** Hands over what the WASM engine makes of a plan. */
async function withProgram({ memory }: Compiled, use: (program: WasmProgram) => string[]): Promise<string[]> {
  const engine = await wasmEngine();
  try {
    const executable = await engine.compile(memory.plan);
    const text = use(executable.program);
    executable.release();
    return text;
  } finally {
    await engine.close();
  }
}

const printCode = ({ module }: WasmProgram): string[] => linesOf(disassemble(module));

/** Estimated nanoseconds. */
const guess = (time: number): string => `${(time / 1000).toFixed(1)} µs`.padStart(12);

function printChoices({ choices }: WasmProgram): string[] {
  const lines = choices.flatMap(({ step, chosen, ways }) => {
    const width = Math.max(...ways.map(({ name }) => name.length));
    return [
      step,
      ...ways.map(({ name, time }) => `  ${name.padEnd(width)}${guess(time)}${name === chosen ? "  chosen" : ""}`),
    ];
  });
  return ["times on one thread, at a guess", "", ...lines];
}

function printProgram({ records, module, memoryBytes, keptBytes, scratchBytes }: WasmProgram): string[] {
  const width = Math.max(0, ...records.map((record) => record.name.length));
  const lines = records.map(
    ({ name, label, items, work }) =>
      `${name.padEnd(width)}  ${String(items).padStart(7)} items ${guess(work)} at a guess   # ${label}`,
  );
  const head = `module ${bytes(module.length)}, memory ${bytes(memoryBytes)}: packed weights and tables ${bytes(keptBytes)}, scratch ${bytes(scratchBytes)}`;
  return [head, "", ...lines];
}
