// The public door: everything a user imports, grouped as it is used. Files behind it may move; these names stay.
//
//   import { Conv2d, fit, Flatten, Linear, MaxPool2d, openData, ReLU, Sequential } from "neocog";
//
//   const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);
//   for await (const event of fit(model, await openData("digits"), { epochs: 5 })) console.log(event);

// ---- numbers: arrays, shapes, errors --------------------------------------------------------------------------------

export { filled, fromNested, type NdArray, type Nested, type Numbers, ndarray, toNested } from "./base/array.ts";
export type { DType } from "./base/dtype.ts";
export {
  DataError,
  type ErrorFields,
  type ErrorPlace,
  NeocogError,
  nearest,
  type OptionNaming,
  optionInCode,
  ShapeError,
  unknownName,
} from "./base/errors.ts";
export { Random } from "./base/random.ts";
export { formatShape, type Shape, sizeOf } from "./base/shape.ts";

// ---- models: layers as data -----------------------------------------------------------------------------------------

export { type BuildOptions, type BuiltModel, build, buildModel, type LayerRecord } from "./nn/build.ts";
/** Initialisers: `init.kaimingUniform()`, `init.xavierUniform()`, `init.dirac()`, … */
export * as init from "./nn/init.ts";
export { fromJSON, type LayerJson, toJSON } from "./nn/json.ts";
export type { Context, Layer } from "./nn/layer.ts";
export {
  Activation,
  CELU,
  ELU,
  GELU,
  GELUTanh,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LeakyReLU,
  LogSigmoid,
  Mish,
  PReLU,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Softplus,
  Softshrink,
  Softsign,
  Tanh,
  Tanhshrink,
} from "./nn/layers/activation.ts";
export { AdaptiveAvgPool2d, AdaptiveMaxPool2d } from "./nn/layers/adaptive.ts";
export { type BlockFunction, Branches, block, Identity, Residual, Sequential } from "./nn/layers/containers.ts";
export {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
} from "./nn/layers/convolution.ts";
export {
  AddCoordinates,
  CoordConv2d,
  type CoordinatesOptions,
} from "./nn/layers/coordinates.ts";
export { Dropout, Dropout1d, Dropout2d, Dropout3d } from "./nn/layers/dropout.ts";
export { Linear } from "./nn/layers/linear.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  LocalResponseNorm,
} from "./nn/layers/normalization.ts";
export { PartialConv2d, type PartialConvolutionOptions } from "./nn/layers/partial.ts";
export { AdaptivePolyphase2d, type PolyphaseOptions } from "./nn/layers/polyphase.ts";
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  GlobalAvgPool2d,
  GlobalMaxPool2d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
} from "./nn/layers/pooling.ts";
export { BlurPool, ChannelShuffle, PixelShuffle, PixelUnshuffle, Upsample } from "./nn/layers/resize.ts";
export {
  CircularPad2d,
  ConstantPad2d,
  Flatten,
  ReflectionPad2d,
  ReplicationPad2d,
  Reshape,
  Unflatten,
  ZeroPad2d,
} from "./nn/layers/shape.ts";
export { LogSoftmax, Softmax } from "./nn/layers/softmax.ts";
export { type BuiltinModel, createModel, type ModelName, modelNames, models } from "./nn/models/list.ts";
export type { ModelOptions } from "./nn/models/model.ts";
export type { Shaped } from "./nn/shapes/rules.ts";
export { type N, type ShapeAfter, type TypedModel, typed } from "./nn/shapes/typed.ts";
export { type BuiltSource, type ModelSource, type SourceLayer, sourceOf } from "./nn/source.ts";
export {
  initialState,
  type LoadedState,
  type LoadOptions,
  loadState,
  stateShapes,
  variableOf,
  variablesOf,
} from "./nn/state.ts";

// ---- data -----------------------------------------------------------------------------------------------------------

