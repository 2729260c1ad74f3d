// Segmentation: a class for every pixel. A small U-Net learns where a disc and where a square lie in noise; masks turn and move with
// their pictures.
import { Adam, createModel, evaluate, fit, ndarray, openEngine, predict, Random, split } from "neocog";

const [count, size] = [300, 32];
const random = new Random(1, "shapes");
const pixels = Float32Array.from({ length: count * size * size }, () => 0.5 * random.uniform());
const masks = new Uint8Array(count * size * size);
for (let i = 0; i < count; i++) {
  for (const shape of [1, 2]) {
    const [x, y] = [6 + random.below(size - 12), 6 + random.below(size - 12)];
    const radius = 3 + random.below(4);
    for (let at = 0; at < size * size; at++) {
      const [dx, dy] = [Math.abs((at % size) - x), Math.abs(Math.floor(at / size) - y)];
      const inside = shape === 1 ? Math.hypot(dx, dy) <= radius : Math.max(dx, dy) <= radius;
      if (!inside) continue;
      masks[i * size * size + at] = shape;
      pixels[i * size * size + at] = Math.min(1, 0.5 + 0.5 * random.uniform());
    }
  }
}

const data = split({
  name: "shapes",
  images: ndarray([count, 1, size, size], pixels),
  labels: { kind: "masks", values: ndarray([count, size, size], masks, "uint8") } as const,
  classes: ["ground", "disc", "square"],
});
const { layer } = createModel("unet", { classes: 3, inChannels: 1, inputSize: size });
const engine = await openEngine();
const augment = [{ kind: "flip" }, { kind: "shift", pixels: 3 }] as const;
const options = { epochs: 16, batch: 16, optimizer: Adam({ lr: 0.005 }), augment, engine };
for await (const event of fit(layer, data, { ...options, schedule: { kind: "oneCycle" } })) {
  if (event.kind === "epoch")
    console.log(`epoch ${event.epoch}: mean IoU in training ${event.train.meanIoU.toFixed(3)}`);
  if (event.kind !== "finished") continue;
  const { perClass, meanIoU, pixelAccuracy } = await evaluate(event.trained, data.test, { engine });
  for (const { name, iou = 0 } of perClass) console.log(`${name.padEnd(7)} IoU ${iou.toFixed(3)}`);
  const picture = ndarray([1, size, size], pixels.slice(0, size * size));
  const [{ areas }] = await predict(event.trained, [picture], { engine });
  console.log(areas.map(({ name, pixels }) => `${pixels} pixels of ${name}`).join(", "));
  console.log(`mean IoU ${meanIoU.toFixed(3)}, ${(100 * pixelAccuracy).toFixed(1)} % of pixels`);
}
await engine.close();
