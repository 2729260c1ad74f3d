// Sub-sampling forgets where it started.
import { ndarray } from "../../base/array.ts";
import { kaimingNormal } from "../../nn/init.ts";
import type { Layer } from "../../nn/layer.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { AdaptivePolyphase2d } from "../../nn/layers/polyphase.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../../nn/layers/pooling.ts";
import { BlurPool } from "../../nn/layers/resize.ts";
import { CircularPad2d, Flatten } from "../../nn/layers/shape.ts";
import { conv1d } from "../../ops/convolution.ts";
import { slice } from "../../ops/copy.ts";
import { maxPool1d } from "../../ops/pooling.ts";
import { compute, known, noise } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { measureInvariance } from "../measure/equivariance.ts";
import { below, equal, holds, same, table } from "../parts.ts";

/** Three ways from a map to half of it: the pooling as everybody does it, blurred, and adaptive. */
const halvings: Readonly<Record<string, () => Layer[]>> = {
  "max pooling": () => [MaxPool2d(2)],
  BlurPool: () => [CircularPad2d([0, 1, 0, 1]), MaxPool2d(2, { stride: 1 }), BlurPool({ paddingMode: "circular" })],
  "adaptive polyphase": () => [CircularPad2d([0, 1, 0, 1]), MaxPool2d(2, { stride: 1 }), AdaptivePolyphase2d()],
};

export const aliasing = exhibit({
  id: "aliasing",
  title: "Pooling by two has a period of two",
  group: "Equivariance and invariance",
  claim:
    "Max pooling 2/2 answers a shift by one with another pattern; blurring before sub-sampling softens that, and adaptive polyphase sampling removes it, so that every shift of a picture gets the same class.",
  formula:
    "max 2/2 of [0 0 1 1 …] = [0 1 …], shifted by one [1 1 …]        blur [1 2 1] / 4 first: [.5 1 …] and [.75 .75 …]",
  parameters: {
    shifts: whole(1000, 50, 5000, "random shifts, of all pictures together"),
    pictures: whole(20, 1, 100, "noise pictures"),
    size: whole(32, 16, 64, "side of the picture (a multiple of 4)"),
    channels: whole(16, 4, 32, "channels"),
    seed: whole(0, 0, 1e6, "seed of the picture and of the untrained network"),
  },
  tryThis: ["Other seeds: max pooling may keep the class by luck; the adaptive one keeps it always."],
  source: "Zhang 2019 (1904.11486); Chaman & Dokmanic 2021, Truly shift-invariant convolutional networks (2011.14214)",
  async run({ shifts, pictures: count, size: wanted, channels, seed }, { engine, progress }) {
    const line = [0, 0, 1, 1, 0, 0, 1, 1];
    const moved = [1, ...line.slice(0, -1)];
    const wrap = (values: readonly number[], before: number, after: number) => {
      const n = values.length;
      return known(
        ndarray(
          [1, 1, n + before + after],
          Array.from({ length: n + before + after }, (_, i) => values[(i - before + n) % n]),
        ),
      );
    };
    const blur = known(ndarray([1, 1, 3], [0.25, 0.5, 0.25]));
    // Max over two neighbours, blurred, every second kept: what BlurPool does in the place of max pooling.
    const soft = (values: readonly number[]) =>
      slice(conv1d(maxPool1d(wrap(values, 1, 2), 2, { stride: 1 }), blur), [
        undefined,
        undefined,
        { start: 0, step: 2 },
      ]);
    const found = await compute(engine, {
      plain: maxPool1d(wrap(line, 0, 0), 2),
      plainMoved: maxPool1d(wrap(moved, 0, 0), 2),
      soft: soft(line),
      softMoved: soft(moved),
    });
    const size = wanted - (wanted % 4);
    const pictures = noise([count, 1, size, size], seed, "pictures");
    const rows = [];
    for (const [i, [name, halve]] of Object.entries(halvings).entries()) {
      progress(i, 3, name);
      const conv = () =>
        Conv2d(channels, 3, { padding: 1, paddingMode: "circular", init: kaimingNormal({ nonlinearity: "relu" }) });
      const model = Sequential([
        ...[conv(), ReLU(), ...halve()],
        ...[conv(), ReLU(), ...halve()],
        ...[conv(), ReLU(), GlobalAvgPool2d(), Flatten(), Linear(10, { bias: false })],
      ]);
      rows.push({ name, ...(await measureInvariance(engine, model, pictures, { count: shifts, seed })) });
    }
    const [plain, , adaptive] = rows;
    const text = (values: ArrayLike<number>): string => Array.from(values).join(" ");
    return {
      parts: [
        table(
          ["halving of", text(line), "shifted by one"],
          [
            ["max pooling 2/2", text(found.plain.data), text(found.plainMoved.data)],
            ["blurred before sub-sampling", text(found.soft.data), text(found.softMoved.data)],
          ],
        ),
        table(
          ["untrained network with", "same class", "largest change of an output"],
          rows.map(({ name, agreement, largest }) => [name, `${(100 * agreement).toFixed(1)} %`, largest]),
          `${shifts} random shifts of ${count} noise pictures`,
        ),
      ],
      checks: [
        same(
          "max pooling 2/2, pair by pair",
          found.plain.data,
          [0, 2, 4, 6].map((i) => Math.max(line[i], line[i + 1])),
        ),
        holds("shifted by one it is another pattern", text(found.plain.data) !== text(found.plainMoved.data)),
        below(
          "blurred: the change is at most half of that",
          Math.max(...Array.from(found.soft.data, (value, i) => Math.abs(value - found.softMoved.data[i]))),
          0.5,
        ),
        equal("adaptive polyphase: share of shifts with the same class", adaptive.agreement, 1),
        below("and outputs equal to rounding", adaptive.largest, 1e-4),
        holds("max pooling changes the outputs more", plain.largest > 100 * adaptive.largest),
      ],
    };
  },
});