export { UnusedOption } from "./base/unused.ts";
export type { Augmentation } from "./data/augment.ts";
export type { Batch } from "./data/batch.ts";
export {
  countClasses,
  type Dataset,
  dataset,
  majorityOf,
  relabel,
  type Skipped,
  type Split,
  subset,
  type TestedSplit,
} from "./data/dataset.ts";
export type { Found } from "./data/folder.ts";
export type { ClassSet, Images, PictureSet, PictureStore, StreamedImages } from "./data/images.ts";
export type { LabelKind, Labels, NumberLabels, TagLabels } from "./data/labels.ts";
export { type Loader, type LoaderOptions, loader } from "./data/loader.ts";
export { locateMnist } from "./data/mnist.ts";
export { prepare, unprepare } from "./data/normalize.ts";
export type { PartChoice } from "./data/part.ts";
export { openImage, type Picture } from "./data/picture.ts";
export { encodePng } from "./data/png.ts";
export {
  completePreprocessing,
  type Normalization,
  type Preprocessing,
  type PreprocessingOptions,
  readPreprocessing,
} from "./data/preprocessing.ts";
export { type DataName, type DataOptions, dataNames, openData, openTestData } from "./data/source.ts";
export { type SplitOptions, split } from "./data/split.ts";

// ---- training, and using what was trained -----------------------------------------------------------------------------

export type { BestEpoch, Checkpoint } from "./train/checkpoint.ts";
export type { ClipOptions } from "./train/clip.ts";
export type {
  BatchEvent,
  CheckpointEvent,
  EpochEvent,
  FinishedEvent,
  StartedEvent,
  StoppedEvent,
  TrainingEvent,
  WarningEvent,
} from "./train/events.ts";
export { fit } from "./train/fit.ts";
export { checkpointZip, openCheckpoint, saveCheckpoint } from "./train/folder.ts";
export { type ArenaSize, type Footprint, type FootprintOptions, footprint } from "./train/footprint.ts";
export type { LossDescription } from "./train/loss.ts";
export { NonFiniteLoss } from "./train/nonfinite.ts";
export {
  Adam,
  AdamW,
  type OptimizerDescription,
  type OptimizerName,
  RMSprop,
  SGD,
} from "./train/optimizers/optimizer.ts";
export type { FitOptions, TrainingData } from "./train/options.ts";
export { type Recipe, type RecipeOptions, recipeFor, recipes } from "./train/recipes.ts";
export { type EpochRecord, secondsTo } from "./train/record.ts";
export { optionsOf } from "./train/resume.ts";
export { learningRate, type Schedule } from "./train/schedules.ts";
export { type StepOptions, type TrainingStep, trainingStep } from "./train/step.ts";
export {
  type ClassScore,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type Mistake,
  type Score,
} from "./use/evaluate.ts";
export {
  classCount,
  type FileInput,
  type FileModel,
  type FileModelOptions,
  fileInput,
  fileModel,
  usualPreprocessing,
} from "./use/file.ts";
export { modelZip, openModel, saveModel } from "./use/folder.ts";
export { weightsHash } from "./use/hash.ts";
export { exportOnnx } from "./use/onnx.ts";
export { checkOutput } from "./use/output.ts";
export { type ClassProbability, type Prediction, type PredictOptions, predict } from "./use/predict.ts";
export type { DirectoryHandle } from "./use/storage/handle.ts";
export type { ModelLocation, ModelTarget } from "./use/storage/locate.ts";
export type { ClassifierModel, TrainedModel } from "./use/trained.ts";
export { loadWeights, saveWeights } from "./use/weights.ts";

// ---- understanding: what a network costs and sees -----------------------------------------------------------------------

