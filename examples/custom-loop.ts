// A training loop of your own: loss, gradients and update are a graph, compiled into one plan. Here the update is one that no
// optimizer of the library does: every weight moves by the same small step against the sign of its gradient.
import { Conv2d, evaluate, Flatten, Linear, loader, MaxPool2d, openData, openEngine, ReLU, Sequential } from "neocog";
import { build, gradients, input, openSession } from "neocog/graph";
import { crossEntropy, mul, sign, sub } from "neocog/ops";

const { train, test } = await openData("digits");
const batches = loader(train, { batch: 32, shuffle: true, dropLast: true, seed: 1 });
const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);

const images = input("images", [32, 1, 8, 8]);
const labels = input("labels", [32], "int32");
const rate = input("rate", []);
const { output, variables } = build(model, images, { training: true, seed: 1 });
const loss = crossEntropy(output, labels);
const slopes = gradients([loss], variables);
const updates = variables.map((variable, i) => ({ variable, value: sub(variable, mul(sign(slopes[i]), rate)) }));

const engine = await openEngine();
const session = await openSession({ outputs: { loss }, updates }, engine);
for (let epoch = 0; epoch < 5; epoch++) {
  let sum = 0;
  for (const batch of batches.epoch(epoch)) {
    const step = { shape: [], dtype: "float32", data: Float32Array.of(0.01 * 0.6 ** epoch) } as const;
    const { loss } = await session.run({ images: batch.images, labels: batch.labels, rate: step });
    sum += loss.data[0];
  }
  console.log(`epoch ${epoch + 1}: loss ${(sum / batches.batches).toFixed(3)}`);
}
const weights = new Map(session.variables.map((name) => [name, session.readVariable(name)]));
await engine.close();

const trained = { model, weights, classes: test.classes, preprocessing: { channels: 1, height: 8, width: 8 } };
const { accuracy } = await evaluate(trained, test);
console.log(`test accuracy ${(100 * accuracy).toFixed(1)} %`);
