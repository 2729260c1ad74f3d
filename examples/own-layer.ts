// A layer of your own: a function of tensors. This one lets a network weigh its channels ("squeeze and excitation", Hu et al. 2018)
// and learns how much of that to add. Gradients, shapes, names and the summary come by themselves.
import {
  block,
  Conv2d,
  Flatten,
  fit,
  GlobalAvgPool2d,
  init,
  Linear,
  openData,
  ReLU,
  Sequential,
  Sigmoid,
} from "neocog";
import { summary } from "neocog/analyze";
import { add, mul } from "neocog/ops";

function Excite(channels: number) {
  const weigh = Sequential([GlobalAvgPool2d(), Conv2d(4, 1), ReLU(), Conv2d(channels, 1), Sigmoid()]);
  return block(
    "Excite",
    (x, context) => {
      const weights = context.child("weigh", x); // [N, channels, 1, 1]: one number a channel
      const amount = context.parameter("amount", [1], init.constant(0.5)); // a learned number of its own
      return add(x, mul(mul(x, weights), amount));
    },
    { weigh },
  );
}

const model = Sequential([Conv2d(16, 3), ReLU(), Excite(16), Flatten(), Linear(10)]);
for (const { path, type, parameters } of summary(model, [1, 1, 8, 8]).rows) console.log(path, type, parameters);

for await (const event of fit(model, await openData("digits"), { epochs: 4, batch: 32, seed: 1 })) {
  if (event.kind !== "finished") continue;
  console.log("learned amount", event.trained.weights.get("2.amount")?.data[0].toFixed(3));
  console.log(`test accuracy ${(100 * event.test!.accuracy).toFixed(1)} %`);
}
