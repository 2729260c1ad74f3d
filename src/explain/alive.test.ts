// Networks that look dead: the photo recipes' networks with shuffled weights, units behind closed rectifiers, weights that a
// file keeps where nobody can shuffle them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import type { Engine } from "../engines/engine.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { constantTensor, input } from "../graph/graph.ts";
import { drawn } from "../lab/datasets.ts";
import { build } from "../nn/build.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../nn/layers/pooling.ts";
import { BlurPool } from "../nn/layers/resize.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { createModel } from "../nn/models/list.ts";
import type { ModelSource } from "../nn/source.ts";
import { initialState } from "../nn/state.ts";
import { conv2d } from "../ops/convolution.ts";
import { globalAvgPool } from "../ops/pooling.ts";
import { reshape } from "../ops/reshape.ts";
import { fit } from "../train/fit.ts";
import { recipeFor } from "../train/recipes.ts";
import type { TrainedModel } from "../use/trained.ts";
import { classScores, explain } from "./explain.ts";
import { shuffledWeights } from "./sanity.ts";

const size = 32;

/** Discs, squares and stripes in any colour on any ground, with noise. */
const photos = (count: number, seed: number) =>
  drawn({ name: "photos", count, channels: 3, size, classes: ["disc", "square", "stripes"], seed }, (pixel, random) => {
    const label = random.below(3);
    const [cy, cx, r] = [9 + random.below(14), 9 + random.below(14), 5 + random.below(4)];
    const [ink, ground] = [0, 1].map(() => [0, 1, 2].map(() => random.uniform()));
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const near = Math.abs(x - cx) < r && Math.abs(y - cy) < r;
        const round = (x - cx) ** 2 + (y - cy) ** 2 < r * r;
        const inside = label === 0 ? round : near && (label === 1 || x % 4 < 2);
        for (let c = 0; c < 3; c++) {
          const value = (inside ? ink : ground)[c] + 0.05 * random.normal();
          pixel(c, y, x, Math.min(1, Math.max(0, value)));
        }
      }
    }
    return label;
  });

let engine: Engine;
let trained: TrainedModel;
const natural = photos(40, 2);
before(async () => {
  engine = await wasmEngine({ threads: 1 });
  const train = photos(192, 1);
  const { model, options } = recipeFor("photos", train);
  const { layer } = createModel(model, { inputSize: size, inChannels: 3, classes: 3 });
  for await (const event of fit(layer, { train, test: natural }, { ...options, epochs: 8, seed: 1, engine })) {
    if (event.kind === "finished") trained = event.trained;
  }
});
after(() => engine.close());

/** One of the natural pictures. */
const pictureOf = (place: number) => {
  const length = 3 * size * size;
  return ndarray([1, 3, size, size], natural.images.data.slice(place * length, (place + 1) * length), "float32");
};

test("the photo recipe's network: every method that reads the weights has a verdict that is a number", async () => {
  for (const method of ["saliency", "smoothGrad", "gradCam", "guidedBackprop", "occlusion", "featureMaps"] as const) {
    const { sanity } = await explain(method, trained, pictureOf(0), { target: 1, engine });
    assert.equal(sanity?.reason, undefined, method);
    assert.ok(Math.abs(sanity!.spearman!) < 0.9 && Number.isFinite(sanity!.ssim!), `${method} ${sanity!.spearman}`);
  }
});

test("the shuffled network's statistics may come from data", async () => {
  const images = ndarray([8, 3, size, size], natural.images.data.slice(0, 8 * 3 * size * size), "float32");
  const asked = { target: 1, engine };
  const own = await explain("saliency", trained, pictureOf(0), { ...asked, sanityData: images });
  assert.ok(own.sanity?.spearman !== undefined);
  assert.notEqual(own.sanity.spearman, (await explain("saliency", trained, pictureOf(0), asked)).sanity?.spearman);
  const small = ndarray([8, 3, 8, 8], new Float64Array(8 * 3 * 64));
  await assert.rejects(explain("saliency", trained, pictureOf(0), { ...asked, sanityData: small }), /8/);
});

test("activation maximisation climbs well above its start and above the best of 40 pictures", async () => {
  const { mean, std } = trained.preprocessing;
  const range = { low: mean.map((m, c) => -m / std[c]), high: mean.map((m, c) => (1 - m) / std[c]) };
  const best = [0, 1, 2].map(() => Number.NEGATIVE_INFINITY);
  for (let place = 0; place < 40; place++) {
    const { data } = await classScores(trained, pictureOf(place), { engine });
    data.forEach((score, k) => {
      best[k] = Math.max(best[k], score);
    });
  }
  for (const target of [0, 1, 2]) {
    const options = { target, engine, sanity: false, range };
    const { numbers, values } = await explain("activationMaximization", trained, pictureOf(0), options);
    assert.ok(
      numbers.end > numbers.start + 1 && numbers.end > best[target],
      `${JSON.stringify(numbers)} ${best[target]}`,
    );
    // It is no gray square.
    const plane = Float64Array.from(values.data.slice(0, size * size));
    const middle = plane.reduce((sum, value) => sum + value, 0) / plane.length;
    const spread = plane.reduce((sum, value) => sum + (value - middle) ** 2, 0) / plane.length;
    assert.ok(Math.sqrt(spread) > 0.2, `deviation ${Math.sqrt(spread)}`);
  }
});

