// Training in a worker of a page's own, so that the page stays alive even on one thread: what runs in the worker. The page's side
// is worker-page.ts. Events, weights and classes are plain data and can be posted as they are.
import { Conv2d, Flatten, fit, Linear, MaxPool2d, openData, ReLU, Sequential } from "neocog";

const { train, test } = await openData("digits");
const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);

for await (const event of fit(model, { train, test }, { epochs: 5, batch: 32, seed: 1 })) {
  if (event.kind === "epoch") postMessage({ kind: "epoch", epoch: event.epoch, loss: event.train.loss });
  if (event.kind === "finished")
    postMessage({ kind: "finished", accuracy: event.test!.accuracy, weights: event.trained.weights });
}
