// Activation maximisation: the picture that excites a class (or a channel) most, by climbing the gradient from noise
// (Erhan et al. 2009; Simonyan et al. 2013). Left alone it ends in high-frequency patterns, so each step may be regularised
// (Yosinski et al. 2015, arXiv:1506.06579): weight decay, a slight blur now and then, a shift before and back after
// the step, and the range that pixels can have.
//
//   x ← (1 - decay) · (x + rate · g / rms(g))
//
// Where the unit is dead (every path to it is closed by a rectifier, so g = 0) the climb would stand still and the picture
// fade to gray; there g is the gradient that leaks through closed rectifiers, until the unit is alive. The best picture of
// the way is the answer, as a shift or a blur of the last step may have cost something.
import { type NdArray, ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { sizeOf } from "../../base/shape.ts";
import { blur, roll } from "../filter.ts";
import { leaking } from "../guided.ts";
import { checkPictures, checkReal, checkWhole, type Method } from "../method.ts";
import { buildNetwork, findLayer } from "../network.ts";
import { oneHotRow, openGradient, type Runner } from "../runner.ts";

export interface ActivationMaximizationOptions {
  /** A channel of a layer instead of a class: the mean over its places climbs. */
  readonly layer?: string;
  /** Which channel of the layer, from 0; needed with it. */
  readonly channel?: number;
  /** 128 unless told. */
  readonly steps?: number;
  /** How far a step goes, on the scale of the network's input; 0.1 unless told. */
  readonly rate?: number;
  /** Share of the picture that is lost at each step; 0.01 unless told. */
  readonly decay?: number;
  /** Standard deviation in pixels of the blur at every fourth step; 0.5 unless told. */
  readonly blur?: number;
  /** Largest shift in pixels; a 28th of the shorter side unless told. */
  readonly jitter?: number;
  /** Least and largest value of each channel. */
  readonly range?: { readonly low: readonly number[]; readonly high: readonly number[] };
  readonly seed?: number;
  /** The picture to start from, [1, channels, height, width]; a little noise unless told. */
  readonly start?: NdArray;
}

const blurEvery = 4;

export const activationMaximization: Method<ActivationMaximizationOptions> = {
  title: "Activation maximisation",
  about: "a picture made from noise so that the class score becomes as large as it can",
  source: "Erhan et al. 2009; Yosinski et al. 2015, arXiv:1506.06579",
  options: ["layer", "channel", "steps", "rate", "decay", "blur", "jitter", "range", "seed", "start"],
  async open(subject, picture, engine, options) {
    const [channels, height, width] = picture;
    const { layer: path, channel, steps = 128, rate = 0.1, decay = 0.01, blur: deviation = 0.5, seed = 0 } = options;
    const { jitter = Math.floor(Math.min(height, width) / 28), range, start } = options;
    checkWhole("The steps of activation maximisation", steps, 1);
    checkWhole("The jitter of activation maximisation", jitter, 0);
    checkReal("The rate of activation maximisation", rate, 0);
    checkReal("The decay of activation maximisation", decay, 0);
    checkReal("The blur of activation maximisation", deviation, 0);
    if (start) checkPictures("The start of activation maximisation", start, picture, 1);
    if (range && (range.low.length !== channels || range.high.length !== channels))
      throw new NeocogError(
        `The range of activation maximisation needs ${channels} lowest and ${channels} highest values.`,
      );
    if ((path === undefined) !== (channel === undefined))
      throw new NeocogError("Activation maximisation needs both layer and channel, or neither for a class.");
    const network = buildNetwork(subject, picture);
    const of = path === undefined ? network.scores : findLayer(network, path).output;
    const [batch, units, ...places] = of.shape;
    if (channel !== undefined && (!Number.isInteger(channel) || channel < 0 || channel >= units))
      throw new NeocogError(`Layer "${path}" has the channels 0 to ${units - 1}, not ${channel}.`);
    const runner = await openGradient(network, of, engine, subject.weights);
    let weights = subject.weights;
    let leaky: Runner | undefined;
    const throughRectifiers = async (x: NdArray, row: NdArray): Promise<Float64Array> => {
      leaky ??= await openGradient(network, leaking(of).output, engine, weights);
      return (await leaky.run(x, row)).gradient.data;
    };
    const size = sizeOf(of.shape) / batch;
    const plane = sizeOf(places);

    return {
      async find(_x, target) {
        const unit = channel ?? target;
        const row = oneHotRow(0, size);
        for (let i = 0; i < size; i++) row.data[i] = Math.floor(i / plane) === unit ? 1 / plane : 0;
        const random = new Random(seed, "activation maximisation");
        let x: Float64Array = Float64Array.from(
          { length: sizeOf(picture) },
          (_, i) => start?.data[i] ?? 0.1 * random.normal(),
        );
        const shift = (): number => (jitter === 0 ? 0 : random.below(2 * jitter + 1) - jitter);
        let best = { score: Number.NEGATIVE_INFINITY, x };
        let dead = 0;
        const climb = async (): Promise<{ score: number; slope: Float64Array; size: number }> => {
          const here = ndarray([1, ...picture], x);
          const { value, gradient } = await runner.run(here, row);
          const score = value.data.reduce((sum, activation, i) => sum + activation * row.data[i], 0);
          let slope = gradient.data;
          if (rmsOf(slope) === 0) {
            dead++;
            slope = await throughRectifiers(here, row);
          }
          return { score, slope, size: rmsOf(slope) };
        };
        const curve: number[] = [];
        for (let step = 0; step < steps; step++) {
          const [down, right] = [shift(), shift()];
          x = roll(x, height, width, down, right);
          const { score, slope, size } = await climb();
          curve.push(score);
          if (score > best.score) best = { score, x: roll(x.slice(), height, width, -down, -right) };
          if (size > 0) for (let i = 0; i < x.length; i++) x[i] += (rate * slope[i]) / size;
          x = roll(x, height, width, -down, -right);
          if (decay > 0) x = x.map((value) => value * (1 - decay));
          if (deviation > 0 && step % blurEvery === blurEvery - 1) x = blur(x, height, width, deviation);
          if (range) x = x.map((value, i) => clip(value, range, Math.floor(i / (height * width))));
        }
        const last = await climb();
        if (last.score >= best.score) best = { score: last.score, x };
        const image = ndarray([1, ...picture], best.x);
        return {
          values: image,
          drawing: { kind: "image", array: ndarray(picture, best.x), signed: false },
          numbers: { steps, start: curve[0], end: best.score, "dead steps": dead },
          curve: [...curve, last.score],
          ...(path === undefined ? {} : { layer: path }),
        };
      },
      load(state) {
        weights = state;
        runner.load(state);
        leaky?.load(state);
      },
      release() {
        runner.release();
        leaky?.release();
      },
    };
  },
};

const rmsOf = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

const clip = (
  value: number,
  { low, high }: { readonly low: readonly number[]; readonly high: readonly number[] },
  channel: number,
): number => Math.min(high[channel], Math.max(low[channel], value));
