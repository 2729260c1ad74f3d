// onnxruntime-web, its WASM engine with SIMD; threads need no COOP/COEP in Node. It cannot train.
import { readFile } from "node:fs/promises";
import { contend, fill } from "./protocol.mjs";

await contend(async (work, threads) => {
  if (work.kind !== "infer") throw new Error("cannot train: training was removed");
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(await readFile(work.onnx), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  const input = new ort.Tensor("float32", fill(work.batch * work.input[0] * work.input[1] * work.input[2]), [
    work.batch,
    ...work.input,
  ]);
  return { iterate: async () => session.run({ input }), note: `onnxruntime-web ${ort.env.versions?.web ?? ""}` };
});
