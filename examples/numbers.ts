// Regression: numbers a picture, here where a spot lies and how wide it is, with a metric of one's own: the distance between where
// it lies and where it is said to lie. Numbers keep their units; the scale on which they are learnt is the model's own business.
import {
  Adam,
  Conv2d,
  evaluate,
  Flatten,
  fit,
  Linear,
  MaxPool2d,
  ndarray,
  Random,
  ReLU,
  Sequential,
  split,
} from "neocog";
import type { Tensor } from "neocog/graph";
import { slice, sqrt, square, sub, sum } from "neocog/ops";

const [count, size] = [800, 24];
const random = new Random(1, "spots");
const numbers = Float32Array.from(
  { length: 3 * count },
  (_, i) => (i % 3 === 2 ? 20 : 160) * (random.uniform() + 0.25),
);
const pixels = Float32Array.from({ length: count * size * size }, (_, i) => {
  const [x, y, width] = numbers.subarray(3 * Math.floor(i / size ** 2));
  const [column, row] = [i % size, Math.floor(i / size) % size].map((at) => (at * 240) / size);
  const far = ((column - x) ** 2 + (row - y) ** 2) / (2 * width ** 2);
  return Math.min(1, 0.8 * Math.exp(-far) + 0.2 * random.uniform());
});
const data = split({
  name: "spots",
  images: ndarray([count, 1, size, size], pixels),
  labels: { kind: "numbers", values: ndarray([count, 3], numbers) } as const,
  classes: ["x", "y", "width"],
});

const place = (said: Tensor): Tensor => slice(said, [{}, { start: 0, stop: 2 }]);
const metrics = { distance: (said: Tensor, right: Tensor) => sqrt(sum(square(sub(place(said), place(right))), 1)) };
const stage = (channels: number) => Sequential([Conv2d(channels, 3, { padding: 1 }), ReLU(), MaxPool2d(2)]);
const model = Sequential([stage(16), stage(32), Flatten(), Linear(64), ReLU(), Linear(3)]);
const options = { epochs: 25, batch: 32, optimizer: Adam({ lr: 0.003 }), metrics };
for await (const event of fit(model, data, { ...options, schedule: { kind: "oneCycle" } })) {
  if (event.kind !== "finished") continue;
  const { perNumber, meanAbsoluteError } = await evaluate(event.trained, data.test);
  for (const { name, rootMeanSquareError, r2 = 0 } of perNumber)
    console.log(`${name.padEnd(5)} off by ${rootMeanSquareError.toFixed(1)} µm, r² ${r2.toFixed(3)}`);
  const { distance } = event.test!.metrics!;
  console.log(`mean error ${meanAbsoluteError.toFixed(2)} µm, mean distance ${distance.toFixed(2)} µm`);
}
