// Layers models: a chain, a graph with shared layers, quantized weights, one and three spatial axes.
import { L, tensor, tf, write } from "./write.mjs";

/** Random weights, variances above zero. */
function randomize(model) {
  for (const weight of model.weights) {
    const positive = /variance/.test(weight.name);
    weight.write(tensor(weight.shape, (x) => (positive ? 0.6 + 0.5 * x : 0.5 * x)));
  }
}

async function artifactsOf(model) {
  let saved;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  return saved;
}

async function layersModel(name, model, quantize) {
  randomize(model);
  const { modelTopology, weightSpecs, weightData } = await artifactsOf(model);
  let specs = weightSpecs;
  let bytes = Buffer.from(weightData);
  if (quantize) ({ specs, bytes } = quantized(weightSpecs, bytes));
  const half = Math.floor(bytes.length / 2) + 1;
  const shards = quantize
    ? { "group1-shard1of2.bin": bytes.subarray(0, half), "group1-shard2of2.bin": bytes.subarray(half) }
    : { "weights.bin": bytes };
  const file = {
    format: "layers-model",
    generatedBy: "test",
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths: Object.keys(shards), weights: specs }],
  };
  const again = await L.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: specs,
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    }),
  );
  const inputs = again.inputs.map(({ shape }) => tensor(shape.map((n, axis) => n ?? (axis === 0 ? 2 : 8))));
  const answer = again.predict(inputs.length === 1 ? inputs[0] : inputs);
  const answers = Array.isArray(answer) ? answer : [answer];
  write(
    name,
    file,
    shards,
    Object.fromEntries(inputs.map((t, i) => [again.inputNames[i], t])),
    Object.fromEntries(answers.map((t, i) => [again.outputNames[i], t])),
  );
}

/** uint8, uint16 and float16 in turn. */
function quantized(specs, bytes) {
  let at = 0;
  const parts = [];
  const list = specs.map((spec, i) => {
    const count = spec.shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: count }, (_, k) => bytes.readFloatLE(at + 4 * k));
    at += 4 * count;
    const dtype = ["uint8", "uint16", "float16"][i % 3];
    if (dtype === "float16") {
      // Numbers with few bits: exact in float16, which is then written by shifting.
      const half = Buffer.alloc(2 * count);
      values.forEach((v, k) => {
        half.writeUInt16LE(halfBits(v), 2 * k);
      });
      parts.push(half);
      return { ...spec, quantization: { dtype, original_dtype: "float32" } };
    }
    const [min, max] = [Math.min(...values), Math.max(...values)];
    const most = dtype === "uint8" ? 255 : 65535;
    const scale = (max - min) / most || 1;
    const stored = Buffer.alloc(count * (most === 255 ? 1 : 2));
    values.forEach((v, k) => {
      const q = Math.round((v - min) / scale);
      if (most === 255) stored.writeUInt8(q, k);
      else stored.writeUInt16LE(q, 2 * k);
    });
    parts.push(stored);
    return { ...spec, quantization: { dtype, scale, min, original_dtype: "float32" } };
  });
  return { specs: list, bytes: Buffer.concat(parts) };
}

/** float16 by cutting off bits. */
function halfBits(value) {
  const float = Buffer.alloc(4);
  float.writeFloatLE(value);
  const bits = float.readUInt32LE();
  const exponent = ((bits >>> 23) & 255) - 112;
  return exponent <= 0 ? 0 : ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 1023);
}

const l = L.layers;
const sequential = (inputShape, ...list) => {
  const model = L.sequential();
  list.forEach((layer, i) => {
    model.add(i === 0 ? layer(inputShape) : layer);
  });
  return model;
};

await layersModel(
  "sequential",
  sequential(
    [17, 14, 3],
    (inputShape) =>
      l.conv2d({
        name: "conv",
        inputShape,
        filters: 6,
        kernelSize: 3,
        strides: 2,
        padding: "same",
        activation: "relu",
      }),
    l.batchNormalization({ name: "norm" }),
    l.depthwiseConv2d({ name: "deep", kernelSize: [3, 2], depthMultiplier: 2, padding: "same", useBias: true }),
    l.reLU({ maxValue: 6 }),
    l.zeroPadding2d({
      padding: [
        [1, 0],
        [2, 1],
      ],
    }),
    l.separableConv2d({ name: "apart", filters: 5, kernelSize: 3, padding: "valid", activation: "tanh" }),
    l.dropout({ rate: 0.5 }),
    l.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
    l.upSampling2d({ size: [2, 3] }),
    l.cropping2D({
      cropping: [
        [1, 0],
        [0, 2],
      ],
    }),
    l.averagePooling2d({ poolSize: [2, 3], strides: 2, padding: "same" }),
    l.flatten(),
    l.dense({ name: "hidden", units: 9, activation: "elu" }),
    l.dense({ name: "scores", units: 4, activation: "softmax" }),
  ),
);

