// The public door: everything a user imports, grouped as it is used. Names below it may move; these stay.

export type { ReceptiveAxis } from "./analyze/receptive.ts";
export { type Summary, type SummaryRow, summary } from "./analyze/summary.ts";
export { explainWindow, type WindowAnswer, type WindowQuestion } from "./analyze/window.ts";
export { filled, fromNested, type NdArray, type Nested, type Numbers, ndarray, toNested } from "./base/array.ts";
export type { DType } from "./base/dtype.ts";
export { DataError, NeocogError, nearest, ShapeError, unknownName } from "./base/errors.ts";
export { formatShape, type Shape, sizeOf } from "./base/shape.ts";
export { type Compiled, compile } from "./compile/compile.ts";
export { gradients } from "./compile/grad.ts";
export type { Program } from "./compile/program.ts";
export { locateMnist } from "./data/mnist.ts";
export { type WasmEngine, wasmEngine } from "./engines/wasm/engine.ts";
export { input } from "./graph/graph.ts";
export { printGraph } from "./graph/print.ts";
export { printPlan, printSteps } from "./kernel/print.ts";
export { type BuiltModel, buildModel } from "./nn/build.ts";
export type { Layer } from "./nn/layer.ts";
export { createModel } from "./nn/models/list.ts";
export { variableOf } from "./nn/state.ts";
export type { Padding } from "./ops/geometry.ts";
export { crossEntropy } from "./ops/loss.ts";
export { type EngineName, engineNames, openEngine } from "./run/engines.ts";
export { openSession, type Session } from "./run/session.ts";
export { Adam, AdamW, type OptimizerDescription, RMSprop, SGD } from "./train/optimizers/optimizer.ts";
export { type StepOptions, type TrainingStep, trainingStep } from "./train/step.ts";
