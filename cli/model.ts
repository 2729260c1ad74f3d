// A model as it is named on the command line: a built-in one, a folder that `train` wrote, an ONNX file, or the model.json
// of a TensorFlow.js model.
import { files } from "#host";
import { readInside } from "../src/host/within.ts";
import {
  buildOrExplain,
  type ClassifierModel,
  completePreprocessing,
  createModel,
  DataError,
  type FileSource,
  inputShapeOf,
  type Layer,
  loadState,
  loadWeights,
  models,
  NeocogError,
  nearest,
  onnxSource,
  openModel,
  openOnnx,
  openTfjs,
  type Preprocessing,
  type TrainedModel,
  tfjsSource,
} from "../src/index.ts";
import { choice, type OptionCard, sizes, text, UsageError, whole } from "./command.ts";

export interface NamedModel {
  readonly title: string;
  readonly layer: Layer;
  /** [channels, height, width] */
  readonly input: readonly number[];
  readonly classes: number;
}

export interface ModelForm {
  readonly input?: readonly number[];
  readonly classes?: number;
}

/** The options that give a built-in model another form. */
export const formOptions = {
  input: sizes(
    "-i, --input <sizes>",
    "channels, height and width of the input, 3x224x224; of a file whatever it leaves open",
    1,
    1,
    6,
  ),
  classes: whole("-c, --classes <n>", "outputs of a built-in model"),
} satisfies Record<string, OptionCard>;

/** The options of what runs any model: its form, and numbers for a built-in one. */
export const sourceOptions = {
  ...formOptions,
  weights: text(
    "-w, --weights <file>",
    "numbers for a built-in model: safetensors with PyTorch's names; of a model folder last or best",
  ),
} satisfies Record<string, OptionCard>;

/** Which weights of a model folder are used. */
const kept = ["last", "best"] as const;
type Kept = (typeof kept)[number];
export const keptOption = choice("-w, --weights <which>", "those of the last epoch, or of the best", kept);

