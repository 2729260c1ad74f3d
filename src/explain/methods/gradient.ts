// Three methods on the plain gradient of the class score with respect to the picture, by one kind of program.
//
//   saliency              g(x) = d score / d x
//   SmoothGrad            mean of g(x + noise)                       Smilkov et al. 2017
//   integrated gradients  (x - b) · mean of g(b + a (x - b)), a in 0..1   Sundararajan et al. 2017
//
// The attributions of the last sum up to score(x) - score(b), but for an error of the sum: the completeness gap. The
// integral is taken at the midpoints a = (i + 1/2) / steps.
import { type NdArray, ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import type { Engine } from "../../engines/engine.ts";
import { checkPictures, checkReal, checkWhole, type Finding, type Method, type OpenMethod } from "../method.ts";
import { buildNetwork, type Subject } from "../network.ts";
import { largestOfChannels, meanOfRows, sumOfChannels } from "../planes.ts";
import { type Answer, oneHotRow, openGradient, type Runner } from "../runner.ts";

/** The gradients of some pictures, and what is made of them. */
async function openOn(
  subject: Subject,
  picture: Shape,
  engine: Engine,
  count: number,
  find: (ask: (pictures: NdArray) => ReturnType<Runner["run"]>, x: NdArray, target: number) => Promise<Finding>,
): Promise<OpenMethod> {
  const network = buildNetwork(subject, picture, count);
  const classes = network.scores.shape[1];
  const runner = await openGradient(network, network.scores, engine, subject.weights);
  return {
    find: (x, target) => find((pictures) => runner.run(pictures, oneHotRow(target, classes)), x, target),
    load: (weights) => runner.load(weights),
    release: () => runner.release(),
  };
}

export const saliency: Method<Record<never, never>> = {
  title: "Saliency",
  about: "how much the class score hangs on each pixel: the size of its gradient",
  source: "Simonyan, Vedaldi, Zisserman 2013, arXiv:1312.6034",
  options: [],
  open: (subject, picture, engine) =>
    openOn(subject, picture, engine, 1, async (ask, x) => {
      const { gradient } = await ask(x);
      return {
        values: gradient,
        drawing: { kind: "map", array: largestOfChannels(gradient), signed: false },
        numbers: { largest: largestOf(gradient) },
      };
    }),
};

export interface SmoothGradOptions {
  /** Noisy copies of the picture; 32 unless told. */
  readonly samples?: number;
  /** Standard deviation of the noise as a share of the picture's range; 0.15 unless told. */
  readonly noise?: number;
  /** Seed of the noise; 0 unless told. */
  readonly seed?: number;
  /** The noise itself [samples, channels, height, width], in the place of random one. */
  readonly noises?: NdArray;
}

export const smoothGrad: Method<SmoothGradOptions> = {
  title: "SmoothGrad",
  about: "the mean gradient over noisy copies: saliency without its grain",
  source: "Smilkov et al. 2017, arXiv:1706.03825",
  options: ["samples", "noise", "seed", "noises"],
  open(subject, picture, engine, { samples: wanted = 32, noise = 0.15, seed = 0, noises }) {
    checkWhole("SmoothGrad's samples", wanted, 1);
    checkReal("SmoothGrad's noise", noise, 0);
    if (noises) checkPictures("SmoothGrad's noises", noises, picture, noises.shape[0]);
    const samples = noises?.shape[0] ?? wanted;
    return openOn(subject, picture, engine, samples, async (ask, x) => {
      const deviation = noise * rangeOf(x);
      const random = new Random(seed, "SmoothGrad");
      const size = sizeOf(picture);
      const noisy = Float64Array.from(
        { length: samples * size },
        (_, i) => x.data[i % size] + (noises ? noises.data[i] : deviation * random.normal()),
      );
      const { gradient } = await ask(ndarray([samples, ...picture], noisy));
      const mean = meanOfRows(gradient);
      return {
        values: mean,
        drawing: { kind: "map", array: largestOfChannels(mean), signed: false },
        numbers: { samples, ...(noises ? {} : { deviation }), largest: largestOf(mean) },
      };
    });
  },
};

export interface IntegratedGradientsOptions {
  /** Midpoints on the way from the baseline to the picture; 32 unless told. */
  readonly steps?: number;
  /** Where the way starts, [1, channels, height, width]; zeros (the mean of the training pictures) unless told. */
  readonly baseline?: NdArray;
}

export const integratedGradients: Method<IntegratedGradientsOptions> = {
  title: "Integrated gradients",
  about: "what each pixel adds to the score on the way from a blank picture; the parts sum up to the whole",
  source: "Sundararajan, Taly, Yan 2017, arXiv:1703.01365",
  options: ["steps", "baseline"],
  open(subject, picture, engine, { steps = 32, baseline }) {
    checkWhole("The steps of integrated gradients", steps, 1);
    if (baseline) checkPictures("The baseline of integrated gradients", baseline, picture, 1);
    // Two more pictures, the ends of the way, only for their scores.
    return openOn(subject, picture, engine, steps + 2, async (ask, x, target) => {
      const size = sizeOf(picture);
      const start = baseline?.data ?? new Float64Array(size);
      const way = [...Array.from({ length: steps }, (_, i) => (i + 0.5) / steps), 1, 0];
      const points = new Float64Array(way.length * size);
      way.forEach((a, row) => {
        for (let i = 0; i < size; i++) points[row * size + i] = start[i] + a * (x.data[i] - start[i]);
      });
      const { gradient, value } = await ask(ndarray([way.length, ...picture], points));
      const mean = meanOfRows(ndarray([steps, ...picture], gradient.data.subarray(0, steps * size)));
      const parts = mean.data.map((slope, i) => (x.data[i] - start[i]) * slope);
      const values = ndarray(mean.shape, parts);
      const classes = value.shape[1];
      const difference = value.data[steps * classes + target] - value.data[(steps + 1) * classes + target];
      const gap = parts.reduce((total, part) => total + part, 0) - difference;
      return {
        values,
        drawing: { kind: "map", array: sumOfChannels(values), signed: true },
        numbers: { steps, difference, gap },
      };
    });
  },
};

const largestOf = ({ data }: Answer): number => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function rangeOf({ data }: NdArray): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}
