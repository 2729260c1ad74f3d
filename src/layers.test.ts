// A layer takes what its function takes: the names of the arguments and options of both, and what each may be, as their own
// refusals tell them. A new layer needs its row here, or the reason why there is no function to compare it with.
import assert from "node:assert/strict";
import { test } from "node:test";
import { everything as door } from "../test/doors.ts";
import { layerTypes } from "./nn/layers/list.ts";

interface Pair {
  readonly layers: string;
  /** One for each layer, or one for all of them. */
  readonly functions: string;
  /** What only the layer takes. */
  readonly layer?: string;
  /** What only the function takes. */
  readonly function?: string;
  /** The layer's word for the function's: "dim=axis". */
  readonly renamed?: string;
  /** What both take, but as something else; all, where the function takes any number of axes. */
  readonly other?: string;
}

const learned = "outChannels kernelSize init biasInit";
const stacks = "hiddenSize numLayers bias batchFirst dropout bidirectional";
const cell = "x weightIh weightHh biasIh biasHh h0 reverse";
const pairs: readonly Pair[] = [
  { layers: "Conv1d Conv2d Conv3d", functions: "conv1d conv2d conv3d", layer: learned, function: "x w", other: "bias" },
  {
    layers: "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    functions: "convTranspose1d convTranspose2d convTranspose3d",
    layer: learned,
    function: "x w",
    other: "bias",
  },
  {
    layers: "PartialConv2d",
    functions: "conv2d",
    layer: learned,
    other: "bias",
    function: "x w groups paddingMode",
  },
  { layers: "CoordConv2d", functions: "Conv2d", layer: "radius" },
  { layers: "Linear", functions: "linear", layer: "outFeatures bias init biasInit", function: "x w" },
  { layers: "MaxPool1d MaxPool2d MaxPool3d", functions: "maxPool1d maxPool2d maxPool3d", function: "x" },
  { layers: "AvgPool1d AvgPool2d AvgPool3d", functions: "avgPool1d avgPool2d avgPool3d", function: "x" },
  {
    layers: "GlobalAvgPool1d GlobalAvgPool2d GlobalAvgPool3d",
    functions: "globalAvgPool1d globalAvgPool2d globalAvgPool3d",
    function: "x",
  },
  {
    layers: "GlobalMaxPool1d GlobalMaxPool2d GlobalMaxPool3d",
    functions: "globalMaxPool1d globalMaxPool2d globalMaxPool3d",
    function: "x",
  },
  {
    layers: "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d",
    functions: "adaptiveAvgPool1d adaptiveAvgPool2d adaptiveAvgPool3d",
    function: "x",
  },
  {
    layers: "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d",
    functions: "adaptiveMaxPool1d adaptiveMaxPool2d adaptiveMaxPool3d",
    function: "x",
  },
  { layers: "LPPool1d LPPool2d LPPool3d", functions: "lpPool1d lpPool2d lpPool3d", function: "x" },
  { layers: "Upsample BlurPool", functions: "interpolate blurPool", function: "x" },
  {
    layers: "PixelShuffle PixelUnshuffle ChannelShuffle",
    functions: "pixelShuffle pixelUnshuffle channelShuffle",
    function: "x",
  },
  {
    layers: "BatchNorm1d BatchNorm2d BatchNorm3d",
    functions: "batchNorm",
    layer: "momentum affine trackRunningStats",
    function: "x weight bias",
  },
  {
    layers: "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
    functions: "instanceNorm",
    layer: "affine",
    function: "x weight bias",
  },
  { layers: "GroupNorm", functions: "groupNorm", layer: "affine", function: "x weight bias" },
  { layers: "LayerNorm", functions: "layerNorm", layer: "elementwiseAffine", function: "x weight bias" },
  { layers: "LocalResponseNorm", functions: "localResponseNorm", function: "x" },
  { layers: "Dropout", functions: "dropout", function: "x from" },
  { layers: "Dropout1d Dropout2d Dropout3d", functions: "dropout1d dropout2d dropout3d", function: "x from" },
  { layers: "Softmax LogSoftmax", functions: "softmax logSoftmax", function: "x", renamed: "dim=axis" },
  { layers: "Flatten", functions: "flatten", function: "x", renamed: "startDim=start endDim=end" },
  // The layer's shape is one example's.
  { layers: "Reshape", functions: "reshape", function: "x", other: "shape" },
  {
    layers:
      "ZeroPad1d ZeroPad2d ZeroPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d",
    functions: "pad",
    layer: "padding",
    function: "x before after mode value",
  },
  // The function also fills with NaN.
  {
    layers: "ConstantPad1d ConstantPad2d ConstantPad3d",
    functions: "pad",
    layer: "padding",
    function: "x before after mode",
    other: "value",
  },
  { layers: "ReLU Sigmoid Tanh", functions: "relu sigmoid tanh", function: "x" },
  { layers: "RNN", functions: "rnn", layer: stacks, function: cell },
  { layers: "GRU", functions: "gru", layer: stacks, function: `${cell} resetAfter` },
  { layers: "LSTM", functions: "lstm", layer: stacks, function: `${cell} c0 peepholes` },
  { layers: "PReLU", functions: "prelu", layer: "numParameters init", function: "x slope" },
];

