// Which learning rate to take: the range test (Smith 2015). The network is trained for some steps whose rate grows by a constant
// factor; the loss falls, falls fastest, and breaks out. The weights are thrown away.
import { understand } from "../../base/arguments.ts";
import { NeocogError } from "../../base/errors.ts";
import { above, options as byName, callback, type OptionsOf, type Rules, whole } from "../../base/rules.ts";
import type { Labels } from "../../data/labels.ts";
import { stoppable } from "../../engines/stoppable.ts";
import type { Layer } from "../../nn/layer.ts";
import { layer as layerRule } from "../../nn/rules.ts";
import { openEngine } from "../../run/engines.ts";
import { dataRule } from "../fit.ts";
import type { FitOptions, TrainingData } from "../options.ts";
import { closeLoader, prepare } from "../run.ts";
import { fitRules, resolveOptions } from "../settings.ts";

/** One step of the range test. */
export interface RatePoint {
  /** The rate of the step. */
  readonly learningRate: number;
  /** Loss of its batch, before the step. */
  readonly loss: number;
  /** Running mean of the losses so far, the newest counting most. */
  readonly smoothed: number;
}

/** What the range test found. */
export interface RateRange {
  /** Every step, until the loss broke out. */
  readonly points: readonly RatePoint[];
  /** Where the smoothed loss falls fastest. */
  readonly steepest: number;
  /** A tenth of the rate with the smallest smoothed loss. */
  readonly tenth: number;
  /** The smaller of the two. */
  readonly suggestion: number;
}

/** Options of lrFind: what shapes a step of fit, and the range. */
export interface LrFindOptions
  extends Omit<
    FitOptions,
    | ("epochs" | "schedule" | "metrics" | "evaluateEvery" | "patience" | "out" | "force" | "resume")
    | ("foretell" | "checkpointEvery" | "unfreeze" | "accumulate" | "average")
  > {
  /** The first rate; 1e-6 unless told. */
  readonly from?: number;
  /** The last rate; 1 unless told. */
  readonly to?: number;
  /** Steps between them; 100 unless told. */
  readonly steps?: number;
  /** Told every step, and how many there may be. */
  readonly onStep?: (point: RatePoint, step: number, steps: number) => void;
}

const { batch, seed, optimizer, loss, augment, balanced, normalization, clip, freeze, rates, init, dropLast, weights } =
  fitRules;
const rules = {
  ...{ batch, seed, optimizer, loss, augment, balanced, normalization, clip, freeze, rates, init, dropLast, weights },
  ...{ engine: fitRules.engine, signal: fitRules.signal },
  ...{ from: above(0), to: above(0), steps: whole(10), onStep: callback },
} satisfies Rules<LrFindOptions>;

/** Of the running mean; fastai's. */
const decay = 0.98;
/** The loss has broken out where its mean is so many times the smallest. */
const broken = 4;

/**
 * The range test: trains for some steps whose rate grows from 1e-6 to 1, each by the same factor, and tells where the loss falls
 * fastest. Only `train` is read; nothing is kept. Throws a sentence where no rate makes the loss fall.
 */
export async function lrFind<D extends Labels = Int32Array>(
  model: Layer,
  data: Pick<TrainingData<D>, "train">,
  options: LrFindOptions = {},
): Promise<RateRange> {
  understand("lrFind", arguments, {
    model: layerRule,
    data: dataRule,
    options: byName<OptionsOf<typeof lrFind>>(rules),
  });
  const { from = 1e-6, to = 1, steps = 100, onStep, ...fitting } = options;
  if (to <= from) throw new NeocogError(`lrFind: to must be larger than from; they are ${to} and ${from}.`);
  const { train } = data as unknown as TrainingData<Labels>;
  const resolved = resolveOptions({ ...fitting, epochs: 1, evaluateEvery: 0 }, { train });
  const engine = options.engine ?? (await openEngine());
  try {
    const endless = { ...resolved, epochs: steps };
    const run = await prepare(model, { train }, endless, stoppable(engine, options.signal));
    try {
      const points: RatePoint[] = [];
      const { batches } = run.loader;
      let [mean, least] = [0, Infinity];
      for (let step = 0; step < steps; step++) {
        const learningRate = from * (to / from) ** (step / (steps - 1));
        const next = await run.loader.batch(Math.floor(step / batches), step % batches);
        const part = { batch: step, last: true };
        const { loss: found } = await run.stepper.run(next, { step, learningRate, seed: resolved.seed, part });
        if (!Number.isFinite(found)) break;
        mean = decay * mean + (1 - decay) * found;
        const smoothed = mean / (1 - decay ** (step + 1));
        const point = { learningRate, loss: found, smoothed };
        points.push(point);
        onStep?.(point, step + 1, steps);
        least = Math.min(least, smoothed);
        if (smoothed > broken * least) break;
      }
      return { points, ...suggested(points) };
    } finally {
      await closeLoader(run.loader);
      run.stepper.release();
    }
  } finally {
    if (!options.engine) await engine.close();
  }
}

/** Where the smoothed loss falls fastest, by lines through neighbouring points, and a tenth of where it is smallest. */
export function suggested(points: readonly RatePoint[]): Pick<RateRange, "steepest" | "tenth" | "suggestion"> {
  const lowest = points.reduce((best, { smoothed }, i) => (smoothed < points[best].smoothed ? i : best), 0);
  const reach = Math.max(2, Math.round(points.length / 20));
  let [steepest, least] = [-1, 0];
  // The mean of the first few losses leans on each of them.
  for (let i = 2 * reach; i <= lowest; i++) {
    const near = points.slice(Math.max(0, i - reach), i + reach + 1);
    const slope = slopeOf(near.map(({ learningRate, smoothed }) => [Math.log(learningRate), smoothed]));
    if (slope < least) [steepest, least] = [i, slope];
  }
  if (steepest < 0) {
    throw new NeocogError(
      "The loss falls at no rate of this range; look at the data and the labels, or widen the range.",
    );
  }
  const [fast, tenth] = [points[steepest].learningRate, points[lowest].learningRate / 10];
  return { steepest: fast, tenth, suggestion: Math.min(fast, tenth) };
}

/** Of the line with the least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [meanOf(points.map(([u]) => u)), meanOf(points.map(([, v]) => v))];
  const [over, under] = points.reduce(([a, b], [u, v]) => [a + (u - x) * (v - y), b + (u - x) ** 2], [0, 0]);
  return under === 0 ? 0 : over / under;
}
