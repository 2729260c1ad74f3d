// Makes the small models of test/fixtures/tfjs: TensorFlow.js' own files with random weights, and what it answers to a
// random input. Needs @tensorflow/tfjs-core, -layers, -converter and -backend-cpu in a folder of its own (see
// check_published.mjs):  node test/tfjs/make_golden.mjs <that folder>
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(join(resolve(process.argv[2] ?? "."), "package.json"));
const tf = require("@tensorflow/tfjs-core");
const L = require("@tensorflow/tfjs-layers");
const { loadGraphModel } = require("@tensorflow/tfjs-converter");
require("@tensorflow/tfjs-backend-cpu");
const target = join(dirname(fileURLToPath(import.meta.url)), "../fixtures/tfjs");

let state = 12345;
/** Uniform in [-1, 1), the same every time. */
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const randoms = (shape, change = (x) => x) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => change(random()));
const tensor = (shape, change) => tf.tensor(randoms(shape, change), shape, "float32");
const encoded = ({ shape, dtype, data }) => ({
  shape,
  dtype,
  data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
});
const storages = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const numbers = (t) => ({ shape: t.shape, dtype: t.dtype, data: storages[t.dtype].from(t.dataSync()) });

function write(name, model, shards, inputs, outputs) {
  const folder = join(target, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "model.json"), JSON.stringify(model));
  for (const [file, bytes] of Object.entries(shards)) writeFileSync(join(folder, file), bytes);
  const named = (all) => Object.fromEntries(Object.entries(all).map(([key, t]) => [key, encoded(numbers(t))]));
  writeFileSync(join(folder, "golden.json"), `${JSON.stringify({ inputs: named(inputs), outputs: named(outputs) })}\n`);
  console.log(
    name,
    Object.entries(outputs)
      .map(([key, { shape }]) => `${key} [${shape}]`)
      .join(", "),
  );
}

// ---- layers models ------------------------------------------------------------------------------------------------------

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

// ---- graph models -------------------------------------------------------------------------------------------------------

const text = (s) => ({ s: Buffer.from(s).toString("base64") });
const ints = (...list) => ({ list: { i: list.map(String) } });
const int = (i) => ({ i: String(i) });

class GraphFile {
  nodes = [];
  weights = [];
  parts = [];
  node(name, op, input = [], attr = {}) {
    this.nodes.push({ name, op, input, attr: { T: { type: "DT_FLOAT" }, ...attr } });
    return name;
  }
  weight(name, shape, change) {
    return this.constant(name, shape, randoms(shape, change ?? ((x) => 0.5 * x)), "float32");
  }
  whole(name, values, shape = [values.length]) {
    return this.constant(name, shape, Int32Array.from(values), "int32");
  }
  constant(name, shape, data, dtype) {
    const type = dtype === "int32" ? "DT_INT32" : "DT_FLOAT";
    this.weights.push({ name, shape, dtype });
    this.parts.push(Buffer.from(data.buffer));
    return this.node(name, "Const", [], {
      dtype: { type },
      value: { tensor: { dtype: type, tensorShape: { dim: shape.map((n) => ({ size: String(n) })) } } },
    });
  }
  async write(name, inputs, ends) {
    const weightData = Buffer.concat(this.parts);
    const signature = {
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([key, t]) => [
          key,
          {
            name: `${key}:0`,
            dtype: "DT_FLOAT",
            tensorShape: { dim: t.shape.map((n, i) => ({ size: String(i === 0 ? -1 : n) })) },
          },
        ]),
      ),
      outputs: Object.fromEntries(ends.map((end) => [end, { name: `${end}:0`, dtype: "DT_FLOAT" }])),
    };
    // Nodes in no order: readers must find their own.
    const modelTopology = { node: [...this.nodes].reverse(), library: {}, versions: { producer: 1 } };
    const model = await loadGraphModel(
      tf.io.fromMemory({
        modelTopology,
        signature,
        weightSpecs: this.weights,
        weightData: weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.length),
      }),
    );
    const answers = model.execute(inputs, ends);
    write(
      name,
      {
        format: "graph-model",
        generatedBy: "test",
        signature,
        modelTopology,
        weightsManifest: [{ paths: ["weights.bin"], weights: this.weights }],
      },
      { "weights.bin": weightData },
      inputs,
      Object.fromEntries(ends.map((end, i) => [end, [answers].flat()[i]])),
    );
  }
}

