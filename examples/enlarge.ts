// Super-resolution: pictures of 4x4 become the 8x8 that they were made of. A small network computes at the small size, and its channels
// become pixels at the end. Beside it what bilinear interpolation reaches.
import { Adam, createModel, evaluate, fit, ndarray, openData, openEngine, predict } from "neocog";

const [large, small] = [8, 4];
const digits = await openData("digits");
const halved = (set: typeof digits.test) => {
  const [count] = set.images.shape;
  const pixels = Float32Array.from(set.images.data);
  const at = (i: number, y: number, x: number): number => pixels[(i * large + y) * large + x];
  const mean = Float32Array.from({ length: count * small * small }, (_, place) => {
    const [i, y, x] = [Math.floor(place / small ** 2), 2 * (Math.floor(place / small) % small), 2 * (place % small)];
    return (at(i, y, x) + at(i, y, x + 1) + at(i, y + 1, x) + at(i, y + 1, x + 1)) / 4;
  });
  return {
    ...{ name: set.name, images: ndarray([count, 1, small, small], mean), classes: [] },
    labels: { kind: "pictures", values: ndarray([count, 1, large, large], pixels) } as const,
  };
};
const data = { train: halved(digits.train), test: halved(digits.test) };

/** Between the nearest four pixels of the small picture, which lie at 0.5, 2.5, 4.5 and 6.5. */
function bilinear(i: number, y: number, x: number): number {
  const pixels = data.test.images.data.subarray(i * small ** 2, (i + 1) * small ** 2);
  const [v, u] = [y, x].map((side) => Math.min(small - 1, Math.max(0, (side - 0.5) / 2)));
  const [row, column] = [v, u].map((side) => Math.min(small - 2, Math.floor(side)));
  const across = (r: number) =>
    pixels[r * small + column] * (column + 1 - u) + pixels[r * small + column + 1] * (u - column);
  return across(row) * (row + 1 - v) + across(row + 1) * (v - row);
}
const squares = Array.from(data.test.labels.values.data, (pixel, place) => {
  const [i, y, x] = [Math.floor(place / large ** 2), Math.floor(place / large) % large, place % large];
  return (pixel - bilinear(i, y, x)) ** 2;
});
const plain = -10 * Math.log10(squares.reduce((sum, square) => sum + square, 0) / squares.length);

const { layer } = createModel("espcn", { classes: 1, inChannels: 1, inputSize: small });
const engine = await openEngine();
const options = {
  epochs: 20,
  batch: 32,
  optimizer: Adam({ lr: 0.003 }),
  schedule: { kind: "oneCycle" },
  engine,
} as const;
for await (const event of fit(layer, data, options)) {
  if (event.kind === "epoch") console.log(`epoch ${event.epoch}: ${event.train.psnr.toFixed(2)} dB in training`);
  if (event.kind !== "finished") continue;
  const { psnr, ssim } = await evaluate(event.trained, data.test, { engine });
  const picture = ndarray([1, small, small], data.test.images.data.slice(0, small ** 2));
  const [made] = await predict(event.trained, [picture], { engine });
  console.log(`a picture of ${made.picture.shape.join(" x ")}; alike by SSIM ${ssim.toFixed(3)}`);
  console.log(`bilinear ${plain.toFixed(2)} dB, enlarged ${psnr.toFixed(2)} dB`);
}
await engine.close();
