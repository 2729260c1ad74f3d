// The equivariance meter. A layer with total step J is shift-equivariant if a picture moved by s gives a map moved by s / J.
// Every layer is measured at every shift, exactly, on the network as it is:
//
//   wrap      the picture is rolled around (what circular padding is made for); every unit counts
//   window    the picture is a window that moves over a larger one; units that both maps have are compared, all of them,
//             and those whose receptive field touches no padding

import { type ReceptiveAxis, receptiveFields, unitSees } from "../../analyze/receptive.ts";
import { understand } from "../../base/arguments.ts";
import { type NdArray, ndarray, ndarrayRule, stateRule } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import {
  axis as axisRule,
  options as byName,
  listOf,
  type OptionsOf,
  oneOf,
  required,
  seed as seedRule,
  shape as shapeRule,
  whole,
} from "../../base/rules.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { type Engine, engineRule } from "../../engines/engine.ts";
import { attributesIf, type Tensor } from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";
import { build, type LayerRecord } from "../../nn/build.ts";
import type { Layer } from "../../nn/layer.ts";
import { layer as layerRule } from "../../nn/rules.ts";
import { convolutionOp } from "../../ops/cards/convolution.ts";
import { copyOp } from "../../ops/cards/copy.ts";
import { averagePoolOp, maxPoolOp } from "../../ops/cards/pooling.ts";
import { openSession, type State } from "../../run/session.ts";
import { noise } from "../compute.ts";

/** The error at one shift. */
export interface ShiftError {
  /** Pixels to the right. */
  readonly shift: number;
  /** Largest difference over the compared units; for a shift that is no multiple of the step, against the nearer whole shift. */
  readonly error: number;
  /** The same over units whose receptive field touches no padding in either picture; undefined where there are none. */
  readonly inner: number | undefined;
}

/** What measureShifts found at one layer. */
export interface LayerShifts {
  /** Dotted path of the layer. */
  readonly path: string;
  /** Conv2d, MaxPool2d, … */
  readonly type: string;
  /** Pixels of the picture from one place of its map to the next. */
  readonly step: number;
  /** The error at every shift, in the order of the options. */
  readonly shifts: readonly ShiftError[];
  /** Shifts with error 0. */
  readonly exact: readonly number[];
  /** Why these and no others. */
  readonly reason: string;
}

/** Options of measureShifts. */
export interface ShiftOptions {
  /** How the picture is moved: rolled around, or as a window over a larger one. */
  readonly mode: "wrap" | "window";
  /** Shifts to the right, in pixels. */
  readonly shifts: readonly number[];
  /** Seed of the picture and of the weights; 0 unless told. */
  readonly seed?: number;
  /** Weights by name; those that the initialisers draw unless told. */
  readonly state?: State;
}

/** Measures every layer with a map; [1, C, H, W] is the shape of one picture. */
export async function measureShifts(
  engine: Engine,
  model: Layer,
  shape: Shape,
  options: ShiftOptions,
): Promise<LayerShifts[]> {
  understand("measureShifts", arguments, {
    engine: engineRule,
    model: layerRule,
    shape: shapeRule(1),
    options: required(
      byName<OptionsOf<typeof measureShifts>>({
        mode: required(oneOf(["wrap", "window"])),
        shifts: required(listOf(axisRule, "a list of whole numbers")),
        seed: seedRule,
        state: stateRule,
      }),
    ),
  });
  const { mode, shifts, seed = 0, state } = options;
  const pictures = shiftedPictures(shape, shifts, mode, seed);
  const built = build(model, pictures.shape, { seed });
  const records = built.layers.filter(
    ({ output, layer }) => layer.children.length === 0 && output.shape.length === 4 && output.shape[3] > 1,
  );
  const outputs = Object.fromEntries(records.map(({ output }, i) => [`${i}`, output]));
  const session = await openSession({ outputs, updates: [] }, engine, state ? { state } : {});
  const fields = receptiveFields(
    built.input,
    records.map(({ output }) => output),
  );
  try {
    const maps = await session.run({ input: pictures });
    return records.map((record, i) => {
      const field = fields[i]![1];
      const rows = shifts.map((shift, image) => ({
        shift,
        ...compare(maps[`${i}`], image + 1, shift, field, shape[3], mode),
      }));
      const exact = rows.filter(({ error }) => error === 0).map(({ shift }) => shift);
      return {
        path: record.path,
        type: record.layer.type.name,
        step: field.step,
        shifts: rows,
        exact,
        reason: reasonOf(record, field, shape[3], mode),
      };
    });
  } finally {
    session.release();
  }
}

/** The picture itself, then its shifted copies, as one batch. */
export function shiftedPictures(
  shape: Shape,
  shifts: readonly number[],
  mode: "wrap" | "window",
  seed: number,
): NdArray {
  const [, channels, height, width] = shape;
  const reach = mode === "wrap" ? 0 : Math.max(0, ...shifts);
  const wide = width + reach;
  const { data } = noise([1, channels, height, wide], seed, "picture");
  const all = [0, ...shifts];
  const out = new Float64Array(all.length * sizeOf(shape));
  let at = 0;
  for (const shift of all) {
    for (let line = 0; line < channels * height; line++) {
      for (let x = 0; x < width; x++) {
        // To the right: place x shows what stood at x − shift. The window starts at `reach` and moves left.
        const from = mode === "wrap" ? (((x - shift) % width) + width) % width : x - shift + reach;
        out[at++] = data[line * wide + from];
      }
    }
  }
  return ndarray([all.length, channels, height, width], out);
}