const window = (stride, padding, more = {}) => ({
  strides: ints(1, stride, stride, 1),
  padding: text(padding),
  data_format: text("NHWC"),
  dilations: ints(1, 1, 1, 1),
  ...more,
});
const pool = (size, stride, padding) => ({
  ksize: ints(1, size, size, 1),
  strides: ints(1, stride, stride, 1),
  padding: text(padding),
  data_format: text("NHWC"),
});
const shapeOf = (...sizes) => ({ shape: { dim: sizes.map((n) => ({ size: String(n) })) } });

{
  const g = new GraphFile();
  g.node("picture", "Placeholder", [], { dtype: { type: "DT_FLOAT" }, shape: shapeOf(-1, 15, 13, 3) });
  const stem = g.node("stem", "Conv2D", ["picture", g.weight("stem/w", [3, 3, 3, 8])], window(2, "SAME"));
  const variance = g.weight("stem/variance", [8], (x) => 0.6 + 0.5 * x);
  const norm = g.node(
    "norm",
    "FusedBatchNormV3",
    [stem, g.weight("stem/gamma", [8]), g.weight("stem/beta", [8]), g.weight("stem/mean", [8]), variance],
    { epsilon: { f: 0.001 }, is_training: { b: false }, data_format: text("NHWC") },
  );
  const six = g.node("six", "Relu6", [norm]);
  const deep = g.node("deep", "DepthwiseConv2dNative", [six, g.weight("deep/w", [3, 3, 8, 1])], window(1, "SAME"));
  const biased = g.node("biased", "BiasAdd", [deep, g.weight("deep/b", [8])], { data_format: text("NHWC") });
  const fused = g.node(
    "fused",
    "_FusedConv2D",
    [biased, g.weight("fused/w", [1, 1, 8, 12]), g.weight("fused/b", [12])],
    window(1, "VALID", { fused_ops: { list: { s: [text("BiasAdd").s, text("Relu").s] } }, num_args: int(1) }),
  );
  const padded = g.node("padded", "Pad", [fused, g.whole("widths", [0, 0, 1, 0, 0, 1, 0, 0], [4, 2])]);
  const largest = g.node("largest", "MaxPool", [padded], pool(3, 2, "SAME"));
  const averaged = g.node("averaged", "AvgPool", [padded], pool(2, 2, "SAME"));
  // A size computed from the shape of another tensor.
  const shape = g.node("shape", "Shape", [largest]);
  const slice = g.node(
    "slice",
    "StridedSlice",
    [shape, g.whole("one", [1]), g.whole("three", [3]), g.whole("step", [1])],
    { begin_mask: int(0), end_mask: int(0), shrink_axis_mask: int(0), new_axis_mask: int(0), ellipsis_mask: int(0) },
  );
  const resized = g.node("resized", "ResizeBilinear", [averaged, slice], {
    align_corners: { b: false },
    half_pixel_centers: { b: true },
  });
  const joined = g.node("joined", "ConcatV2", [largest, resized, g.whole("axis", [3], [])]);
  const nearest = g.node("nearest", "ResizeNearestNeighbor", [joined, g.whole("size", [10, 7])], {
    align_corners: { b: false },
    half_pixel_centers: { b: false },
  });
  const scaled = g.node("scaled", "Mul", [nearest, g.weight("scale", [24])]);
  const shifted = g.node("shifted", "AddV2", [scaled, g.constant("half", [], Float32Array.of(0.5), "float32")]);
  g.node("map", "Sub", [shifted, g.node("sigmoid", "Sigmoid", [nearest])]);
  const mean = g.node("mean", "Mean", [joined, g.whole("places", [1, 2])], { keep_dims: { b: true } });
  const squeezed = g.node("squeezed", "Squeeze", [mean], { squeeze_dims: ints(1, 2) });
  const batch = g.node("batch", "StridedSlice", [shape, g.whole("zero", [0]), g.whole("first", [1]), "step"], {
    shrink_axis_mask: int(1),
    begin_mask: int(0),
    end_mask: int(0),
    new_axis_mask: int(0),
    ellipsis_mask: int(0),
  });
  const sizes = g.node("sizes", "Pack", [batch, g.whole("features", [-1], [])], { axis: int(0), N: int(2) });
  const flat = g.node("flat", "Reshape", [joined, sizes]);
  const hidden = g.node(
    "hidden",
    "_FusedMatMul",
    [flat, g.weight("hidden/w", [5 * 4 * 24, 10]), g.weight("hidden/b", [10])],
    {
      transpose_a: { b: false },
      transpose_b: { b: false },
      fused_ops: { list: { s: [text("BiasAdd").s, text("Elu").s] } },
      num_args: int(1),
    },
  );
  const side = g.node("side", "MatMul", [squeezed, g.weight("side/w", [24, 10])], {
    transpose_a: { b: false },
    transpose_b: { b: false },
  });
  const sum = g.node("sum", "Add", [hidden, side]);
  g.node("scores", "Softmax", [sum]);
  g.node("answer", "Identity", ["scores"]);
  await g.write("graph", { picture: tensor([2, 15, 13, 3]) }, ["answer", "map"]);
}

