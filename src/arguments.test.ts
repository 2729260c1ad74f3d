// An argument that is not understood is refused: every exported function, each of its arguments, each of a list of wrong
// values, as JavaScript would hand them. A new export needs its row here: the names of its arguments with their kinds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { everything as door } from "../test/doors.ts";

const { input, NeocogError, ReLU, filled, referenceEngine } = door;

const wrong: readonly unknown[] = [null, undefined, Number.NaN, "x", {}, -1, 1e12, 1.5];

/** A kind of argument: one that is right as far as its form goes, and what of the wrong values is right for it. */
interface Kind {
  readonly right: unknown;
  readonly also?: readonly unknown[];
}

const tensor = input("x", [1, 4, 8, 8]);
const array = filled([1, 3, 8, 8]);
const dataset = { name: "made", images: array, labels: Int32Array.of(0), classes: ["a", "b"] };
const trained = { model: ReLU(), weights: new Map(), classes: ["a"], preprocessing: {} };
const signedNumber = [-1, 1e12, 1.5];
const anything = [Number.NaN, "x", {}, -1, 1e12, 1.5];

const kinds: Readonly<Record<string, Kind>> = {
  tensor: { right: tensor },
  tensors: { right: [tensor] },
  operand: { right: tensor, also: [Number.NaN, ...signedNumber] },
  layer: { right: ReLU() },
  model: { right: ReLU() },
  layers: { right: [ReLU()], also: [{}] },
  array: { right: array },
  arrays: { right: new Map() },
  engine: { right: referenceEngine() },
  dataset: { right: dataset },
  data: { right: { train: dataset } },
  trained: { right: trained },
  checkpoint: { right: { trained, variables: new Map(), settings: {}, history: [] } },
  subject: { right: trained },
  program: { right: { outputs: {}, updates: [] } },
  named: { right: { y: tensor }, also: [{}] },
  whole: { right: 2 },
  size: { right: 2 },
  axis: { right: 1, also: [-1] },
  integer: { right: 1, also: [-1, 1e12] },
  axes: { right: [1], also: [-1] },
  share: { right: 0.5 },
  positive: { right: 2, also: [1e12, 1.5] },
  number: { right: 1, also: signedNumber },
  value: { right: 1, also: [Number.NaN, ...signedNumber] },
  seed: { right: 1, also: [1e12] },
  flag: { right: true },
  text: { right: "y", also: ["x"] },
  word: { right: "mean", also: [] },
  dtype: { right: "float32" },
  list: { right: [1, 2] },
  pair: { right: [1, 2] },
  callback: { right: () => tensor },
  bytes: { right: new Uint8Array(4) },
  options: { right: {}, also: [{}, undefined] },
  needed: { right: {}, also: [{}] },
  record: { right: {}, also: [{}] },
  something: { right: "y", also: anything },
  source: { right: { build: () => 0, inputName: "x" } },
  onnx: { right: { opsetImport: [] } },
  tfjs: { right: { format: "layers", topology: {}, weights: new Map() } },
  random: { right: { seed: tensor, step: tensor, stream: 1 } },
  built: { right: { input: tensor, output: tensor, variables: [], layers: [] } },
  convolution: { right: { weight: array } },
  norm: { right: { runningMean: array, runningVar: array } },
  field: { right: { phases: [[0, 0]], step: 1 } },
  samples: { right: { features: [], targets: [] } },
  trace: { right: { layers: [] } },
  report: { right: { exhibit: {}, parts: [], checks: [] } },
  exhibit: { right: door.exhibits[0] },
  schedule: { right: { kind: "constant" } },
  drawing: { right: { array, signed: true } },
  plan: { right: { slots: [], steps: [], arenaBytes: 0 } },
  engines: { right: [referenceEngine(), referenceEngine()] },
};

const unary = "x:tensor";
const binary = "a:operand b:operand";
const loss = "x:tensor target:tensor options:options";
const reduction = "x:tensor axes?:axes keepDims?:flag";
const layerWith = "options:options";
const convolution = "outChannels:whole kernelSize:size options:options";
const pooling = "kernelSize:size options:options";
const poolingOf = "x:tensor kernelSize:size options:options";