/** conv → ReLU → dense → ReLU → dense; with a bias so low that a gray picture leaves the second ReLU closed. */
function silent(bias: number) {
  const model = Sequential({
    conv: Conv2d(4, 3, { padding: 1 }),
    relu: ReLU(),
    pool: MaxPool2d(4),
    flatten: Flatten(),
    hidden: Linear(8),
    relu2: ReLU(),
    classes: Linear(3),
  });
  const weights = initialState(build(model, [1, 1, 8, 8], { seed: 1 }).variables);
  weights.get("hidden.bias")!.data.fill(bias);
  weights.get("classes.weight")!.data.forEach((value, i, all) => {
    all[i] = Math.abs(value);
  });
  return { model, weights };
}

test("a unit that is dead where the climb starts is found behind its closed rectifiers", async () => {
  const picture = ndarray([1, 1, 8, 8], new Float64Array(64));
  const options = { target: 1, engine, sanity: false };
  const { numbers, curve } = await explain("activationMaximization", silent(-0.3), picture, options);
  assert.ok(numbers["dead steps"] > 0 && numbers["dead steps"] < 64, JSON.stringify(numbers));
  assert.ok(numbers.end > numbers.start + 0.3 && curve![0] === curve![1], JSON.stringify([numbers, curve]));
  const awake = await explain("activationMaximization", silent(0.5), picture, options);
  assert.equal(awake.numbers["dead steps"], 0);
});

test("a flat drawing has no verdict, and the reason names the side", async () => {
  const picture = ndarray([1, 1, 8, 8], new Float64Array(64).fill(0.1));
  const { sanity } = await explain("saliency", silent(-50), picture, { target: 0, engine });
  assert.match(sanity!.reason!, /^The drawing is the same everywhere/);
  // Alive with its own weights, silent with any others: all that is positive sits where the picture is bright.
  const model = Sequential([Conv2d(1, 1, { bias: true }), ReLU(), Flatten(), Linear(2)]);
  const own = initialState(build(model, [1, 1, 4, 4], { seed: 1 }).variables);
  own.get("0.weight")!.data.fill(0);
  own.get("0.bias")!.data.fill(-1);
  const none = await explain("saliency", { model, weights: own }, ndarray([1, 1, 4, 4], new Float64Array(16).fill(1)), {
    target: 0,
    engine,
  });
  assert.ok(none.sanity!.reason !== undefined && none.sanity!.spearman === undefined);
});

test("a network without batch norm has a verdict; a blur's fixed filter is architecture", async () => {
  const random = new Random(1, "picture");
  const picture = ndarray(
    [1, 1, 12, 12],
    Float64Array.from({ length: 144 }, () => random.normal()),
  );
  const model = Sequential([
    Conv2d(6, 3),
    ReLU(),
    BlurPool(),
    Conv2d(8, 3),
    ReLU(),
    GlobalAvgPool2d(),
    Flatten(),
    Linear(3),
  ]);
  const weights = initialState(build(model, [1, 1, 12, 12], { seed: 1 }).variables);
  const { sanity } = await explain("saliency", { model, weights }, picture, { target: 0, engine });
  assert.ok(sanity!.reason === undefined && Math.abs(sanity!.spearman!) < 0.9);
});

/** Two convolutions, of which the weights of some are constants of the graph, as in files that hide them. */
function hidden(constants: readonly boolean[]): {
  model: ModelSource;
  weights: Map<string, ReturnType<typeof ndarray>>;
} {
  const random = new Random(2, "weights");
  const weights = new Map<string, ReturnType<typeof ndarray>>();
  for (const [i, shape] of [
    [4, 1, 3, 3],
    [3, 4, 3, 3],
  ].entries()) {
    const count = shape.reduce((a, b) => a * b, 1);
    weights.set(
      `w${i}`,
      ndarray(
        shape,
        Float64Array.from({ length: count }, () => random.normal()),
      ),
    );
  }
  const plain = Sequential([Conv2d(4, 3, { bias: false }), Conv2d(3, 3, { bias: false })]);
  return {
    weights,
    model: {
      build(shape) {
        const x = input("x", shape);
        const built = build(plain, x);
        const variable = (i: number) => built.variables[i];
        const at = (i: number) => (constants[i] ? constantTensor(weights.get(`w${i}`)!) : variable(i));
        const y = conv2d(conv2d(x, at(0)), at(1));
        const output = reshape(globalAvgPool(y), [shape[0], 3]);
        return { input: x, output, variables: built.variables.filter((_, i) => !constants[i]), layers: [] };
      },
    },
  };
}

test("where nothing or only part of the weights was shuffled there is no verdict, and it is said how much", async () => {
  const picture = ndarray(
    [1, 1, 8, 8],
    Float64Array.from({ length: 64 }, (_, i) => Math.sin(i)),
  );
  const asked = { target: 0, engine };
  const none = await explain("saliency", hidden([true, true]), picture, asked);
  assert.match(none.sanity!.reason!, /^The weights of all 2 convolutions and products could not be shuffled/);
  const part = await explain("saliency", hidden([false, true]), picture, asked);
  assert.match(part.sanity!.reason!, /^The weights of 1 of 2 convolutions and products could not be shuffled/);
  const all = await explain("saliency", hidden([false, false]), picture, asked);
  assert.equal(all.sanity!.reason, undefined);
});

test("the shuffle is the same for the same seed, whatever the order of the weights", () => {
  const weights = initialState(build(createModel("digits").layer, [1, 1, 8, 8]).variables);
  const reversed = new Map([...weights].reverse());
  for (const [name, { data }] of shuffledWeights(weights, 5)) {
    assert.deepEqual(shuffledWeights(reversed, 5).get(name)!.data, data);
  }
});
