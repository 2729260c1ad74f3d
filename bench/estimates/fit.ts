// Fits numbers of the machine profile to measured times: least squares of log(estimated / measured), which weighs every row by its
// relative error, by the steps of Levenberg and Marquardt; rows that are far off pull with a bounded force (Huber's), and a number that
// the rows say little about stays where it was.
import type { Profile } from "../../src/engines/wasm/profile.ts";
import { namesOf, namesRead, scaled } from "./numbers.ts";

export interface Sample {
  /** Nanoseconds. */
  readonly measured: number;
  /** Of the profile that is given; what it does not depend on need not be known. */
  readonly estimate: (profile: Profile) => number;
}

export interface Fit {
  readonly profile: Profile;
  /** The factor that each number took, by name; 1 where no row depends on it. */
  readonly factors: ReadonlyMap<string, number>;
  /** Numbers that no row asks for. */
  readonly unseen: readonly string[];
}

export interface FitOptions {
  /** How strongly a number is held where it was: a change by e counts as much as an error of this size. */
  readonly hold?: number;
  readonly steps?: number;
}

/** Errors beyond this, as a logarithm, pull no harder. */
const bounded = 0.4;
/** Logarithms by which a number is moved to see what depends on it. */
const nudge = 1e-4;
/** No number leaves this many times its old value. */
const farthest = Math.log(5);

const errorOf = ({ measured, estimate }: Sample, profile: Profile): number => Math.log(estimate(profile) / measured);

/** Huber's loss of all rows, and what holding the numbers costs. */
const lossOf = (errors: readonly number[], moves: readonly number[], hold: number): number =>
  errors.reduce((sum, e) => sum + (Math.abs(e) < bounded ? e * e : bounded * (2 * Math.abs(e) - bounded)), 0) +
  moves.reduce((sum, move) => sum + (hold * move) ** 2, 0);

export function fit(samples: readonly Sample[], start: Profile, { hold = 0.03, steps = 30 }: FitOptions = {}): Fit {
  const all = namesOf(start);
  const at = (places: readonly string[], moves: readonly number[]): Profile =>
    scaled(start, new Map(places.map((place, i) => [place, Math.exp(moves[i])])));
  const before = samples.map((sample) => errorOf(sample, start));
  // Few rows depend on a number: only they are asked when it moves.
  const rows = new Map<string, number[]>();
  samples.forEach((sample, row) => {
    for (const name of namesRead(start, sample.estimate)) rows.set(name, [...(rows.get(name) ?? []), row]);
  });
  const places = all.filter((name) => rows.has(name));
  let moves = places.map(() => 0);
  let errors = before;
  let loss = lossOf(errors, moves, hold);
  let damping = 1e-3;
  for (let step = 0; step < steps && places.length > 0; step++) {
    const here = at(places, moves);
    const columns = places.map((place) => {
      const moved = scaled(here, new Map([[place, Math.exp(nudge)]]));
      const column = new Map<number, number>();
      for (const row of rows.get(place) ?? []) column.set(row, (errorOf(samples[row], moved) - errors[row]) / nudge);
      return column;
    });
    const weights = errors.map((e) => (Math.abs(e) < bounded ? 1 : bounded / Math.abs(e)));
    const sums = places.map((_, i) =>
      places.map((__, j) => {
        const [few, many] = columns[i].size < columns[j].size ? [columns[i], columns[j]] : [columns[j], columns[i]];
        let sum = i === j ? hold * hold : 0;
        for (const [row, slope] of few) sum += weights[row] * slope * (many.get(row) ?? 0);
        return sum;
      }),
    );
    const pulls = columns.map((column, i) => {
      let sum = -hold * hold * moves[i];
      for (const [row, slope] of column) sum -= weights[row] * slope * errors[row];
      return sum;
    });
    let better = false;
    for (let attempt = 0; attempt < 8 && !better; attempt++) {
      const change = solve(
        sums.map((line, i) => line.map((value, j) => (i === j ? value * (1 + damping) + 1e-12 : value))),
        pulls,
      );
      const next = moves.map((move, i) => Math.max(-farthest, Math.min(farthest, move + change[i])));
      const there = at(places, next);
      const nextErrors = samples.map((sample) => errorOf(sample, there));
      const nextLoss = lossOf(nextErrors, next, hold);
      better = nextLoss < loss;
      if (better) {
        const gained = loss - nextLoss;
        [moves, errors] = [next, nextErrors];
        damping = Math.max(1e-9, damping / 4);
        if (gained < 1e-6 * loss || nextLoss < 1e-9 * samples.length) step = steps;
        loss = nextLoss;
      } else damping *= 6;
    }
    if (!better) break;
  }
  const found = new Map(places.map((place, i) => [place, Math.exp(moves[i])]));
  return {
    profile: scaled(start, found),
    factors: new Map(all.map((place) => [place, found.get(place) ?? 1])),
    unseen: all.filter((place) => !rows.has(place)),
  };
}

/** x of A x = b for a symmetric positive A, by Gauss with pivots. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const lines = a.map((line, i) => [...line, b[i]]);
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let k = i + 1; k < n; k++) if (Math.abs(lines[k][i]) > Math.abs(lines[pivot][i])) pivot = k;
    [lines[i], lines[pivot]] = [lines[pivot], lines[i]];
    for (let k = i + 1; k < n; k++) {
      const factor = lines[k][i] / lines[i][i];
      if (factor !== 0) for (let j = i; j <= n; j++) lines[k][j] -= factor * lines[i][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = lines[i][n];
    for (let j = i + 1; j < n; j++) sum -= lines[i][j] * x[j];
    x[i] = sum / lines[i][i];
  }
  return x;
}
