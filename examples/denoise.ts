// Picture to picture: noise is taken away. The network learns the noise, for its output is added to the picture that it sees. What
// comes out is compared with what was there by PSNR and SSIM.
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  evaluate,
  fit,
  ndarray,
  openData,
  predict,
  Random,
  ReLU,
  Residual,
  Sequential,
} from "neocog";

const noise = new Random(1, "noise");
const clean = await openData("digits");
const noisy = (set: typeof clean.test) => {
  const pixels = Float32Array.from(set.images.data);
  const seen = pixels.map((pixel) => Math.min(1, Math.max(0, pixel + 0.25 * noise.normal())));
  const { shape } = set.images;
  return {
    ...{ name: set.name, images: ndarray(shape, seen), classes: [] },
    labels: { kind: "pictures", values: ndarray(shape, pixels) } as const,
  };
};
const data = { train: noisy(clean.train), test: noisy(clean.test) };
const psnrOf = ({ images, labels }: typeof data.test): number => {
  const squares = Array.from(images.data, (pixel, i) => (pixel - labels.values.data[i]) ** 2);
  return -10 * Math.log10(squares.reduce((sum, square) => sum + square, 0) / squares.length);
};

const stage = () => [Conv2d(32, 3, { padding: 1, bias: false }), BatchNorm2d(), ReLU()];
const model = Residual(Sequential([...stage(), ...stage(), ...stage(), Conv2d(1, 3, { padding: 1 })]));
const normalization = { mean: [0], std: [1] };
const options = {
  epochs: 15,
  batch: 32,
  optimizer: Adam({ lr: 0.005 }),
  schedule: { kind: "oneCycle" },
  normalization,
} as const;
for await (const event of fit(model, data, options)) {
  if (event.kind === "epoch") console.log(`epoch ${event.epoch}: ${event.train.psnr.toFixed(2)} dB in training`);
  if (event.kind !== "finished") continue;
  const { psnr, ssim } = await evaluate(event.trained, data.test);
  const [{ picture }] = await predict(event.trained, [ndarray([1, 8, 8], data.test.images.data.slice(0, 64))]);
  console.log(`a picture of ${picture.shape.join(" x ")}; alike by SSIM ${ssim.toFixed(3)}`);
  console.log(`noisy ${psnrOf(data.test).toFixed(2)} dB, cleaned ${psnr.toFixed(2)} dB`);
}
