// TensorFlow.js, its cpu and wasm backends (third argument).
import { contend, fill, fillLabels } from "./protocol.mjs";

const backend = process.argv[4] ?? "cpu";

await contend(async (work, threads) => {
  if (work.model !== "lenet") throw new Error("measured on LeNet only: minutes a step otherwise");
  const tf = await import("@tensorflow/tfjs-core");
  const layers = await import("@tensorflow/tfjs-layers");
  if (backend === "wasm") {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    wasm.setThreadsCount(threads);
    wasm.setWasmPaths(`${new URL("../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).pathname}`);
  } else {
    if (threads > 1) throw new Error("has no threads");
    await import("@tensorflow/tfjs-backend-cpu");
  }
  await tf.setBackend(backend);
  await tf.ready();
  const model = layers.sequential({
    layers: [
      layers.layers.conv2d({ filters: 6, kernelSize: 5, padding: "same", activation: "relu", inputShape: [28, 28, 1] }),
      layers.layers.maxPooling2d({ poolSize: 2 }),
      layers.layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu" }),
      layers.layers.maxPooling2d({ poolSize: 2 }),
      layers.layers.flatten(),
      layers.layers.dense({ units: 120, activation: "relu" }),
      layers.layers.dense({ units: 84, activation: "relu" }),
      layers.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: "categoricalCrossentropy" });
  const x = tf.tensor(fill(work.batch * 784), [work.batch, 28, 28, 1]);
  const y = tf.oneHot(tf.tensor1d(fillLabels(work.batch, 10), "int32"), 10);
  return {
    note: `TensorFlow.js ${tf.version_core}, ${backend}`,
    iterate: async () => void (await model.trainOnBatch(x, y)),
  };
});
