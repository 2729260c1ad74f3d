// Receptive fields between any two tensors of a graph. Along each spatial axis, unit i of `to` sees the places
//
//   [i · step + low, i · step + high]   of `from`,    so    size = high − low + 1,  padding = −low,  centre of unit 0 = (low + high) / 2
//
// not clipped to the picture: what stands beyond its edges is told by `beyond`, and which places of the picture a unit
// really reads by unitReaches. Each op tells what an output place sees of each input (Op.spatial); these maps compose along a
// path and are merged over paths (the union). For a chain of convolutions this is the recurrence
// r += d (k − 1) j,  P += p j,  j *= s.     Araujo, Norris & Sim 2019, "Computing receptive fields" (Distill).
//
// Behind a transposed convolution neighbouring units see alike in turns: a field is then kept for each phase of one period.

import { understand } from "../base/arguments.ts";
import { integer, like, listOf, type Rule } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import type { Beyond, SpatialAxis } from "../graph/op.ts";
import { walk } from "../graph/walk.ts";
import { spatialOf } from "./spatial.ts";

/** First and last place, both seen. */
export type Interval = readonly [first: number, last: number];

/** The receptive field along one axis. */
export interface ReceptiveAxis {
  /** Number of places that one unit sees (the most, where units differ). */
  readonly size: number;
  /** Distance between the fields of neighbouring units (on average, where it is a fraction). */
  readonly step: number;
  /** Places before the first one of the picture that unit 0 sees: the effective padding. */
  readonly padding: number;
  /** Middle of unit 0's field; place 0 of the picture has its middle at 0. */
  readonly centre: number;
  /** What the units of one period see: one entry, unless the step is a fraction. An empty field is [Infinity, -Infinity]. */
  readonly phases: readonly Interval[];
  /** Every unit sees the same places: behind a dense layer or a global pooling. `step` is then that of the map it reads. */
  readonly whole: boolean;
  /** All paths agree on the centre. */
  readonly aligned: boolean;
  /**
   * Paddings on the way by which a map goes on beyond its edges by its own places: what a field covers outside is then seen
   * inside as well (circular: at the other side). Empty where zeros stand outside, or nothing.
   */
  readonly beyond: readonly Beyond[];
}

type Field = Pick<ReceptiveAxis, "step" | "phases" | "whole" | "aligned" | "beyond">;

/** What a unit of `to` sees of `from` along each spatial axis of `from`; undefined if it sees nothing of it. */
export function receptiveField(from: Tensor, to: Tensor): readonly ReceptiveAxis[] | undefined {
  understand("receptiveField", arguments, { from: tensor, to: tensor });
  return receptiveFields(from, [to])[0];
}

/** The same for several tensors in one walk. */
export function receptiveFields(from: Tensor, to: readonly Tensor[]): (readonly ReceptiveAxis[] | undefined)[] {
  understand("receptiveFields", arguments, { from: tensor, to: listOf(tensor, "a list of tensors") });
  const axes = Math.max(0, from.shape.length - 2);
  const own: Field = { step: 1, phases: [[0, 0]], whole: false, aligned: true, beyond: [] };
  const fields = new Map<Tensor, readonly Field[]>([[from, new Array<Field>(axes).fill(own)]]);
  for (const node of walk(to)) {
    const { inputs, outputs } = node;
    if (!inputs.some((tensor) => fields.has(tensor))) continue;
    const seen = spatialOf(node);
    for (const output of outputs) {
      if (fields.has(output)) continue;
      let merged: readonly Field[] | undefined;
      inputs.forEach((input, i) => {
        const before = fields.get(input);
        const spatial = seen[i] ?? "everything";
        if (!before || spatial === "nothing") return;
        const after = before.map((field, axis) => {
          const everything = spatial === "everything" || spatial.length !== axes;
          return everything ? allUnits(field, unitsAlong(input, axis)) : compose(field, spatial[axis]);
        });
        merged = merged?.map((field, axis) => merge(field, after[axis], unitsAlong(output, axis))) ?? after;
      });
      if (merged) fields.set(output, merged);
    }
  }
  return to.map((tensor) => fields.get(tensor)?.map(describe));
}

const fieldRule: Rule = like("an axis of a receptive field, as receptiveField() gives it", "phases", "step");

