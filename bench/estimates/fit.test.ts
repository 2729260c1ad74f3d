// The fit on planted times: made by a known profile, it finds that profile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/base/random.ts";
import { type Profile, profile } from "../../src/engines/wasm/profile.ts";
import { type LayerShape, layerShapes } from "../shapes.ts";
import { fit, type Sample } from "./fit.ts";
import { namesOf, numberAt, rewritten, scaled } from "./numbers.ts";
import { estimatesOf } from "./samples.ts";
import { drawShapes } from "./shapes.ts";

const features = { simd: true, relaxedSimd: true, threads: true, wide: false };

/** Families that times of contractions say nothing about. */
const loops = ["rows", "reduce", "window", "windowLanes", "windowMaximum", "index", "functions"];

/** What no drawn shape comes to; and where plans turn, which says nothing about time. */
const unmet = ["gemm.memory.anyStore", "depthwise.memory.apartTileStore", "images.memory.pack"];
const turns = ["gemm.calls.phase"];

/** Numbers that only show together with others: tiles all have eight or nine products, matvec has one row or two. */
const together = [
  "matvec.arithmetic.row",
  "matvec.memory.weight",
  "matvec.calls.output",
  "direct.arithmetic.step",
  "direct.arithmetic.product",
  "direct.factors.ports",
  "row.arithmetic.step",
  "images.arithmetic.step",
  "depthwise.memory.tileStore",
];

const estimatesFor = (shapes: readonly LayerShape[]): ((profile: Profile) => number)[] =>
  shapes.flatMap((shape) => [...estimatesOf(shape, features).values()]);

/** A profile that is off by up to 1.6 times in every number, and rows timed by it. */
function plant(
  estimates: readonly ((profile: Profile) => number)[],
  seed: number,
  noise: number,
): { readonly truth: ReadonlyMap<string, number>; readonly samples: Sample[] } {
  const random = new Random(seed);
  const truth = new Map(namesOf(profile).map((name) => [name, 1.6 ** (2 * random.uniform() - 1)]));
  const machine = scaled(profile, truth);
  const samples = estimates.map(
    (estimate): Sample => ({ estimate, measured: estimate(machine) * Math.exp(noise * random.normal()) }),
  );
  return { truth, samples };
}

const worst = (samples: readonly Sample[], by = profile): number =>
  Math.max(...samples.map(({ estimate, measured }) => Math.abs(estimate(by) / measured - 1)));

test("times of a known profile lead to that profile", () => {
  const { truth, samples } = plant(estimatesFor([...drawShapes(36), ...layerShapes]), 1, 0);
  const found = fit(samples, profile, { hold: 1e-4 });
  assert.ok(worst(samples) > 0.3);
  assert.ok(worst(samples, found.profile) < 0.02, `worst ${worst(samples, found.profile)}`);
  const { unseen } = found;
  assert.deepEqual(
    unseen.filter((name) => !loops.includes(name.split(".")[0]) && !/wide/i.test(name)),
    unmet,
    "every other number of a contraction stands in some row",
  );
  const off = [...truth].filter(([name, factor]) => {
    if (together.includes(name)) return false;
    const wanted = unseen.includes(name) || turns.includes(name) ? 1 : factor;
    return Math.abs(Math.log((found.factors.get(name) ?? Number.NaN) / wanted)) > 0.05;
  });
  assert.deepEqual(off, []);
});

test("noise moves the answer by less than itself, and rows that are far off do not pull it away", () => {
  const estimates = estimatesFor(drawShapes(36));
  const { samples } = plant(estimates, 2, 0.05);
  const clean = plant(estimates, 2, 0).samples;
  const disturbed = samples.map((sample, i) => (i % 40 === 0 ? { ...sample, measured: sample.measured * 6 } : sample));
  const found = fit(disturbed, profile, { steps: 12 });
  const errors = clean.map(({ estimate, measured }) => Math.abs(Math.log(estimate(found.profile) / measured)));
  const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
  assert.ok(mean < 0.05, `mean error ${mean}`);
});

test("numbers are written back in their places, and nothing else changes", () => {
  const text = `// a: 1 { }
export const profile = {
  /** Of b: 3 } */
  one: { memory: { a: 0.5, b: 12_000 } },
  two: {
    memory: {
      /** A number. */
      a: 1e6,
    },
    calls: { a: 2 },
  },
} satisfies X;
const after = { one: { memory: { a: 9 } } };
`;
  const next = rewritten(
    text,
    new Map([
      ["two.memory.a", 1.23456],
      ["one.memory.b", 0.001],
    ]),
  );
  assert.equal(next, text.replace("a: 1e6", "a: 1.23").replace("b: 12_000", "b: 0.001"));
  assert.throws(() => rewritten(text, new Map([["one.memory.c", 1]])), /profile.ts has no number one.memory.c./);
  assert.equal(numberAt(profile, namesOf(profile)[0]), 0.6);
});
