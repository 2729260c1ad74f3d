// A network that knows something, made ready to learn something else: its head is replaced for new classes, all else is kept.
//
//   const tuned = await fineTune(await openModel("runs/animals"), data.train.classes);
//   fit(tuned.model, data, { ...tuned.options, freeze: ["conv1", "layer1"], epochs: 5 });
import { understand } from "../base/arguments.ts";
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, listOf, type OptionsOf, oneOf, seed as seedRule, text } from "../base/rules.ts";
import { type Shape, sameShape } from "../base/shape.ts";
import { completePreprocessing, inputShape, type Preprocessing } from "../data/preprocessing.ts";
import type { FileSource } from "../io/source.ts";
import { build } from "../nn/build.ts";
import { initialise } from "../nn/draw.ts";
import { headOf, withOutputs } from "../nn/head.ts";
import { uniform } from "../nn/init.ts";
import { isLayer, type Layer } from "../nn/layer.ts";
import { stateShapes } from "../nn/state.ts";
import type { State } from "../run/session.ts";
import { checkWeights } from "../use/network.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { type ClassifierModel, trainedRule } from "../use/trained.ts";
import type { FitOptions } from "./options.ts";

/** Options of fineTune. */
export interface FineTuneOptions {
  /** The layer that says the classes, by its path (of an ONNX file by its node or weight), where it is not clearly the last. */
  readonly head?: string;
  /** Seed of the new head's weights; 0 unless told. */
  readonly seed?: number;
  /**
   * Of an ONNX file: whether its batch norms keep their running statistics ("frozen", unless told) or train by those of the batches.
   * Those of layers train, but for what `freeze` of fit names.
   */
  readonly norms?: "frozen" | "trained";
}

/** A network that is ready to learn other classes. */
export interface FineTuning {
  /** The network with its new head. */
  readonly model: Layer;
  /** Its numbers: those that were known, and new ones for the head. */
  readonly weights: State;
  /** The parameters of the new head; none where the classes stay the same. */
  readonly head: readonly string[];
  /** How pictures become its input, as it was: open the data at this size. */
  readonly preprocessing: Preprocessing;
  /** What `fit` is given beside what is of one's own choice: the weights, and the mean and deviation that the network knows. */
  readonly options: Required<Pick<FitOptions, "weights" | "normalization">>;
}

/**
 * A trained model made ready for other classes: the last layer is replaced by one with an output for each, all else is kept.
 * Takes what openModel and fileModel give (of files those of ONNX); where the classes are the same, in the same order, the head
 * is kept too. Throws one sentence where it is not clear which layer is the head.
 */
export async function fineTune(
  trained: ClassifierModel<TaskName>,
  classes: readonly string[],
  options: FineTuneOptions = {},
): Promise<FineTuning> {
  understand("fineTune", arguments, {
    trained: trainedRule,
    classes: listOf(text, "a list of names, at least one", 1),
    options: byName<OptionsOf<typeof fineTune>>({ head: text, seed: seedRule, norms: oneOf(["frozen", "trained"]) }),
  });
  const preprocessing = completePreprocessing(trained.preprocessing);
  const known = trained.classes;
  const same = known.length === classes.length && known.every((name, i) => name === classes[i]);
  const found = isLayer(trained.model)
    ? ofLayers(trained.model, trained, same ? undefined : classes.length, options)
    : await ofFile(trained.model as Partial<FileSource>, trained, same ? undefined : classes.length, options);
  const { seed = 0 } = options;
  const fresh = new Map(
    found.fresh.map(({ name, shape, inputs }): [string, NdArray] => {
      const bound = 1 / Math.sqrt(inputs);
      return [name, initialise(uniform(-bound, bound), shape, seed, name)];
    }),
  );
  const weights = new Map([...found.weights].map(([name, value]) => [name, fresh.get(name) ?? value]));
  const { variables } = build(found.layer, inputShape({ ...preprocessing, layout: "NCHW" }, 1));
  checkWeights(weights, variables);
  const scaled = (values: readonly number[]): number[] => values.map((value) => value / preprocessing.range);
  const normalization = { mean: scaled(preprocessing.mean), std: scaled(preprocessing.std) };
  return { model: found.layer, weights, head: [...fresh.keys()], preprocessing, options: { weights, normalization } };
}

interface Found {
  readonly layer: Layer;
  readonly weights: State;
  readonly fresh: readonly { readonly name: string; readonly shape: Shape; readonly inputs: number }[];
}

function ofLayers(
  model: Layer,
  { weights, classes, preprocessing }: ClassifierModel<TaskName>,
  outputs: number | undefined,
  { head: told, norms }: FineTuneOptions,
): Found {
  if (norms !== undefined) {
    throw new NeocogError(
      (name) =>
        `${name("norms")} is for ONNX files; of layers ${name("freeze")} says which batch norms stay as they are.`,
    );
  }
  if (outputs === undefined) return { layer: model, weights, fresh: [] };
  const shape = inputShape(preprocessing, 1);
  const head = headOf(model, shape, classes.length, told);
  const layer = withOutputs(model, head, outputs);
  const shapes = stateShapes(build(layer, shape).variables);
  const own = (name: string): boolean => name.replace(/\.?[^.]*$/, "") === head;
  for (const [name, found] of shapes) {
    const { shape: was } = weights.get(name) ?? { shape: found };
    if (own(name) || sameShape(was, found)) continue;
    throw new NeocogError(`"${head}" is no head: "${name}" counts on its outputs.`);
  }
  const names = ["weight", "bias"].map((name) => (head === "" ? name : `${head}.${name}`));
  const [, ...into] = shapes.get(names[0]) ?? [0];
  const inputs = into.reduce((product, size) => product * size, 1);
  const fresh = names.flatMap((name) => (shapes.has(name) ? [{ name, shape: shapes.get(name)!, inputs }] : []));
  return { layer, weights, fresh };
}

async function ofFile(
  source: Partial<FileSource>,
  { preprocessing, classes }: ClassifierModel<TaskName>,
  outputs: number | undefined,
  { head, norms }: FineTuneOptions,
): Promise<Found> {
  if (!source.trainable) {
    throw new NeocogError(
      "Only layers and networks from ONNX files can be trained further; convert the model to ONNX first.",
    );
  }
  const { layout, dtype, colour } = completePreprocessing(preprocessing);
  if (layout !== "NCHW" || dtype !== "float32" || colour === "bgr") {
    throw new NeocogError(
      `The network takes ${colour} pictures as ${dtype} ${layout}, but training gives float32 NCHW in rgb; export it for these.`,
    );
  }
  return source.trainable(inputShape(preprocessing, 2), {
    ...(outputs === undefined ? {} : { outputs: { from: classes.length, to: outputs } }),
    ...(head === undefined ? {} : { head }),
    ...(norms === undefined ? {} : { norms }),
  });
}