/** Element-wise functions say in their rows what they take. */
const elementwise = Object.values(door).flatMap((one): (readonly [string, string])[] => {
  if (typeof one !== "function") return [];
  if ("pair" in one) return [[one.pair.name, binary]];
  if (!("row" in one)) return [];
  return [[one.row.name, Object.keys(one.row.defaults).length > 0 ? `${unary} options:options` : unary]];
});

/** Names of functions with the arguments that they share. */
const rows: readonly (readonly [names: string, parameters: string])[] = [
  ...elementwise,
  ["globalAvgPool1d globalAvgPool2d globalAvgPool3d globalMaxPool1d globalMaxPool2d globalMaxPool3d", unary],
  ["div ge gt", binary],
  ["binaryCrossEntropy binaryCrossEntropyWithLogits huberLoss klDiv l1Loss mseLoss smoothL1Loss", loss],
  ["crossEntropy", "logits:tensor target:tensor options:options"],
  ["nllLoss", "logProbabilities:tensor target:tensor options:options"],
  ["amax amin prod sum mean logsumexp", reduction],
  ["argmax argmin", "x:tensor axis?:axis keepDims?:flag"],
  ["softmax logSoftmax", "x:tensor axis:axis"],
  [
    "ReLU ReLU6 SELU GELU GELUTanh SiLU Mish Hardsigmoid Hardswish Sigmoid LogSigmoid Tanh Softsign Tanhshrink Identity GlobalAvgPool1d GlobalAvgPool2d GlobalAvgPool3d GlobalMaxPool1d GlobalMaxPool2d GlobalMaxPool3d referenceEngine",
    "",
  ],
  [
    "LeakyReLU ELU CELU Hardtanh Softplus Softshrink Hardshrink PReLU Dropout Dropout1d Dropout2d Dropout3d BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d Softmax LogSoftmax Flatten Upsample BlurPool AddCoordinates AdaptivePolyphase2d SGD Adam AdamW RMSprop wasmEngine",
    layerWith,
  ],
  ["Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d CoordConv2d PartialConv2d", convolution],
  ["MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d", pooling],
  ["Linear", "outFeatures:whole options:options"],
  ["GroupNorm", "numGroups:whole options:options"],
  ["LayerNorm", "normalizedShape:size options:options"],
  ["LocalResponseNorm", "size:whole options:options"],
  [
    "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d",
    "outputSize:size",
  ],
  ["PixelShuffle", "upscaleFactor:whole"],
  ["PixelUnshuffle", "downscaleFactor:whole"],
  ["ChannelShuffle", "groups:whole"],
  [
    "ZeroPad1d ZeroPad2d ZeroPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d",
    "padding:size",
  ],
  ["LPPool1d LPPool2d LPPool3d", "normType:positive kernelSize:size options:options"],
  ["ConstantPad1d ConstantPad2d ConstantPad3d", "padding:size value:number"],
  ["Reshape", "shape:list"],
  ["Unflatten", "dim:axis sizes:list"],
  ["Sequential Branches", "children:layers"],
  ["Residual", "body:layer options:options"],
  ["block", "name:text apply:callback children?:layers"],
  ["Activation", "name:text parameters?:record"],
  ["conv1d conv2d conv3d convTranspose1d convTranspose2d convTranspose3d", "x:tensor w:tensor options:options"],
  [
    "maxPool1d maxPool2d maxPool3d maxPool1dWithIndices maxPool2dWithIndices maxPool3dWithIndices avgPool1d avgPool2d avgPool3d",
    poolingOf,
  ],
  ["lpPool1d lpPool2d lpPool3d", "x:tensor normType:positive kernelSize:size options:options"],
  [
    "adaptiveAvgPool1d adaptiveAvgPool2d adaptiveAvgPool3d adaptiveMaxPool1d adaptiveMaxPool2d adaptiveMaxPool3d",
    "x:tensor outputSize:size",
  ],
  ["activation", "name:activation x:tensor parameters?:record"],
  ["prelu", "x:tensor slope:tensor"],
  ["batchNorm instanceNorm", "x:tensor options:options"],
  ["batchNormInference", "x:tensor options:needed"],
  ["groupNorm", "x:tensor numGroups:whole options:options"],
  ["layerNorm rmsNorm", "x:tensor normalizedShape:size options:options"],
  ["localResponseNorm", "x:tensor size:whole options:options"],
  ["l2Normalize", "x:tensor axis?:axis eps?:positive"],
  ["blurPool", "x:tensor options:options"],
  ["channelShuffle", "x:tensor groups:whole"],
  ["pixelShuffle", "x:tensor upscaleFactor:whole"],
  ["pixelUnshuffle", "x:tensor downscaleFactor:whole"],
  ["interpolate", "x:tensor options:needed"],
  ["broadcastTo", "x:tensor shape:list"],
  ["cast", "x:tensor dtype:dtype"],
  ["clamp", "x:tensor low?:number high?:number"],
  ["where", "condition:tensor a:operand b:operand"],
  ["concat", "tensors:tensors axis:axis"],
  ["flip", "x:tensor axes:list"],
  ["pad", "x:tensor before:list after:list mode?:padding value?:value"],
  ["slice", "x:tensor ranges:ranges"],
  ["tile", "x:tensor repeats:list"],
  ["transpose", "x:tensor axes?:list"],
  ["embedding", "indices:tensor table:tensor"],
  ["gather", "x:tensor indices:tensor axis?:axis"],
  ["oneHot", "indices:tensor classes:whole axis?:axis"],
  ["scatterAdd", "values:tensor indices:tensor axis:axis size:whole"],
  ["takeAlongAxis", "x:tensor indices:tensor axis:axis"],
  ["linear", "x:tensor w:tensor"],
  ["matmul", "a:tensor b:tensor options:options"],
  ["einsum", "equation:text operands:list"],
  ["cumsum", "x:tensor axis:axis options:options"],
  ["sort", "x:tensor axis?:axis options:options"],
  ["topk", "x:tensor k:whole axis?:axis options:options"],
  ["bernoulli", "shape:list p:share from:random"],
  ["dropout dropout1d dropout2d dropout3d", "x:tensor p:share from:random"],
  ["randomNormal", "shape:list from:random mean?:number deviation?:number"],
  ["randomUniform", "shape:list from:random low?:number high?:number"],
  ["flatten", "x:tensor start?:axis end?:axis"],
  ["reshape", "x:tensor shape:list"],
  ["squeeze", "x:tensor axes:list"],
  ["unsqueeze", "x:tensor axis:axis"],
  ["constantTensor", "value:array"],
  ["input", "name:text shape:list dtype?:dtype"],
  ["scalar", "value:value dtype?:dtype"],
  ["variable", "name:text shape:list initial:callback trainable?:flag dtype?:dtype"],
  ["withPath", "name:text build:callback"],
  ["printGraph", "outputs:named"],
  ["filled", "shape:list value?:value dtype?:dtype"],
  ["fromNested", "nested:value dtype?:dtype"],
  ["ndarray", "shape:list data:list dtype?:dtype"],
  ["toNested writeNpy", "array:array"],
  ["formatShape sizeOf", "shape:list"],
  ["onnxGraph onnxSource", "model:onnx options:options"],
  ["tfjsGraph tfjsSource", "model:tfjs options:options"],
  ["openOnnx", "bytes:bytes readBeside?:callback"],
  ["openTfjs", "bytes:bytes readBeside:callback"],
  ["readNpy readNpz readSafetensors", "bytes:bytes name:text"],
  ["writeNpz", "arrays:arrays compress?:flag"],
  ["writeSafetensors", "tensors:arrays options:options"],
  ["build", "model:layer x:tensor options:options"],
  ["toJSON", "layer:layer"],
  ["fromJSON", "json:record options:options where?:text"],
  ["sourceOf", "model:layer"],
  ["createModel", "name:text options:options"],
  ["initialState stateShapes", "variables:tensors"],
  ["variablesOf", "tensors:tensors"],
  ["variableOf", "tensor:tensor"],
  ["loadState", "variables:tensors tensors:record options:options"],
  ["compile", "program:program options:needed"],
  ["gradients", "outputs:tensors inputs:tensors seeds?:tensors"],
  ["disassemble", "module:bytes"],
  ["printPlan", "plan:plan"],
  ["printSteps", "steps:empty details?:flag"],
  ["openEngine", "name?:engineName options:options"],
  ["runOnce", "outputs:named inputs:record engine:engine"],
  ["openSession", "program:program engine:engine options:options"],
  ["dataset", "parts:dataset labelsName?:text"],
  ["split", "source:dataset options:options"],
  ["subset", "source:dataset indices:list name?:text"],
  ["loader", "dataset:dataset options:needed"],
  ["prepare", "images:array how?:record"],
  ["openTestData", "nameOrPath:text model:trained options:options"],
  ["countClasses", "labels:list classes:whole"],
  ["majorityOf", "dataset:dataset"],
  ["relabel", "source:dataset classes:words"],
  ["typed", "inputShape:list layers:empty"],
  ["axisOf", "values:list wanted?:whole"],
  ["logarithmicAxisOf", "values:list most?:whole"],
  ["classCount usualPreprocessing", "shape:list"],
  ["fileInput", "source:source options:options batch?:whole"],
  ["fileModel", "source:source options:options"],
  ["completePreprocessing", "given:record"],
  ["unprepare", "input:array how:record"],
  ["checkOutput", "target:something"],
  ["openData", "nameOrPath:text options:options"],
  ["openPairs", "folder:text kind:masks options:options"],
  ["locateMnist", "name:mnist"],
  ["openImage", "picture:something form:record"],
  ["encodePng", "image:array range?:pair"],
  ["weightsHash", "weights:arrays"],
  ["secondsTo", "accuracy:positive history:empty"],
  ["optionsOf", "checkpoint:checkpoint"],
  ["recipeFor", "data:text dataset:dataset model?:text"],
  ["learningRate", "schedule:schedule base:number step:whole total:whole"],
  ["trainingStep", "model:layer options:needed"],
  ["fit", "model:layer data:data options:options"],
  ["evaluate", "trained:trained dataset:dataset options:options"],
  ["predict", "trained:trained picture:something options:options"],
  ["openModel openCheckpoint", "location:something options:options"],
  ["openFile", "location:something options:options"],
  ["formatToWrite", "path:text"],
  ["bundle", "trained:trained options:options"],
  ["serve", "models:named options:options"],
  ["saveModel", "target:something trained:trained options:options"],
  ["saveCheckpoint", "target:something checkpoint:checkpoint"],
  ["modelZip", "trained:trained"],
  ["checkpointZip", "checkpoint:checkpoint"],
  ["footprint", "model:layer inputShape:list options:options"],
  ["loadWeights", "model:layer inputShape:list file:text options:options"],
  ["saveWeights", "file:text weights:arrays options:options"],
  ["exportOnnx", "outputs:named options:options"],
  ["compose", "stack:empty"],
  ["foldBatchNorm", "convolution:convolution norm:norm"],
  ["describeUnit describeWindow", "options:needed"],
  ["denseEquivalent", "input:list output:list"],
  ["unitReaches", "from:tensor to:tensor unit:list"],
  ["receptiveField", "from:tensor to:tensor"],
  ["receptiveFields", "from:tensor to:tensors"],
  ["unitSees", "field:field unit:integer"],
  ["withSamePadding", "model:layer which?:which"],
  ["smallestInput", "model:layer channels:whole most?:whole"],
  ["summary", "model:layer inputShape:list"],
  ["figure", "parts:empty"],
  ["exhibitJson", "exhibit:exhibit"],
  ["reportJson pageOf", "report:report"],
  ["indexPage", "exhibits:empty"],
  ["findExhibit", "id:text"],
  ["runExhibit", "id:text given?:record options:options"],
  ["openLab", "name?:engineName options:options"],
  ["measureInvariance", "engine:engine model:layer pictures:array options:needed"],
  ["measureShifts", "engine:engine model:layer shape:list options:needed"],
  ["measureField", "engine:engine from:tensor to:tensor units:empty options:options"],
  ["energyOf supportOf", "map:array"],
  ["spreadOf", "map:array threshold?:number"],
  ["linearProbe", "train:samples test:samples ridge?:positive"],
  ["pixelUsage", "engine:engine size:pair kernel:pair options:options"],
  ["classScores", "subject:subject picture:something options:options"],
  ["openExplainer", "method:text subject:subject picture:list engine:engine options?:record"],
  ["explain", "method:text subject:subject picture:something options?:record"],
  ["drawMap", "map:array signed:flag scale?:number"],
  ["drawOverlay", "photo:array map:array signed:flag"],
  ["drawPhoto", "photo:array"],
  ["drawTiles", "drawing:drawing most?:whole"],
  ["legible", "picture:array"],
  ["shuffledWeights", "weights:arrays seed?:seed"],
  ["compareTraces", "trace:trace truth:trace tolerance?:positive"],
  ["distinctLayers", "built:built"],
  ["traceLayers", "subject:subject input:array engine:engine others?:record"],
  ["verify", "subject:subject input:array engines:engines tolerance?:positive others?:record"],
];

