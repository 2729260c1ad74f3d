// What stands outside the picture.
import { filled, type NdArray, ndarray } from "../../base/array.ts";
import { input } from "../../graph/graph.ts";
import { build } from "../../nn/build.ts";
import { ones } from "../../nn/init.ts";
import type { Layer } from "../../nn/layer.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { PartialConv2d } from "../../nn/layers/partial.ts";
import { pad } from "../../ops/copy.ts";
import { compute, counting, known, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { close, equal, matrices, table } from "../parts.ts";

export const paddingModes = exhibit({
  id: "padding-modes",
  title: "Five ways to go on beyond the edge",
  group: "Padding and stride",
  claim:
    "Zeros darken the border; reflecting, replicating and wrapping around do not, and the partial convolution weighs up what is missing.",
  formula: "partial convolution: y · window area / valid area        corner k² / ((k + 1) / 2)²,   edge 2k / (k + 1)",
  parameters: {
    size: whole(5, 3, 12, "side of a picture of ones"),
    kernel: whole(3, 3, 5, "odd side of a kernel of ones"),
  },
  tryThis: ["A kernel of 5 reaches two cells over the edge: the border is two cells wide."],
  source:
    "Liu et al. 2018, Partial convolution based padding (1811.11718); Alsallakh et al. 2021, Mind the pad (2010.02178)",
  async run({ size, kernel: even }, { engine }) {
    const k = even % 2 === 0 ? even - 1 : even;
    const padding = (k - 1) / 2;
    const n = Math.max(size, k);
    const modes = ["zeros", "reflect", "replicate", "circular"] as const;
    const layers: Record<string, Layer> = {
      ...Object.fromEntries(
        modes.map((paddingMode) => [paddingMode, Conv2d(1, k, { padding, paddingMode, bias: false, init: ones })]),
      ),
      partial: PartialConv2d(1, k, { padding, bias: false, init: ones }),
    };
    const x = input("x", [1, 1, n, n]);
    const found: Record<string, NdArray> = {};
    for (const [name, layer] of Object.entries(layers)) {
      found[name] = plane((await compute(engine, { y: build(layer, x).output }, { x: filled([1, 1, n, n], 1) })).y);
    }
    // What a window meets outside: a small picture of 1, 2, 3, … padded by two cells.
    const small = counting([1, 1, 3, 3], 1);
    const outside = await compute(
      engine,
      Object.fromEntries(modes.map((mode) => [mode, pad(known(small), [0, 0, 2, 2], [0, 0, 2, 2], mode)])),
    );
    const ratio = found.zeros.data.map((value) => (k * k) / value);
    const middle = n >> 1;
    const at = (name: string, row: number, column: number): number => found[name].data[row * n + column];
    const half = (k + 1) / 2;
    const inside = n - 2 * padding >= 1;
    return {
      parts: [
        matrices(
          Object.fromEntries(modes.map((mode) => [mode, plane(outside[mode])])),
          "A picture of 1 to 9, two cells beyond its edge",
        ),
        matrices(
          { zeros: found.zeros, "partial convolution: times": ndarray([n, n], ratio), gives: found.partial },
          `A picture of ones under a kernel of ${k * k} ones`,
        ),
        table(
          ["mode", "corner", "edge", "inside"],
          Object.keys(found).map((name) => [name, at(name, 0, 0), at(name, 0, middle), at(name, middle, middle)]),
        ),
        table(
          ["place", "valid cells", "weight of the partial convolution"],
          [
            ["corner", half * half, k ** 2 / half ** 2],
            ["edge", half * k, k / half],
          ],
        ),
      ],
      checks: [
        equal("zeros: the corner sees ((k + 1) / 2)² ones", at("zeros", 0, 0), half * half),
        ...(inside ? [equal("zeros: the edge sees k (k + 1) / 2", at("zeros", 0, middle), half * Math.min(k, n))] : []),
        ...["reflect", "replicate", "circular"].flatMap((name) => [
          equal(`${name}: the corner sees k²`, at(name, 0, 0), k * k),
          equal(`${name}: the edge too`, at(name, 0, middle), k * k),
        ]),
        close("partial: the corner is weighed up to k²", at("partial", 0, 0), k * k, 1e-5),
        close("partial: the weight in the corner", at("partial", 0, 0) / at("zeros", 0, 0), k ** 2 / half ** 2, 1e-6),
        close("partial: the weight at the edge", at("partial", 0, middle) / at("zeros", 0, middle), k / half, 1e-6),
      ],
    };
  },
});
