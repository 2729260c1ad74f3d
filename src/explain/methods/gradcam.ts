// Grad-CAM: where in the last maps the class finds its evidence (Selvaraju et al. 2017, arXiv:1610.02391).
//
//   weight of map k = mean over its places of d score / d A[k]        map = max(0, Σ_k weight[k] · A[k])
//
// All of it is graph: one program gives the map, its enlargement to the picture's size, and the weights.
import { ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { gradients } from "../../compile/grad.ts";
import { walk } from "../../graph/walk.ts";
import { relu } from "../../ops/activations.ts";
import { mul } from "../../ops/arithmetic.ts";
import { interpolate } from "../../ops/resize.ts";
import { mean, sum } from "../../ops/sum.ts";
import type { Method } from "../method.ts";
import { buildNetwork, findMaps, lastMaps } from "../network.ts";
import { oneHotRow, openRunner, seedLike } from "../runner.ts";

export interface GradCamOptions {
  /** Path of the layer whose maps are looked at; the last before the network leaves space, unless told. */
  readonly layer?: string;
}

export const gradCam: Method<GradCamOptions> = {
  title: "Grad-CAM",
  about: "where in the last maps the class finds its evidence",
  source: "Selvaraju et al. 2017, arXiv:1610.02391",
  options: ["layer"],
  async open(subject, picture, engine, { layer: path }) {
    const network = buildNetwork(subject, picture);
    const layer = path === undefined ? lastMaps(network) : findMaps(network, path);
    const maps = layer.output;
    if (!walk([network.scores]).includes(maps.node))
      throw new NeocogError(`The scores do not depend on layer "${layer.path}"; name another layer for Grad-CAM.`);
    const seed = seedLike(network.scores);
    const [slope] = gradients([network.scores], [maps], [seed]);
    const weights = mean(slope, [2, 3], true);
    const map = relu(sum(mul(maps, weights), [1], true));
    const [, height, width] = picture;
    const enlarged = interpolate(map, { size: [height, width], mode: "bilinear" });
    const runner = await openRunner(network, { map, enlarged, weights }, engine, subject.weights, seed);
    return {
      async find(x, target) {
        const found = await runner.run(x, oneHotRow(target, network.scores.shape[1]));
        const lit = found.map.data.filter((value) => value > 0).length / found.map.data.length;
        return {
          values: found.map,
          drawing: { kind: "map", array: ndarray([height, width], found.enlarged.data), signed: false },
          numbers: { "share lit": lit, peak: Math.max(...found.map.data) },
          layer: layer.path,
        };
      },
      load: (state) => runner.load(state),
      release: () => runner.release(),
    };
  },
};
