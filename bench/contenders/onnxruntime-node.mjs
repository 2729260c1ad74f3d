// onnxruntime-node: the native library. It cannot train.
import { contend, fill } from "./protocol.mjs";

await contend(async (work, threads) => {
  if (work.kind !== "infer") throw new Error("cannot train: training was removed");
  const { default: ort } = await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(work.onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  const input = new ort.Tensor("float32", fill(work.batch * work.input[0] * work.input[1] * work.input[2]), [
    work.batch,
    ...work.input,
  ]);
  return { iterate: async () => session.run({ input }), note: `onnxruntime-node ${ort.env?.versions?.node ?? ""}` };
});
