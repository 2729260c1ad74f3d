// What both Node and a page do, to be compared: train the digits network for a few steps, and write it as ONNX. A page runs
// this function's own text, so it uses nothing from around it but what it is given.

import type { TrainedModel } from "../src/doors/neocog.ts";

/** What it uses of the doors. */
export type Door = typeof import("../src/doors/neocog.ts") &
  typeof import("../src/doors/graph.ts") &
  typeof import("../src/doors/onnx.ts");

export interface TaskAnswer {
  readonly hash: string;
  readonly losses: readonly number[];
  readonly threads: number;
  readonly description: string;
  /** SHA-256 of the ONNX file. */
  readonly onnx: string;
  readonly onnxBytes: number;
}

export async function task(door: Door, threads: number): Promise<TaskAnswer> {
  const { wasmEngine, openData, fit, Conv2d, MaxPool2d, ReLU, Flatten, Linear, Dropout, Sequential } = door;
  const engine = await wasmEngine({ threads, relaxedSimd: true });
  try {
    const data = await openData("digits");
    const model = Sequential([
      Conv2d(8, 3, { padding: 1 }),
      ReLU(),
      MaxPool2d(2),
      Conv2d(16, 3, { padding: 1 }),
      ReLU(),
      Flatten(),
      Dropout({ p: 0.1 }),
      Linear(10),
    ]);
    const losses: number[] = [];
    let trained: TrainedModel | undefined;
    for await (const event of fit(model, data, { epochs: 1, batch: 64, seed: 3, engine })) {
      if (event.kind === "batch") losses.push(event.loss);
      if (event.kind === "finished") trained = event.trained;
    }
    if (!trained) throw new Error("Training did not finish.");
    const { output } = door.build(model, [1, 1, 8, 8]);
    const bytes = door.exportOnnx({ logits: output }, { state: trained.weights, classes: trained.classes });
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
    return {
      hash: await door.weightsHash(trained.weights),
      losses,
      threads: engine.threads,
      description: engine.description,
      onnx: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
      onnxBytes: bytes.length,
    };
  } finally {
    await engine.close();
  }
}
