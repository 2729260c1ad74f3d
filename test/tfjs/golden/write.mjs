// TensorFlow.js from the folder that was named, numbers that look random, and how a model is written with its answers.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(join(resolve(process.argv[2] ?? "."), "package.json"));
export const tf = require("@tensorflow/tfjs-core");
export const L = require("@tensorflow/tfjs-layers");
export const { loadGraphModel } = require("@tensorflow/tfjs-converter");
require("@tensorflow/tfjs-backend-cpu");
const target = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures/tfjs");

let state = 12345;
/** Uniform in [-1, 1), the same every time. */
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
export const randoms = (shape, change = (x) => x) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => change(random()));
export const tensor = (shape, change) => tf.tensor(randoms(shape, change), shape, "float32");
const encoded = ({ shape, dtype, data }) => ({
  shape,
  dtype,
  data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
});
const storages = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const numbers = (t) => ({ shape: t.shape, dtype: t.dtype, data: storages[t.dtype].from(t.dataSync()) });

/** Writes a model's files, and beside them what goes in and what TensorFlow.js answers. */
export function write(name, model, shards, inputs, outputs) {
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