{
  const x = L.input({ shape: [10, 12, 4], name: "picture" });
  const y = L.input({ shape: [6], name: "extra" });
  const shared = l.conv2d({
    name: "shared",
    filters: 4,
    kernelSize: 3,
    padding: "same",
    dilationRate: 2,
    useBias: false,
  });
  const a = l.prelu({ name: "slopes", sharedAxes: [1, 2] }).apply(shared.apply(x));
  const b = l.leakyReLU({ alpha: 0.1 }).apply(shared.apply(a));
  const inner = sequential(
    [10, 12, 4],
    (inputShape) => l.conv2d({ name: "inside", inputShape, filters: 4, kernelSize: 1, activation: "hardSigmoid" }),
    l.layerNormalization({ name: "even" }),
  );
  const c = inner.apply(a);
  const sum = l.add().apply([a, b, c]);
  const product = l.multiply().apply([a, c]);
  const middle = l.average().apply([sum, product]);
  const most = l.maximum().apply([middle, b]);
  const least = l.minimum().apply([middle, c]);
  const joined = l.concatenate().apply([most, least, sum]);
  const up = l.conv2dTranspose({ name: "up", filters: 3, kernelSize: 4, strides: 2, padding: "same" }).apply(joined);
  const wide = l
    .conv2dTranspose({ name: "wide", filters: 2, kernelSize: 2, strides: 3, padding: "valid" })
    .apply(joined);
  const down = l.averagePooling2d({ poolSize: 2 }).apply(l.activation({ activation: "softsign" }).apply(up));
  const mean = l.globalAveragePooling2d({}).apply(down);
  const top = l.globalMaxPooling2d({}).apply(wide);
  const turned = l.permute({ dims: [3, 1, 2] }).apply(down);
  const flat = l.flatten().apply(turned);
  const vector = l
    .concatenate()
    .apply([mean, top, l.dense({ name: "side", units: 3, activation: "sigmoid" }).apply(y), flat]);
  const shaped = l.reshape({ targetShape: [5, 3, 2] }).apply(l.dense({ name: "wider", units: 30 }).apply(vector));
  const again = l.conv2d({ name: "again", filters: 2, kernelSize: [2, 3], activation: "swish" }).apply(shaped);
  const flattened = l.softmax({ axis: -1 }).apply(l.reLU({}).apply(l.flatten().apply(again)));
  await layersModel(
    "functional",
    L.model({ inputs: [x, y], outputs: [wide, l.softmax({ name: "per_place", axis: -1 }).apply(down), flattened] }),
  );
}

await layersModel(
  "quantized",
  sequential(
    [9, 9, 2],
    (inputShape) => l.conv2d({ name: "conv", inputShape, filters: 8, kernelSize: 3, activation: "relu6" }),
    l.batchNormalization({ name: "norm", scale: false }),
    l.globalAveragePooling2d({}),
    l.dense({ name: "scores", units: 5 }),
  ),
  true,
);

await layersModel(
  "sequence",
  sequential(
    [20, 3],
    (inputShape) =>
      l.conv1d({
        name: "conv",
        inputShape,
        filters: 5,
        kernelSize: 4,
        padding: "same",
        dilationRate: 2,
        activation: "relu",
      }),
    l.maxPooling1d({ poolSize: 2 }),
    l.conv1d({ name: "next", filters: 4, kernelSize: 3, strides: 2, padding: "same" }),
    l.batchNormalization({ name: "norm" }),
    l.averagePooling1d({ poolSize: 2, strides: 1, padding: "same" }),
    l.flatten(),
    l.repeatVector({ n: 3 }),
    l.conv1d({ name: "last", filters: 2, kernelSize: 2 }),
    l.globalMaxPooling1d({}),
  ),
);

await layersModel(
  "volume",
  sequential(
    [6, 7, 5, 2],
    (inputShape) =>
      l.conv3d({
        name: "conv",
        inputShape,
        filters: 3,
        kernelSize: [2, 3, 2],
        strides: [1, 2, 1],
        padding: "same",
        activation: "selu",
      }),
    l.maxPooling3d({ poolSize: 2, padding: "same" }),
    l.averagePooling3d({ poolSize: [1, 2, 2], strides: 1 }),
    l.flatten(),
    l.dense({ name: "scores", units: 3, activation: "softplus" }),
  ),
);
