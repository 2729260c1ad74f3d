// The long road: graphs built, compiled and run by hand, with gradients, down to the code that an engine makes.
//
//   import { gradients, input, openSession, variable } from "neocog/graph";

// ---- tensors --------------------------------------------------------------------------------------------------------

export { constantTensor, input, type Node, scalar, type Tensor, variable, withPath } from "../graph/graph.ts";
export { printGraph } from "../graph/print.ts";

// ---- models as graphs -----------------------------------------------------------------------------------------------

export { type BuildOptions, type BuiltModel, build, type LayerRecord } from "../nn/build.ts";
export { type BuiltSource, type ModelSource, type SourceLayer, sourceOf } from "../nn/source.ts";
export {
  initialState,
  type LoadedState,
  type LoadOptions,
  loadState,
  stateShapes,
  variableOf,
  variablesOf,
} from "../nn/state.ts";

// ---- gradients, steps of training -----------------------------------------------------------------------------------

export { gradients } from "../compile/grad.ts";
export { learningRate } from "../train/schedules.ts";
export { type StepOptions, type TrainingStep, trainingStep } from "../train/step.ts";

// ---- running --------------------------------------------------------------------------------------------------------

export { type Compiled, type CompileOptions, compile } from "../compile/compile.ts";
export type { Program, Update } from "../compile/program.ts";
export { printPlan, printSteps } from "../kernel/print.ts";
export { openSession, runOnce, type Session, type SessionOptions, type State } from "../run/session.ts";

// ---- engines: by hand -----------------------------------------------------------------------------------------------

export type { Executable, MemoryReport } from "../engines/engine.ts";
export { referenceEngine } from "../engines/reference/engine.ts";
export { disassemble } from "../engines/wasm/code/disassemble.ts";
export { type WasmEngine, type WasmOptions, wasmEngine } from "../engines/wasm/run/engine.ts";
export type { Program as WasmProgram } from "../engines/wasm/run/program.ts";

// ---- verifying: the same answer in every engine ---------------------------------------------------------------------

export {
  compareTraces,
  distinctLayers,
  type LayerDifference,
  type Trace,
  type TracedLayer,
  traceLayers,
  type Verification,
  verify,
} from "../use/verify.ts";
