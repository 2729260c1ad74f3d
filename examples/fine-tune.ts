// Fine-tuning: a network that knows the ten digits learns to tell odd from even, from only thirty pictures. It keeps its filters and
// gets a new last layer. Beside it the same network that starts from nothing.
import {
  Conv2d,
  type Dataset,
  Flatten,
  fit,
  type Layer,
  Linear,
  MaxPool2d,
  openData,
  ReLU,
  Sequential,
  subset,
} from "neocog";
import { build, loadState, type State } from "neocog/graph";

const { train, test } = await openData("digits");
const features = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), Conv2d(32, 3), ReLU(), MaxPool2d(2), Flatten()]);
const digits = Sequential({ features, hidden: Linear(32), relu: ReLU(), head: Linear(10) });
const parity = Sequential({ features, hidden: Linear(32), relu: ReLU(), oddOrEven: Linear(2) });

const odd = (data: Dataset) => ({ ...data, labels: data.labels.map((digit) => digit % 2), classes: ["even", "odd"] });
const thirty = subset(
  train,
  Array.from({ length: 30 }, (_, i) => i),
);

async function learn(model: Layer, data: { train: Dataset; test: Dataset }, epochs: number, weights?: State) {
  for await (const event of fit(model, data, { epochs, batch: 30, seed: 1, ...(weights ? { weights } : {}) }))
    if (event.kind === "finished") return { weights: event.trained.weights, accuracy: event.test!.accuracy };
  throw new Error("The training was stopped.");
}

const known = await learn(digits, { train, test }, 5);
// Weights go by name: those of the features and the hidden layer are there; the new layer's are missing and start at random.
const { state, missing } = loadState(build(parity, [1, 1, 8, 8]).variables, known.weights, { strict: false });
console.log("new:", missing.join(", "));

const few = { train: odd(thirty), test: odd(test) };
const fresh = await learn(parity, few, 20);
const tuned = await learn(parity, few, 20, state);
const percent = ({ accuracy }: { accuracy: number }) => `${(100 * accuracy).toFixed(1)} %`;
console.log(`from nothing ${percent(fresh)}, fine-tuned ${percent(tuned)}`);