export {
  type BatchNormState,
  compose,
  foldBatchNorm,
  type LinearConvolution,
} from "./analyze/compose.ts";
export { explainUnit, type Product, type UnitQuestion, type UnitStory } from "./analyze/connectivity.ts";
export { type DenseEquivalent, denseEquivalent } from "./analyze/dense.ts";
export { type Runs, unitReaches } from "./analyze/reach.ts";
export {
  type Interval,
  type ReceptiveAxis,
  receptiveField,
  receptiveFields,
  unitSees,
} from "./analyze/receptive.ts";
export { withSamePadding } from "./analyze/same.ts";
export { buildOrExplain, smallestInput } from "./analyze/smallest.ts";
export { type Summary, type SummaryRow, summarize, summarizeSource, summary } from "./analyze/summary.ts";
export { explainWindow, type WindowAnswer, type WindowQuestion } from "./analyze/window.ts";

// ---- the lab: claims that run, and the instruments that they are measured with -----------------------------------------

export type { Exhibit, Findings, LabContext, Parameter, Parameters } from "./lab/exhibit.ts";
export { figure } from "./lab/figure.ts";
export { exhibitJson, reportJson } from "./lab/json.ts";
export { exhibits } from "./lab/list.ts";
export {
  type Invariance,
  type LayerShifts,
  measureInvariance,
  measureShifts,
  type ShiftError,
  type ShiftOptions,
} from "./lab/measure/equivariance.ts";
export {
  type Box,
  energyOf,
  type FieldOptions,
  measureField,
  type Spread,
  spreadOf,
  supportOf,
} from "./lab/measure/field.ts";
export { linearProbe, type Probe, type Samples } from "./lab/measure/probe.ts";
export { pixelUsage } from "./lab/measure/usage.ts";
export { indexPage, type Page, pageOf } from "./lab/page.ts";
export type { Cell, Check, Part } from "./lab/parts.ts";
export {
  type ExhibitOptions,
  type ExhibitReport,
  findExhibit,
  type GivenValues,
  type Lab,
  openLab,
  runExhibit,
} from "./lab/run.ts";
export { type Axis, axisOf, logarithmicAxisOf } from "./lab/ticks.ts";

// ---- understanding: why it answers as it does ---------------------------------------------------------------------------

export { type CommonOptions, classScores, type Explanation, explain, openExplainer } from "./explain/explain.ts";
export { type ExplainerName, type ExplainerOptions, explainerNames, explainers } from "./explain/list.ts";
export type { Drawing, Finding, Method, OpenMethod } from "./explain/method.ts";
export type { Subject } from "./explain/network.ts";
export { drawMap, drawOverlay, drawPhoto, drawTiles, legible } from "./explain/picture.ts";
export { type NoVerdict, type Sanity, type SanityNumbers, shuffledWeights } from "./explain/sanity.ts";

// ---- verifying: the same answer in every engine ---------------------------------------------------------------------------

export {
  compareTraces,
  distinctLayers,
  type LayerDifference,
  type Trace,
  type TracedLayer,
  traceLayers,
  type Verification,
  verify,
} from "./use/verify.ts";

// ---- tensors: the functions that networks are made of -----------------------------------------------------------------

