// Planted faults are found, each by its name; where nothing is wrong nothing is found.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Dataset, subset } from "../data/dataset.ts";
import type { Labels } from "../data/labels.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { build } from "../nn/build.ts";
import { normal } from "../nn/init.ts";
import { ReLU, Sigmoid } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d } from "../nn/layers/normalization.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { Softmax } from "../nn/layers/softmax.ts";
import { initialState } from "../nn/state.ts";
import { SGD } from "../train/optimizers/optimizer.ts";
import { type Diagnosed, diagnose } from "./diagnose.ts";
import { diagnoses } from "./list.ts";
import { looked, made, trained } from "./testing.ts";

const engine = await wasmEngine({ threads: 1 });
after(() => engine.close());

/** Squares, discs and crosses of some colour on another. */
function coloured(count: number, seed: number): Dataset {
  const random = new Random(seed, "shapes");
  const side = 16;
  const pixels = new Uint8Array(count * 3 * side * side);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  labels.forEach((label, i) => {
    const [ground, ink] = [0, 1].map(() => [0, 1, 2].map(() => 40 + random.below(170)));
    ink[label] = 230;
    const [cy, cx] = [5 + random.below(6), 5 + random.below(6)];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const [dy, dx] = [Math.abs(y - cy), Math.abs(x - cx)];
        const inside = [Math.max(dy, dx) < 4, dy * dy + dx * dx < 20, Math.min(dy, dx) < 2 && Math.max(dy, dx) < 5][
          label
        ];
        for (let c = 0; c < 3; c++)
          pixels[((i * 3 + c) * side + y) * side + x] = (inside ? ink : ground)[c] + random.below(20);
      }
    }
  });
  return { name: "shapes", images: ndarray([count, 3, side, side], pixels, "uint8"), labels, classes: ["a", "b", "c"] };
}

const small = () =>
  Sequential([Conv2d(8, 3, { padding: 1 }), BatchNorm2d(), ReLU(), MaxPool2d(2), Flatten(), Linear(4)]);
const train = made("train", { count: 400 });
const validation = made("validation", { count: 200, seed: 2 });
const data = { train, validation };
const usual = { epochs: 6, batch: 32, optimizer: SGD({ lr: 0.05, momentum: 0.9, nesterov: true }), engine };
const healthy = await trained(small(), data, { ...usual, schedule: { kind: "oneCycle" } });

const names = ({ findings }: Diagnosed): string[] => findings.map(({ name }) => name);
function found(name: string, answer: Diagnosed): Diagnosed["findings"][number] {
  const finding = answer.findings.find((one) => one.name === name);
  assert.ok(finding, `${name} was not found, but ${names(answer).join(", ") || "nothing"}`);
  return finding;
}

test("a healthy run has no finding", async () => {
  const answer = await looked(healthy, data, engine);
  assert.deepEqual(answer.findings, []);
  assert.ok(answer.healthy && answer.sameData === true);
});

test("a healthy run on coloured shapes has no finding", async () => {
  const shapes = { train: coloured(240, 1), validation: coloured(120, 2) };
  const network = Sequential([
    ...[8, 16].flatMap((n) => [Conv2d(n, 3, { padding: 1 }), BatchNorm2d(), ReLU(), MaxPool2d(2)]),
    ...[GlobalAvgPool2d(), Flatten(), Linear(3)],
  ]);
  const run = await trained(network, shapes, { ...usual, epochs: 8, schedule: { kind: "oneCycle" } });
  assert.deepEqual((await looked(run, shapes, engine)).findings, []);
});

test("a healthy run on numbers, and one on masks, has no finding", async () => {
  const numbers = ({ images, ...rest }: Dataset) => {
    const values = Float32Array.from({ length: images.shape[0] }, (_, i) => {
      const pixels = images.data.subarray(i * 64, (i + 1) * 64);
      return pixels[0] + pixels[1] - pixels[63];
    });
    const labels = { kind: "numbers", values: ndarray([values.length, 1], values) } as const;
    return { ...rest, images, labels, classes: ["corner"] };
  };
  const masks = ({ images, ...rest }: Dataset) => {
    const values = Uint8Array.from(images.data, (value) => Number(value > 128));
    const labels = { kind: "masks", values: ndarray([images.shape[0], 8, 8], values, "uint8") } as const;
    return { ...rest, images, labels, classes: ["dark", "bright"] };
  };
  const line = Sequential([Flatten(), Linear(16), ReLU(), Linear(1)]);
  const map = Sequential([Conv2d(8, 3, { padding: 1 }), BatchNorm2d(), ReLU(), Conv2d(2, 1)]);
  const both = [
    [line, { train: numbers(train), validation: numbers(validation) }],
    [map, { train: masks(train), validation: masks(validation) }],
  ] as const;
  for (const [network, set] of both) {
    const run = await trained<Labels>(network, set, { ...usual, schedule: { kind: "oneCycle" } });
    assert.deepEqual((await looked(run, set, engine)).findings, []);
  }
});

