// The public door: everything a user imports, grouped as it is used. Names below it may move; these stay.

export { explainWindow, type WindowAnswer, type WindowQuestion } from "./analyze/window.ts";
export { filled, fromNested, type NdArray, type Nested, type Numbers, ndarray, toNested } from "./base/array.ts";
export type { DType } from "./base/dtype.ts";
export { DataError, NeocogError, nearest, ShapeError, unknownName } from "./base/errors.ts";
export { formatShape, type Shape, sizeOf } from "./base/shape.ts";
export { locateMnist } from "./data/mnist.ts";
export { type WasmEngine, wasmEngine } from "./engines/wasm/engine.ts";
export type { Padding } from "./ops/geometry.ts";
