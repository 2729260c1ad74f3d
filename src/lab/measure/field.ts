// The measured receptive field: where the gradient of one unit with respect to the picture is not zero. Its energy (the
// squared gradient) tells how much each place counts: the effective receptive field (Luo et al. 2016, 1701.04128).
import { understand } from "../../base/arguments.ts";
import { filled, type NdArray, ndarray, ndarrayRule, stateRule } from "../../base/array.ts";
import { options as byName, flag, listOf, type OptionsOf, optional, real, whole } from "../../base/rules.ts";
import { sizeOf } from "../../base/shape.ts";
import { gradients } from "../../compile/grad.ts";
import { type Engine, engineRule } from "../../engines/engine.ts";
import {
  apply,
  atPath,
  attributesIf,
  input,
  type Node,
  type Tensor,
  tensor,
  variable,
  variableOp,
} from "../../graph/graph.ts";
import { rewrite } from "../../graph/walk.ts";
import { mapOp } from "../../ops/cards/map.ts";
import { averagePoolWith, maxPoolOp } from "../../ops/cards/pooling.ts";
import { openSession, type State } from "../../run/session.ts";

/**
 * The same graph with every gate open: weights average, max pooling averages, activations let through. A gradient then flows along every path, and
 * its support is all that a unit can see (a real max pooling lets one place through at a time).
 */
export function opened(tensor: Tensor): Tensor {
  const replaced = rewrite([tensor], (node, inputs) => {
    const weight = attributesIf(node, variableOp);
    if (weight) {
      const { name, shape, dtype, trainable } = weight;
      const value = /(bias|running_mean)$/.test(name) ? 0 : shape.length < 2 ? 1 : 1 / sizeOf(shape.slice(1));
      return [variable(name, shape, () => filled(shape, value, dtype), trainable, dtype)];
    }
    // Activations, and whatever else works place by place on one map.
    if (attributesIf(node, mapOp) && inputs.length === 1) return [inputs[0]];
    const pool = attributesIf(node, maxPoolOp);
    if (pool) {
      const mean = averagePoolWith(inputs[0], { ...pool, countIncludePad: true });
      return [mean, mean];
    }
    return node.inputs.every((old, i) => old === inputs[i]) ? node.outputs : again(node, inputs);
  });
  return replaced.get(tensor.node)![tensor.output];
}

const again = (node: Node, inputs: readonly Tensor[]): readonly Tensor[] =>
  atPath(node.path, () => apply(node.op, inputs, node.attributes));

/** Options of measureField. */
export interface FieldOptions {
  /** Open every gate (default), or differentiate the network as it is, at `picture` and with `state`. */
  readonly open?: boolean;
  /** [1, C, H, W]: where the network is differentiated; all ones unless told. */
  readonly picture?: NdArray;
  /** Weights by name; those that the initialisers draw unless told. */
  readonly state?: State;
}

/** For each unit (row, column; all channels together): |gradient| with respect to the picture, summed over channels, [H, W]. */
export async function measureField(
  engine: Engine,
  from: Tensor,
  to: Tensor,
  units: readonly (readonly [row: number, column: number])[],
  options: FieldOptions = {},
): Promise<NdArray[]> {
  understand("measureField", arguments, {
    engine: engineRule,
    from: tensor,
    to: tensor,
    units: listOf(listOf(whole(0), "[row, column]", 2, 2), "a list of places [row, column]"),
    options: byName<OptionsOf<typeof measureField>>({ open: flag, picture: ndarrayRule, state: stateRule }),
  });
  const { open = true, picture, state } = options;
  const end = open ? opened(to) : to;
  const seed = input("unit", to.shape);
  const [slope] = gradients([end], [from], [seed]);
  const session = await openSession({ outputs: { slope }, updates: [] }, engine, {
    inputs: [from],
    ...(state ? { state } : {}),
  });
  const [, channels, height, width] = from.shape;
  const given = picture ?? filled(from.shape, 1);
  const name = (from.node.attributes as { name: string }).name;
  try {
    const maps: NdArray[] = [];
    for (const [row, column] of units) {
      const chosen = filled(to.shape);
      const [, maps_, h, w] = to.shape;
      for (let k = 0; k < maps_; k++) chosen.data[(k * h + row) * w + column] = 1;
      const { slope: found } = await session.run({ [name]: given, unit: chosen });
      const data = new Float64Array(height * width);
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < data.length; i++) data[i] += Math.abs(found.data[c * data.length + i]);
      }
      maps.push(ndarray([height, width], data));
    }
    return maps;
  } finally {
    session.release();
  }
}

/** First and last row and column of a part of a map. */
export interface Box {
  /** First row. */
  readonly top: number;
  /** Last row, inside. */
  readonly bottom: number;
  /** First column. */
  readonly left: number;
  /** Last column, inside. */
  readonly right: number;
}

/** The smallest box around all places that are not zero; undefined where all are. */
export function supportOf(map: NdArray): Box | undefined {
  understand("supportOf", arguments, { map: ndarrayRule });
  const [height, width] = map.shape;
  const { data } = map;
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  return bottom < 0 ? undefined : { top, bottom, left, right };
}

/** How wide a map is. */
export interface Spread {
  /** Mean place, and standard deviation along each axis, of the map taken as a distribution. */
  readonly centre: readonly [row: number, column: number];
  /** Standard deviation along each axis, in cells, weighed by the map. */
  readonly deviation: readonly [rows: number, columns: number];
  /** Places above 4.55 % of the peak (two standard deviations of a Gaussian lie at 13.5 %, 2.49 at 4.55 %). */
  readonly effective: number;
  /** Places that are not zero. */
  readonly places: number;
}

/** How a map of weights is spread over the picture. */
export function spreadOf(map: NdArray, threshold = 0.0455): Spread {
  understand("spreadOf", arguments, { map: ndarrayRule, threshold: optional(real()) });
  const [height, width] = map.shape;
  const { data } = map;
  let [total, sumY, sumX, peak, places] = [0, 0, 0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    total += data[i];
    sumY += data[i] * Math.floor(i / width);
    sumX += data[i] * (i % width);
    peak = Math.max(peak, data[i]);
    if (data[i] !== 0) places++;
  }
  const centre = [sumY / total, sumX / total] as const;
  let [squareY, squareX, effective] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x];
      squareY += value * (y - centre[0]) ** 2;
      squareX += value * (x - centre[1]) ** 2;
      if (value > threshold * peak) effective++;
    }
  }
  return { centre, deviation: [Math.sqrt(squareY / total), Math.sqrt(squareX / total)], effective, places };
}

/** Squares: the energy of a gradient. */
export function energyOf(map: NdArray): NdArray {
  understand("energyOf", arguments, { map: ndarrayRule });
  return ndarray(
    map.shape,
    Float64Array.from(map.data, (value) => value * value),
  );
}
