// A model as it is named on the command line: a built-in one, a folder that `train` wrote, or a file of any format that is read.
import { files } from "#host";
import { build, loadState, type State } from "../src/doors/graph.ts";
import {
  type ClassifierModel,
  classCount,
  completePreprocessing,
  createModel,
  type FileContent,
  type FileInput,
  type FileSource,
  fileFormats,
  fileInput,
  fileModel,
  type Layer,
  models,
  NeocogError,
  nearest,
  openFile,
  type Preprocessing,
  type PreprocessingOptions,
  type TaskName,
  taskNames,
  usualPreprocessing,
} from "../src/doors/neocog.ts";
import { type Kept, kept } from "./cards/options.ts";
import { UsageError } from "./command.ts";
import type { Context } from "./context.ts";

export interface NamedModel {
  readonly title: string;
  readonly layer: Layer;
  /** [channels, height, width] */
  readonly input: readonly number[];
  /** What it has learnt, where it is a model folder's. */
  readonly task?: TaskName;
  readonly classes: number;
}

export interface ModelForm {
  readonly input?: readonly number[];
  readonly classes?: number;
}

/** A built-in model, or the one of a folder: layers. */
export async function findNetwork(name: string, form: ModelForm): Promise<NamedModel> {
  return layersOf(name, await contentOf(name), form);
}

/** The layers in what a name stands for. */
export function layersOf(
  name: string,
  content: FileContent | undefined,
  { input: given, classes }: ModelForm,
): NamedModel {
  const input = pictureSizes(given);
  if (content) {
    refuse(classes, "--classes is for built-in models; a model folder has its own.");
    if (content.kind !== "model") {
      const holds = content.kind === "network" ? "operators, not layers" : "weights alone";
      throw new UsageError(`${name} holds ${holds}; name a model folder that train wrote, or a built-in model.`);
    }
    const { model, classes: names, preprocessing, task } = content.model;
    const { channels, height, width } = preprocessing;
    return { title: name, layer: model, input: input ?? [channels, height, width], task, classes: names.length };
  }
  if (!isBuiltIn(name) && nearest(name, builtIn) === undefined) {
    throw new NeocogError(
      `There is no model folder ${name} and no built-in model of that name; neocog train writes a folder, neocog inspect lists the built-in models.`,
    );
  }
  const built = createModel(name, { classes, inChannels: input?.[0], inputSize: input?.[1] });
  const { layer, inputShape } = built;
  return { title: `${built.name}: ${built.about}`, layer, input: input ?? inputShape, classes: built.classes };
}

const builtIn = models.map((entry) => entry.name);

/** Case, hyphens and underscores do not matter in the name of a built-in model. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, "");
const isBuiltIn = (name: string): boolean => builtIn.some((known) => plain(known) === plain(name));

/** Channels, height and width; two sizes are a gray picture's. */
export function pictureSizes(given: readonly number[] | undefined): readonly number[] | undefined {
  if (given && given.length !== 2 && given.length !== 3)
    throw new UsageError("--input takes height and width, or channels, height and width, such as 3x224x224.");
  if (given?.length === 2 && given[0] <= 4) {
    const [first, second] = given;
    throw new UsageError(
      `--input ${first}x${second} can be read in two ways; write ${first}x${second}x${second} for ${first} channels, or 1x${first}x${second} for one.`,
    );
  }
  return given?.length === 2 ? [1, ...given] : given;
}

/** What lies under a name that is that of a file, a folder or an address; nothing for a built-in name. */
export async function contentOf(
  name: string,
  weights?: Kept,
  task: readonly TaskName[] = taskNames,
): Promise<FileContent | undefined> {
  const ending = fileFormats.some(({ endings }) => endings.some((one) => name.toLowerCase().endsWith(one)));
  const there = (await files.kindOf(name)) !== undefined;
  if (!there && !ending) {
    if (!/[/\\]/.test(name)) return undefined;
    if (!/^\w{2,}:/.test(name))
      throw new NeocogError(`There is no model folder ${name}; neocog train writes one, such as runs/digits.`);
  }
  return openFile(name, { task, ...(weights === undefined ? {} : { weights }) });
}