/** A built-in model, or the one of a folder. */
export async function findNetwork(name: string, { input: given, classes }: ModelForm): Promise<NamedModel> {
  const input = pictureSizes(given);
  if (await isPath(name)) {
    if (classes !== undefined) throw new UsageError("--classes is for built-in models; a model folder has its own.");
    const { model, classes: names, preprocessing } = await openTrained(name);
    const { channels, height, width } = preprocessing;
    return { title: name, layer: model, input: input ?? [channels, height, width], classes: names.length };
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
  return given?.length === 2 ? [1, ...given] : given;
}

/** The trained model of a folder. */
export async function openTrained(folder: string, weights: Kept = "last"): Promise<TrainedModel> {
  if ((await files.kindOf(folder)) === undefined && !(await isPath(folder))) {
    throw new NeocogError(`There is no model folder ${folder}; neocog train writes one, such as runs/digits.`);
  }
  return openModel(folder, { weights });
}

const isPath = async (name: string): Promise<boolean> => /[/\\]/.test(name) || (await files.kindOf(name)) !== undefined;

/** Whether a name is a file of another library: ONNX, or the model.json of TensorFlow.js. */
export const isForeign = (name: string): boolean => /\.(onnx|json)$/i.test(name);

// ---- any model, ready to run ------------------------------------------------------------------------------------------

export interface RunnableModel extends ClassifierModel {
  readonly preprocessing: Preprocessing;
  readonly title: string;
  /** The layers, unless it comes from a file of another library. */
  readonly layer?: Layer;
  readonly file?: FileSource;
  /** The input [batch, …sizes] that it was built for; not every file takes pictures. */
  readonly shape: readonly number[];
  /** Whether the numbers are those of an untrained network. */
  readonly untrained: boolean;
}

export interface RunnableForm extends ModelForm {
  readonly weights?: string;
}

/** ImageNet's statistics, which torchvision's networks are trained with; other channels are centred. */
export const usualPreprocessing = ([channels, height, width]: readonly number[]): Preprocessing =>
  completePreprocessing({
    ...{ channels, height, width },
    mean: channels === 3 ? [0.485, 0.456, 0.406] : new Array<number>(channels).fill(0.5),
    std: channels === 3 ? [0.229, 0.224, 0.225] : new Array<number>(channels).fill(0.5),
  });

/** Opens whatever can run: a model folder, a file, or a built-in model with numbers from a file or random ones. */
export async function openRunnable(name: string, { input, classes, weights }: RunnableForm): Promise<RunnableModel> {
  if (isForeign(name)) {
    refuse(weights, "--weights is for built-in models; such a file has its own.");
    return openForeign(name, { input, classes });
  }
  if (await isPath(name)) {
    const which = kept.find((known) => known === (weights ?? "last"));
    if (!which) throw new UsageError("--weights of a model folder can be last or best; a file is for built-in models.");
    refuse(classes, "--classes is for built-in models; a model folder has its own.");
    refuse(input, "--input is for built-in models and files; a model folder knows its size.");
    const trained = await openTrained(name, which);
    const { channels, height, width } = trained.preprocessing;
    return { ...trained, title: name, layer: trained.model, shape: [1, channels, height, width], untrained: false };
  }
  const network = await findNetwork(name, { input, classes });
  const shape = [1, ...network.input];
  const { variables, output } = buildOrExplain(network.layer, shape);
  const { state } =
    weights === undefined
      ? loadState(variables, {}, { strict: false })
      : await loadWeights(network.layer, shape, weights);
  return {
    title: network.title,
    model: network.layer,
    layer: network.layer,
    shape,
    weights: state,
    classes: numbered(output.shape[1]),
    preprocessing: usualPreprocessing(network.input),
    untrained: weights === undefined,
  };
}

function refuse(given: unknown, sentence: string): void {
  if (given !== undefined) throw new UsageError(sentence);
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

/** Opens a file of another library; numbers beside it are read from its folder. */
export async function readForeign(file: string): Promise<FileSource> {
  const name = files.baseName(file);
  const folder = file.slice(0, file.length - name.length);
  try {
    const bytes = await files.readFile(file);
    const beside = (path: string): Promise<Uint8Array> => readInside(folder, path);
    if (/\.json$/i.test(file)) return tfjsSource(await openTfjs(bytes, beside));
    return onnxSource(await openOnnx(bytes, beside));
  } catch (error) {
    if (error instanceof NeocogError && !error.message.includes(file))
      throw new DataError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A file of another library, and the shape [batch, channels, …sizes] that it is to be built for. */
export async function openFile(
  file: string,
  { input, classes }: ModelForm,
  batch = 1,
): Promise<{ readonly source: FileSource; readonly shape: readonly number[]; readonly noted?: Preprocessing }> {
  refuse(classes, "--classes is for built-in models; such a file has its own.");
  const source = await readForeign(file);
  const noted = readNote(source, "preprocessing", isPreprocessing);
  const { inputSizes } = source;
  const axes = inputSizes?.slice(1);
  const open = axes?.filter((size) => typeof size === "string").length;
  // Two sizes are those of a gray picture, unless it is two that the file asks for.
  const gray = input?.length === 2 && axes?.length !== 2 && open !== 2;
  const kept = noted && [noted.channels, noted.height, noted.width];
  const sizes = gray ? [1, ...input] : (input ?? (axes === undefined || axes.length === 3 ? kept : undefined));
  try {
    return { source, shape: inputShapeOf(source, sizes, batch), noted };
  } catch (error) {
    const usual =
      axes === undefined || axes.length === 3
        ? "3x224x224"
        : axes.map((size) => (typeof size === "number" ? size : 16)).join("x");
    const reason = (error as Error).message.replace(
      /; give [^;]*$/,
      `; say them with --input, such as --input ${usual}.`,
    );
    throw new NeocogError(`${file}: ${reason}`);
  }
}

/** Scores of a classifier are [batch, classes]; other answers have no classes. */
export const classCount = ([, count, ...rest]: readonly number[]): number =>
  count !== undefined && rest.every((n) => n === 1) ? count : 0;

async function openForeign(file: string, asked: ModelForm): Promise<RunnableModel> {
  const { source, shape, noted } = await openFile(file, asked);
  const { output } = source.build(shape);
  const count = classCount(output.shape);
  const form = {
    title: file,
    model: source,
    file: source,
    shape,
    weights: source.weights(shape),
    classes: readNote(source, "classes", isClasses(count)) ?? numbered(count),
    untrained: false,
  };
  if (shape.length === 4) return { ...form, preprocessing: noted ?? preprocessingOf(file, shape) };
  return {
    ...form,
    get preprocessing(): Preprocessing {
      throw new NeocogError(
        `${file} takes ${shape.join(" x ")}, which is no picture: only inspect, verify and convert know what to do with it.`,
      );
    },
  };
}

/** TensorFlow.js models mostly take pixels from 0 to 1. */
const preprocessingOf = (file: string, [, channels, height, width]: readonly number[]): Preprocessing =>
  /\.json$/i.test(file)
    ? completePreprocessing({ channels, height, width })
    : usualPreprocessing([channels, height, width]);

/** A note that Neocog's own export leaves in a file; what others left under its name is passed over. */
function readNote<T>({ metadata }: FileSource, key: string, fits: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(metadata.get(key) ?? "");
    return fits(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isList = (value: unknown, type: "string" | "number"): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === type);

const isClasses =
  (count: number) =>
  (value: unknown): value is string[] =>
    isList(value, "string") && (value as string[]).length === count;

function isPreprocessing(value: unknown): value is Preprocessing {
  try {
    completePreprocessing(value as Preprocessing);
    return true;
  } catch {
    return false;
  }
}
