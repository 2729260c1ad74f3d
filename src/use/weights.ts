// Weights alone, as PyTorch's people pass them on: a safetensors file with the names of the state dict. torchvision's files
// load into the built-in models unchanged, and what is saved loads into torchvision.
//
//   const { layer, inputShape } = createModel("resnet18");
//   const { state } = await loadWeights(layer, [1, ...inputShape], "resnet18.safetensors");

import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { stateRule } from "../base/array.ts";
import { options as byName, flag, type OptionsOf, oneOf, path, shape as shapeRule } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import { readSafetensors, type SafetensorsOptions, writeSafetensors } from "../io/safetensors.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { layer as layerRule } from "../nn/rules.ts";
import type { Sizes } from "../nn/shapes/kinds.ts";
import type { TypedModel } from "../nn/shapes/typed.ts";
import { type LoadedState, type LoadOptions, loadState } from "../nn/state.ts";
import type { State } from "../run/session.ts";

/** The shape [batch, …] of a model's input: known to the compiler for a typed model, any shape for others. */
export type InputOf<L extends Layer> =
  L extends TypedModel<infer I, Sizes> ? readonly [batch: number, ...sizes: I] : Shape;

/**
 * Reads weights for a model and an input shape [batch, channels, …sizes]. Missing, unexpected and misshapen names are told
 * all at once; with `strict: false` missing ones keep their start and unexpected ones are passed over.
 */
export async function loadWeights<L extends Layer>(
  model: L,
  inputShape: InputOf<L>,
  file: string,
  options: Pick<LoadOptions, "strict"> = {},
): Promise<LoadedState> {
  understand("loadWeights", arguments, {
    model: layerRule,
    inputShape: shapeRule(1),
    file: path,
    options: byName<OptionsOf<typeof loadWeights>>({ strict: flag }),
  });
  const { strict } = options;
  const { tensors } = readSafetensors(await files.readFile(file), file);
  return loadState(build(model, inputShape).variables, tensors, { strict, source: file });
}

/**
 * Writes weights as a safetensors file that PyTorch (`safetensors.torch.load_file`) and `loadWeights` read; float32
 * unless told by `floats` (F16, BF16). A file that stands there is replaced in one piece. Throws where it cannot be
 * written.
 */
export async function saveWeights(
  file: string,
  weights: State,
  options: Pick<SafetensorsOptions, "floats"> = {},
): Promise<void> {
  understand("saveWeights", arguments, {
    file: path,
    weights: stateRule,
    options: byName<OptionsOf<typeof saveWeights>>({ floats: oneOf(["F32", "F16", "BF16"]) }),
  });
  await files.writeFileAtomic(file, writeSafetensors(weights, { ...options, metadata: new Map([["format", "pt"]]) }));
}
