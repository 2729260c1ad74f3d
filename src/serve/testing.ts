// What the tests of the server ask it: a small model, pictures, and requests of every kind, also such as no client would send.
import { connect } from "node:net";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { encodePng } from "../data/png.ts";
import { completePreprocessing } from "../data/preprocessing.ts";
import { build } from "../nn/build.ts";
import { createModel } from "../nn/models/list.ts";
import { loadState } from "../nn/state.ts";
import type { ClassifierModel } from "../use/trained.ts";

/** The digits network with random weights of a seed. */
export function smallModel(seed = 1): ClassifierModel {
  const { layer, inputShape } = createModel("digits");
  const [channels, height, width] = inputShape;
  const { variables } = build(layer, [1, channels, height, width], { seed });
  const weights = loadState(variables, {}, { strict: false }).state;
  const classes = Array.from({ length: 10 }, (_, i) => `digit ${i}`);
  return { model: layer, weights, classes, preprocessing: completePreprocessing({ channels, height, width }) };
}

/** PNGs of noise, gray, of a size. */
export function pictures(count: number, height = 8, width = 8): Promise<Uint8Array<ArrayBuffer>[]> {
  const random = new Random(count + height);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const pixels = Uint8Array.from({ length: height * width }, () => random.below(256));
      return Uint8Array.from(await encodePng(ndarray([1, height, width], pixels, "uint8"), [0, 255]));
    }),
  );
}

export interface Heard {
  readonly status: number;
  readonly text: string;
}

/** Sends these bytes as they are over a connection of its own, and hears all that comes until it ends. */
export function raw(url: string, sent: string, wait = 5000): Promise<Heard> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    const timer = setTimeout(() => socket.destroy(), wait);
    socket.on("connect", () => socket.write(sent));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
    });
  });
}
