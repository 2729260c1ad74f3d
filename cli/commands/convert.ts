// `neocog convert runs/digits digits.onnx`: between model folders, ONNX and safetensors. What can run is read again after it is
// written and asked the same question as what it was made from.

import { files } from "#host";
import { build, loadState, type ModelSource, openSession, type State, sourceOf } from "../../src/doors/graph.ts";
import {
  createModel,
  type Layer,
  type NdArray,
  NeocogError,
  openEngine,
  openModel,
  Random,
  readSafetensors,
  saveModel,
  saveWeights,
  usualPreprocessing,
} from "../../src/doors/neocog.ts";
import { exportOnnx } from "../../src/doors/onnx.ts";
import type { convertCard } from "../cards/convert.ts";
import { type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { isForeign, openRunnable, pictureSizes, type RunnableModel, readForeign } from "../model.ts";
import { noiseFor } from "../noise.ts";
import { bytes, count } from "../numbers.ts";

type Form = "onnx" | "tfjs" | "safetensors" | "folder";

export const run: Run<typeof convertCard> = async ([from, to], options, context) => {
  const { model: name, input, classes, partial = false, weights, floats, force = false } = options;
  if ((await files.kindOf(from)) !== "folder") refuseStranger(from, "read");
  refuseStranger(to, "written");
  const target = formOf(to);
  if (target === "tfjs") throw new UsageError("TensorFlow.js models are read, not written; write ONNX instead.");
  if (floats !== undefined && target !== "safetensors") throw new UsageError("--floats is for safetensors.");
  if (!force && target !== "folder" && (await files.kindOf(to)) !== undefined)
    throw new NeocogError(`${to} exists; replace it with --force, or give another name.`);
  if (weights !== undefined && formOf(from) !== "folder") throw new UsageError("--weights is for a model folder.");
  const weightsOnly = formOf(from) === "safetensors" && name === undefined;
  if (weightsOnly && target !== "safetensors") {
    throw new UsageError(
      `${from} holds weights alone; name the built-in network that they belong to with --model, such as --model resnet18.`,
    );
  }
  if (partial && name === undefined)
    throw new UsageError("--partial has no effect without --model, which says what names there should be.");
  if (weightsOnly) {
    for (const [option, value] of Object.entries({ input, classes }))
      if (value !== undefined) throw new UsageError(`--${option} has no effect on weights alone; leave it out.`);
    const { tensors } = readSafetensors(await files.readFile(from), from);
    return done(
      { from, to, tensors: tensors.size, missing: [], unexpected: [] },
      await writeWeights(to, tensors, floats),
      context,
    );
  }
  const found = await read(from, { model: name, input, classes, partial, weights });
  const told = { from, to, tensors: found.model.weights.size, missing: found.missing, unexpected: found.unexpected };
  switch (target) {
    case "safetensors":
      return done(told, await writeWeights(to, found.model.weights, floats), context);
    case "folder":
      return done(told, await writeFolder(to, found.model, from, force), context);
    case "onnx":
      return done(told, await writeOnnx(to, found.model), context);
  }
};

/** Endings of files that other libraries keep models in: no name for a folder. */
const strangers = /\.(pt|pth|ckpt|bin|h5|hdf5|keras|pb|tflite|npz|npy|pkl|pickle|mlmodel|mlpackage|gguf|tar|gz)$/i;

/** A file that is not written, or not read, is no model folder. */
function refuseStranger(path: string, deed: "read" | "written"): void {
  const [ending] = strangers.exec(path) ?? [];
  if (ending === undefined) return;
  const mend =
    deed === "written"
      ? `name it ${path.slice(0, -ending.length)}.safetensors (PyTorch reads it) or .onnx, or give a folder`
      : "save its weights as safetensors (safetensors.torch.save_file) or the model as ONNX first";
  throw new UsageError(`${ending} files are not ${deed}: ${mend}.`);
}

function formOf(path: string): Form {
  if (isForeign(path)) return /\.json$/i.test(path) ? "tfjs" : "onnx";
  return /\.safetensors$/i.test(path) ? "safetensors" : "folder";
}

interface Asked {
  readonly model: string | undefined;
  readonly input: readonly number[] | undefined;
  readonly classes: number | undefined;
  readonly partial: boolean;
  readonly weights: "last" | "best" | undefined;
}

interface Found {
  readonly model: RunnableModel;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** The model, or the weights of a file in the built-in network that is named. */
async function read(from: string, { model: name, input, classes, partial, weights }: Asked): Promise<Found> {
  if (name === undefined) {
    const model = await openRunnable(from, { input, classes, weights });
    return { model, missing: [], unexpected: [] };
  }
  if (formOf(from) === "folder") throw new UsageError("--model is for files of weights; a model folder has its own.");
  const sizes = pictureSizes(input);
  const built = createModel(name, { classes, inChannels: sizes?.[0], inputSize: sizes?.[1] });
  const picture = sizes ?? built.inputShape;
  const { variables, output } = build(built.layer, [1, ...picture]);
  const tensors = isForeign(from)
    ? (await readForeign(from)).weights([1, ...picture])
    : readSafetensors(await files.readFile(from), from).tensors;
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

async function writeWeights(to: string, weights: State, floats: "F32" | "F16" | "BF16" | undefined): Promise<Written> {
  await saveWeights(to, weights, floats === undefined ? {} : { floats });
  return { bytes: (await files.readFile(to)).length };
}

async function writeFolder(to: string, model: RunnableModel, from: string, force: boolean): Promise<Written> {
  const { layer, weights, classes, preprocessing } = model;
  if (!layer || !preprocessing) {
    throw new UsageError(
      `${from} holds operators, not layers; if its weights have PyTorch's names, name their built-in network with --model. Otherwise use the file as it is: every command takes it.`,
    );
  }
  await saveModel(to, { model: layer, weights, classes, preprocessing }, { force });
  const again = await openModel(to);
  return { difference: await compareAnswers(model, again, noiseFor(model, 1, new Random(0, "convert"))) };
}

async function writeOnnx(to: string, model: RunnableModel): Promise<Written> {
  const { output } = sourceOf(model.model).build(model.shape);
  const { classes, shape } = model;
  // A file of pictures says how a picture becomes its input; another has nothing to say.
  const pictures = shape.length === 4;
  const open = takesAnyBatch(model);
  const content = exportOnnx(
    { [model.file?.outputName ?? "logits"]: output },
    {
      state: model.weights,
      name: files.baseName(to).replace(/\.onnx$/i, ""),
      ...(open ? { batch: "batch" } : {}),
      ...(classes.length === output.shape[1] ? { classes } : {}),
      ...(pictures && model.preprocessing ? { preprocessing: model.preprocessing } : {}),
    },
  );
  await files.writeFileAtomic(to, content);
  const again = await readForeign(to);
  // Two at a time where that is promised: what was written for one must hold for any number.
  const input = noiseFor(model, open ? 2 : 1, new Random(0, "convert"));
  const weights = again.weights(input.shape);
  return { bytes: content.length, difference: await compareAnswers(model, { model: again, weights }, input) };
}

/** Whether the network can be built for other batches than one; some files have the batch written into their shapes. */
function takesAnyBatch({ model, shape: [, ...sizes] }: RunnableModel): boolean {
  const source = sourceOf(model);
  if (source.fixedBatch !== undefined) return false;
  try {
    return source.build([2, ...sizes]).output.shape[0] === 2;
  } catch (error) {
    if (error instanceof NeocogError) return false;
    throw error;
  }
}

interface Network {
  readonly model: Layer | ModelSource;
  readonly weights: State;
}

async function compareAnswers(a: Network, b: Network, input: NdArray): Promise<number> {
  const engine = await openEngine();
  try {
    const [x, y] = [await answerOf(a, input, engine), await answerOf(b, input, engine)];
    return x.data.reduce((most: number, value: number, i: number) => Math.max(most, Math.abs(value - y.data[i])), 0);
  } finally {
    await engine.close();
  }
}

async function answerOf(
  { model, weights }: Network,
  input: NdArray,
  engine: Awaited<ReturnType<typeof openEngine>>,
): Promise<{ readonly data: Float64Array }> {
  const { input: from, output } = sourceOf(model).build(input.shape);
  const options = { state: weights, frozen: true, inputs: [from] };
  const session = await openSession({ outputs: { output }, updates: [] }, engine, options);
  const { name } = from.node.attributes as { readonly name: string };
  const answer = await session.run({ [name]: input });
  session.release();
  return { data: Float64Array.from(answer.output.data) };
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
