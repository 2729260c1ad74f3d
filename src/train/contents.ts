// What a checkpoint adds to the files of a model folder (use/contents.ts): the best epoch, the state of training, the history.
import { DataError } from "../base/errors.ts";
import { inputShape } from "../data/preprocessing.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import type { Layer } from "../nn/layer.ts";
import type { FromJsonOptions } from "../nn/read.ts";
import type { State } from "../run/session.ts";
import { type ContentsReader, fileNames, modelContents, parseObject, readModel, readWeights } from "../use/contents.ts";
import type { Contents } from "../use/storage/generations.ts";
import type { Progress } from "../use/storage/manifest.ts";
import { type TaskName, taskOf, usualTask } from "../use/tasks/list.ts";
import type { TrainedModel } from "../use/trained.ts";
import type { BestEpoch, Checkpoint, Settings } from "./checkpoint.ts";
import type { ClipOptions } from "./clip.ts";
import { readCursor } from "./cursor.ts";
import type { OptimizerDescription } from "./optimizers/optimizer.ts";
import type { PartOptions } from "./parts.ts";
import { asMain, type EpochRecord, mainIn } from "./record.ts";
import { stageAt } from "./stages.ts";
import { checkState, stepOf } from "./step.ts";

/** Of the state of training. */
const version = 1;

const metadataOf = (values: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );

/** The files of a model that can also be trained further. */
export function checkpointContents(checkpoint: Checkpoint<TaskName>): Contents {
  const { trained, variables, epoch, step, settings, history, best, cursor, pictures } = checkpoint;
  const state = [...variables].filter(([name, value]) => trained.weights.get(name) !== value);
  return {
    ...modelContents(trained),
    ...(best ? { [fileNames.best]: writeBest(best, trained.task) } : {}),
    [fileNames.state]: writeSafetensors(state, {
      metadata: metadataOf({ version, epoch, step, settings, ...(cursor ? { cursor } : {}) }),
    }),
    [fileNames.history]: history.map((record) => `${JSON.stringify(record)}\n`).join(""),
    ...(pictures === undefined ? {} : { [fileNames.pictures]: pictures }),
  };
}

const writeBest = (best: BestEpoch<TaskName>, task: TaskName = usualTask): Uint8Array =>
  writeSafetensors(best.weights, {
    metadata: metadataOf({ format: "pt", epoch: best.epoch, ...asMain(task, mainIn(task, best)) }),
  });

/** What neocog.json tells of a checkpoint. */
export const progressOf = ({ epoch, best, cursor }: Checkpoint<TaskName>): Progress => ({
  epoch,
  ...(cursor ? { batch: cursor.batch } : {}),
  ...(best ? { bestEpoch: best.epoch } : {}),
});

function readBest(reader: ContentsReader, trained: TrainedModel<Layer, TaskName>): BestEpoch<TaskName> {
  const { weights, metadata } = readWeights(reader, fileNames.best, trained);
  const { task = usualTask } = trained;
  const { name } = taskOf({ task }).main;
  const [epoch, value] = ["epoch", name].map((key) => Number(metadata.get(key) ?? Number.NaN));
  if (!Number.isInteger(epoch) || !Number.isFinite(value)) {
    throw new DataError(`${reader.name(fileNames.best)} does not say which epoch it is of, and how good it was.`);
  }
  return { epoch, ...asMain(task, value), weights };
}

export async function readCheckpoint(reader: ContentsReader, options: FromJsonOptions): Promise<Checkpoint<TaskName>> {
  const trained = await readModel(reader, options);
  const name = reader.name(fileNames.state);
  const { tensors, metadata } = readSafetensors(reader.bytes(fileNames.state), name);
  const written = metadata.get("version") ?? String(version);
  if (written !== String(version)) {
    throw new DataError(`${name} has the version ${written}, but this Neocog reads version ${version}; update Neocog.`);
  }
  const [epoch, step] = ["epoch", "step"].map((key) => Number(metadata.get(key)));
  const within = metadata.get("cursor");
  const cursor = within === undefined ? undefined : readCursor(parseObject(within, `${name} (cursor)`), name);
  if (!Number.isInteger(epoch) || !Number.isInteger(step) || epoch < (cursor ? 0 : 1) || step < epoch) {
    throw new DataError(`${name} does not say how many epochs and steps were done.`);
  }
  const settings = parseObject(metadata.get("settings") ?? "", `${name} (settings)`);
  const historyName = reader.name(fileNames.history);
  const lines = reader
    .text(fileNames.history)
    .split("\n")
    .filter((line) => line !== "");
  const history = lines.map(
    (line, i) => parseObject(line, `${historyName} line ${i + 1}`) as unknown as EpochRecord<TaskName>,
  );
  if (history.length !== epoch) {
    throw new DataError(`${historyName} tells of ${history.length} epochs, but ${name} of ${epoch}.`);
  }
  const variables = new Map([...trained.weights, ...tensors]);
  checkVariables(variables, trained, settings, epoch, name);
  const best = reader.has(fileNames.best) ? { best: readBest(reader, trained) } : {};
  const pictures = reader.has(fileNames.pictures) ? { pictures: reader.text(fileNames.pictures) } : {};
  return { trained, variables, epoch, step, settings, history, ...(cursor ? { cursor } : {}), ...pictures, ...best };
}

/** Whether all is there that a run with these settings changes from step to step. */
function checkVariables(
  variables: State,
  { model, preprocessing, task }: TrainedModel<Layer, TaskName>,
  settings: Settings,
  epoch: number,
  name: string,
): void {
  const { optimizer, average, clip, batch, accumulate } = settings;
  const { freeze, unfreeze } = settings as PartOptions;
  try {
    const shape = inputShape(preprocessing, Number(batch));
    const stage = stageAt(model, shape, { freeze, unfreeze }, epoch, 1);
    const options = {
      inputShape: shape,
      ...(task === undefined ? {} : { task }),
      optimizer: optimizer as OptimizerDescription,
      ...(typeof average === "number" ? { average } : {}),
      ...(clip ? { clip: clip as ClipOptions } : {}),
      ...(freeze ? { freeze } : {}),
      ...(typeof accumulate === "number" ? { accumulate } : {}),
    };
    checkState(stepOf(model, options, stage), variables, stage.opening);
  } catch (error) {
    throw new DataError(`${name} cannot be gone on from: ${(error as Error).message}`, { cause: error });
  }
}