export { constantTensor, input, type Node, scalar, type Tensor, variable, withPath } from "./graph/graph.ts";
export {
  type ActivationName,
  activation,
  activationNames,
  prelu,
  relu,
  sigmoid,
  tanh,
} from "./ops/activations.ts";
export { adaptiveAvgPool, adaptiveMaxPool } from "./ops/adaptive.ts";
export {
  abs,
  acos,
  acosh,
  add,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cast,
  ceil,
  clamp,
  cos,
  cosh,
  div,
  eq,
  erf,
  erfc,
  exp,
  expm1,
  floor,
  ge,
  gt,
  isfinite,
  isnan,
  le,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  remainder,
  round,
  rsqrt,
  sign,
  sin,
  sinh,
  sqrt,
  square,
  sub,
  tan,
  where,
} from "./ops/arithmetic.ts";
export {
  type ConvolveOptions,
  type ConvolveTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose,
  convTranspose2d,
} from "./ops/convolve.ts";
export { concat, flip, type PaddingMode, pad, type SliceRange, slice, tile, transpose } from "./ops/copy.ts";
export { embedding, gather, oneHot, scatterAdd, takeAlongAxis } from "./ops/gather.ts";
export type { Padding, PerAxis } from "./ops/geometry.ts";
export {
  bceLoss,
  bceWithLogitsLoss,
  type CrossEntropyOptions,
  crossEntropy,
  huberLoss,
  klDivLoss,
  l1Loss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
} from "./ops/loss.ts";
export { linear, matmul } from "./ops/matmul.ts";
export {
  batchNorm,
  batchNormInference,
  groupNorm,
  instanceNorm,
  l2Normalize,
  layerNorm,
  localResponseNorm,
  rmsNorm,
} from "./ops/normalization.ts";
export { cumsum, sort, topk } from "./ops/order.ts";
export {
  avgPool,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  globalAvgPool,
  globalMaxPool,
  lpPool,
  maxPool,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxPoolWithIndices,
} from "./ops/pooling.ts";
export {
  bernoulli,
  dropout,
  dropoutChannels as dropout2d,
  type RandomSource,
  randomNormal,
  randomUniform,
} from "./ops/random.ts";
export { amax, amin, argmax, argmin, prod } from "./ops/reduce.ts";
export { flatten, reshape, squeeze, unsqueeze } from "./ops/reshape.ts";
export { type InterpolateOptions, interpolate } from "./ops/resize.ts";
export { blurPool, channelShuffle, pixelShuffle, pixelUnshuffle } from "./ops/shuffle.ts";
export { logSoftmax, logSumExp, softmax } from "./ops/softmax.ts";
export { type Axes, broadcastTo, mean, sum } from "./ops/sum.ts";

// ---- the long road: graphs compiled and run by hand -------------------------------------------------------------------

export { type Compiled, type CompileOptions, compile } from "./compile/compile.ts";
export { gradients } from "./compile/grad.ts";
export type { Program, Update } from "./compile/program.ts";
export type { Engine, Executable, MemoryReport } from "./engines/engine.ts";
export { referenceEngine } from "./engines/reference/engine.ts";
export { disassemble } from "./engines/wasm/code/disassemble.ts";
export { type WasmEngine, type WasmOptions, wasmEngine } from "./engines/wasm/run/engine.ts";
export type { Program as WasmProgram } from "./engines/wasm/run/program.ts";
export { printGraph } from "./graph/print.ts";
export { printPlan, printSteps } from "./kernel/print.ts";
export { type EngineName, type EngineOptions, engineNames, openEngine } from "./run/engines.ts";
export { evaluateOnce, openSession, type Session, type SessionOptions, type State } from "./run/session.ts";

// ---- files: ONNX, TensorFlow.js, weights, arrays -------------------------------------------------------------------

export { fromFloat16, toFloat16 } from "./io/half.ts";
export { readNpy, readNpz, writeNpy, writeNpz } from "./io/npy.ts";
export type { ExportOptions } from "./io/onnx/export.ts";
export { buildGraph as buildOnnx, type ImportedGraph, type ImportOptions, NeedsValueError } from "./io/onnx/import.ts";
export { match as isOnnx, openModel as openOnnx, type ReadBeside } from "./io/onnx/model.ts";
export type { OnnxModel } from "./io/onnx/schema.ts";
export { type OnnxOptions, onnxSource } from "./io/onnx/source.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./io/safetensors.ts";
export { type FileSource, inputShapeOf } from "./io/source.ts";
export {
  buildGraph as buildTfjs,
  type ImportedGraph as ImportedTfjs,
  type ImportOptions as TfjsOptions,
} from "./io/tfjs/import.ts";
export { match as isTfjs, openModel as openTfjs, type TfjsModel } from "./io/tfjs/model.ts";
export { type TfjsSourceOptions, tfjsSource } from "./io/tfjs/source.ts";
