// Receptive fields between any two tensors of a graph. Along each spatial axis, unit i of `to` sees the places
//
//   [i · step + low, i · step + high]   of `from`,    so    size = high − low + 1,  padding = −low,  centre of unit 0 = (low + high) / 2
//
// not clipped to the picture. Each op tells what an output place sees of each input (Op.spatial); these affine maps compose
// along a path and are merged over paths (the union). For a chain of layers this is the recurrence of SPEC 10:
// r += d (k − 1) j,  P += p j,  j *= s.     Araujo, Norris & Sim 2019, "Computing receptive fields" (Distill).
import type { Tensor } from "../graph/graph.ts";
import type { Spatial } from "../graph/op.ts";
import { walk } from "../graph/walk.ts";

export interface ReceptiveAxis {
  /** Number of places that one unit sees (the most, where units differ). */
  readonly size: number;
  /** Distance between the fields of neighbouring units. */
  readonly step: number;
  /** Places before the first one of the picture that unit 0 sees: the effective padding. */
  readonly padding: number;
  /** Middle of unit 0's field; place 0 of the picture has its middle at 0. */
  readonly centre: number;
  /** First and last place that unit 0 sees. */
  readonly low: number;
  readonly high: number;
  /** Every unit sees the same places: behind a dense layer or a global pooling. `step` is then that of the map it reads. */
  readonly whole: boolean;
  /** All paths agree on the centre. */
  readonly aligned: boolean;
}

interface Field {
  readonly step: number;
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
  readonly aligned: boolean;
}

/** What a unit of `to` sees of `from` along each spatial axis of `from`; undefined if it sees nothing of it. */
export function receptiveField(from: Tensor, to: Tensor): readonly ReceptiveAxis[] | undefined {
  return receptiveFields(from, [to])[0];
}

/** The same for several tensors in one walk. */
export function receptiveFields(from: Tensor, to: readonly Tensor[]): (readonly ReceptiveAxis[] | undefined)[] {
  const axes = Math.max(0, from.shape.length - 2);
  const own: Field = { step: 1, low: 0, high: 0, whole: false, aligned: true };
  const fields = new Map<Tensor, readonly Field[]>([[from, new Array<Field>(axes).fill(own)]]);
  for (const { op, inputs, outputs, attributes } of walk(to)) {
    if (!inputs.some((tensor) => fields.has(tensor))) continue;
    const seen = op.spatial?.(inputs, attributes, outputs) ?? inputs.map((x) => samePlaces(x, outputs[0]));
    for (const output of outputs) {
      if (fields.has(output)) continue;
      let merged: readonly Field[] | undefined;
      inputs.forEach((input, i) => {
        const before = fields.get(input);
        const spatial = seen[i] ?? "everything";
        if (!before || spatial === "nothing") return;
        const after = before.map((field, axis) => compose(field, spatial, axis, axes, input));
        merged = merged?.map((field, axis) => merge(field, after[axis], unitsAlong(output, axis))) ?? after;
      });
      if (merged) fields.set(output, merged);
    }
  }
  return to.map((tensor) => fields.get(tensor)?.map((field, axis) => describe(field, unitsAlong(tensor, axis))));
}

/** The places that one unit sees, unclipped and clipped to a picture of `size` cells (undefined where it sees none of it). */
export function unitSees(
  { low, high, step, whole }: ReceptiveAxis,
  unit: number,
  size: number,
): { readonly low: number; readonly high: number; readonly clipped: readonly [number, number] | undefined } {
  const shift = whole ? 0 : unit * step;
  const first = ceil(low + shift);
  const last = floor(high + shift);
  const inside: readonly [number, number] = [Math.max(0, first), Math.min(size - 1, last)];
  return { low: first, high: last, clipped: inside[0] <= inside[1] ? inside : undefined };
}

// A transposed convolution has steps such as 1/3: rounding must forgive the last bits.
const ceil = (value: number): number => Math.ceil(value - 1e-9) + 0;
const floor = (value: number): number => Math.floor(value + 1e-9) + 0;

const unitsAlong = (tensor: Tensor, axis: number): number => tensor.shape[axis + 2] ?? 1;

/** An op without a spatial rule works place by place, if its output has the input's places. */
function samePlaces(x: Tensor, y: Tensor): Spatial {
  const same = x.shape.length === y.shape.length && x.shape.every((n, axis) => axis < 2 || n === y.shape[axis]);
  return same ? x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 })) : "everything";
}

function compose(field: Field, spatial: Spatial, axis: number, axes: number, input: Tensor): Field {
  if (field.whole) return field;
  if (spatial === "nothing" || spatial === "everything" || spatial.length !== axes)
    return allUnits(field, unitsAlong(input, axis));
  const { step, low, high } = spatial[axis];
  return {
    step: step === 0 ? field.step : step * field.step,
    low: low * field.step + field.low,
    high: high * field.step + field.high,
    whole: step === 0,
    aligned: field.aligned,
  };
}

/** What all units together see. */
function allUnits(field: Field, units: number): Field {
  return field.whole ? field : { ...field, high: field.high + (units - 1) * field.step, whole: true };
}

function merge(a: Field, b: Field, units: number): Field {
  const joint = !a.whole && !b.whole && a.step === b.step;
  const [x, y] = joint ? [a, b] : [allUnits(a, units), allUnits(b, units)];
  return {
    step: Math.max(x.step, y.step),
    low: Math.min(x.low, y.low),
    high: Math.max(x.high, y.high),
    whole: !joint,
    aligned: a.aligned && b.aligned && x.low + x.high === y.low + y.high,
  };
}

function describe({ step, low, high, whole, aligned }: Field, units: number): ReceptiveAxis {
  let size = 0;
  const first = ceil(low);
  const last = floor(high);
  // With a whole step all units see alike; a fraction repeats within the units that there are.
  for (let unit = 0; unit < (whole || Number.isInteger(step) ? 1 : units); unit++) {
    size = Math.max(size, floor(high + unit * step) - ceil(low + unit * step) + 1);
  }
  return { size, step, padding: -first + 0, centre: (low + high) / 2, low: first, high: last, whole, aligned };
}
