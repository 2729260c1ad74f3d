// Made data and short runs for the tests of the diagnoses.
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { type Dataset, dataset } from "../data/dataset.ts";
import type { Labels } from "../data/labels.ts";
import type { Engine } from "../engines/engine.ts";
import type { Layer } from "../nn/layer.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import { fit } from "../train/fit.ts";
import type { FitOptions, TrainingData } from "../train/options.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { type Diagnosed, type DiagnoseOptions, diagnose } from "./diagnose.ts";

/** What made data is like. */
export interface Made {
  readonly classes?: number;
  /** Pictures. */
  readonly count: number;
  /** 0 to 1; the higher, the harder. */
  readonly noise?: number;
  readonly seed?: number;
  readonly side?: number;
}

/** Pictures of some classes: each class has a pattern, each picture its noise. The patterns are the same for every seed. */
export function made(name: string, { classes = 4, count, noise = 0.2, seed = 1, side = 8 }: Made): Dataset {
  const random = new Random(seed, name);
  const size = side * side;
  const patterns = Array.from({ length: classes }, (_, c) => {
    const own = new Random(c, "pattern");
    return Float64Array.from({ length: size }, () => own.uniform());
  });
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  const data = new Uint8Array(count * size);
  labels.forEach((label, i) => {
    for (let k = 0; k < size; k++) {
      const value = 0.5 + 0.5 * (1 - noise) * (patterns[label][k] - 0.5) + noise * 0.5 * random.normal();
      data[i * size + k] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  });
  const names = Array.from({ length: classes }, (_, c) => `class ${c}`);
  return dataset({ name, images: ndarray([count, 1, side, side], data, "uint8"), labels, classes: names });
}

/** Trains, and gives the last checkpoint. */
export async function trained<D extends Labels>(
  model: Layer,
  data: TrainingData<D>,
  options: FitOptions & { readonly engine: Engine },
): Promise<Checkpoint<TaskName>> {
  let last: Checkpoint<TaskName> | undefined;
  for await (const event of fit(model, data, options)) {
    if (event.kind === "checkpoint") last = event.checkpoint as unknown as Checkpoint<TaskName>;
  }
  if (!last) throw new Error("nothing was trained");
  return last;
}

/** What is found in a run with its data. */
export const looked = (
  run: Checkpoint<TaskName>,
  data: NonNullable<DiagnoseOptions["data"]>,
  engine: Engine,
): Promise<Diagnosed> => diagnose(run.trained, { run, data, engine });
