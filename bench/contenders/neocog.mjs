// Neocog on its WASM engine.
import { contend, fill, fillLabels } from "./protocol.mjs";

const door = {
  ...(await import("../../dist/src/doors/neocog.js")),
  ...(await import("../../dist/src/doors/graph.js")),
};

/** Neocog's names of the workloads' networks. */
const names = { lenet: "lenet-modern", fiveconv: "bench", "resnet18-cifar": "resnet18-small" };

await contend(async (work, threads) => {
  const engine = await door.openEngine("wasm", { threads, ...(process.argv[4] === "wide" ? { wide: true } : {}) });
  const { layer } = door.createModel(names[work.model] ?? work.model, {
    classes: work.classes,
    inChannels: work.input[0],
    inputSize: work.input[1],
  });
  const shape = [work.batch, ...work.input];
  const images = door.ndarray(shape, fill(shape.reduce((a, b) => a * b)));
  if (work.kind === "train") {
    const step = door.trainingStep(layer, { inputShape: shape, optimizer: door.SGD({ lr: 0.01, momentum: 0.9 }) });
    const session = await door.openSession(step.program, engine, { inputs: step.inputs });
    const labels = door.ndarray([work.batch], fillLabels(work.batch, work.classes), "int32");
    let count = 0;
    const { memory } = session.compiled;
    return {
      note: `${engine.description} ${memory.plan.steps.length} steps, ${(memory.plan.arenaBytes / 2 ** 20).toFixed(1)} MiB`,
      iterate: async () => session.run({ images, labels, ...step.scalars(count++, 0.01, 1) }),
    };
  }
  const built = door.build(layer, shape);
  const session = await door.openSession({ outputs: { output: built.output }, updates: [] }, engine, {
    frozen: true,
    inputs: [built.input],
  });
  return {
    note: `${engine.description} ${session.compiled.memory.plan.steps.length} steps`,
    iterate: async () => session.run({ input: images }),
  };
});
