// Guided backpropagation (guided.ts). It draws the edges that the network looks at, sharply; how little they depend on what
// it has learned is told by the sanity check beside it (Adebayo et al. 2018 found it to fail).

import { guide } from "../guided.ts";
import type { Method } from "../method.ts";
import { buildNetwork } from "../network.ts";
import { largestOfChannels } from "../planes.ts";
import { oneHotRow, openGradient } from "../runner.ts";

export const guidedBackprop: Method<Record<never, never>> = {
  title: "Guided backprop",
  about: "the gradient, of which every rectifier lets only the positive part back: sharp edges",
  source: "Springenberg et al. 2014, arXiv:1412.6806",
  options: [],
  async open(subject, picture, engine) {
    const network = buildNetwork(subject, picture);
    const { output, rectifiers } = guide(network.scores);
    const runner = await openGradient(network, output, engine, subject.weights);
    return {
      async find(x, target) {
        const { gradient } = await runner.run(x, oneHotRow(target, output.shape[1]));
        return {
          values: gradient,
          drawing: { kind: "map", array: largestOfChannels(gradient), signed: false },
          numbers: { rectifiers },
        };
      },
      load: (weights) => runner.load(weights),
      release: () => runner.release(),
    };
  },
};