const more: Readonly<Record<string, Kind>> = {
  activation: { right: "relu" },
  padding: { right: "zeros" },
  ranges: { right: [undefined] },
  empty: { right: [] },
  engineName: { right: "reference" },
  which: { right: "all" },
  mnist: { right: "mnist" },
  masks: { right: "masks" },
  words: { right: ["a"] },
};

/** What takes no arguments of a user. */
const exempt: Readonly<Record<string, string>> = {
  NeocogError: "an error is made from a sentence, by the library",
  ShapeError: "an error is made from a sentence, by the library",
  DataError: "an error is made from a sentence, by the library",
  NeedsValueError: "an error is made from a sentence, by the library",
  fromFloat16: "one number, called for every element of a tensor",
  toFloat16: "one number, called for every element of a tensor",
  UnusedOption: "an error is made from a sentence, by the library",
  NonFiniteLoss: "an error is made from a sentence, by the library",
  nearest: "words a sentence for the mechanism itself, which stands upon it",
  Random: "a class: its constructor is tried below",
};

interface Call {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly optional: boolean; readonly kind: Kind }[];
}

const calls: readonly Call[] = rows.flatMap(([names, parameters]) =>
  names.split(" ").map((name) => ({
    name,
    parameters: parameters
      .split(" ")
      .filter((word) => word !== "")
      .map((word) => {
        const [parameter, kind] = word.split(":");
        const found = kinds[kind] ?? more[kind];
        assert.ok(found, `there is no kind ${kind}`);
        return { name: parameter.replace("?", ""), optional: parameter.endsWith("?"), kind: found };
      }),
  })),
);

