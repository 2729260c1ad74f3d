// The built-in models by name. Names are found whatever their case, hyphens and underscores ("mobilenet_v2").
import { understand } from "../../base/arguments.ts";
import { unknownName } from "../../base/errors.ts";
import { options as byName, text, whole } from "../../base/rules.ts";
import type { Shape } from "../../base/shape.ts";
import type { Layer } from "../layer.ts";
import { alexnetModels } from "./alexnet.ts";
import { densenetModels } from "./densenet.ts";
import { googlenetModels } from "./googlenet.ts";
import { lenetModels } from "./lenet.ts";
import { mobilenetModels } from "./mobilenet.ts";
import type { ModelEntry, ModelOptions } from "./model.ts";
import { ninModels } from "./nin.ts";
import { resnetModels } from "./resnet.ts";
import { smallModels } from "./small.ts";
import { squeezenetModels } from "./squeezenet.ts";
import { vggModels } from "./vgg.ts";

/** The names of the built-in models. */
export const modelNames = [
  "digits",
  "fashion",
  "bench",
  "lenet",
  "lenet-modern",
  "mlp",
  "softmax-regression",
  "alexnet",
  "alexnet-book",
  "vgg11",
  "vgg11_bn",
  "vgg11-book",
  "vgg13",
  "vgg13_bn",
  "vgg13-book",
  "vgg16",
  "vgg16_bn",
  "vgg16-book",
  "vgg19",
  "vgg19_bn",
  "vgg19-book",
  "nin",
  "googlenet",
  "googlenet-book",
  "resnet18",
  "resnet34",
  "resnet50",
  "resnet101",
  "resnet152",
  "resnet50-paper",
  "resnet18-book",
  "resnet18-small",
  "resnet34-small",
  "densenet121",
  "densenet-book",
  "mobilenetV2",
  "squeezenet1_0",
  "squeezenet1_1",
] as const;

/** The name of a built-in model: "digits", "resnet18", … */
export type ModelName = (typeof modelNames)[number];

/** The built-in models with a line about each; createModel builds one. */
export const models: readonly ModelEntry[] = [
  ...smallModels,
  ...lenetModels,
  ...alexnetModels,
  ...vggModels,
  ...ninModels,
  ...googlenetModels,
  ...resnetModels,
  ...densenetModels,
  ...mobilenetModels,
  ...squeezenetModels,
];

/** A built-in model, ready to be built or trained. */
export interface BuiltinModel extends ModelOptions {
  readonly name: string;
  readonly about: string;
  readonly layer: Layer;
  /** [channels, height, width]: put the batch before it. */
  readonly inputShape: Shape;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, "");

/** The entry of a name; an unknown one is refused with the nearest right one. */
export function findModel(name: string): ModelEntry {
  const found = models.find((entry) => plain(entry.name) === plain(name));
  if (!found) {
    throw unknownName(
      "model",
      name,
      models.map((entry) => entry.name),
    );
  }
  return found;
}

/** A built-in model, with its usual input and classes unless told otherwise: `createModel("resnet18", { classes: 10 })`. */
export function createModel(name: ModelName | (string & {}), options: Partial<ModelOptions> = {}): BuiltinModel {
  understand("createModel", arguments, {
    name: text,
    options: byName({ classes: whole(1), inChannels: whole(1), inputSize: whole(1) }),
  });
  const entry = findModel(name);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const full: ModelOptions = { ...entry.defaults, ...given };
  return {
    name: entry.name,
    about: entry.about,
    ...full,
    layer: entry.build(full),
    inputShape: [full.inChannels, full.inputSize, full.inputSize],
  };
}
