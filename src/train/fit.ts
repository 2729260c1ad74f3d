// Training as an async generator of events: `for await (const event of fit(model, data, { epochs: 5 })) …`. A `break` between
// steps or an AbortSignal within one stops it: the last checkpoint stands, and what came after it is lost. The same seed gives the same weights, bit for bit: batches, masks and initial weights are functions
// of (seed, epoch, place), and going on from a checkpoint gives what an unbroken run gives.

import { understand } from "../base/arguments.ts";
import { options as byName, isRecord, type OptionsOf, type Rule } from "../base/rules.ts";
import { dataset as checkDataset, datasetRule } from "../data/dataset.ts";
import type { Labels } from "../data/labels.ts";
import type { Engine } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import type { Layer } from "../nn/layer.ts";
import { layer as layerRule } from "../nn/rules.ts";
import { openEngine } from "../run/engines.ts";
import type { TaskName, TaskOf } from "../use/tasks/list.ts";
import { keptOf } from "./checkpoint.ts";
import type { At } from "./epoch.ts";
import { epochs } from "./epochs.ts";
import type { TrainingEvent } from "./events.ts";
import { Keeper } from "./keeper.ts";
import type { FitOptions, TrainingData } from "./options.ts";
import { closeLoader, prepare, type Run } from "./run.ts";
import { fitRules, resolveOptions } from "./settings.ts";

export const dataRule: Rule = {
  must: "{ train, test }: datasets, as openData() gives them",
  accepts: (value) =>
    isRecord(value) &&
    datasetRule.accepts(value.train) &&
    [value.validation, value.test].every((set) => set === undefined || datasetRule.accepts(set)),
};

/**
 * Trains a network and yields what happens, from "started" to "finished" (or "stopped"): `for await (const event of fit(model,
 * data, { epochs: 5 }))`. What is learnt is said by the labels of the data: classes, tags, numbers, masks or pictures. The
 * network takes [batch, channels, height, width] and gives [batch, classes] (or tags, or numbers), for masks [batch, classes,
 * height, width], for pictures those; the same seed gives the same weights, bit for bit. Throws one sentence for data with a label that is no
 * class or a pixel that is no finite number (naming the image), options that cannot be, a model that does not fit the
 * data, an output folder that exists, a checkpoint of another run; a NonFiniteLoss where the numbers break down.
 */
export function fit<L extends Layer, D extends Labels = Int32Array>(
  model: L,
  data: TrainingData<D>,
  options?: FitOptions,
): AsyncGenerator<TrainingEvent<L, TaskOf<D>>, void, undefined>;
export async function* fit(
  model: Layer,
  data: TrainingData<Labels>,
  options: FitOptions = {},
): AsyncGenerator<TrainingEvent<Layer, TaskName>, void, undefined> {
  understand("fit", arguments, { model: layerRule, data: dataRule, options: byName<OptionsOf<typeof fit>>(fitRules) });
  for (const part of [data.train, data.validation, data.test]) if (part) checkDataset(part);
  const resolved = resolveOptions(options, data);
  const keeper = options.out === undefined ? undefined : await Keeper.open(options.out, options);
  const { signal } = options;
  const kept = keptOf(resolved.resume);
  const at: At = { ...kept, kept };
  let engine: Engine | undefined;
  let run: Run | undefined;
  try {
    engine = options.engine ?? (await openEngine());
    run = await prepare(model, data, resolved, stoppable(engine, signal));
    yield* epochs(run, at, keeper);
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
    const failure = await keeper?.retry();
    if (failure) yield { kind: "warning", message: `${failure.message} The run had come further than its folder.` };
    const folder = keeper ? { folder: keeper.title } : {};
    const { epoch: epochsDone, batch: batchesDone } = keeper?.kept ?? at.kept;
    const within = batchesDone > 0 ? { batchesDone } : {};
    yield { kind: "stopped", epoch: at.epoch + 1, batch: at.batch, epochsDone, ...within, ...folder };
  } finally {
    await closeLoader(run?.loader);
    run?.stepper.release();
    run?.scorer?.release();
    if (!options.engine) await engine?.close();
    await keeper?.close();
  }
}
