// Learning-rate schedules: plain data, and a pure function of it that gives the rate of any step. No state, so a resumed
// run goes on where it stopped. Steps are optimizer steps, not epochs; the formulas are PyTorch's closed forms.
import { understand } from "../base/arguments.ts";
import { checkOptions, NeocogError, unknownName } from "../base/errors.ts";
import { like, real, whole } from "../base/rules.ts";

/** Always the optimizer's rate. */
interface Constant {
  /** No change. */
  readonly kind: "constant";
}
/** Multiplied by gamma every `stepSize` steps. */
interface StepDown {
  /** Stairs of equal length (torch's StepLR). */
  readonly kind: "step";
  /** Steps between changes. */
  readonly stepSize: number;
  /** The factor; 0.1 unless told. */
  readonly gamma?: number;
}
/** Multiplied by gamma at every milestone. */
interface MultiStep {
  /** Stairs at given places (torch's MultiStepLR). */
  readonly kind: "multiStep";
  /** The steps of the changes, rising. */
  readonly milestones: readonly number[];
  /** The factor; 0.1 unless told. */
  readonly gamma?: number;
}
/** Multiplied by gamma at every step. */
interface Exponential {
  /** A constant factor a step (torch's ExponentialLR). */
  readonly kind: "exponential";
  /** The factor. */
  readonly gamma: number;
}
/** Half a cosine down to `min` over `steps` steps (Loshchilov & Hutter 2016, one period); stays there. */
interface Cosine {
  /** Half a cosine (torch's CosineAnnealingLR). */
  readonly kind: "cosine";
  /** All steps of the run unless told. */
  readonly steps?: number;
  /** The rate at the end; 0 unless told. */
  readonly min?: number;
}
/** Up to `maxLr` and down to almost nothing (Smith & Topin 2017); `maxLr` is the optimizer's rate unless told. */
interface OneCycle {
  /** Up and down once (torch's OneCycleLR). */
  readonly kind: "oneCycle";
  /** The highest rate; the optimizer's unless told. */
  readonly maxLr?: number;
  /** Length of the cycle; all steps of the run unless told. */
  readonly steps?: number;
  /** Share of the steps spent going up; 0.3 unless told. */
  readonly pctStart?: number;
  /** Along half cosines ("cos", unless told) or straight lines. */
  readonly anneal?: "cos" | "linear";
  /** The highest rate by the first; 25 unless told. */
  readonly divFactor?: number;
  /** The first rate by the last; 10000 unless told. */
  readonly finalDivFactor?: number;
  /** Down to the first rate as fast as up, then to the last; false unless told. */
  readonly threePhase?: boolean;
}
/** From `startFactor` to `endFactor` of the rate in equal steps: a warm-up, or a straight line down. */
interface Linear {
  /** A straight line (torch's LinearLR). */
  readonly kind: "linear";
  /** Share of the optimizer's rate at the start; 1/3 unless told. */
  readonly startFactor?: number;
  /** Share of it at the end; 1 unless told. */
  readonly endFactor?: number;
  /** Length of the line; all steps of the run unless told. */
  readonly steps?: number;
}
/** The first `steps` steps rise from `startFactor` of the rate; then `after` begins at its step 0. */
interface WarmUp {
  /** A straight rise before another schedule. */
  readonly kind: "warmUp";
  /** Length of the rise. */
  readonly steps: number;
  /** Share of the optimizer's rate at the start; 0 unless told. */
  readonly startFactor?: number;
  /** What comes then. */
  readonly after: Schedule;
}
/** Schedules one after another; each begins at its own step 0. */
interface Sequence {
  /** Several in a row (torch's SequentialLR). */
  readonly kind: "sequence";
  /** The schedules in order, one more than milestones. */
  readonly schedules: readonly Schedule[];
  /** The step that each but the first begins at, rising. */
  readonly milestones: readonly number[];
}

/** A learning-rate schedule as plain data, told apart by `kind`. */
export type Schedule = Constant | StepDown | MultiStep | Exponential | Cosine | OneCycle | Linear | WarmUp | Sequence;

const optionsOf: { readonly [Kind in Schedule["kind"]]: readonly string[] } = {
  constant: [],
  step: ["stepSize", "gamma"],
  multiStep: ["milestones", "gamma"],
  exponential: ["gamma"],
  cosine: ["steps", "min"],
  oneCycle: ["maxLr", "steps", "pctStart", "anneal", "divFactor", "finalDivFactor", "threePhase"],
  linear: ["startFactor", "endFactor", "steps"],
  warmUp: ["steps", "startFactor", "after"],
  sequence: ["schedules", "milestones"],
};

export const scheduleKinds = Object.keys(optionsOf) as readonly Schedule["kind"][];