// ---- any model, ready to run ------------------------------------------------------------------------------------------

export interface RunnableModel<T extends TaskName = "classification">
  extends Omit<ClassifierModel<T>, "preprocessing"> {
  readonly title: string;
  /** How pictures become its input; absent where it takes none. */
  readonly preprocessing?: Preprocessing;
  /** The layers, unless it comes from a file of another library. */
  readonly layer?: Layer;
  readonly file?: FileSource;
  /** The input [batch, …sizes] that it was built for; not every file takes pictures. */
  readonly shape: readonly number[];
  /** Whether the numbers are those of an untrained network. */
  readonly untrained: boolean;
  /** Whether how pictures become its input is only a guess. */
  readonly guessed?: boolean;
}

/** A model that takes pictures. */
export type PictureModel<T extends TaskName = "classification"> = RunnableModel<T> & {
  readonly preprocessing: Preprocessing;
};

export interface RunnableForm extends ModelForm {
  readonly weights?: string;
  readonly prepared?: Partial<PreprocessingOptions>;
  readonly classNames?: string;
  /** The tasks of models that are taken; all unless told. */
  readonly task?: readonly TaskName[];
}

/** Opens a model that is to be shown pictures; says so where how they become its input is a guess. */
export async function openPictureModel(
  name: string,
  form: RunnableForm,
  context: Context,
): Promise<PictureModel<TaskName>> {
  const model = await openRunnable(name, form);
  const { preprocessing, shape, guessed, classes } = model;
  if (!preprocessing)
    throw new NeocogError(
      `${name} takes ${shape.join(" x ")}, which is no picture: only inspect, verify and convert know what to do with it.`,
    );
  if (model.untrained) context.say(context.paint.warn(`${name} has random weights; give it some with --weights.`));
  if (guessed) context.say(context.paint.faint(guess(name, preprocessing)));
  if (form.classNames === undefined) return { ...model, preprocessing };
  const names = (await files.readText(form.classNames)).split(/\r?\n/).filter((line) => line !== "");
  if (names.length !== classes.length)
    throw new NeocogError(`${form.classNames} has ${names.length} lines, but ${name} has ${classes.length} classes.`);
  return { ...model, preprocessing, classes: names };
}

export const guess = (name: string, { colour, range, mean, std, dtype }: Preprocessing): string => {
  const plain = mean.every((m) => m === 0) && std.every((s) => s === 1);
  const scale = dtype === "uint8" ? "bytes" : plain ? `0 to ${range}` : `mean ${mean.join(" ")}, std ${std.join(" ")}`;
  return `${name} does not say how pictures become its input; taken as ${colour}, ${scale}. --prepared says otherwise.`;
};

/** Opens whatever can run: a model folder, a file, or a built-in model with numbers from a file or random ones. */
export async function openRunnable(name: string, form: RunnableForm): Promise<RunnableModel<TaskName>> {
  const which = kept.find((known) => known === form.weights);
  return runnableOf(name, await contentOf(name, which, form.task), form);
}

