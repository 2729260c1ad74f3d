// Looking at a network's own numbers: what a layer makes of the picture, and the filters of the first convolution.
import { ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { openSession } from "../../run/session.ts";
import type { Method } from "../method.ts";
import { buildNetwork, convolutions, findMaps, firstMaps } from "../network.ts";
import { openRunner } from "../runner.ts";

export interface FeatureMapsOptions {
  /** Path of the layer; the first convolution with its activation, unless told. */
  readonly layer?: string;
}

export const featureMaps: Method<FeatureMapsOptions> = {
  title: "Feature maps",
  about: "what a layer makes of the picture, channel by channel",
  source: "Zeiler, Fergus 2014, arXiv:1311.2901",
  options: ["layer"],
  async open(subject, picture, engine, { layer: path }) {
    const network = buildNetwork(subject, picture);
    const layer = path === undefined ? firstMaps(network) : findMaps(network, path);
    const runner = await openRunner(network, { maps: layer.output }, engine, subject.weights);
    return {
      async find(x) {
        const { maps } = await runner.run(x);
        const [, channels, height, width] = maps.shape;
        const plane = height * width;
        const flat = Array.from({ length: channels }, (_, c) => maps.data.subarray(c * plane, (c + 1) * plane)).filter(
          (map) => map.every((value) => value === map[0]),
        ).length;
        return {
          values: maps,
          drawing: {
            kind: "tiles",
            array: ndarray([channels, 1, height, width], maps.data),
            signed: maps.data.some((value) => value < 0),
          },
          numbers: { channels, "flat channels": flat },
          layer: layer.path,
        };
      },
      load: (weights) => runner.load(weights),
      release: () => runner.release(),
    };
  },
};

export const filters: Method<Record<never, never>> = {
  title: "Filters",
  about: "the weights of the first convolution",
  source: "Krizhevsky, Sutskever, Hinton 2012",
  options: [],
  async open(subject, picture, engine) {
    const network = buildNetwork(subject, picture);
    const first = convolutions(network)[0];
    if (!first) throw new NeocogError("The network has no convolution, so it has no filters.");
    const weights = first.inputs[1];
    const [count, channels, height, width] = weights.shape;
    // A plane for each input channel, unless the channels are red, green and blue.
    const shape = channels === 3 ? weights.shape : [count * channels, 1, height, width];
    const session = await openSession({ outputs: { weights }, updates: [] }, engine, { state: subject.weights });
    return {
      async find() {
        const { weights: found } = await session.run();
        const values = ndarray(found.shape, Float64Array.from(found.data));
        return {
          values,
          drawing: { kind: "tiles", array: ndarray(shape, values.data), signed: true },
          numbers: { filters: count, height, width },
          layer: first.path,
        };
      },
      load(state) {
        for (const name of session.variables) {
          const value = state.get(name);
          if (value) session.writeVariable(name, value);
        }
      },
      release: () => session.release(),
    };
  },
};
