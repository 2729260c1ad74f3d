// A model as it is named on the command line: a built-in one, or a folder that `train` wrote.
import { createModel, type Layer } from "../src/index.ts";
import { type OptionCard, sizes, whole } from "./command.ts";

export interface OpenedModel {
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

export async function openModel(name: string, { input: given, classes }: ModelForm): Promise<OpenedModel> {
  // Two sizes are a gray picture's.
  const input = given?.length === 2 ? [1, ...given] : given;
  const built = createModel(name, { classes, inChannels: input?.[0], inputSize: input?.[1] });
  const { layer, inputShape } = built;
  return { title: `${built.name}: ${built.about}`, layer, input: input ?? inputShape, classes: built.classes };
}
