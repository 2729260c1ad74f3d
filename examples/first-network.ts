// A network of your own, trained on the handwritten digits that come with the package.
import { Conv2d, evaluate, Flatten, fit, Linear, MaxPool2d, openData, ReLU, Sequential } from "neocog";

const data = await openData("digits");

// Plain data; input channels are inferred from what comes in.
const model = Sequential([
  Conv2d(16, 3, { padding: 1 }),
  ReLU(),
  Conv2d(32, 3, { padding: 1 }),
  ReLU(),
  MaxPool2d(2),
  Flatten(),
  Linear(10),
]);

for await (const event of fit(model, data, { epochs: 8, batch: 32, seed: 1 })) {
  if (event.kind === "epoch") console.log(`epoch ${event.epoch}: loss ${event.train.loss.toFixed(3)}`);
  if (event.kind === "finished") {
    const { accuracy } = await evaluate(event.trained, data.test);
    console.log(`test accuracy ${(100 * accuracy).toFixed(1)} %`);
  }
}