{
  const g = new GraphFile();
  const f = (values) => g.constant(`n${g.nodes.length}`, [], Float32Array.of(values), "float32");
  const w = (...values) => g.whole(`n${g.nodes.length}`, values);
  const i = (value) => g.whole(`n${g.nodes.length}`, [value], []);
  const pairs = (...values) => g.whole(`n${g.nodes.length}`, values, [values.length / 2, 2]);
  const ends = [];
  const end = (name, op, input, attr) => {
    g.node(name, op, input, attr);
    ends.push(name);
    return name;
  };
  const masks = (more) =>
    Object.fromEntries(
      ["begin_mask", "end_mask", "shrink_axis_mask", "new_axis_mask", "ellipsis_mask"].map((name) => [
        name,
        int(more[name] ?? 0),
      ]),
    );
  g.node("x", "Placeholder", [], { dtype: { type: "DT_FLOAT" }, shape: shapeOf(-1, 8, 6, 4) });
  const x = g.node("conv", "Conv2D", ["x", g.weight("w", [1, 1, 4, 4])], window(1, "SAME"));
  end("transposed", "Transpose", [x, w(0, 3, 1, 2)]);
  end("back", "Relu", [g.node("nhwc", "Transpose", ["transposed", w(0, 2, 3, 1)])]);
  end("blocks", "DepthToSpace", [x], { block_size: int(2), data_format: text("NHWC") });
  const batched = g.node("batched", "SpaceToBatchND", [x, w(2, 2), pairs(1, 1, 0, 2)]);
  const dilated = g.node("dilated", "Conv2D", [batched, g.weight("w2", [3, 3, 4, 2])], window(1, "SAME"));
  end("unbatched", "BatchToSpaceND", [dilated, w(2, 2), pairs(1, 1, 0, 2)]);
  end("up", "Conv2DBackpropInput", [w(2, 16, 12, 3), g.weight("w3", [3, 3, 3, 4]), x], window(2, "SAME"));
  end("corners", "ResizeBilinear", [x, w(5, 11)], { align_corners: { b: true }, half_pixel_centers: { b: false } });
  end("old", "ResizeBilinear", [x, w(5, 11)], { align_corners: { b: false }, half_pixel_centers: { b: false } });
  end("cells", "ResizeNearestNeighbor", [x, w(11, 13)], {
    align_corners: { b: false },
    half_pixel_centers: { b: true },
  });
  end("slopes", "Prelu", [x, g.weight("alpha", [1, 1, 4])]);
  end("leaky", "LeakyRelu", [x], { alpha: { f: 0.3 } });
  g.node("parts", "Split", [i(3), x], { num_split: int(2) });
  end("second", "Mul", ["parts:1", "parts"]);
  g.node("rows", "Unpack", [x], { axis: int(1), num: int(8) });
  end("row", "Neg", ["rows:3"]);
  g.node("uneven", "SplitV", [x, w(3, -1, 4), i(1)], { num_split: int(3) });
  end("middle", "Exp", ["uneven:1"]);
  end("cut", "Slice", [x, w(0, 2, 1, 0), w(-1, 3, -1, 2)]);
  end(
    "every_other",
    "StridedSlice",
    [x, w(0, 7, 0, 0), w(0, 0, 6, 0), w(1, -2, 2, 1)],
    masks({ begin_mask: 9, end_mask: 9 }),
  );
  end("dots", "StridedSlice", [x, w(0, 0, 1), w(0, 0, 3), w(1, 1, 1)], masks({ ellipsis_mask: 1, new_axis_mask: 2 }));
  end("mirrored", "MirrorPad", [x, pairs(0, 0, 1, 2, 2, 0, 0, 0)], { mode: text("REFLECT") });
  end("filled", "PadV2", [x, pairs(0, 0, 1, 0, 0, 1, 0, 0), f(0.25)]);
  end("tiled", "Tile", [x, w(1, 2, 1, 1)]);
  end("clipped", "ClipByValue", [x, f(-0.3), f(0.4)]);
  end("chosen", "SelectV2", [g.node("above", "Greater", [x, f(0)]), x, f(0)]);
  end("counted", "Cast", [g.node("test", "LessEqual", [x, f(0.1)])], {
    SrcT: { type: "DT_BOOL" },
    DstT: { type: "DT_FLOAT" },
  });
  end("range", "Mul", [
    x,
    g.node("numbers", "Cast", [g.node("upto", "Range", [i(0), i(4), i(1)])], {
      SrcT: { type: "DT_INT32" },
      DstT: { type: "DT_FLOAT" },
    }),
  ]);
  end("sums", "Sum", [x, w(-1)], { keep_dims: { b: false } });
  end("tops", "Max", [x, w(1)], { keep_dims: { b: true } });
  end("place", "ArgMax", [x, i(3)], {});
  end("gathered", "GatherV2", [x, w(3, 0, 5), i(1)], {});
  end("places", "GatherNd", [x, g.whole("indices", [0, 7, 1, 0, 1, 5], [3, 2])], {});
  end("response", "LRN", [x], { depth_radius: int(1), bias: { f: 1.5 }, alpha: { f: 0.3 }, beta: { f: 0.6 } });
  end("distance", "SquaredDifference", [x, g.weight("w4", [8, 6, 1])]);
  end("total", "AddN", [x, "leaky", "slopes"], { N: int(3) });
  end("stack", "Pack", ["parts", "parts:1"], { axis: int(-1), N: int(2) });
  end("wider", "ExpandDims", [x, i(-1)]);
  g.node("best", "TopKV2", [g.node("lines", "Reshape", [x, w(2, 48, 4)]), i(2)], { sorted: { b: true } });
  end("best_values", "Identity", ["best"]);
  end("products", "BatchMatMulV2", ["lines", "lines"], { adj_x: { b: true }, adj_y: { b: false } });
  end("quotient", "RealDiv", [x, f(3)]);
  end("root", "Rsqrt", [g.node("positive", "AddV2", [g.node("squares", "Square", [x]), f(0.5)])]);
  await g.write("graph-ops", { x: tensor([2, 8, 6, 4]) }, ends);
}
process.exit();
