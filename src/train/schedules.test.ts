import assert from "node:assert/strict";
import { test } from "node:test";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { checkSchedule, learningRate, type Schedule } from "./schedules.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** A schedule as PyTorch writes it, in our words. */
const translations: Readonly<Record<string, (attributes: Attributes) => Schedule>> = {
  stepLR: ({ stepSize, gamma }) => ({ kind: "step", stepSize: Number(stepSize), gamma: Number(gamma) }),
  multiStepLR: ({ milestones, gamma }) => ({
    kind: "multiStep",
    milestones: milestones as number[],
    gamma: Number(gamma),
  }),
  exponentialLR: ({ gamma }) => ({ kind: "exponential", gamma: Number(gamma) }),
  cosineAnnealingLR: ({ tMax, etaMin }) => ({ kind: "cosine", steps: Number(tMax), min: Number(etaMin) }),
  oneCycleLR: ({ maxLr, totalSteps, pctStart, annealStrategy, divFactor, finalDivFactor, threePhase }) => ({
    kind: "oneCycle",
    maxLr: Number(maxLr),
    steps: Number(totalSteps),
    pctStart: Number(pctStart),
    anneal: annealStrategy as "cos" | "linear",
    divFactor: Number(divFactor),
    finalDivFactor: Number(finalDivFactor),
    threePhase: Boolean(threePhase),
  }),
  linearLR: ({ startFactor, endFactor, totalIters }) => ({
    kind: "linear",
    startFactor: Number(startFactor),
    endFactor: Number(endFactor),
    steps: Number(totalIters),
  }),
  sequentialLR: ({ schedules, milestones }) => ({
    kind: "sequence",
    schedules: (schedules as (Attributes & { op: string })[]).map((one) => translations[one.op](one)),
    milestones: milestones as number[],
  }),
};

const fixtures: FixtureCase[] = readFixtures("optimizers").filter(({ op }) => op in translations);

test("every schedule has golden numbers", () => {
  assert.equal(new Set(fixtures.map(({ op }) => op)).size, Object.keys(translations).length);
});

for (const fixture of fixtures) {
  test(`learning rates of 20 steps as PyTorch has them: ${fixture.name}`, () => {
    const schedule = translations[fixture.op](fixture.attributes);
    checkSchedule(schedule);
    fixture.output.lr.data.forEach((expected, step) => {
      const found = learningRate(schedule, Number(fixture.attributes.lr), step, 20);
      assert.ok(Math.abs(found - expected) < 1e-12, `step ${step}: ${found} instead of ${expected}`);
    });
  });
}

test("a warm-up rises to the rate and then the next schedule begins", () => {
  const schedule: Schedule = { kind: "warmUp", steps: 5, startFactor: 0.1, after: { kind: "cosine" } };
  const sequence: Schedule = {
    kind: "sequence",
    milestones: [5],
    schedules: [
      { kind: "linear", startFactor: 0.1, steps: 5 },
      { kind: "cosine", steps: 15 },
    ],
  };
  for (let step = 0; step < 20; step++) {
    const found = learningRate(schedule, 0.2, step, 20);
    assert.ok(Math.abs(found - learningRate(sequence, 0.2, step, 20)) < 1e-15, `step ${step}`);
  }
  assert.equal(learningRate(schedule, 0.2, 5, 20), 0.2);
  assert.equal(learningRate({ kind: "constant" }, 0.2, 7, 20), 0.2);
});

test("what cannot be is refused in a sentence", () => {
  const check = (schedule: object) => () => checkSchedule(schedule as Schedule);
  assert.throws(check({ kind: "cosin" }), /Unknown schedule "cosin"; did you mean "cosine"\?/);
  assert.throws(check({ kind: "cosine", stepps: 3 }), /Schedule cosine has no option "stepps"/);
  assert.throws(check({ kind: "step", stepSize: 0 }), /stepSize must be a whole number of at least 1, not 0/);
  assert.throws(check({ kind: "step" }), /needs a stepSize/);
  assert.throws(check({ kind: "multiStep", milestones: [5, 3] }), /milestones must be rising/);
  assert.throws(check({ kind: "warmUp", steps: 5, after: { kind: "none" } }), /Unknown schedule "none"/);
});
