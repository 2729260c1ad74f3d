// A model as it is named on the command line: a built-in one, or a folder that `train` wrote.
import { files } from "#host";
import { createModel, type Layer, NeocogError, openModel, type TrainedModel } from "../src/index.ts";
import { type OptionCard, sizes, UsageError, whole } from "./command.ts";

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
  input: sizes("-i, --input <sizes>", "channels, height and width of the input, 3x224x224", 1, 2, 3),
  classes: whole("-c, --classes <n>", "outputs of a built-in model"),
} satisfies Record<string, OptionCard>;

/** A built-in model, or the one of a folder. */
export async function findNetwork(name: string, { input: given, classes }: ModelForm): Promise<NamedModel> {
  // Two sizes are a gray picture's.
  const input = given?.length === 2 ? [1, ...given] : given;
  if (await isPath(name)) {
    if (classes !== undefined) throw new UsageError("--classes is for built-in models; a model folder has its own.");
    const { model, classes: names, preprocessing } = await openTrained(name);
    const { channels, height, width } = preprocessing;
    return { title: name, layer: model, input: input ?? [channels, height, width], classes: names.length };
  }
  const built = createModel(name, { classes, inChannels: input?.[0], inputSize: input?.[1] });
  const { layer, inputShape } = built;
  return { title: `${built.name}: ${built.about}`, layer, input: input ?? inputShape, classes: built.classes };
}

/** The trained model of a folder. */
export async function openTrained(folder: string): Promise<TrainedModel> {
  if ((await files.kindOf(folder)) === undefined && !(await isPath(folder))) {
    throw new NeocogError(`There is no model folder ${folder}; neocog train writes one, such as runs/digits.`);
  }
  return openModel(folder);
}

const isPath = async (name: string): Promise<boolean> => /[/\\]/.test(name) || (await files.kindOf(name)) !== undefined;
