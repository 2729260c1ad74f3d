// Zeros at the border tell where a place is.
import { filled, type NdArray, ndarray } from "../../base/array.ts";
import type { Engine } from "../../engines/engine.ts";
import { build } from "../../nn/build.ts";
import { constant, kaimingNormal } from "../../nn/init.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { initialState } from "../../nn/state.ts";
import { openSession } from "../../run/session.ts";
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
    pictures: whole(16, 4, 64, "noise pictures of 28x28 to fit on, and to test on"),
    networks: whole(24, 1, 64, "random networks that R² is averaged over"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: [
    "Fewer layers: the mark has not come far, and R² falls.",
    "`--networks 1` with several seeds: one random network tells much, another little; the mean is what holds.",
  ],
  source: "Islam, Jia & Bruce 2020, How much position information do CNNs encode? (2001.08248)",
  async run({ size, averaging, layers, channels, pictures: count, networks, seed }, { engine, progress }) {
    const stack = Sequential(
      Array.from({ length: averaging }, () => Conv2d(1, 3, { padding: 1, bias: false, init: constant(1 / 9) })),
    );
    const built = build(stack, [1, 1, size, size]);
    const outputs = Object.fromEntries(
      built.layers.filter(({ depth }) => depth === 1).map(({ output }, i) => [`layer ${i + 1}`, output]),
    );
    const maps = await compute(engine, outputs, { input: filled([1, 1, size, size], 1) });
    const untouched = Object.values(maps).map((map) => {
      const row = map.data.slice((size >> 1) * size, (size >> 1) * size + size);
      return Array.from(row).filter((value) => Math.abs(value - 1) < 1e-6).length;
    });
    const told: Record<string, ReadOut> = {};
    for (const [index, mode] of (["zeros", "circular"] as const).entries()) {
      told[mode] = await readOut(engine, { mode, layers, channels, count, networks, seed }, (done) =>
        progress(index * networks + done, 2 * networks, `${mode} padding`),
      );
    }
    const answers = Object.fromEntries(Object.entries(told).map(([mode, { map }]) => [`told by ${mode}`, map]));
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
          ["padding", "mean R²", "least", "largest"],
          Object.entries(told).map(([mode, { scores }]) => [
            mode,
            mean(scores),
            Math.min(...scores),
            Math.max(...scores),
          ]),
          `R² of the column on new pictures, of ${networks} random ${networks === 1 ? "network" : "networks"}`,
        ),
        pictures(answers, { title: "The column, as the read-out tells it (mean over networks and pictures)" }),
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
        above("zero padding: mean R² of the column", mean(told.zeros.scores), 0.15),
        below("circular padding: |mean R²|", Math.abs(mean(told.circular.scores)), 0.02),
      ],
    };
  },
});

const side = 28;

interface ReadOut {
  /** R² on new pictures, of each network. */
  readonly scores: readonly number[];
  /** What the read-outs say at each place, averaged over networks and pictures. */
  readonly map: NdArray;
}

interface Question {
  readonly mode: "zeros" | "circular";
  readonly layers: number;
  readonly channels: number;
  readonly count: number;
  readonly networks: number;
  readonly seed: number;
}

/** Fits a linear read-out of the column on each of some random networks: one program, other weights. */
async function readOut(
  engine: Engine,
  { mode, layers, channels, count, networks, seed }: Question,
  progress: (done: number) => void,
): Promise<ReadOut> {
  const init = kaimingNormal({ nonlinearity: "relu" });
  const stack = Sequential(
    Array.from({ length: layers }, () => [
      Conv2d(channels, 3, { padding: 1, paddingMode: mode, init, bias: false }),
      ReLU(),
    ]).flat(),
  );
  const shape = [2 * count, 1, side, side];
  const { output: y } = build(stack, shape);
  const session = await openSession({ outputs: { y }, updates: [] }, engine);
  const scores: number[] = [];
  const map = new Float64Array(side * side);
  try {
    for (let network = 0; network < networks; network++) {
      progress(network);
      const own = seed * networks + network;
      for (const [name, value] of initialState(build(stack, shape, { seed: own }).variables)) {
        session.writeVariable(name, value);
      }
      const { y: maps } = await session.run({ input: noise(shape, own, "pictures") });
      const [train, test] = [samplesOf(maps, 0, count), samplesOf(maps, count, count)];
      const { weights, tested } = linearProbe(train, test, 1e-9);
      scores.push(tested);
      test.targets.forEach((_, row) => {
        let told = weights[channels];
        for (let c = 0; c < channels; c++) told += weights[c] * test.features[row * channels + c];
        map[row % map.length] += told / (count * networks);
      });
    }
  } finally {
    session.release();
  }
  return { scores, map: ndarray([side, side], map) };
}

/** The channels at each place of some pictures, and the column of the place from −1 to 1. */
function samplesOf({ shape: [, channels], data }: NdArray, from: number, count: number): Samples {
  const places = side * side;
  const features = new Float64Array(count * places * channels);
  const targets = new Float64Array(count * places);
  for (let row = 0; row < targets.length; row++) {
    const [image, place] = [from + Math.floor(row / places), row % places];
    targets[row] = (2 * (place % side)) / (side - 1) - 1;
    for (let c = 0; c < channels; c++) {
      features[row * channels + c] = data[(image * channels + c) * places + place];
    }
  }
  return { features, targets };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