/** The places that one unit sees, not clipped to the picture. */
export function unitSees(field: Field, unit: number): Interval {
  understand("unitSees", arguments, { field: fieldRule, unit: integer });
  const { phases, step, whole } = field;
  if (whole) return phases[0];
  const turn = Math.floor(unit / phases.length);
  const [first, last] = phases[unit - turn * phases.length];
  const shift = turn * Math.round(step * phases.length);
  return [first + shift, last + shift];
}

const unitsAlong = (tensor: Tensor, axis: number): number => tensor.shape[axis + 2] ?? 1;

/** What a unit sees that reads the units i · step + low … i · step + high of a field. */
function compose(before: Field, { step, low, high, beyond }: SpatialAxis): Field {
  const field = beyond ? { ...before, beyond: both(before.beyond, [beyond]) } : before;
  if (field.whole) return field;
  // Steps such as 1/3 carry rounding errors: places are forgiven the last bits.
  const readBy = (unit: number): Interval =>
    joined(field, Math.ceil(unit * step + low - 1e-9), Math.floor(unit * step + high + 1e-9));
  if (step === 0) return { ...field, phases: [readBy(0)], whole: true };
  const parts = denominator(step);
  const phases = Array.from({ length: parts * field.phases.length }, (_, unit) => readBy(unit));
  return shortened({ ...field, step: step * field.step, phases });
}

const both = (a: readonly Beyond[], b: readonly Beyond[]): readonly Beyond[] => [...new Set([...a, ...b])];

/** The smallest b ≤ 64 that makes step · b whole. */
function denominator(step: number): number {
  for (let b = 1; b <= 64; b++) if (Math.abs(step * b - Math.round(step * b)) < 1e-9 * b) return b;
  return 64;
}

/** What the units first … last see together. */
function joined(field: Field, first: number, last: number): Interval {
  let low = Infinity;
  let high = -Infinity;
  for (let unit = first; unit <= last; unit++) {
    const [from, to] = unitSees(field, unit);
    low = Math.min(low, from);
    high = Math.max(high, to);
  }
  return [low, high];
}

/** The same field with the shortest period. */
function shortened(field: Field): Field {
  const { phases, step } = field;
  for (let period = 1; period < phases.length; period++) {
    const shift = Math.round(step * period);
    if (phases.length % period !== 0 || Math.abs(step * period - shift) > 1e-9) continue;
    const repeats = phases.every(([low, high], i) => {
      const earlier = phases[i - period];
      return !earlier || (low === earlier[0] + shift && high === earlier[1] + shift);
    });
    if (repeats) return { ...field, phases: phases.slice(0, period) };
  }
  return field;
}

/** What all units together see. */
function allUnits(field: Field, units: number): Field {
  return field.whole ? field : { ...field, phases: [joined(field, 0, units - 1)], whole: true };
}

function merge(a: Field, b: Field, units: number): Field {
  const joint = !a.whole && !b.whole && Math.abs(a.step - b.step) < 1e-9;
  const [x, y] = joint ? [a, b] : [allUnits(a, units), allUnits(b, units)];
  // A multiple of both periods.
  const period = x.phases.length % y.phases.length === 0 ? x.phases.length : x.phases.length * y.phases.length;
  let aligned = a.aligned && b.aligned;
  const phases = Array.from({ length: period }, (_, unit): Interval => {
    const [p, q] = [unitSees(x, unit), unitSees(y, unit)];
    if (p[0] + p[1] !== q[0] + q[1]) aligned = false;
    return [Math.min(p[0], q[0]), Math.max(p[1], q[1])];
  });
  return shortened({
    step: Math.max(x.step, y.step),
    phases,
    whole: !joint,
    aligned,
    beyond: both(a.beyond, b.beyond),
  });
}

function describe(field: Field): ReceptiveAxis {
  const [low, high] = field.phases[0];
  return {
    size: Math.max(...field.phases.map(([first, last]) => Math.max(0, last - first + 1))),
    step: field.step,
    padding: 0 - low,
    centre: (low + high) / 2,
    phases: field.phases,
    whole: field.whole,
    aligned: field.aligned,
    beyond: field.beyond,
  };
}