test("an untrained network is said to be one, and is not asked what only a trained one knows", async () => {
  const { preprocessing, classes } = healthy.trained;
  const weights = initialState(build(small(), [1, 1, 8, 8]).variables);
  const answer = await diagnose({ model: small(), weights, classes, preprocessing }, { data, engine });
  assert.deepEqual(names(answer), ["untrained"]);
  assert.ok(
    answer.skipped.some(({ name, reason }) => name === "unused-class" && reason === "the network is untrained"),
  );
});

test("without data and history it says what it could not look at", async () => {
  const answer = await diagnose(healthy.trained, { engine });
  assert.deepEqual([answer.healthy, answer.looked.includes("zero-filters")], [true, true]);
  const all = [...answer.looked, ...answer.skipped.map(({ name }) => name)];
  assert.deepEqual(all.toSorted(), diagnoses.map(({ name }) => name).toSorted());
  for (const { name, reason } of answer.skipped) assert.match(reason, /^(no data was given|there is no history)/, name);
});

test("weights: numbers that are none, filters of zeros, and copies", async () => {
  const changed = (change: (data: Float32Array) => void) => {
    const weights = new Map(healthy.trained.weights);
    const { shape, data: numbers } = weights.get("0.weight")!;
    const copy = Float32Array.from(numbers);
    change(copy);
    return { ...healthy.trained, weights: weights.set("0.weight", ndarray(shape, copy)) };
  };
  const broken = await diagnose(
    changed((w) => w.fill(Number.NaN, 3, 5)),
    { data, engine },
  );
  assert.equal(found("broken-weights", broken).evidence.numbers, 2);
  const zero = await diagnose(
    changed((w) => w.fill(0, 0, 9)),
    { engine },
  );
  assert.equal(found("zero-filters", zero).evidence.zero, 1);
  const copied = await diagnose(
    changed((w) => w.copyWithin(9, 0, 9)),
    { engine },
  );
  assert.equal(found("duplicate-filters", copied).evidence.copies, 1);
});

test("a rare class that is given up on, a class that nothing shows, an earlier epoch that was better", async () => {
  const rare = (set: Dataset, every: number): Dataset => {
    const kept = Array.from(set.labels.keys()).filter((i) => set.labels[i] !== 3 || i % every === 3);
    return subset<Dataset>(set, kept);
  };
  const both = { train: rare(train, 40), validation };
  const given = (less: number) => {
    const bias = Float32Array.from(healthy.trained.weights.get("5.bias")!.data);
    bias[3] -= less;
    return { ...healthy.trained, weights: new Map([...healthy.trained.weights, ["5.bias", ndarray([4], bias)]]) };
  };
  // How far the class must be pushed down to be recognised sometimes.
  const pushed: Diagnosed[] = [];
  for (const less of [3, 5, 7, 9, 11]) pushed.push(await looked({ ...healthy, trained: given(less) }, both, engine));
  const rarely = pushed.find((one) => names(one).includes("class-imbalance-ignored"));
  assert.equal(found("class-imbalance-ignored", rarely ?? pushed[0]).evidence.fewest, "class 3");
  const worse = { ...healthy, best: { ...healthy.best!, epoch: 2, accuracy: 1 } };
  const last = worse.history[worse.history.length - 1];
  const history = [...worse.history.slice(0, -1), { ...last, validation: { loss: 1, accuracy: 0.9 } }];
  const answer = await looked({ ...worse, history }, data, engine);
  assert.equal(found("last-worse-than-best", answer).evidence.epoch, 2);
  const none = await looked(healthy, { train: rare(train, 0), validation }, engine);
  assert.deepEqual(found("missing-class", none).evidence.classes, ["class 3"]);
});

