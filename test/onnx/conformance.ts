// The official ONNX conformance cases (Debian package libonnx-testdata): which of them are in scope, and running them.
//
//   node dist/test/onnx/conformance.js [--engine reference|wasm] [--scope vision|wide] [name…]
//
// In scope of "vision" is a case whose operators are all of the vision set and whose tensors are float32, int64, int32 or
// bool; "wide" adds more operators and element types. Tolerances are the suite's own: rtol 1e-3, atol 1e-7.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { NdArray } from "../../src/base/array.ts";
import { formatShape, sameShape } from "../../src/base/shape.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { wasmEngine } from "../../src/engines/wasm/run/engine.ts";
import { type ImportedGraph, NeedsValueError, onnxGraph } from "../../src/io/onnx/import.ts";
import { readModel } from "../../src/io/onnx/model.ts";
import { type OnnxGraph, type OnnxModel, type OnnxTensor, tensorSchema } from "../../src/io/onnx/schema.ts";
import { elementTypes, readTensor } from "../../src/io/onnx/tensor.ts";
import { readMessage } from "../../src/io/onnx/wire.ts";
import { openSession } from "../../src/run/session.ts";
import { find } from "../outside.ts";

const root = find("onnxTestData");
const groups = ["node", "pytorch-converted", "pytorch-operator", "simple"] as const;

export type Scope = "vision" | "wide";

const vision = new Set(
  `Conv ConvTranspose MaxPool AveragePool GlobalAveragePool GlobalMaxPool BatchNormalization InstanceNormalization LRN
  Relu LeakyRelu PRelu Elu Celu Selu ThresholdedRelu HardSigmoid HardSwish Sigmoid Tanh Softplus Softsign Clip
  Add Sub Mul Div Pow Neg Abs Sign Reciprocal Sqrt Exp Log Floor Ceil Round Erf Min Max Sum Mean
  Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh IsNaN IsInf
  Equal Less LessOrEqual Greater GreaterOrEqual Where MatMul Gemm Softmax LogSoftmax
  ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax ArgMin
  Concat Split Slice Reshape Flatten Transpose Squeeze Unsqueeze Expand Tile Pad Resize Upsample DepthToSpace SpaceToDepth
  Gather OneHot Range Shape Size Constant ConstantOfShape Cast Identity Dropout`.split(/\s+/),
);

const wider = new Set(
  `And Or Xor Not LayerNormalization GridSample NonMaxSuppression TopK CumSum Mod SoftmaxCrossEntropyLoss
  NegativeLogLikelihoodLoss QuantizeLinear DequantizeLinear QLinearConv ConvInteger Trilu GatherElements ScatterElements
  CastLike Hardmax Shrink EyeLike MeanVarianceNormalization If BitShift GatherND ScatterND Scatter MaxUnpool
  QLinearMatMul MatMulInteger Einsum DynamicQuantizeLinear ReverseSequence RNN GRU LSTM Loop
  RoiAlign DeformConv Col2Im CenterCropPad AffineGrid Attention`.split(/\s+/),
);

/** float32, int32, int64, bool; the wide scope adds the other types that Neocog holds. */
const visionTypes = new Set([1, 6, 7, 9]);
const wideTypes = new Set([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]);

export interface Case {
  readonly name: string;
  readonly folder: string;
  readonly model: OnnxModel;
}

export interface Outcome {
  readonly name: string;
  /** Empty for a pass. */
  readonly failure: string;
}

export function* allCases(): Generator<Case> {
  if (root === undefined) return;
  for (const group of groups) {
    for (const name of readdirSync(join(root, group)).sort()) {
      const folder = join(root, group, name);
      const file = join(folder, "model.onnx");
      if (existsSync(file)) yield { name: `${group}/${name}`, folder, model: readModel(readFileSync(file)) };
    }
  }
}

