// A TensorFlow.js model as a network that can be built for any batch and picture, [N, C, H, W]. Networks of one input are
// meant; of several outputs the first counts unless another is named.
import { understand } from "../../base/arguments.ts";
import { NeocogError, unknownName } from "../../base/errors.ts";
import { options as byName, type OptionsOf, text } from "../../base/rules.ts";
import type { BuiltSource } from "../../nn/source.ts";
import { initialState, variablesOf } from "../../nn/state.ts";
import { builtOnce, type FileSource } from "../source.ts";
import { turns } from "./border.ts";
import { buildNetwork, readNetwork } from "./import.ts";
import { type TfjsModel, tfjsModelRule as tfjsModel } from "./model.ts";

/** Options of tfjsSource. */
export interface TfjsSourceOptions {
  /** Which output is meant; the first unless told. */
  readonly output?: string;
}

/**
 * What `openTfjs` gives, as a network that can be built for any batch and picture. Throws for all that is not
 * supported, at once, and for a model of other than one input.
 */
export function tfjsSource(model: TfjsModel, options: TfjsSourceOptions = {}): FileSource {
  understand("tfjsSource", arguments, {
    model: tfjsModel,
    options: byName<OptionsOf<typeof tfjsSource>>({ output: text }),
  });
  const network = readNetwork(model);
  const { inputs, outputs } = network;
  const names = inputs.map(({ name }) => name);
  if (inputs.length !== 1) {
    throw new NeocogError(
      `The model has ${inputs.length} inputs (${names.join(", ")}); only networks of one input are taken.`,
    );
  }
  const [{ name: inputName, shape: open }] = inputs;
  const outputName = options.output ?? outputs[0];
  if (!outputs.includes(outputName)) throw unknownName("output", outputName, outputs);
  const build = builtOnce((shape): BuiltSource => {
    const built = buildNetwork(network, model, { shapes: { [inputName]: shape } });
    const output = built.outputs[outputName];
    return { input: built.inputs[inputName], output, variables: variablesOf([output]), layers: built.layers };
  });
  const turned = open && turns(open.length, network) ? [open[0], open[open.length - 1], ...open.slice(1, -1)] : open;
  const first = turned?.[0];
  return {
    build,
    inputName,
    inputSizes: turned?.map((size, axis) => size ?? `axis ${axis}`),
    inputs: names,
    outputs,
    outputName,
    ...(first === undefined ? {} : { fixedBatch: first }),
    weights: (shape) => initialState(build(shape).variables),
    metadata: new Map(),
    plainPictures: true,
  };
}
