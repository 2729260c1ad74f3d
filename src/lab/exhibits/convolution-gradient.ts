// What the gradient of a convolution looks like.
import { type NdArray, ndarray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import type { Engine } from "../../engines/engine.ts";
import { input, type Tensor } from "../../graph/graph.ts";
import { relu } from "../../ops/activations.ts";
import { mul } from "../../ops/arithmetic.ts";
import { conv2d, convTranspose2d } from "../../ops/convolution.ts";
import { flip, permute } from "../../ops/copy.ts";
import { batchNorm } from "../../ops/normalization.ts";
import { avgPool2d, maxPool2d } from "../../ops/pooling.ts";
import { softmax } from "../../ops/softmax.ts";
import { sum } from "../../ops/sum.ts";
import { openSession } from "../../run/session.ts";
import { compute, known, noise, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { below, type Check, equal, largestDifference, pictures, table } from "../parts.ts";

/** Ops whose gradient is held against central differences, as functions of a picture and a kernel. */
const differentiated: Readonly<Record<string, (x: Tensor, w: Tensor) => Tensor>> = {
  "conv 3x3": (x, w) => conv2d(x, w),
  "stride 2, padding 1": (x, w) => conv2d(x, w, { stride: 2, padding: 1 }),
  "dilation 2": (x, w) => conv2d(x, w, { dilation: 2 }),
  "circular padding": (x, w) => conv2d(x, w, { padding: 1, paddingMode: "circular" }),
  "transposed, stride 2": (x, w) => convTranspose2d(x, w, { stride: 2 }),
  "conv, then max pool": (x, w) => maxPool2d(conv2d(x, w), 2),
  "conv, then average pool": (x, w) => avgPool2d(conv2d(x, w), 2),
  "conv, then ReLU": (x, w) => relu(conv2d(x, w)),
  "conv, then batch norm": (x, w) => batchNorm(conv2d(x, w)).y,
  "conv, then softmax": (x, w) => softmax(conv2d(x, w), 1),
};

export const convolutionGradient = exhibit({
  id: "convolution-gradient",
  title: "What does the gradient of a convolution look like?",
  group: "Learning",
  claim:
    "The gradient with respect to the picture is a full correlation with the flipped kernel, with respect to the kernel a correlation of picture and output gradient: convolutions again.",
  formula: "∂L/∂X = pad(∂L/∂Y) ⋆ flip(K)        ∂L/∂K = X ⋆ ∂L/∂Y",
  parameters: {
    size: whole(7, 6, 16, "side of the picture"),
    kernel: whole(3, 1, 3, "side of the kernel"),
    channels: whole(2, 1, 4, "channels in and out"),
    seed: whole(0, 0, 1e6, "seed"),
  },
  tryThis: ["Every op of the library is held against central differences like this in its tests."],
  source: "Dumoulin & Visin 2016 (1603.07285), chapter 4",
  async run({ size: n, kernel: k, channels: c, seed }, { exact, engine, progress }) {
    const shapeW = [c, c, k, k];
    const picture = noise([1, c, n, n], seed, "x");
    const kernel = noise(shapeW, seed, "w");
    const x = input("x", picture.shape);
    const w = input("w", shapeW);
    const y = conv2d(x, w);
    const dy = noise(y.shape, seed, "dy");
    const [dx, dw] = gradients([y], [x, w], [known(dy)]);
    const swapped = (t: Tensor): Tensor => permute(t, [1, 0, 2, 3]);
    const found = await compute(
      engine,
      {
        dx,
        dw,
        byFlip: conv2d(known(dy), flip(swapped(w), [2, 3]), { padding: "full" }),
        byPicture: swapped(conv2d(swapped(x), swapped(known(dy)))),
      },
      { x: picture, w: kernel },
    );
    const rows: [string, number, number][] = [];
    for (const [i, [name, op]] of Object.entries(differentiated).entries()) {
      progress(i, Object.keys(differentiated).length, name);
      rows.push([name, ...(await centralError(exact, op, picture, kernel))]);
    }
    const scale = largestDifference(found.dx.data, new Float64Array(found.dx.data.length));
    return {
      parts: [
        pictures(
          {
            "∂L/∂Y": plane(dy),
            "kernel, flipped": plane({ ...kernel, data: kernel.data.slice().reverse() }),
            "∂L/∂X": plane(found.dx),
          },
          { separate: true },
        ),
        table(["gradient against central differences", "picture", "kernel"], rows, "Largest error in float64"),
      ],
      checks: [
        equal("∂L/∂X has the shape of the picture", found.dx.data.length, picture.data.length),
        below(
          "∂L/∂X is the full correlation with the flipped kernel, relative",
          largestDifference(found.dx.data, found.byFlip.data) / scale,
          1e-5,
        ),
        below(
          "∂L/∂K is the correlation of picture and output gradient, relative",
          largestDifference(found.dw.data, found.byPicture.data) / scale,
          1e-5,
        ),
        ...rows.map(
          ([name, ofX, ofW]): Check => below(`${name}: error against central differences`, Math.max(ofX, ofW), 1e-6),
        ),
      ],
    };
  },
});

/** Largest |gradient − central difference| with respect to picture and kernel, at 24 places of each. */
async function centralError(
  engine: Engine,
  op: (x: Tensor, w: Tensor) => Tensor,
  picture: NdArray,
  kernel: NdArray,
): Promise<[number, number]> {
  const x = input("x", picture.shape);
  const w = input("w", kernel.shape);
  const y = op(x, w);
  const loss = sum(mul(y, known(noise(y.shape, 5, "weights"))));
  const [dx, dw] = gradients([loss], [x, w]);
  const slopes = await compute(engine, { dx, dw }, { x: picture, w: kernel });
  const session = await openSession({ outputs: { loss }, updates: [] }, engine);
  const h = 1e-5;
  const moved = ({ shape, data }: NdArray, place: number, by: number): NdArray => {
    const copy = Float64Array.from(data);
    copy[place] += by;
    return ndarray(shape, copy);
  };
  const worst = async (
    of: NdArray,
    slope: NdArray,
    set: (value: NdArray) => Record<string, NdArray>,
  ): Promise<number> => {
    let most = 0;
    const stride = Math.max(1, Math.floor(of.data.length / 24));
    for (let place = 0; place < of.data.length; place += stride) {
      const up = (await session.run(set(moved(of, place, h)))).loss.data[0];
      const down = (await session.run(set(moved(of, place, -h)))).loss.data[0];
      most = Math.max(most, Math.abs((up - down) / (2 * h) - slope.data[place]));
    }
    return most;
  };
  try {
    return [
      await worst(picture, slopes.dx, (value) => ({ x: value, w: kernel })),
      await worst(kernel, slopes.dw, (value) => ({ x: picture, w: value })),
    ];
  } finally {
    session.release();
  }
}
