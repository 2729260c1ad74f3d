// A data set and a network for tests: small enough for the reference engine, hard enough that something is learnt.
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Dataset, dataset } from "../data/dataset.ts";
import type { Layer } from "../nn/layer.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d } from "../nn/layers/normalization.ts";
import { MaxPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";

const side = 6;

/** A bright bar in noise: lying, standing, or falling. */
export function bars(count: number, seed: number): Dataset {
  const random = new Random(seed, "bars");
  const labels = new Int32Array(count);
  const pixels = Float32Array.from({ length: count * side * side }, () => 0.3 * random.uniform());
  for (let i = 0; i < count; i++) {
    labels[i] = random.below(3);
    const place = random.below(side);
    for (let along = 0; along < side; along++) {
      const across = labels[i] === 2 ? (along + place) % side : place;
      pixels[(i * side + (labels[i] === 1 ? along : across)) * side + (labels[i] === 1 ? across : along)] += 0.7;
    }
  }
  const images = ndarray([count, 1, side, side], pixels);
  return dataset({ name: "bars", images, labels, classes: ["lying", "standing", "falling"] });
}

export const tinyNetwork = (classes = 3): Layer =>
  Sequential({
    conv: Conv2d(4, 3, { padding: 1 }),
    norm: BatchNorm2d(),
    relu: ReLU(),
    pool: MaxPool2d(2),
    flatten: Flatten(),
    head: Linear(classes),
  });