test("a foreign network: wrong preprocessing, and a softmax too many", async () => {
  const { model, weights, classes, preprocessing } = healthy.trained;
  const wrong = { ...preprocessing, range: 255 as const, mean: [0], std: [1] };
  const answer = await diagnose({ model, weights, classes, preprocessing: wrong }, { data, engine });
  assert.match(String(found("wrong-preprocessing", answer).evidence.how), /^{"range":1,"mean":\[0\.\d+\]/);
  const twice = Sequential([model, Softmax({ dim: 1 }), ReLU()]);
  const renamed = new Map([...weights].map(([name, value]) => [`0.${name}`, value]));
  const trainedSo = Sequential([model, Softmax({ dim: 1 })]);
  const run = { ...healthy, trained: { ...healthy.trained, model: trainedSo, weights: renamed } };
  assert.match(found("softmax-twice", await looked(run, data, engine)).said, /^The network was trained/);
  found("softmax-twice", await diagnose({ model: twice, weights: renamed, classes, preprocessing }, { data, engine }));
});

test("batch norms with other statistics than the pictures, and a channel that says nothing", async () => {
  const weights = new Map(healthy.trained.weights);
  weights.set("1.running_mean", ndarray([8], new Float32Array(8).fill(9)));
  const answer = await looked({ ...healthy, trained: { ...healthy.trained, weights } }, data, engine);
  assert.equal(found("batch-norm-statistics", answer).evidence.off, 8);
  const flat = {
    ...train,
    images: ndarray(train.images.shape, new Uint8Array(train.images.data.length).fill(7), "uint8"),
  };
  found("constant-channel", await looked(healthy, { train: flat, validation }, engine));
});

test("every diagnosis is planted in a test of this file, and its name, words and page are whole", async () => {
  const [own, page] = await Promise.all(
    ["../../../src/diagnose/diagnose.test.ts", "../../../docs/doctor.md"].map((file) =>
      readFile(new URL(file, import.meta.url), "utf8"),
    ),
  );
  assert.equal(new Set(diagnoses.map(({ name }) => name)).size, diagnoses.length);
  for (const { name, about, threshold, source, next, needs } of diagnoses) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/);
    assert.ok(own.includes(`"${name}"`), `${name} is planted nowhere`);
    for (const words of [about, threshold, source, next]) assert.match(words, /^[\p{L}\d].*[^.]$/u, name);
    assert.ok(needs.length > 0, name);
  }
  const { withTable } = (await import(new URL("../../../scripts/doctor-docs.mjs", import.meta.url).href)) as {
    withTable(text: string, list: typeof diagnoses): string;
  };
  assert.equal(page, withTable(page, diagnoses), "node scripts/doctor-docs.mjs writes the table anew");
});

test("dead ReLUs: biases far below zero", async () => {
  const weights = new Map(healthy.trained.weights);
  weights.set("1.bias", ndarray([8], new Float32Array(8).fill(-50)));
  const answer = await looked({ ...healthy, trained: { ...healthy.trained, weights } }, data, engine);
  const { evidence, severity } = found("dead-relus", answer);
  assert.deepEqual([evidence.units, evidence.dead, severity], [8, 8, "severe"]);
});

test("vanishing gradients: a deep network of sigmoids", async () => {
  const deep = Sequential([Flatten(), ...Array.from({ length: 10 }, () => [Linear(16), Sigmoid()]).flat(), Linear(4)]);
  const run = await trained(deep, data, { ...usual, epochs: 2 });
  const { evidence } = found("vanishing-gradients", await looked(run, data, engine));
  assert.match(String(evidence.layer), /^[135]\.weight$/);
});

test("exploding gradients: a start that is far too large", async () => {
  const deep = Sequential([Flatten(), ...Array.from({ length: 6 }, () => [Linear(32), ReLU()]).flat(), Linear(4)]);
  const init = { weight: normal(0, 1) };
  const { variables } = build(deep, [1, 1, 8, 8], { init });
  const { preprocessing, classes } = healthy.trained;
  const answer = await diagnose(
    { model: deep, weights: initialState(variables), classes, preprocessing },
    { data, engine },
  );
  assert.ok(Number(found("exploding-gradients", answer).evidence.value) > 10);
});

test("un-normalised inputs: bytes as they are", async () => {
  const plain = await trained(small(), data, { ...usual, epochs: 2 });
  const preprocessing = { ...plain.trained.preprocessing, range: 255 as const, mean: [0], std: [1] };
  const answer = await looked({ ...plain, trained: { ...plain.trained, preprocessing } }, data, engine);
  assert.ok(Number(found("unnormalised-inputs", answer).evidence.mean) > 50);
});

