// Several labels a picture: of four corners, those that are bright. None, some or all may be; each is learnt by itself. A tag that
// few pictures have gets a larger weight.
import {
  Conv2d,
  evaluate,
  Flatten,
  fit,
  Linear,
  MaxPool2d,
  ndarray,
  predict,
  Random,
  ReLU,
  Sequential,
  split,
} from "neocog";

const [count, size] = [600, 12];
const names = ["top left", "top right", "bottom left", "bottom right"];
const random = new Random(1, "corners");
const pixels = Float32Array.from({ length: count * size * size }, () => 0.7 * random.uniform());
const tags = Uint8Array.from({ length: 4 * count }, (_, i) => Number(random.uniform() < (i % 4 === 3 ? 0.1 : 0.4)));
tags.forEach((has, i) => {
  if (has === 0) return;
  const [left, top] = [i % 2 === 0 ? 1 : 7, i % 4 < 2 ? 1 : 7].map((from) => from + random.below(2));
  for (let at = 0; at < 9; at++) {
    const place = (top + Math.floor(at / 3)) * size + left + (at % 3);
    pixels[Math.floor(i / 4) * size * size + place] = 0.6 + 0.4 * random.uniform();
  }
});

const data = split({
  name: "corners",
  images: ndarray([count, 1, size, size], pixels),
  labels: { kind: "tags", values: ndarray([count, 4], tags, "uint8") } as const,
  classes: names,
});
const layers = [Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(32), ReLU(), Linear(4)];
const loss = { name: "bceWithLogits", positiveWeights: [1, 1, 1, 3] } as const;
for await (const event of fit(Sequential(layers), data, { epochs: 30, batch: 32, loss })) {
  if (event.kind !== "finished") continue;
  const found = await evaluate(event.trained, data.test);
  for (const { name, images, recall, precision } of found.perTag)
    console.log(
      `${name.padEnd(12)} in ${images} pictures, recall ${recall.toFixed(2)}, precision ${precision.toFixed(2)}`,
    );
  const [first] = await predict(event.trained, [ndarray([1, size, size], pixels.slice(0, size * size))]);
  console.log(`the first picture has ${first.tags.join(", ") || "no bright corner"}`);
  console.log(`F1 ${found.f1.toFixed(3)}, every tag right in ${(100 * found.exact).toFixed(1)} % of pictures`);
}
