// What one op's output places see of its inputs: the op's own rule, or place by place where it has none.
import type { Node, Tensor } from "../graph/graph.ts";
import type { Beyond, Spatial, SpatialAxis } from "../graph/op.ts";

/** For each input of a node, what a place of `output` sees of it. */
export function spatialOf({ op, inputs, outputs, attributes }: Node, output: Tensor = outputs[0]): readonly Spatial[] {
  return op.spatial?.(inputs, attributes, outputs) ?? inputs.map((x) => samePlaces(x, output));
}

/** An op without a spatial rule works place by place, if its output has the input's places. */
function samePlaces(x: Tensor, y: Tensor): Spatial {
  const same = x.shape.length === y.shape.length && x.shape.every((n, axis) => axis < 2 || n === y.shape[axis]);
  return same ? x.shape.slice(2).map(() => ({ step: 1, low: 0, high: 0 })) : "everything";
}

/** The places of an axis of `size` cells that output place `at` reads; those outside are folded back, or are none. */
export function placesRead(
  { step, low, high, every, beyond, places }: SpatialAxis,
  at: number,
  size: number,
): number[] {
  if (places) return [...(places[at] ?? [])];
  const [first, last] = [at * step + low, at * step + high];
  const found: number[] = [];
  // Steps such as 1/3 carry rounding errors: places are forgiven the last bits.
  for (let place = every ? first : Math.ceil(first - 1e-9); place <= last + 1e-9; place += every ?? 1) {
    const whole = Math.round(place);
    const real = Math.abs(place - whole) < 1e-6 ? placeInside(whole, size, beyond) : undefined;
    if (real !== undefined) found.push(real);
  }
  return found;
}

/** The place of an axis that stands at `place`, which may lie outside; undefined where nothing does. */
export function placeInside(place: number, size: number, beyond: Beyond | undefined): number | undefined {
  if (place >= 0 && place < size) return place;
  switch (beyond) {
    case undefined:
      return undefined;
    case "replicate":
      return place < 0 ? 0 : size - 1;
    case "reflect":
      return place < 0 ? -place : 2 * (size - 1) - place;
    case "circular":
      return ((place % size) + size) % size;
  }
}
