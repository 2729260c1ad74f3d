// Cutting data into parts by chance, the same for the same seed: for testing, for validation, and the rest for training.

import { checkRecord, understand } from "../base/arguments.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { above, options as byName, type OptionsOf, type Rule, type Rules, seed as seedRule } from "../base/rules.ts";
import { countClasses, type Dataset, datasetRule, type Split, subset, type TestedSplit } from "./dataset.ts";
import type { PictureSet } from "./images.ts";
import { strataOf } from "./labels.ts";

/** How a set without a split of its own is cut. */
export interface SplitOptions {
  /** Share of all images that is held back for testing; 0.2 unless told. */
  readonly testFraction?: number;
  /** Share of all images that is held back for validation. */
  readonly validationFraction?: number;
  /** Seed of the split; 0 unless told. */
  readonly seed?: number;
}

/** A share of which nothing may be meant too. */
export const share: Rule = {
  must: "a number of at least 0 and below 1",
  accepts: (value) => typeof value === "number" && value >= 0 && value < 1,
};
export const splitRules = {
  testFraction: above(0, 1),
  validationFraction: share,
  seed: seedRule,
} satisfies Rules<SplitOptions>;

/**
 * Places for training and for testing, both ascending: every class gives its share of the test set (largest remainders
 * fill up to exactly `testCount`), drawn at random, but always keeps one image for training.
 */
export function stratify(
  labels: Int32Array,
  classes: number,
  testCount: number,
  seed: number,
  stream = "data/split",
): { train: Int32Array; test: Int32Array } {
  const counts = countClasses(labels, classes);
  const fair = Array.from(counts, (count) => (count * testCount) / labels.length);
  const shares = fair.map((share, c) => Math.min(Math.floor(share), Math.max(0, counts[c] - 1)));
  const hungry = fair.map((share, c) => ({ c, rest: share - shares[c] })).sort((a, b) => b.rest - a.rest || a.c - b.c);
  let missing = testCount - shares.reduce((sum, share) => sum + share, 0);
  for (let given = -1; missing > 0 && given !== 0; ) {
    given = 0;
    for (const { c } of hungry) {
      if (missing === 0 || shares[c] >= counts[c] - 1) continue;
      shares[c]++;
      missing--;
      given++;
    }
  }
  const held = new Uint8Array(labels.length);
  for (let c = 0; c < classes; c++) {
    const members = Int32Array.from(labels.keys()).filter((i) => labels[i] === c);
    const order = new Random(seed, `${stream}/${c}`).permutation(members.length);
    for (let i = 0; i < shares[c]; i++) held[members[order[i]]] = 1;
  }
  const all = Int32Array.from(labels.keys());
  return { train: all.filter((i) => held[i] === 0), test: all.filter((i) => held[i] === 1) };
}

/**
 * Cuts a dataset by `stratify`; without `validationFraction` nothing is held back for validation. Throws where a fraction is
 * impossible or a part would be empty.
 */
export function split<S extends PictureSet = Dataset>(source: S, options: SplitOptions = {}): TestedSplit<S> {
  understand("split", arguments, { source: datasetRule, options: byName<OptionsOf<typeof split>>(splitRules) });
  const { testFraction = 0.2, validationFraction = 0, seed } = options;
  return divide(source, { testFraction, validationFraction, seed }) as TestedSplit<S>;
}

/** As `split`, but a tenth is held back for validation unless told, and no part is made for a fraction of 0. */
export function divide<S extends PictureSet>(source: S, options: SplitOptions): Split<S> {
  const { testFraction = 0.2, validationFraction = 0.1, seed = 0 } = options;
  checkRecord("split", { testFraction, validationFraction, seed }, { ...splitRules, testFraction: share });
  if (testFraction + validationFraction >= 1) {
    throw new NeocogError(
      `The test fraction ${testFraction} and the validation fraction ${validationFraction} leave nothing to train on.`,
    );
  }
  const [count] = source.images.shape;
  const { strata, count: groups } = strataOf(source.labels);
  const tested = testFraction === 0 ? 0 : Math.max(1, Math.round(count * testFraction));
  const first = stratify(strata, groups, tested, seed);
  const rest = subset(source, first.train);
  const validated = Math.min(Math.round(count * validationFraction), first.train.length - 1);
  const left = Int32Array.from(first.train, (place) => strata[place]);
  const second = stratify(left, groups, Math.max(0, validated), seed, "data/validation");
  if (second.train.length === 0 || (tested > 0 && first.test.length === 0)) {
    throw new DataError(`${source.name} holds too few images (${count}) to hold some back for testing.`);
  }
  const plain = source.name.replace(/ \(training\)$/, "");
  return {
    train: subset(rest, second.train, `${plain} (training)`),
    ...(second.test.length > 0 ? { validation: subset(rest, second.test, `${plain} (validation)`) } : {}),
    ...(first.test.length > 0 ? { test: subset(source, first.test, `${plain} (test)`), testByChance: true } : {}),
    skipped: [],
  };
}

/** Holds a share of the training images back for validation, where data has a split of its own; none unless told. */
export function holdBack<P extends Split<PictureSet>>(parts: P, { validationFraction = 0, seed }: SplitOptions): P {
  if (validationFraction === 0) return parts;
  return { ...parts, ...divide(parts.train, { testFraction: 0, validationFraction, seed }), skipped: parts.skipped };
}
