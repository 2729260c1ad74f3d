// A linear read-out: how much of a target a linear function of the features can tell. Ridge regression by the normal
// equations, (XᵀX + λ I) w = Xᵀ y with a constant column, solved by Cholesky in float64; judged by R² on data not fitted.
import { understand } from "../../base/arguments.ts";
import { NeocogError } from "../../base/errors.ts";
import { like, optional, type Rule, real } from "../../base/rules.ts";

const samplesRule: Rule = like("samples { features, targets }", "features", "targets");

/** Features with their targets. */
export interface Samples {
  /** Row-major [count, features]. */
  readonly features: Float64Array;
  /** [count]: what is to be told. */
  readonly targets: Float64Array;
}

/** What linearProbe found. */
export interface Probe {
  /** One for each feature, then the constant. */
  readonly weights: Float64Array;
  /** 1 − (squared error) / (variance): 1 is perfect, 0 no better than the mean. */
  readonly fitted: number;
  /** The same on the samples that were not fitted. */
  readonly tested: number;
}

/** Fits a line from features to targets (ridge regression) and scores it on other samples. */
export function linearProbe(train: Samples, test: Samples, ridge = 1e-3): Probe {
  understand("linearProbe", arguments, { train: samplesRule, test: samplesRule, ridge: optional(real(0)) });
  const count = train.targets.length;
  const width = train.features.length / count;
  const size = width + 1;
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size);
  const row = new Float64Array(size);
  row[width] = 1;
  for (let i = 0; i < count; i++) {
    row.set(train.features.subarray(i * width, (i + 1) * width));
    for (let a = 0; a < size; a++) {
      right[a] += row[a] * train.targets[i];
      for (let b = 0; b <= a; b++) gram[a * size + b] += row[a] * row[b];
    }
  }
  for (let a = 0; a < width; a++) gram[a * size + a] += ridge * count;
  const weights = solve(gram, right, size);
  return { weights, fitted: determination(weights, train, width), tested: determination(weights, test, width) };
}

/** Solves A w = b for a symmetric positive matrix whose lower half is given. */
function solve(a: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i > j) {
        a[i * n + j] = sum / a[j * n + j];
        continue;
      }
      if (!(sum > 0)) throw new NeocogError("The features of the probe depend on each other; give it a larger ridge.");
      a[j * n + j] = Math.sqrt(sum);
    }
  }
  const w = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) w[i] -= a[i * n + k] * w[k];
    w[i] /= a[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) w[i] -= a[k * n + i] * w[k];
    w[i] /= a[i * n + i];
  }
  return w;
}

function determination(weights: Float64Array, { features, targets }: Samples, width: number): number {
  let mean = 0;
  for (const target of targets) mean += target / targets.length;
  let [error, variance] = [0, 0];
  for (let i = 0; i < targets.length; i++) {
    let guess = weights[width];
    for (let k = 0; k < width; k++) guess += weights[k] * features[i * width + k];
    error += (guess - targets[i]) ** 2;
    variance += (targets[i] - mean) ** 2;
  }
  return 1 - error / variance;
}
