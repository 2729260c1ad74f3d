// The model that training starts from: `train photos/ --from runs/animals`, an ONNX file, or weights of a built-in network.
import { build, loadState, type State } from "../src/doors/graph.ts";
import {
  AdamW,
  type ClassifierModel,
  chooseRecipe,
  completePreprocessing,
  createModel,
  fileModel,
  fineTune,
  NeocogError,
  type PictureSet,
  type RecipeOptions,
  recipes,
  type Split,
  type TaskName,
  taskNames,
  UnusedOption,
  usualPreprocessing,
} from "../src/doors/neocog.ts";
import { UsageError } from "./command.ts";
import type { Context } from "./context.ts";
import type { GivenData } from "./data.ts";
import { type GivenTraining, withGiven } from "./given.ts";
import { contentOf, guess } from "./model.ts";
import { openParts } from "./parts.ts";
import { type GivenSource, startAfresh, type TrainingPlan } from "./plan.ts";
import type { AnyView } from "./tasks/list.ts";

/** Opens what training starts from. */
async function openSource(
  from: string,
  model: string | undefined,
  context: Context,
): Promise<ClassifierModel<TaskName>> {
  const content = await contentOf(from, undefined, taskNames);
  if (!content) throw new NeocogError(`There is no model folder and no file ${from} to start from.`);
  if (content.kind === "weights") return ofBuiltIn(from, content.weights, model);
  if (model !== undefined)
    throw new UsageError(`--model has no effect on ${from}, which has its network; leave it out.`);
  if (content.kind === "model") return content.model;
  const found = fileModel(content.network, { task: taskNames });
  if (!found.noted) context.say(context.paint.faint(guess(from, found.preprocessing)));
  return found;
}

/** A built-in network with the weights of a file, whatever its number of classes. */
function ofBuiltIn(file: string, weights: State, name: string | undefined): ClassifierModel<TaskName> {
  if (name === undefined)
    throw new UsageError(`${file} holds weights alone; name their built-in network with --model.`);
  const usual = createModel(name);
  // Where only the number of outputs differs, it is that of the file.
  const other = build(usual.layer, [1, ...usual.inputShape]).variables.flatMap(({ node, shape }) => {
    const found = weights.get((node.attributes as { readonly name: string }).name)?.shape;
    const differs = found && found[0] !== shape[0] && shape[0] === usual.classes;
    return differs && found.slice(1).join() === shape.slice(1).join() ? [found[0]] : [];
  });
  const { layer, inputShape, classes } = createModel(name, { classes: other[0] ?? usual.classes });
  const { state } = loadState(build(layer, [1, ...inputShape]).variables, weights, { source: file });
  return {
    ...{ model: layer, weights: state, preprocessing: usualPreprocessing(inputShape) },
    classes: Array.from({ length: classes }, (_, i) => String(i)),
  };
}

/** Opens data as the model takes pictures, but for what is told; data of one size is taken as it is. */
async function openDataAs(
  model: ClassifierModel<TaskName>,
  name: string,
  view: AnyView,
  given: GivenData,
  context: Context,
): Promise<Split<PictureSet>> {
  const { channels, height, width, resize, crop } = completePreprocessing(model.preprocessing);
  const colours = given.gray || given.colour ? {} : channels === 1 ? { gray: true } : { colour: true };
  const wanted = { size: [height, width], resize, ...(crop === 1 ? {} : { crop }), ...colours };
  try {
    const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return await openParts(name, view, { ...wanted, ...told }, context);
  } catch (error) {
    const { option } = error as Partial<UnusedOption>;
    if (!(error instanceof UnusedOption) || given[option as keyof GivenData] !== undefined) throw error;
    return openParts(name, view, given, context);
  }
}

/** Small steps for what is known already, unless a recipe is told. */
const gentle: RecipeOptions = {
  ...{ epochs: 10, batch: 32, optimizer: AdamW({ lr: 0.001 }), schedule: { kind: "oneCycle" } },
};

/** The plan of a run that starts from a model. */
async function startFrom(
  model: ClassifierModel<TaskName>,
  name: string,
  { augmented }: AnyView,
  { train }: Split<PictureSet>,
  given: GivenTraining & GivenSource,
): Promise<TrainingPlan> {
  const { head, norms, seed, from = "" } = given;
  const tuned = await fineTune(model, train.classes, {
    ...(head === undefined ? {} : { head }),
    ...(norms === undefined ? {} : { norms }),
    ...(seed === undefined ? {} : { seed }),
  });
  const { augment } = (await chooseRecipe(name, train)).options;
  const told = recipes.find((known) => known.name === given.recipe)?.options;
  const options = told ?? { ...gentle, ...(augmented && augment ? { augment } : {}) };
  const kept = tuned.head.length > 0 ? `a new head (${tuned.head.join(", ")})` : "the head as it is";
  return {
    title: `${from} with ${kept}`,
    model: tuned.model,
    options: { ...withGiven(options, given), ...tuned.options },
  };
}

/** Data and plan of a run that is not resumed. */
export async function openPlan(
  name: string,
  view: AnyView,
  options: GivenData & GivenTraining & GivenSource,
  context: Context,
): Promise<{ readonly plan: TrainingPlan; readonly opened: Split<PictureSet> }> {
  const { from, head, norms, model } = options;
  if (from === undefined && (head ?? norms) !== undefined)
    throw new UsageError(`--${head === undefined ? "norms" : "head"} has no effect without --from; leave it out.`);
  if (from === undefined) {
    const opened = await openParts(name, view, options, context);
    return { opened, plan: await startAfresh(name, view, opened, options) };
  }
  const source = await openSource(from, model, context);
  const opened = await openDataAs(source, name, view, options, context);
  return { opened, plan: await startFrom(source, name, view, opened, options) };
}
