// SPEC 20: zeros at the border tell where a place is.
import { filled, type NdArray } from "../../base/array.ts";
import type { Engine } from "../../engines/engine.ts";
import { buildModel } from "../../nn/build.ts";
import { constant, kaimingNormal } from "../../nn/init.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { compute, noise, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { linearProbe, type Samples } from "../measure/probe.ts";
import { above, below, type Check, equal, pictures, table } from "../parts.ts";

export const zeroPaddingPosition = exhibit({
  id: "zero-padding-position",
  title: "Zero padding tells position",
  group: "Padding and stride",
  claim:
    "Zeros at the border mark it, and every layer carries the mark further in: a linear read-out can tell where it stands after zero padding, but not after circular padding.",
  formula: "untouched square after L layers of 3x3: n − 2L        R² of a linear read-out of the column",
  parameters: {
    size: whole(12, 4, 32, "side of the constant picture"),
    averaging: whole(4, 1, 12, "averaging layers"),
    layers: whole(12, 1, 16, "random ReLU layers before the read-out"),
    channels: whole(16, 2, 32, "channels of each"),
    pictures: whole(24, 4, 64, "noise pictures of 28x28 to fit on, and to test on"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["Fewer layers: the mark has not come far, and R² falls."],
  source: "Islam, Jia & Bruce 2020, How much position information do CNNs encode? (2001.08248)",
  async run({ size, averaging, layers, channels, pictures: count, seed }, { engine, progress }) {
    const stack = Sequential(
      Array.from({ length: averaging }, () => Conv2d(1, 3, { padding: 1, bias: false, init: constant(1 / 9) })),
    );
    const built = buildModel(stack, [1, 1, size, size]);
    const outputs = Object.fromEntries(
      built.layers.filter(({ depth }) => depth === 1).map(({ output }, i) => [`layer ${i + 1}`, output]),
    );
    const maps = await compute(engine, outputs, { input: filled([1, 1, size, size], 1) });
    const untouched = Object.values(maps).map((map) => {
      const row = map.data.slice((size >> 1) * size, (size >> 1) * size + size);
      return Array.from(row).filter((value) => Math.abs(value - 1) < 1e-6).length;
    });
    const scores: Record<string, number> = {};
    const answers: Record<string, NdArray> = {};
    for (const mode of ["zeros", "circular"] as const) {
      progress(mode === "zeros" ? 0 : 1, 2, `${mode} padding`);
      const { score, map } = await readOut(engine, mode, layers, channels, count, seed);
      scores[mode] = score;
      answers[`told by ${mode}`] = map;
    }
    return {
      parts: [
        pictures(Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, plane(map)])), {
          title: "A constant picture through averaging layers with zero padding",
        }),
        table(
          ["layers", "untouched square"],
          untouched.map((side, i) => [i + 1, side]),
        ),
        table(
          ["padding", "R² of the column, on new pictures"],
          Object.entries(scores).map(([mode, score]) => [mode, score]),
        ),
        pictures(answers, { title: "The column, as the read-out tells it (mean over pictures)" }),
      ],
      checks: [
        ...untouched.map(
          (side, i): Check =>
            equal(
              `after ${i + 1} ${i === 0 ? "layer" : "layers"} the untouched square has side n − 2L`,
              side,
              Math.max(0, size - 2 * (i + 1)),
            ),
        ),
        above("zero padding: R² of the column", scores.zeros, 0.15),
        below("circular padding: |R²|", Math.abs(scores.circular), 0.02),
      ],
    };
  },
});

const side = 28;

async function readOut(
  engine: Engine,
  paddingMode: "zeros" | "circular",
  layers: number,
  channels: number,
  count: number,
  seed: number,
): Promise<{ score: number; map: NdArray }> {
  const init = kaimingNormal({ nonlinearity: "relu" });
  const stack = Sequential(
    Array.from({ length: layers }, () => [
      Conv2d(channels, 3, { padding: 1, paddingMode, init, bias: false }),
      ReLU(),
    ]).flat(),
  );
  const built = buildModel(stack, [2 * count, 1, side, side], { seed });
  const { y } = await compute(
    engine,
    { y: built.output },
    { input: noise([2 * count, 1, side, side], seed, "pictures") },
  );
  const places = side * side;
  const samples = (from: number): Samples => {
    const features = new Float64Array(count * places * channels);
    const targets = new Float64Array(count * places);
    for (let image = 0; image < count; image++) {
      for (let i = 0; i < places; i++) {
        const row = image * places + i;
        targets[row] = (2 * (i % side)) / (side - 1) - 1;
        for (let c = 0; c < channels; c++) {
          features[row * channels + c] = y.data[((from + image) * channels + c) * places + i];
        }
      }
    }
    return { features, targets };
  };
  const test = samples(count);
  const probe = linearProbe(samples(0), test, 1e-9);
  const map = new Float64Array(places);
  for (let row = 0; row < test.targets.length; row++) {
    let told = probe.weights[channels];
    for (let c = 0; c < channels; c++) told += probe.weights[c] * test.features[row * channels + c];
    map[row % places] += told / count;
  }
  return { score: probe.tested, map: { shape: [side, side], dtype: "float32", data: map } };
}