/** Calls a function and gives what it threw, whether at once, in a promise or at the first step of a generator. */
async function thrownBy(f: unknown, given: readonly unknown[]): Promise<unknown> {
  try {
    const answer = await (f as (...given: readonly unknown[]) => unknown)(...given);
    if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer) {
      await (answer as AsyncGenerator).next();
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Complains where a call was not refused in one sentence that names the function and the argument. */
async function refused(call: Call, given: readonly unknown[], names: readonly string[]): Promise<string | undefined> {
  const error = await thrownBy((door as Readonly<Record<string, unknown>>)[call.name], given);
  const what = `${call.name}(${given.map((value) => (typeof value === "object" && value ? "…" : String(value))).join(", ")})`;
  if (error === undefined) return `${what} is taken in silence`;
  if (!(error instanceof NeocogError)) return `${what} ends in ${String(error)}`;
  const { message } = error;
  if (!names.every((name) => message.includes(name))) return `${what} does not name ${names.join(", ")}: ${message}`;
  if (!/[.?]$/.test(message) || message.includes("\n")) return `${what}: not a sentence: ${message}`;
  return undefined;
}

const exported = Object.entries(door).filter(([, value]) => typeof value === "function");

test("every exported function has a row here, or a reason to have none", () => {
  const known = new Set([...calls.map(({ name }) => name), ...Object.keys(exempt)]);
  const names = exported.map(([name]) => name);
  assert.deepEqual(
    names.filter((name) => !known.has(name)),
    [],
  );
  assert.deepEqual(
    [...known].filter((name) => !names.includes(name)),
    [],
  );
});

test("an argument of the wrong kind is refused by every function in one sentence", async () => {
  const complaints: (string | undefined)[] = [];
  for (const call of calls) {
    for (const [place, parameter] of call.parameters.entries()) {
      const right = call.parameters.map(({ kind }) => kind.right);
      for (const value of wrong) {
        if (
          parameter.kind.also?.some(
            (one) => Object.is(one, value) || (one && typeof one === "object" && typeof value === "object" && value),
          )
        )
          continue;
        if (value === undefined && parameter.optional) continue;
        complaints.push(await refused(call, right.with(place, value), [call.name, parameter.name]));
      }
    }
  }
  assert.deepEqual(
    complaints.filter((complaint) => complaint !== undefined),
    [],
  );
});

test("one argument too many is refused by every function", async () => {
  const complaints: (string | undefined)[] = [];
  for (const call of calls) {
    const right = call.parameters.map(({ kind }) => kind.right);
    complaints.push(await refused(call, [...right, 7], [call.name, "takes"]));
  }
  assert.deepEqual(
    complaints.filter((complaint) => complaint !== undefined),
    [],
  );
});

/** Options that hold whatever the caller likes. */
const free = new Set(["preprocessing", "metadata"]);

test("unknown options, and options that are null or a symbol, are refused by every function", async () => {
  const complaints: (string | undefined)[] = [];
  let counted = 0;
  for (const call of calls) {
    const place = call.parameters.findIndex(({ kind }) => kind === kinds.options || kind === kinds.needed);
    if (place < 0) continue;
    const right = call.parameters.map(({ kind }) => kind.right);
    const unknown = right.with(place, { zzzzzzzzzzzzzzzzzzzz: 1 });
    complaints.push(await refused(call, unknown, [call.name, "zzzzzzzzzzzzzzzzzzzz"]));
    const error = await thrownBy((door as Readonly<Record<string, unknown>>)[call.name], unknown);
    const known = /its options are: ([^.]*)\./.exec(error instanceof Error ? error.message : "")?.[1].split(", ") ?? [];
    if (known.length === 0) complaints.push(`${call.name} does not list its options`);
    for (const option of known.filter((name) => !free.has(name))) {
      counted++;
      for (const value of [null, Symbol("s")]) {
        const error = await thrownBy(
          (door as Readonly<Record<string, unknown>>)[call.name],
          right.with(place, { [option]: value }),
        );
        const fine = error instanceof NeocogError;
        if (!fine) complaints.push(`${call.name}({ ${option}: ${String(value)} }): ${String(error)}`);
      }
    }
  }
  assert.ok(counted > 250, `${counted} options`);
  assert.deepEqual(
    complaints.filter((complaint) => complaint !== undefined),
    [],
  );
});

test("what training took in silence, and where it ended without a sentence", async () => {
  const model = ReLU();
  const data = { train: dataset };
  const rows: readonly (readonly [options: object, sentence: RegExp])[] = [
    [{ clip: { norm: Number.NaN } }, /fit's clip: norm must be a number above 0; it is NaN\./],
    [{ init: 5 }, /fit: init must be initialisers by name/],
    [{ dropLast: "no" }, /fit: dropLast must be true or false; it is "no"\./],
    [{ force: "x" }, /fit: force must be true or false/],
    [{ signal: {} }, /fit: signal must be a signal/],
    [{ optimizer: null }, /fit: optimizer must be a name/],
    [{ optimizer: "adm" }, /Unknown optimizer "adm"; did you mean "adam"\?/],
    [{ optimizr: "adam" }, /fit has no option "optimizr"; did you mean "optimizer"\?/],
  ];
  for (const [options, sentence] of rows) {
    const error = await thrownBy(door.fit, [model, data, options]);
    assert.ok(error instanceof NeocogError, `${Object.keys(options)}: ${String(error)}`);
    assert.match(error.message, sentence);
  }
  assert.throws(() => door.Conv2d(1e12, 3), /Conv2d: outChannels must be at most 2147483647; it is 1000000000000\./);
  for (const seed of [Number.NaN, null, "x", -1.5]) {
    assert.throws(() => new door.Random(seed as number), /Random: seed must be/);
  }
});
