// The rules of the defaults: each chooses as its sentence says, with a reason, and what is chosen is what fit takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Symmetry } from "../data/symmetry.ts";
import { createModel } from "../nn/models/list.ts";
import { choose, type Facts, rules } from "./defaults.ts";
import { resolveOptions } from "./settings.ts";
import { bars } from "./testing.ts";
import { balanced } from "./weigh.ts";

const facts = (counts: readonly number[], more: Partial<Facts> = {}): Facts => ({
  ...{ pictures: counts.reduce((sum, n) => sum + n, 0), counts, height: 64, width: 64, brightness: 0.5 },
  ...more,
});
const symmetry = (kept: boolean, known = true): Symmetry => ({ plain: 90, changed: 60, asked: 100, kept, known });
const seen = (mirrored: boolean, upsideDown: boolean, turned: boolean, known = true) => ({
  symmetries: {
    mirrored: symmetry(mirrored, known),
    upsideDown: symmetry(upsideDown, known),
    turned: symmetry(turned, known),
  },
});
const kinds = (f: Facts) => choose(f).options.augment?.map(({ kind }) => kind);
const degrees = (f: Facts) => choose(f).options.augment?.map((step) => (step.kind === "affine" ? step.degrees : 0));

test("every rule gives a choice with a reason, and fit takes them all", () => {
  for (const counts of [
    [20, 20],
    [70, 70, 70, 70],
    [10, 400],
    [1000, 1000],
    [30_000, 30_000],
    [1, 0, 5],
  ]) {
    const { model, options, choices } = choose(facts(counts));
    assert.deepEqual(
      choices.map(({ what }) => what),
      rules.map(({ what }) => what),
    );
    for (const { value, why } of choices) assert.ok(value.length > 0 && why.length > 0);
    assert.ok(createModel(model).layer);
    assert.equal(resolveOptions(options, { train: bars(4, 0) }).epochs, options.epochs);
  }
});

test("network, batch and epochs follow the number of pictures", () => {
  const of = (each: number) => {
    const { model, options } = choose(facts([each, each]));
    return [model, options.batch, options.epochs];
  };
  assert.deepEqual(of(28), ["photos", 16, 120]);
  assert.deepEqual(of(140), ["photos", 16, 89]);
  assert.deepEqual(of(1400), ["resnet10", 32, 19]);
  assert.deepEqual(of(30_000), ["resnet10", 128, 12]);
});

test("pictures are mirrored and turned as far as their classes allow", () => {
  const each = [70, 70];
  assert.deepEqual(kinds(facts(each)), ["flip", "affine"]);
  assert.deepEqual(kinds(facts(each, seen(true, true, true))), ["flip", "affine"]);
  assert.deepEqual(kinds(facts(each, seen(false, true, false))), ["affine"]);
  assert.deepEqual(degrees(facts(each, seen(true, true, true))), [0, 180]);
  assert.deepEqual(degrees(facts(each, seen(true, false, true))), [0, 10]);
  assert.deepEqual(degrees(facts(each, seen(true, true, true, false))), [0, 10], "nothing is known");
  const numbers: Facts = { pictures: 100, height: 64, width: 64, brightness: 0.5 };
  assert.deepEqual(kinds(numbers), ["affine"]);
  assert.equal(choose(numbers).model, "fashion");
});

test("uneven classes weigh the same in all, and even ones are left alone", () => {
  assert.equal(choose(facts([100, 250])).options.loss, undefined);
  assert.deepEqual(choose(facts([100, 300])).options.loss, { name: "crossEntropy", classWeights: [2, 2 / 3] });
  // scikit-learn's "balanced": n_samples / (n_classes * bincount).
  assert.deepEqual(balanced([10, 30, 60]), [100 / 30, 100 / 90, 100 / 180]);
  assert.deepEqual(balanced([5, 0, 15]), [2, 0, 20 / 30]);
});