const row = "is made from a row of ops/activations.ts, its options among it";
const without: Readonly<Record<string, string>> = {
  ReLU6: row,
  LeakyReLU: row,
  ELU: row,
  CELU: row,
  SELU: row,
  GELU: row,
  GELUTanh: row,
  SiLU: row,
  Mish: row,
  Hardsigmoid: row,
  Hardswish: row,
  Hardtanh: row,
  LogSigmoid: row,
  Softplus: row,
  Softsign: row,
  Tanhshrink: row,
  Softshrink: row,
  Hardshrink: row,
  Sequential: "holds layers",
  Branches: "holds layers",
  Residual: "holds layers",
  Identity: "does nothing",
  Unflatten: "is a reshape whose other sizes come from the input",
  AddCoordinates: "is one of a kind",
  SqueezeExcitation: "is made of convolutions",
  StochasticDepth: "draws for whole examples, which no function of neocog/ops does",
  Permute: "is permute, whose axes may be left out",
  Narrow: "is a slice of one axis",
  Select: "is a slice of one place",
  LayerScale: "holds a layer",
  MultiheadAttention: "projects its input, which scaledDotProductAttention does not",
  PatchTokens: "is one of a kind",
  PositionEmbedding: "is one of a kind",
  AdaptivePolyphase2d: "is one of a kind",
};

type Call = (...given: readonly unknown[]) => unknown;
const x = door.input("x", [1, 4, 8, 8]);
const scalar = door.input("s", [], "int32");
const right: Readonly<Record<string, unknown>> = {
  x,
  w: x,
  slope: x,
  from: { seed: scalar, step: scalar, stream: 1 },
  p: 0.5,
  normType: 2,
  axis: 1,
  start: 1,
  end: 1,
  before: [0, 0, 0, 0],
  after: [0, 0, 0, 0],
  mode: "zeros",
  value: 0,
  shape: [1],
  normalizedShape: 8,
  outChannels: 2,
  outFeatures: 2,
  hiddenSize: 2,
  weightIh: x,
  weightHh: x,
  kernelSize: 2,
  outputSize: 2,
  numGroups: 2,
  size: 2,
  padding: 1,
  upscaleFactor: 2,
  downscaleFactor: 2,
  groups: 2,
};

/** The sentence that a call is refused with. */
function refusal(name: string, given: readonly unknown[]): string {
  const call = (door as unknown as Readonly<Record<string, Call>>)[name];
  try {
    call(...given);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

/** What a function or layer takes by place and by name, with what each may be. */
function taken(name: string): Map<string, string> {
  const places = /takes (?:no argument|\d+ arguments? \(([^)]*)\))/.exec(refusal(name, new Array(9).fill(undefined)));
  assert.ok(places, `${name} tells its arguments`);
  const all = places[1]?.split(", ") ?? [];
  const own = all.filter((argument) => argument !== "options");
  const given = own.map((argument) => {
    assert.ok(argument in right, `${name}: a right ${argument}`);
    return right[argument];
  });
  const must = (sentence: string): string => /must be (.*); it is /.exec(sentence)?.[1] ?? sentence;
  const found = new Map(own.map((argument, i) => [argument, must(refusal(name, given.with(i, null)))]));
  if (all.length === own.length) return found;
  const told = /its options are: (.*)\.$/.exec(refusal(name, [...given, { "no such option, not even nearly": 1 }]));
  assert.ok(told, `${name} tells its options`);
  for (const option of told[1].split(", ")) found.set(option, must(refusal(name, [...given, { [option]: null }])));
  return found;
}

const words = (text = ""): string[] => text.split(" ").filter((word) => word !== "");

for (const pair of pairs) {
  const functions = words(pair.functions);
  for (const [i, layer] of words(pair.layers).entries()) {
    const name = functions[i] ?? functions[0];
    test(`${layer} takes what ${name} takes`, () => {
      const renamed = new Map(words(pair.renamed).map((word) => word.split("=") as [string, string]));
      const except = (all: Map<string, string>, own: string | undefined): Map<string, string> => {
        for (const word of words(own)) assert.ok(all.delete(word), `${word} is taken`);
        return new Map([...all].map(([word, must]) => [word, words(pair.other).includes(word) ? "" : must]));
      };
      const [ofLayer, ofFunction] = [except(taken(layer), pair.layer), except(taken(name), pair.function)];
      const translated = new Map([...ofLayer].map(([word, must]) => [renamed.get(word) ?? word, must]));
      assert.deepEqual(translated, ofFunction);
    });
  }
}

test("every layer has a function to compare it with, or a reason why there is none", () => {
  const compared = pairs.flatMap(({ layers }) => words(layers));
  const known = [...compared, ...Object.keys(without)];
  assert.equal(new Set(known).size, known.length);
  assert.deepEqual(known.filter((name) => name !== "CoordConv2d").sort(), layerTypes.map(({ name }) => name).sort());
});