test("saturated inputs: pictures with far too much gain", async () => {
  const bright = (set: Dataset): Dataset => {
    const pixels = Uint8Array.from(set.images.data, (value) => Math.min(255, Math.max(0, (value - 90) * 12)));
    return { ...set, images: ndarray(set.images.shape, pixels, "uint8") };
  };
  const both = { train: bright(train), validation: bright(validation) };
  const run = await trained(small(), both, { ...usual, epochs: 2 });
  found("saturated-inputs", await looked(run, both, engine));
});

test("an unused class: one that the network never answers", async () => {
  const weights = new Map(healthy.trained.weights);
  const bias = weights.get("5.bias")!;
  weights.set(
    "5.bias",
    ndarray(
      [4],
      Float32Array.from(bias.data, (value, i) => (i === 2 ? -100 : value)),
    ),
  );
  const answer = await looked({ ...healthy, trained: { ...healthy.trained, weights } }, data, engine);
  assert.deepEqual(found("unused-class", answer).evidence.classes, ["class 2"]);
});

test("copies across parts: pictures that are trained on and scored", async () => {
  const images = ndarray(validation.images.shape, Uint8Array.from(validation.images.data), "uint8");
  images.data.set(train.images.data.subarray(0, 20 * 64), 40 * 64);
  const answer = await looked(healthy, { train, validation: { ...validation, images } }, engine);
  const { evidence, said } = found("duplicates-across-splits", answer);
  assert.equal(evidence.pictures, 20);
  assert.match(said, /train: image \d+ = validation: image [45]\d/);
});

test("label noise: of the candidates most are pictures whose label was changed", async () => {
  const random = new Random(5, "flips");
  const flipped = new Map<string, Set<number>>();
  const noisy = (set: Dataset, part: string): Dataset => {
    const places = random.permutation(set.labels.length).slice(0, set.labels.length / 10);
    flipped.set(part, new Set(places));
    const labels = set.labels.map((label, i) =>
      flipped.get(part)!.has(i) ? (label + 1 + random.below(3)) % 4 : label,
    );
    return { ...set, labels };
  };
  const both = { train: noisy(train, "train"), validation: noisy(validation, "validation") };
  const run = await trained(small(), both, { ...usual, epochs: 4, schedule: { kind: "oneCycle" } });
  const { findings } = await looked(run, both, engine);
  let [right, all, planted] = [0, 0, 0];
  for (const { name, evidence } of findings) {
    if (name !== "label-noise") continue;
    const truly = flipped.get(String(evidence.part))!;
    planted += truly.size;
    for (const word of evidence.candidates as readonly string[]) {
      all++;
      if (truly.has(Number(/image (\d+)/.exec(word)![1]))) right++;
    }
  }
  assert.ok(all > 0, findings.map(({ said }) => said).join(" "));
  console.log(
    `label noise: precision ${right / all}, recall ${right / planted}, ${all} candidates, ${planted} flipped`,
  );
  assert.ok(right / all >= 0.8, `precision ${right} of ${all}`);
  assert.ok(right / planted >= 0.4, `recall ${right} of ${planted}`);
});

test("overfitting: a few hard pictures, learned by heart", async () => {
  const few = {
    train: made("few", { count: 40, noise: 0.75 }),
    validation: made("held", { count: 200, noise: 0.75, seed: 3 }),
  };
  const wide = Sequential([Flatten(), Linear(64), ReLU(), Linear(4)]);
  const run = await trained(wide, few, { ...usual, epochs: 30 });
  assert.ok(Number(found("overfitting", await looked(run, few, engine)).evidence.gap) > 0.1);
});

test("underfitting: a network that sees too little", async () => {
  const blind = Sequential([GlobalAvgPool2d(), Flatten(), Linear(4)]);
  const run = await trained(blind, data, usual);
  found("underfitting", await looked(run, data, engine));
});

test("a rate that is too high: the loss is far above chance", async () => {
  const run = await trained(small(), data, { ...usual, optimizer: SGD({ lr: 2, momentum: 0.9 }) });
  found("rate-too-high", await looked(run, data, engine));
});

test("a rate that is too low: the loss hardly moves", async () => {
  const run = await trained(small(), data, { ...usual, optimizer: SGD({ lr: 1e-6 }) });
  found("rate-too-low", await looked(run, data, engine));
});
