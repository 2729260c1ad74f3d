// Layers, models, data, training, and using what was trained: what most programs need. Files behind it may move; these names stay.
//
//   import { Conv2d, fit, Flatten, Linear, MaxPool2d, openData, ReLU, Sequential } from "neocog";
//
//   const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);
//   for await (const event of fit(model, await openData("digits"), { epochs: 5 })) console.log(event);

// ---- numbers --------------------------------------------------------------------------------------------------------

export { filled, fromNested, type NdArray, type Nested, type Numbers, ndarray, toNested } from "../base/array.ts";
export type { DType } from "../base/dtype.ts";
export { Random } from "../base/random.ts";
export { formatShape, type Shape, sizeOf } from "../base/shape.ts";

// ---- errors ---------------------------------------------------------------------------------------------------------

export {
  DataError,
  type ErrorFields,
  type ErrorPlace,
  NeocogError,
  nearest,
  type OptionNaming,
  ShapeError,
} from "../base/errors.ts";
export { UnusedOption } from "../base/unused.ts";
export { NonFiniteLoss } from "../train/nonfinite.ts";

// ---- layers ---------------------------------------------------------------------------------------------------------

export type { Context, Layer } from "../nn/layer.ts";
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
} from "../nn/layers/activation.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from "../nn/layers/adaptive.ts";
export {
  MultiheadAttention,
  type MultiheadAttentionOptions,
  PatchTokens,
  PositionEmbedding,
  Select,
} from "../nn/layers/attention.ts";
export {
  LayerScale,
  type LayerScaleOptions,
  Narrow,
  Permute,
  SqueezeExcitation,
  type SqueezeExcitationOptions,
  StochasticDepth,
  type StochasticDepthOptions,
} from "../nn/layers/blocks.ts";
export { type BlockFunction, Branches, block, Identity, Residual, Sequential } from "../nn/layers/containers.ts";
export { Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../nn/layers/convolution.ts";
export { AddCoordinates, CoordConv2d, type CoordinatesOptions } from "../nn/layers/coordinates.ts";
export { Dropout, Dropout1d, Dropout2d, Dropout3d } from "../nn/layers/dropout.ts";
export { Linear } from "../nn/layers/linear.ts";
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
} from "../nn/layers/normalization.ts";
export { PartialConv2d, type PartialConvolutionOptions } from "../nn/layers/partial.ts";
export { AdaptivePolyphase2d, type PolyphaseOptions } from "../nn/layers/polyphase.ts";
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  GlobalAvgPool1d,
  GlobalAvgPool2d,
  GlobalAvgPool3d,
  GlobalMaxPool1d,
  GlobalMaxPool2d,
  GlobalMaxPool3d,
  LPPool1d,
  LPPool2d,
  LPPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
} from "../nn/layers/pooling.ts";
export { GRU, LSTM, type RecurrentLayerOptions, RNN, type RnnLayerOptions } from "../nn/layers/recurrent.ts";
export { BlurPool, ChannelShuffle, PixelShuffle, PixelUnshuffle, Upsample } from "../nn/layers/resize.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  Flatten,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  Reshape,
  Unflatten,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "../nn/layers/shape.ts";
export { LogSoftmax, Softmax } from "../nn/layers/softmax.ts";
export type { PaddingMode } from "../ops/cards/copy.ts";
export type { Padding, PerAxis } from "../ops/geometry.ts";

// ---- initialisers ---------------------------------------------------------------------------------------------------

/** Initialisers: `init.kaimingUniform()`, `init.xavierUniform()`, `init.dirac()`, … */
export * as init from "../nn/init.ts";

// ---- models ---------------------------------------------------------------------------------------------------------

export { fromJSON, type LayerJson, toJSON } from "../nn/json.ts";
export { type BuiltinModel, createModel, type ModelName, modelNames, models } from "../nn/models/list.ts";
export type { ModelOptions } from "../nn/models/model.ts";
export type { Shaped } from "../nn/shapes/kinds.ts";
export { type N, type ShapeAfter, type TypedModel, typed } from "../nn/shapes/typed.ts";

// ---- data -----------------------------------------------------------------------------------------------------------

