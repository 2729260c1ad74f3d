// Every file format that is read, a row each; the first that fits a file opens it. Commands read this list for their help,
// so it loads no code of a format before it is asked.
import { match as isOnnx } from "../../io/onnx/match.ts";
import { match as isTfjs } from "../../io/tfjs/match.ts";
import type { FileFormat } from "./format.ts";

/** Whether bytes begin as the header of safetensors: its length, then an object. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length >= 2n && length <= BigInt(bytes.length - 8);
}

/** A zip of a model, or its model.json or neocog.json by itself. */
function isModel(bytes: Uint8Array, members: readonly string[]): boolean {
  if (members.some((name) => /(^|\/)(model|neocog)\.json$/.test(name))) return true;
  return /^\s*\{\s*"format":\s*"neocog-(model|folder)"/.test(new TextDecoder().decode(bytes.subarray(0, 100)));
}

/** The file formats, each with how it is told from others, opened and written. */
export const fileFormats: readonly FileFormat[] = [
  {
    name: "Neocog",
    about: "a model folder that train wrote or a zip of one",
    holds: "model",
    endings: [".zip"],
    match: isModel,
    written: true,
    load: async () => (await import("./model.ts")).modelFormat,
  },
  {
    name: "ONNX",
    about: "an ONNX file",
    holds: "network",
    endings: [".onnx"],
    match: isOnnx,
    written: true,
    load: async () => (await import("./onnx.ts")).onnxFormat,
  },
  {
    name: "TensorFlow.js",
    about: "a TensorFlow.js model.json",
    holds: "network",
    endings: [".json"],
    match: isTfjs,
    written: false,
    load: async () => (await import("./tfjs.ts")).tfjsFormat,
  },
  {
    name: "safetensors",
    about: "a safetensors file",
    holds: "weights",
    endings: [".safetensors"],
    match: isSafetensors,
    written: true,
    choosesFloats: true,
    load: async () => (await import("./safetensors.ts")).safetensorsFormat,
  },
  {
    name: "NumPy",
    about: "an .npz of NumPy",
    holds: "weights",
    endings: [".npz"],
    match: (_, members) => members.length > 0 && members.every((name) => name.endsWith(".npy")),
    written: true,
    load: async () => (await import("./npz.ts")).npzFormat,
  },
];