/** What a name stands for, ready to run. */
export async function runnableOf(
  name: string,
  content: FileContent | undefined,
  form: RunnableForm,
): Promise<RunnableModel<TaskName>> {
  const { input, classes, weights, prepared } = form;
  switch (content?.kind) {
    case "network":
      refuse(weights, "--weights is for built-in models; such a file has its own.");
      return runnableNetwork(name, content.network, form);
    case "weights":
      throw new UsageError(`${name} holds weights alone; name their built-in network, with --weights ${name}.`);
    case "model": {
      if (weights !== undefined && !kept.some((known) => known === weights))
        throw new UsageError("--weights of a model folder can be last or best; a file is for built-in models.");
      refuse(classes, "--classes is for built-in models; a model folder has its own.");
      refuse(input, "--input is for built-in models and files; a model folder knows its size.");
      const trained = content.model;
      const preprocessing = completePreprocessing({ ...trained.preprocessing, ...prepared });
      const shape = [1, preprocessing.channels, preprocessing.height, preprocessing.width];
      return { ...trained, preprocessing, shape, title: name, layer: trained.model, untrained: false };
    }
  }
  const network = layersOf(name, undefined, { input, classes });
  const shape = [1, ...network.input];
  const { variables, output } = build(network.layer, shape);
  const { state } =
    weights === undefined
      ? loadState(variables, {}, { strict: false })
      : loadState(variables, await weightsIn(weights, shape), { source: weights });
  return {
    title: network.title,
    model: network.layer,
    layer: network.layer,
    shape,
    weights: state,
    classes: numbered(output.shape[1]),
    preprocessing: completePreprocessing({ ...usualPreprocessing(network.input), ...prepared }),
    untrained: weights === undefined,
  };
}

/** The weights in a file of any format, whose network is built for a shape if it is one. */
export async function weightsIn(file: string, shape: readonly number[]): Promise<State> {
  const content = await openFile(file, { task: taskNames });
  if (content.kind === "model") return content.model.weights;
  return content.kind === "network" ? content.network.weights(shape) : content.weights;
}

/** Some files have the number of pictures in them. */
export function checkBatch(given: number | undefined, fixed: number | undefined, name: string): void {
  if (given !== undefined && fixed !== undefined && given !== fixed)
    throw new UsageError(`--batch has no effect on ${name}, which takes ${fixed} at a time; leave it out.`);
}

function refuse(given: unknown, sentence: string): void {
  if (given !== undefined) throw new UsageError(sentence);
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

/** The input [batch, …] that a network from a file is to be built for. */
export function inputOf(file: string, source: FileSource, { input, classes }: ModelForm, batch = 1): FileInput {
  refuse(classes, "--classes is for built-in models; such a file has its own.");
  const axes = source.inputSizes?.slice(1);
  const open = axes?.filter((size) => typeof size === "string").length;
  // Two sizes are those of a gray picture, unless it is two that the file asks for.
  const gray = input?.length === 2 && axes?.length !== 2 && open !== 2;
  const sizes = gray ? [1, ...input] : input;
  try {
    return fileInput(source, sizes ? { input: sizes } : {}, batch);
  } catch (error) {
    throw error instanceof NeocogError ? error.at({ kind: "file", name: file }) : error;
  }
}

function runnableNetwork(file: string, source: FileSource, form: RunnableForm): RunnableModel<TaskName> {
  const { shape, layout } = inputOf(file, source, form);
  const common = { title: file, file: source, shape, untrained: false };
  if (!layout) {
    const { output } = source.build(shape);
    return { ...common, model: source, weights: source.weights(shape), classes: numbered(classCount(output.shape)) };
  }
  const [, ...sizes] = shape;
  const input = layout === "NCHW" ? sizes : [sizes[2], sizes[0], sizes[1]];
  const { prepared } = form;
  const model = fileModel(source, {
    input,
    task: form.task ?? taskNames,
    ...(prepared ? { preprocessing: prepared } : {}),
  });
  return { ...common, ...model, guessed: !model.noted && prepared === undefined };
}

/** `digits` of `runs/digits/` and of `digits.onnx`; of a model.json the folder's name. */
export function servedName(path: string): string {
  const plain = path.replace(/[/\\]+$/, "").replace(/[/\\]model\.json$/, "");
  return (
    files
      .baseName(plain)
      .replace(/\.(onnx|zip|json)$/i, "")
      .replaceAll(/[^\w.-]/g, "-")
      .slice(0, 60) || "model"
  );
}