/** Refuses a schedule of an unknown kind, with unknown options or impossible values. */
export function checkSchedule(schedule: Schedule): void {
  if (!scheduleKinds.includes(schedule?.kind)) throw unknownName("schedule", String(schedule?.kind), scheduleKinds);
  const what = `Schedule ${schedule.kind}`;
  const { kind, ...options } = schedule;
  checkOptions(what, options, optionsOf[kind]);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const whole = name === "steps" || name === "stepSize";
    if (whole && !(Number.isInteger(value) && (value as number) >= 1)) {
      throw new NeocogError(`${what}: ${name} must be a whole number of at least 1, not ${value}.`);
    }
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new NeocogError(`${what}: ${name} must be a finite number, not ${value}.`);
    }
  }
  if ((kind === "step" || kind === "exponential" || kind === "multiStep") && (schedule.gamma ?? 0.1) < 0) {
    throw new NeocogError(`${what}: gamma must be at least 0, not ${schedule.gamma}.`);
  }
  if (kind === "step" && schedule.stepSize === undefined) throw new NeocogError(`${what} needs a stepSize.`);
  if (kind === "exponential" && schedule.gamma === undefined) throw new NeocogError(`${what} needs a gamma.`);
  if (kind === "multiStep" || kind === "sequence") {
    const { milestones } = schedule;
    if (!Array.isArray(milestones) || milestones.some((m, i) => !Number.isInteger(m) || m <= (milestones[i - 1] ?? -1)))
      throw new NeocogError(`${what}: milestones must be rising whole numbers of steps.`);
  }
  if (kind === "oneCycle" && !["cos", "linear", undefined].includes(schedule.anneal)) {
    throw unknownName("anneal of a oneCycle schedule", String(schedule.anneal), ["cos", "linear"]);
  }
  if (kind === "warmUp") {
    if (schedule.steps === undefined || !schedule.after)
      throw new NeocogError(`${what} needs the number of steps and what comes after: { steps, after }.`);
    checkSchedule(schedule.after);
  }
  if (kind === "sequence") {
    if (!Array.isArray(schedule.schedules) || schedule.schedules.length !== schedule.milestones.length + 1)
      throw new NeocogError(`${what} needs one schedule more than milestones.`);
    schedule.schedules.forEach(checkSchedule);
  }
}

/**
 * The learning rate of step 0, 1, 2, … in a run of `total` steps, where the optimizer's own rate is `base`; by
 * PyTorch's closed forms.
 */
export function learningRate(schedule: Schedule, base: number, step: number, total: number): number {
  understand("learningRate", arguments, {
    schedule: like('a schedule, such as { kind: "cosine" }', "kind"),
    base: real(),
    step: whole(0),
    total: whole(0),
  });
  switch (schedule.kind) {
    case "constant":
      return base;
    case "step":
      return base * (schedule.gamma ?? 0.1) ** Math.floor(step / schedule.stepSize);
    case "multiStep":
      return base * (schedule.gamma ?? 0.1) ** schedule.milestones.filter((milestone) => milestone <= step).length;
    case "exponential":
      return base * schedule.gamma ** step;
    case "cosine": {
      const share = Math.min(1, step / (schedule.steps ?? total));
      return between(base, schedule.min ?? 0, share);
    }
    case "oneCycle":
      return oneCycle(schedule, base, step, total);
    case "linear": {
      const { startFactor = 1 / 3, endFactor = 1, steps = total } = schedule;
      return base * (startFactor + (endFactor - startFactor) * Math.min(1, step / steps));
    }
    case "warmUp": {
      const { steps, startFactor = 0, after } = schedule;
      if (step < steps) return base * (startFactor + ((1 - startFactor) * step) / steps);
      return learningRate(after, base, step - steps, total - steps);
    }
    case "sequence": {
      const { schedules, milestones } = schedule;
      const place = milestones.filter((milestone) => milestone <= step).length;
      const from = place === 0 ? 0 : milestones[place - 1];
      return learningRate(schedules[place], base, step - from, (milestones[place] ?? total) - from);
    }
  }
}

/** From `high` to `low` along half a cosine. */
const between = (high: number, low: number, share: number): number =>
  low + ((high - low) * (1 + Math.cos(Math.PI * share))) / 2;

/** Phases end at whole places (share · steps − 1), as PyTorch's do. */
function oneCycle(schedule: OneCycle, base: number, step: number, total: number): number {
  const { maxLr = base, steps = total, pctStart = 0.3, anneal = "cos" } = schedule;
  const { divFactor = 25, finalDivFactor = 1e4, threePhase = false } = schedule;
  const first = maxLr / divFactor;
  const last = first / finalDivFactor;
  const up = pctStart * steps - 1;
  const phases = threePhase
    ? [
        { end: up, from: first, to: maxLr },
        { end: 2 * pctStart * steps - 2, from: maxLr, to: first },
        { end: steps - 1, from: first, to: last },
      ]
    : [
        { end: up, from: first, to: maxLr },
        { end: steps - 1, from: maxLr, to: last },
      ];
  const at = Math.min(step, steps - 1);
  let start = 0;
  for (const { end, from, to } of phases) {
    if (at <= end || end === steps - 1) {
      const share = end === start ? 1 : (at - start) / (end - start);
      return anneal === "linear" ? from + (to - from) * share : between(from, to, share);
    }
    start = end;
  }
  return last;
}
