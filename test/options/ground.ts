// What the calls of the rows find in their folder: pictures, files of weights, models and a run.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, loadState } from "../../src/doors/graph.ts";
import {
  Conv2d,
  createModel,
  encodePng,
  Flatten,
  Linear,
  ndarray,
  ReLU,
  Sequential,
  saveModel,
  saveWeights,
} from "../../src/doors/neocog.ts";
import { writeModel } from "../../src/io/onnx/model.ts";
import { floats, graphOf, info, modelOf, node } from "../onnx/graphs.ts";
import { heard } from "./heard.ts";

/** Makes it in the current folder. */
export async function layOut(): Promise<void> {
  for (const [data, channels] of [
    ["pictures", 3],
    ["grays", 1],
  ] as const) {
    for (const [label, name] of ["a", "b"].entries()) {
      mkdirSync(join(data, name), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const size = channels * 80;
        const pixels = Uint8Array.from(
          { length: size },
          (_, at) => 100 + 90 * Math.sin(at * (0.3 + label / 5) + i * i) + i,
        );
        writeFileSync(join(data, name, `${i}.png`), await encodePng(ndarray([channels, 10, 8], pixels, "uint8")));
      }
    }
  }
  cpSync("pictures", "torn", { recursive: true });
  for (const name of ["a", "b"]) writeFileSync(join("torn", name, "torn.png"), "no picture");
  const pixels = Uint8Array.from({ length: 12 * 64 }, (_, at) => (at * 7) % 251);
  writeFileSync("x.idx", new Uint8Array([0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0, 8, ...pixels]));
  writeFileSync("y.idx", new Uint8Array([0, 0, 8, 1, 0, 0, 0, 12, ...Array.from({ length: 12 }, (_, i) => i % 2)]));
  writeFileSync("names.txt", "a\nb\n");
  writeFileSync("open.onnx", network("n", "h", "w"));
  writeFileSync("fixed.onnx", network(4, 8, 8));
  const preprocessing = { channels: 1, height: 8, width: 8 };
  const deep = Sequential([...Array.from({ length: 14 }, () => ReLU()), Flatten(), Linear(2)]);
  const trained = Sequential({
    c1: Conv2d(3, 3),
    r1: ReLU(),
    c2: Conv2d(2, 3),
    r2: ReLU(),
    flat: Flatten(),
    end: Linear(2),
  });
  for (const [name, layer] of Object.entries({ deep, trained })) {
    const { state } = loadState(build(layer, [1, 1, 8, 8]).variables, {}, { strict: false });
    await saveModel(name, { model: layer, weights: state, classes: ["a", "b"], preprocessing });
  }
  const mlp = createModel("mlp", { classes: 2, inChannels: 1, inputSize: 8 }).layer;
  const { state } = loadState(build(mlp, [1, 1, 8, 8]).variables, {}, { strict: false });
  await saveWeights("mlp.safetensors", state);
  await saveWeights("part.safetensors", new Map([...state].slice(1)));
  await heard("train pictures --model mlp --epochs 4 --lr 0.01 --seed 1 --out kept");
  cpSync("mlp.safetensors", "old.safetensors");
  cpSync("mlp.safetensors", "old.mjs");
  cpSync("kept", "held", { recursive: true });
}

/** Gray pictures of any size, or of one, into two classes. */
function network(...[batch, height, width]: readonly (number | string)[]): Uint8Array {
  const nodes = [
    node("Conv", "x w", "c"),
    node("Relu", "c", "r"),
    node("GlobalAveragePool", "r", "g"),
    node("Flatten", "g", "y"),
  ];
  const weights = floats("w", [2, 1, 3, 3], ...Array.from({ length: 18 }, (_, i) => Math.sin(i + 1)));
  return writeModel(modelOf(graphOf([info("x", [batch, 1, height, width])], nodes, ["y"], [weights])));
}