/** Why a case is out of scope, or undefined. */
export function outOfScope({ model, name }: Case, scope: Scope): string | undefined {
  const graph = model.graph!;
  const operators = new Set<string>();
  const types = new Set<number | string>();
  collect(graph, operators, types);
  const known = scope === "vision" ? vision : new Set([...vision, ...wider]);
  const foreign = [...operators].filter((operator) => !known.has(operator));
  if (foreign.length > 0) return `operator ${foreign.sort().join(", ")}`;
  const held = scope === "vision" ? visionTypes : wideTypes;
  const strange = [...types].filter((type) => typeof type === "string" || !held.has(type));
  if (strange.length > 0)
    return `element type ${strange
      .map((type) => (typeof type === "string" ? type : (elementTypes[type]?.name ?? type)))
      .sort()
      .join(", ")}`;
  if (/test_training_dropout/.test(name)) return "random numbers of another library (dropout in training mode)";
  if (/dynamicquantizelinear/.test(name)) return "a half that only the rounding of float32 decides";
  return undefined;
}

function collect(graph: OnnxGraph, operators: Set<string>, types: Set<number | string>): void {
  for (const { type } of [...graph.inputs, ...graph.outputs, ...graph.valueInfos]) {
    if (type?.tensor) types.add(type.tensor.elementType ?? 0);
    else if (type) types.add(type.sequence ? "sequence" : type.optional ? "optional" : "other");
  }
  for (const tensor of graph.initializers) types.add(tensor.dataType ?? 0);
  for (const node of graph.nodes) {
    operators.add(node.domain && node.domain !== "ai.onnx" ? `${node.domain}.${node.opType}` : (node.opType ?? ""));
    for (const attribute of node.attributes) {
      if (attribute.tensor) types.add(attribute.tensor.dataType ?? 0);
      if (node.opType === "Cast" && attribute.name === "to") types.add(attribute.int ?? 0);
      if (attribute.graph) collect(attribute.graph, operators, types);
    }
  }
}

function readCaseTensor(path: string): NdArray {
  return readTensor(readMessage(readFileSync(path), tensorSchema) as OnnxTensor);
}

/** Cases whose expected answer contradicts the standard's text, with the answer that the text asks for. */
const overruled: Readonly<Record<string, (expected: NdArray) => NdArray>> = {
  // Places 5, 7, 13 and 15 count in the tensor [1, 1, 5, 5] that output_shape names, not in the corner [1, 1, 4, 4] of it.
  test_maxunpool_export_with_output_shape(expected) {
    const data = new Float32Array(25);
    for (const [value, place] of [
      [5, 5],
      [6, 7],
      [7, 13],
      [8, 15],
    ])
      data[place] = value;
    return { ...expected, data };
  },
};