function compare(
  maps: NdArray,
  image: number,
  shift: number,
  field: ReceptiveAxis,
  size: number,
  mode: "wrap" | "window",
): { error: number; inner: number | undefined } {
  const candidates = [...new Set([Math.floor(shift / field.step), Math.ceil(shift / field.step)])];
  const results = candidates.map((steps) => difference(maps, image, steps, field, size, mode));
  return results.reduce((best, one) => (one.error < best.error ? one : best));
}

function difference(
  { shape: [, channels, height, width], data }: NdArray,
  image: number,
  steps: number,
  field: ReceptiveAxis,
  size: number,
  mode: "wrap" | "window",
): { error: number; inner: number | undefined } {
  const base = image * channels * height * width;
  const untouched = (x: number): boolean => {
    const [first, last] = unitSees(field, x);
    return first >= 0 && last <= size - 1;
  };
  let error = 0;
  let inner: number | undefined;
  for (let x = 0; x < width; x++) {
    const from = mode === "wrap" ? (((x - steps) % width) + width) % width : x - steps;
    if (from < 0 || from >= width) continue;
    const clean = untouched(x) && untouched(from);
    for (let line = 0; line < channels * height; line++) {
      const gap = Math.abs(data[base + line * width + x] - data[line * width + from]);
      if (gap > error) error = gap;
      if (clean) inner = Math.max(inner ?? 0, gap);
    }
  }
  return { error, inner };
}

function reasonOf({ output }: LayerRecord, field: ReceptiveAxis, size: number, mode: "wrap" | "window"): string {
  const { zeros, circular } = paddingsOf(output);
  const steps =
    field.step === 1 ? "no layer steps over a place" : `multiples of the total step ${field.step} land on the grid`;
  if (zeros) return `${steps}, but zeros at the border mark it: only units whose field touches no padding agree`;
  if (mode === "window") return `${steps}; nothing is padded, so the overlap is computed from the same pixels`;
  if (!circular && field.size > 1) return "no padding wraps around, so a rolled picture is another picture at its seam";
  if (size % field.step !== 0) return `the width ${size} does not divide by the total step ${field.step}`;
  return `${steps}, and circular padding has no border`;
}

/** Which paddings lie on the way to a tensor. */
function paddingsOf(tensor: Tensor): { zeros: boolean; circular: boolean } {
  let zeros = false;
  let circular = false;
  for (const node of walk([tensor])) {
    const window =
      attributesIf(node, convolutionOp) ?? attributesIf(node, maxPoolOp) ?? attributesIf(node, averagePoolOp);
    if (window && [...window.padBefore, ...window.padAfter].some((cells) => cells > 0)) zeros = true;
    const copy = attributesIf(node, copyOp);
    if (copy?.name === "pad" && copy.parameters.mode === "circular") circular = true;
    if (copy?.name === "pad" && copy.parameters.mode !== "circular") zeros = true;
  }
  return { zeros, circular };
}

/** What measureInvariance found. */
export interface Invariance {
  /** Largest change of any output over the shifts. */
  readonly largest: number;
  /** Share of shifts whose largest output is that of the picture itself. */
  readonly agreement: number;
}

export interface InvarianceOptions {
  /** Random shifts, of all pictures together. */
  readonly count: number;
  /** Seed of the shifts and of the weights; 0 unless told. */
  readonly seed?: number;
  /** Weights by name; those that the initialisers draw unless told. */
  readonly state?: State;
}

/** What a classifier's outputs do when pictures [P, C, H, W] are rolled by random shifts. */
export async function measureInvariance(
  engine: Engine,
  model: Layer,
  pictures: NdArray,
  options: InvarianceOptions,
): Promise<Invariance> {
  understand("measureInvariance", arguments, {
    engine: engineRule,
    model: layerRule,
    pictures: ndarrayRule,
    options: required(
      byName<OptionsOf<typeof measureInvariance>>({ count: required(whole(1)), seed: seedRule, state: stateRule }),
    ),
  });
  const { count, seed = 0, state } = options;
  const random = new Random(seed, "shifts");
  const [total, channels, height, width] = pictures.shape;
  const each = Math.ceil(count / total);
  const batch = each + 1;
  const size = channels * height * width;
  const built = build(model, [batch, channels, height, width], { seed });
  const session = await openSession({ outputs: { y: built.output }, updates: [] }, engine, state ? { state } : {});
  let [largest, agreeing] = [0, 0];
  const roll = (data: Float64Array, picture: number, image: number, down: number, right: number): void => {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const to = ((image * channels + c) * height + ((y + down) % height)) * width + ((x + right) % width);
          data[to] = pictures.data[picture * size + (c * height + y) * width + x];
        }
      }
    }
  };
  try {
    for (let picture = 0; picture < total; picture++) {
      const data = new Float64Array(batch * size);
      roll(data, picture, 0, 0, 0);
      for (let image = 1; image < batch; image++) roll(data, picture, image, random.below(height), random.below(width));
      const { y } = await session.run({ input: ndarray([batch, channels, height, width], data) });
      const classes = y.data.length / batch;
      const row = (image: number): number[] => [...y.data.subarray(image * classes, (image + 1) * classes)];
      const start = row(0);
      for (let image = 1; image < batch; image++) {
        const moved = row(image);
        largest = moved.reduce((most, value, k) => Math.max(most, Math.abs(value - start[k])), largest);
        if (moved.indexOf(Math.max(...moved)) === start.indexOf(Math.max(...start))) agreeing++;
      }
    }
  } finally {
    session.release();
  }
  return { largest, agreement: agreeing / (each * total) };
}
