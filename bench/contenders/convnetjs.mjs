// ConvNetJS: plain JavaScript, one picture at a time, gradients summed over the batch.
import { contend, fill, fillLabels } from "./protocol.mjs";

await contend(async (work, threads) => {
  if (work.model !== "lenet") throw new Error("not built for this network: no batch norm, no residual links");
  if (threads > 1) throw new Error("has no threads");
  const { default: convnet } = await import("convnetjs");
  const net = new convnet.Net();
  net.makeLayers([
    { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
    { type: "conv", sx: 5, filters: 6, stride: 1, pad: 2, activation: "relu" },
    { type: "pool", sx: 2, stride: 2 },
    { type: "conv", sx: 5, filters: 16, stride: 1, pad: 0, activation: "relu" },
    { type: "pool", sx: 2, stride: 2 },
    { type: "fc", num_neurons: 120, activation: "relu" },
    { type: "fc", num_neurons: 84, activation: "relu" },
    { type: "softmax", num_classes: 10 },
  ]);
  const trainer = new convnet.Trainer(net, {
    method: "sgd",
    learning_rate: 0.01,
    momentum: 0.9,
    batch_size: work.batch,
  });
  const labels = fillLabels(work.batch, 10);
  const pixels = fill(work.batch * 784);
  const images = Array.from({ length: work.batch }, (_, i) => {
    const volume = new convnet.Vol(28, 28, 1, 0);
    for (let p = 0; p < 784; p++) volume.w[p] = pixels[i * 784 + p];
    return volume;
  });
  return {
    note: "ConvNetJS 0.3",
    iterate: async () => {
      for (let i = 0; i < work.batch; i++) trainer.train(images[i], labels[i]);
    },
  };
});