/** Runs every data set of a case; the failure says what differs first. */
export async function runCase({ name, folder, model }: Case, engine: Engine): Promise<Outcome> {
  try {
    const sets = readdirSync(folder).filter((entry) => entry.startsWith("test_data_set_"));
    if (sets.length === 0) return { name, failure: "the case has no data" };
    for (const set of sets.sort()) {
      const failure = await runSet(model, join(folder, set), engine);
      if (failure) return { name, failure: `${set}: ${failure}` };
    }
    return { name, failure: "" };
  } catch (error) {
    return { name, failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

async function runSet(model: OnnxModel, folder: string, engine: Engine): Promise<string | undefined> {
  const graph = model.graph!;
  const preset = new Set(graph.initializers.map(({ name }) => name));
  const names = graph.inputs.map(({ name }) => name ?? "").filter((name) => !preset.has(name));
  const files = readdirSync(folder);
  const feeds: Record<string, NdArray> = {};
  names.forEach((name, i) => {
    if (files.includes(`input_${i}.pb`)) feeds[name] = readCaseTensor(join(folder, `input_${i}.pb`));
  });
  const built = buildFor(model, feeds);
  const session = await openSession({ outputs: built.outputs, updates: [] }, engine, {
    frozen: true,
    inputs: Object.values(built.inputs),
  });
  try {
    const answers = await session.run(Object.fromEntries(Object.keys(built.inputs).map((name) => [name, feeds[name]])));
    for (const [i, { name }] of graph.outputs.entries()) {
      const expected = readCaseTensor(join(folder, `output_${i}.pb`));
      const difference = differs(answers[name ?? ""], overruled[basename(join(folder, ".."))]?.(expected) ?? expected);
      if (difference) return `output "${name}": ${difference}`;
    }
    return undefined;
  } finally {
    session.release();
  }
}

/** Builds for the shapes of the feeds, and for the values of those that shapes depend on. */
function buildFor(model: OnnxModel, feeds: Readonly<Record<string, NdArray>>): ImportedGraph {
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  const values: Record<string, NdArray> = {};
  for (;;) {
    try {
      return onnxGraph(model, { shapes, values });
    } catch (error) {
      if (!(error instanceof NeedsValueError) || error.inputs.length === 0) throw error;
      for (const name of error.inputs) values[name] = feeds[name];
    }
  }
}

function differs(actual: NdArray, expected: NdArray): string | undefined {
  if (!sameShape(actual.shape, expected.shape))
    return `shape ${formatShape(actual.shape)} instead of ${formatShape(expected.shape)}`;
  if (actual.dtype !== expected.dtype) return `type ${actual.dtype} instead of ${expected.dtype}`;
  for (let i = 0; i < expected.data.length; i++) {
    const a = actual.data[i];
    const b = expected.data[i];
    const close =
      Object.is(a, b) ||
      a === b ||
      (Number.isNaN(a) && Number.isNaN(b)) ||
      Math.abs(a - b) <= 1e-7 + 1e-3 * Math.abs(b);
    if (!close) return `element ${i} is ${a} instead of ${b}`;
  }
  return undefined;
}

export interface Report {
  readonly passed: number;
  readonly failures: readonly Outcome[];
  /** Cases in scope by group. */
  readonly inScope: Readonly<Record<string, number>>;
  /** Cases out of scope by reason. */
  readonly left: ReadonlyMap<string, number>;
}

export async function runAll(
  engine: Engine,
  scope: Scope,
  wanted: (name: string) => boolean = () => true,
): Promise<Report> {
  const inScope: Record<string, number> = Object.fromEntries(groups.map((group) => [group, 0]));
  const left = new Map<string, number>();
  const failures: Outcome[] = [];
  let passed = 0;
  for (const one of allCases()) {
    if (!wanted(one.name)) continue;
    const reason = outOfScope(one, scope);
    if (reason) {
      left.set(reason, (left.get(reason) ?? 0) + 1);
      continue;
    }
    inScope[one.name.split("/")[0]]++;
    const outcome = await runCase(one, engine);
    if (outcome.failure) failures.push(outcome);
    else passed++;
  }
  return { passed, failures, inScope, left };
}

/** `612 of 612 in scope passed (node 494, …); 460 out of scope: …` */
export function describe({ passed, failures, inScope, left }: Report): string {
  const total = passed + failures.length;
  const outside = [...left].sort((a, b) => b[1] - a[1]);
  return [
    ...failures.map(({ name, failure }) => `FAILED ${name}: ${failure}`),
    `${passed} of ${total} in scope passed (${Object.entries(inScope)
      .map(([group, n]) => `${group} ${n}`)
      .join(", ")}).`,
    `${outside.reduce((sum, [, n]) => sum + n, 0)} out of scope:`,
    ...outside.map(([reason, n]) => `  ${n}  ${reason}`),
  ].join("\n");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: "string", default: "reference" }, scope: { type: "string", default: "vision" } },
  });
  const wanted = (name: string): boolean => positionals.length === 0 || positionals.some((part) => name.includes(part));
  const engine = values.engine === "wasm" ? await wasmEngine() : referenceEngine();
  const report = await runAll(engine, values.scope === "wide" ? "wide" : "vision", wanted);
  await engine.close();
  console.log(describe(report));
  process.exitCode = report.failures.length > 0 ? 1 : 0;
}
