// The built-in models by name. Names are found whatever their case, hyphens and underscores ("mobilenet_v2").
import { understand } from "../../base/arguments.ts";
import { NeocogError, unknownName } from "../../base/errors.ts";
import { options as byName, type OptionsOf, share, text, whole } from "../../base/rules.ts";
import type { Shape } from "../../base/shape.ts";
import type { Layer } from "../layer.ts";
import { alexnetModels } from "./alexnet.ts";
import { compactModels } from "./compact.ts";
import { convnextModels } from "./convnext.ts";
import { densenetModels } from "./densenet.ts";
import { efficientnetModels } from "./efficientnet.ts";
import { googlenetModels } from "./googlenet.ts";
import { inceptionModels } from "./inception.ts";
import { lenetModels } from "./lenet.ts";
import { mapModels } from "./maps.ts";
import { mnasnetModels } from "./mnasnet.ts";
import { mobilenetModels } from "./mobilenet.ts";
import { mobilenetV3Models } from "./mobilenetV3.ts";
import type { ModelEntry, ModelOptions } from "./model.ts";
import type { ModelName } from "./names.ts";
import { ninModels } from "./nin.ts";
import { regnetModels } from "./regnet.ts";
import { resnetModels } from "./resnet.ts";
import { shufflenetModels } from "./shufflenet.ts";
import { smallModels } from "./small.ts";
import { squeezenetModels } from "./squeezenet.ts";
import { vggModels } from "./vgg.ts";
import { vitModels } from "./vit.ts";

export { type ModelName, modelNames } from "./names.ts";

/** The built-in models with a line about each; createModel builds one. */
export const models: readonly ModelEntry[] = [
  ...smallModels,
  ...compactModels,
  ...lenetModels,
  ...alexnetModels,
  ...vggModels,
  ...ninModels,
  ...googlenetModels,
  ...resnetModels,
  ...densenetModels,
  ...mobilenetModels,
  ...mobilenetV3Models,
  ...efficientnetModels,
  ...mnasnetModels,
  ...shufflenetModels,
  ...regnetModels,
  ...convnextModels,
  ...inceptionModels,
  ...vitModels,
  ...squeezenetModels,
  ...mapModels,
];

/** A built-in model, ready to be built or trained. */
export interface BuiltinModel extends ModelOptions {
  /** Its name as modelNames has it. */
  readonly name: ModelName;
  /** One line on what it is. */
  readonly about: string;
  /** The network itself, [batch, …inputShape] to [batch, classes]; to [batch, classes, height, width] where it makes maps. */
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

/**
 * A built-in model, with its usual input and classes unless told otherwise: `createModel("resnet18", { classes: 10 })`. Its
 * layer takes [batch, …inputShape] and gives [batch, classes] ("unet" and "fcn-resnet18" a map a class); weights are drawn when it is built. The name is found whatever
 * its case, hyphens and underscores. Throws for an unknown name, with the nearest right one, and for sizes below 1.
 */
export function createModel(name: ModelName | (string & {}), options: Partial<ModelOptions> = {}): BuiltinModel {
  understand("createModel", arguments, {
    name: text,
    options: byName<OptionsOf<typeof createModel>>({
      classes: whole(1),
      inChannels: whole(1),
      inputSize: whole(1),
      stochasticDepth: share(),
    }),
  });
  const entry = findModel(name);
  if (options.stochasticDepth !== undefined && !entry.stochasticDepth)
    throw new NeocogError(
      `${entry.name} has no residual blocks that could be left out; stochasticDepth is for resnet18 and the like.`,
    );
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