export type { Augmentation } from "../data/augment.ts";
export type { Batch } from "../data/batch.ts";
export type { Choice } from "../data/choice.ts";
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
} from "../data/dataset.ts";
export type { Found } from "../data/folder.ts";
export type { ClassSet, PictureSet, StreamedImages } from "../data/images.ts";
export type { LabelKind, Labels, MaskLabels, NumberLabels, PictureLabels, TagLabels } from "../data/labels.ts";
export { type Loader, type LoaderOptions, loader, type StreamLoader } from "../data/loader.ts";
export { encodeMask } from "../data/maskFile.ts";
export { fitMask } from "../data/masks.ts";
export { locateMnist } from "../data/mnist.ts";
export { prepare, unprepare } from "../data/normalize.ts";
export { openPairs, type PairOptions } from "../data/pairs.ts";
export type { PartChoice } from "../data/part.ts";
export { openImage, type Picture } from "../data/picture.ts";
export { encodePng } from "../data/png.ts";
export {
  completePreprocessing,
  type Normalization,
  type Preprocessing,
  type PreprocessingOptions,
} from "../data/preprocessing.ts";
export {
  type DataName,
  type DataOptions,
  dataNames,
  openData,
  openTestData,
  type TestData,
} from "../data/source.ts";
export { type SplitOptions, split } from "../data/split.ts";
export { usualPreprocessing } from "../use/file.ts";

// ---- training -------------------------------------------------------------------------------------------------------

export type { BestEpoch, Checkpoint } from "../train/checkpoint.ts";
export type { ClipOptions } from "../train/clip.ts";
export type {
  BatchEvent,
  CheckpointEvent,
  EpochEvent,
  FinishedEvent,
  ForecastEvent,
  StartedEvent,
  StoppedEvent,
  TrainingEvent,
  WarningEvent,
} from "../train/events.ts";
export { type FineTuneOptions, type FineTuning, fineTune } from "../train/fineTune.ts";
export { fit } from "../train/fit.ts";
export { checkpointZip, openCheckpoint, saveCheckpoint } from "../train/folder.ts";
export type { LossDescription, LossFunction } from "../train/loss.ts";
export {
  Adam,
  AdamW,
  type OptimizerDescription,
  type OptimizerName,
  RMSprop,
  SGD,
} from "../train/optimizers/optimizer.ts";
export type { FitOptions, TrainingData } from "../train/options.ts";
export type { PartRate, Unfreezing } from "../train/parts.ts";
export {
  chooseRecipe,
  type Recipe,
  type RecipeName,
  type RecipeOptions,
  recipeFor,
  recipes,
} from "../train/recipes.ts";
export { type EpochRecord, secondsTo } from "../train/record.ts";
export { optionsOf } from "../train/resume.ts";
export type { Schedule } from "../train/schedules.ts";
export type { MetricFunction } from "../train/scoring.ts";
export { checkOutput } from "../use/output.ts";

// ---- using what was trained -----------------------------------------------------------------------------------------

export { type EvaluateOptions, evaluate } from "../use/evaluate.ts";
export { modelZip, openModel, saveModel } from "../use/folder.ts";
export type { FileContent, FileFormat } from "../use/formats/format.ts";
export { fileFormats } from "../use/formats/list.ts";
export { formatToWrite, openFile } from "../use/formats/open.ts";
export { weightsHash } from "../use/hash.ts";
export { type PredictOptions, predict } from "../use/predict.ts";
export type { DirectoryHandle } from "../use/storage/handle.ts";
export type { ModelLocation, ModelTarget } from "../use/storage/locate.ts";
export type {
  ClassProbability,
  ClassScore,
  Evaluation,
  Mistake,
  Prediction,
  Score,
} from "../use/tasks/classification.ts";
export { type TaskName, type TaskTypes, taskNames } from "../use/tasks/list.ts";
export type { ClassifierModel, TrainedModel } from "../use/trained.ts";
export { loadWeights, saveWeights } from "../use/weights.ts";

// ---- files: models and arrays of others -----------------------------------------------------------------------------

export { readNpy, readNpz, writeNpy, writeNpz } from "../io/npy.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "../io/safetensors.ts";
export type { FileSource } from "../io/source.ts";
export {
  classCount,
  type FileInput,
  type FileModel,
  type FileModelOptions,
  fileInput,
  fileModel,
} from "../use/file.ts";

// ---- engines --------------------------------------------------------------------------------------------------------

export type { Engine } from "../engines/engine.ts";
export { type EngineName, type EngineOptions, engineNames, openEngine } from "../run/engines.ts";
