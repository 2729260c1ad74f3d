// `neocog convert runs/digits digits.onnx`: between model folders, ONNX and files of weights. What can run is read again after
// it is written and asked the same question as what it was made from.

import { files } from "#host";
import { bytes, count } from "../../src/base/amounts.ts";
import { build, loadState, type ModelSource, openSession, type State, sourceOf } from "../../src/doors/graph.ts";
import {
  createModel,
  type FileContent,
  type FileFormat,
  formatToWrite,
  type Layer,
  type NdArray,
  NeocogError,
  openEngine,
  openFile,
  Random,
  saveModel,
  type TaskName,
  taskNames,
  usualPreprocessing,
} from "../../src/doors/neocog.ts";
import type { convertCard } from "../cards/convert.ts";
import { type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { contentOf, pictureSizes, type RunnableModel, runnableOf } from "../model.ts";
import { noiseFor } from "../noise.ts";
import { working } from "../working.ts";

export const run: Run<typeof convertCard> = async ([from, to], options, context) => {
  const { model: name, input, classes, partial = false, weights, floats, force = false } = options;
  const target = formatOf(to);
  if (floats !== undefined && !target?.choosesFloats) throw new UsageError("--floats is for safetensors.");
  if (!force && target && (await files.kindOf(to)) !== undefined)
    throw new NeocogError(`${to} exists; replace it with --force, or give another name.`);
  const content = await contentOf(from, weights);
  if (weights !== undefined && content?.kind !== "model") throw new UsageError("--weights is for a model folder.");
  if (partial && name === undefined)
    throw new UsageError("--partial has no effect without --model, which says what names there should be.");
  const write: Write = { from, to, format: target, floats, force };
  if (content?.kind === "weights" && name === undefined) {
    if (target?.holds !== "weights") {
      throw new UsageError(
        `${from} holds weights alone; name the built-in network that they belong to with --model, such as --model resnet18.`,
      );
    }
    for (const [option, value] of Object.entries({ input, classes }))
      if (value !== undefined) throw new UsageError(`--${option} has no effect on weights alone; leave it out.`);
    const told = { from, to, tensors: content.weights.size, missing: [], unexpected: [] };
    return done(told, await writeWeights(content.weights, await target.load(), write), context);
  }
  const asked = { model: name, input, classes, partial };
  const { model, missing, unexpected } = await read(from, content, asked);
  const told = { from, to, tensors: model.weights.size, missing, unexpected };
  return done(
    told,
    await working(`Converting ${from}`, context, () => writeModel(model, write, context.signal)),
    context,
  );
};

/** The format that is written by this name; a folder has none. */
function formatOf(to: string): FileFormat | undefined {
  try {
    return formatToWrite(to);
  } catch (error) {
    throw error instanceof NeocogError ? new UsageError(error.message) : error;
  }
}

interface Asked {
  readonly model: string | undefined;
  readonly input: readonly number[] | undefined;
  readonly classes: number | undefined;
  readonly partial: boolean;
}

interface Found {
  readonly model: RunnableModel<TaskName>;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** The model, or the weights of a file in the built-in network that is named. */
async function read(from: string, content: FileContent | undefined, asked: Asked): Promise<Found> {
  const { model: name, input, classes, partial } = asked;
  if (name === undefined) {
    const model = await runnableOf(from, content, { input, classes });
    return { model, missing: [], unexpected: [] };
  }
  if (!content || content.kind === "model")
    throw new UsageError("--model is for files of weights; a model folder has its own.");
  const sizes = pictureSizes(input);
  const built = createModel(name, { classes, inChannels: sizes?.[0], inputSize: sizes?.[1] });
  const picture = sizes ?? built.inputShape;
  const { variables, output } = build(built.layer, [1, ...picture]);
  const tensors = content.kind === "network" ? content.network.weights([1, ...picture]) : content.weights;
  const { state, missing, unexpected } = loadState(variables, tensors, { strict: !partial, source: from });
  const model = {
    title: from,
    model: built.layer,
    layer: built.layer,
    shape: [1, ...picture],
    weights: state,
    classes: Array.from({ length: output.shape[1] }, (_, i) => String(i)),
    preprocessing: usualPreprocessing(picture),
    untrained: false,
  };
  return { model, missing, unexpected };
}

/** What was written, and what checking it found. */
interface Written {
  readonly bytes?: number;
  /** Largest difference between the answers of what was read and what was written. */
  readonly difference?: number;
}

/** Where and how it is written. */
interface Write {
  readonly from: string;
  readonly to: string;
  readonly format: FileFormat | undefined;
  readonly floats: "F32" | "F16" | "BF16" | undefined;
  readonly force: boolean;
}

/** Writes a model; what can run is read again and asked the same question. */
async function writeModel(model: RunnableModel<TaskName>, write: Write, signal: AbortSignal): Promise<Written> {
  const { from, to, format, force } = write;
  if (format?.holds === "weights") return writeWeights(model.weights, await format.load(), write);
  const { layer, weights, classes, preprocessing } = model;
  if (format?.holds === "network") {
    const options = { name: nameOf(write), ...(model.file ? { output: model.file.outputName } : {}) };
    const { save } = await format.load();
    const bytes = await save!(model, options);
    await files.writeFileAtomic(to, bytes);
    return { bytes: bytes.length, difference: await compareAnswers(model, await again(to, model.shape), signal) };
  }
  if (!layer || !preprocessing) {
    throw new UsageError(
      `${from} holds operators, not layers; if its weights have PyTorch's names, name their built-in network with --model. Otherwise use the file as it is: every command takes it.`,
    );
  }
  const { task, scale } = model;
  await saveModel(to, { model: layer, weights, classes, preprocessing, task, scale }, { force });
  return { difference: await compareAnswers(model, await again(to, model.shape), signal) };
}

type WeightsCode = Awaited<ReturnType<Extract<FileFormat, { readonly holds: "weights" }>["load"]>>;

async function writeWeights(weights: State, { save }: WeightsCode, write: Write): Promise<Written> {
  const bytes = await save!(weights, write.floats === undefined ? {} : { floats: write.floats });
  await files.writeFileAtomic(write.to, bytes);
  return { bytes: bytes.length };
}

/** The file's name without its ending. */
const nameOf = ({ to, format }: Write): string => {
  const name = files.baseName(to);
  const ending = format?.endings.find((one) => name.toLowerCase().endsWith(one));
  return ending === undefined ? name : name.slice(0, -ending.length);
};

/** What was written, opened again. */
async function again(to: string, shape: readonly number[]): Promise<Network> {
  const content = await openFile(to, { task: taskNames });
  if (content.kind === "model") return content.model;
  if (content.kind === "network") return { model: content.network, weights: content.network.weights(shape) };
  throw new NeocogError(`${to} was written as a network, and holds weights alone.`);
}

interface Network extends Pick<RunnableModel<TaskName>, "scale"> {
  readonly model: Layer | ModelSource;
  readonly weights: State;
}

/** Two pictures at a time where that is promised: what was written for one must hold for any number. */
async function compareAnswers(a: RunnableModel<TaskName>, b: Network, signal: AbortSignal): Promise<number> {
  const input = noiseFor(a, sourceOf(b.model).fixedBatch ?? 2, new Random(0, "convert"));
  const engine = await openEngine(undefined, { signal });
  try {
    const [x, y] = [await answerOf(a, input, engine), await answerOf(b, input, engine)];
    return x.data.reduce((most: number, value: number, i: number) => Math.max(most, Math.abs(value - y.data[i])), 0);
  } finally {
    await engine.close();
  }
}

async function answerOf(
  { model, weights, scale }: Network,
  input: NdArray,
  engine: Awaited<ReturnType<typeof openEngine>>,
): Promise<{ readonly data: Float64Array }> {
  const { input: from, output } = sourceOf(model).build(input.shape);
  const options = { state: weights, frozen: true, inputs: [from] };
  const session = await openSession({ outputs: { output }, updates: [] }, engine, options);
  const { name } = from.node.attributes as { readonly name: string };
  const answer = await session.run({ [name]: input });
  session.release();
  // A file holds the way back to the numbers that are meant, a folder notes it beside the network.
  const { mean, std } = scale ?? { mean: [0], std: [1] };
  const meant = (value: number, i: number): number => value * std[i % std.length] + mean[i % mean.length];
  return { data: Float64Array.from(answer.output.data, meant) };
}

interface Told {
  readonly from: string;
  readonly to: string;
  readonly tensors: number;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

function done(told: Told, written: Written, { paint }: Context): { json: object; lines: () => string[] } {
  const { from, to, tensors, missing, unexpected } = told;
  const { bytes: size, difference } = written;
  return {
    json: { ...told, ...written },
    lines: () => [
      `${from} → ${paint.title(to)}: ${count(tensors, "tensor")}${size === undefined ? "" : `, ${bytes(size)}`}`,
      ...(missing.length > 0 ? [paint.warn(`missing, so random: ${missing.join(", ")}`)] : []),
      ...(unexpected.length > 0 ? [paint.warn(`unexpected, so left out: ${unexpected.join(", ")}`)] : []),
      ...(difference === undefined ? [] : [agreement(difference)]),
    ],
  };
}

const agreement = (difference: number): string =>
  difference === 0
    ? "Read again, it gives the same answer, bit for bit."
    : `Read again, its answer differs by at most ${difference.toExponential(1)}.`;
