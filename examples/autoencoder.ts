// An autoencoder: pictures of 64 pixels go through eight numbers and become themselves again. Beside it what the mean of all training
// pictures reaches, which needs no numbers at all.
import { Adam, createModel, evaluate, fit, openData, openEngine } from "neocog";

const digits = await openData("digits");
const itself = ({ name, images }: typeof digits.test) => {
  return { name, images, classes: [], labels: { kind: "pictures", values: images } as const };
};
const data = { train: itself(digits.train), test: itself(digits.test) };

const size = 64;
const pixelsOf = ({ images: { data: pixels, dtype } }: typeof digits.test): number[] =>
  Array.from(pixels, (pixel) => (dtype === "uint8" ? pixel / 255 : pixel));
const mean = new Float64Array(size);
const seen = pixelsOf(digits.train);
for (const [i, pixel] of seen.entries()) mean[i % size] += (pixel * size) / seen.length;
const squares = pixelsOf(digits.test).map((pixel, i) => (pixel - mean[i % size]) ** 2);
const plain = -10 * Math.log10(squares.reduce((sum, square) => sum + square, 0) / squares.length);

const { layer } = createModel("autoencoder", { classes: 1, inChannels: 1, inputSize: 8 });
const engine = await openEngine();
const options = {
  epochs: 30,
  batch: 32,
  optimizer: Adam({ lr: 0.005 }),
  schedule: { kind: "oneCycle" },
  engine,
} as const;
for await (const event of fit(layer, data, options)) {
  if (event.kind === "epoch") console.log(`epoch ${event.epoch}: ${event.train.psnr.toFixed(2)} dB in training`);
  if (event.kind !== "finished") continue;
  const { psnr, ssim } = await evaluate(event.trained, data.test, { engine });
  console.log(`alike by SSIM ${ssim.toFixed(3)}`);
  console.log(`the mean picture ${plain.toFixed(2)} dB, through 8 numbers ${psnr.toFixed(2)} dB`);
}
await engine.close();
