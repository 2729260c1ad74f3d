// The short way: one picture, one class, one method, and beside the answer what becomes of it under randomised weights.
//
//   const { drawing, numbers, sanity } = await explain("gradCam", trained, picture, { target: 7 });

import { understand } from "../base/arguments.ts";
import type { NdArray } from "../base/array.ts";
import { checkOptions, NeocogError, unknownName } from "../base/errors.ts";
import {
  options as byName,
  type OptionsOf,
  optional,
  record as recordRule,
  shape as shapeRule,
  text,
} from "../base/rules.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { StopSignal } from "../base/web.ts";
import { type Picture, pictureRule } from "../data/picture.ts";
import { type Engine, engineRule } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { attributesIf, variableOp } from "../graph/graph.ts";
import { openEngine } from "../run/engines.ts";
import type { State } from "../run/session.ts";
import { type ExplainerName, type ExplainerOptions, explainerNames, explainers } from "./list.ts";
import { checkPictures, checkWhole, type Finding, type Method, type OpenMethod } from "./method.ts";
import { buildNetwork, type Subject, shownFor, shownImages, subjectRule } from "./network.ts";
import { perturbed, revived } from "./revive.ts";
import { openRunner } from "./runner.ts";
import { compare, type NoVerdict, type Sanity, shuffledWeights, unshuffled } from "./sanity.ts";

/** Options that all explainers share. */
export interface CommonOptions {
  /** The class to explain; the one with the highest score unless told. */
  readonly target?: number;
  /** The best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
  /** Whether to run once more with shuffled weights (true unless told), and the seed of the shuffle. */
  readonly sanity?: boolean;
  /** Seed of the shuffle; 0 unless told. */
  readonly sanitySeed?: number;
  /** Pictures [count, channels, height, width] for the shuffled network's batch norms; copies of the picture, moved and with noise, unless told. */
  readonly sanityData?: NdArray;
  /** Stops the work within a run too; the promise is then rejected with the signal's reason. */
  readonly signal?: StopSignal;
}

/** Why a network answers as it does, by one method. */
export interface Explanation extends Finding {
  /** The method that was asked. */
  readonly method: ExplainerName;
  /** The class that was explained, a place among the model's classes. */
  readonly target: number;
  /** How like the picture is to the one of the same network with shuffled weights, or why that cannot be said. */
  readonly sanity?: Sanity;
}

/**
 * Explains one picture by one method, and beside it what becomes of the answer under shuffled weights (Adebayo et al.
 * 2018; off with sanity: false): `explain("gradCam", trained, "photo.png", { target: 7 })`. A subject with a
 * preprocessing (a trained model) takes what `predict` takes: paths, files, pixels; one without takes its network's
 * input [1, channels, height, width] as it is. Throws for an unknown method or option, a class that the network does
 * not have, and a picture of another shape; rejects with the signal's reason once it is aborted.
 */
export async function explain<M extends ExplainerName>(
  method: M,
  subject: Subject,
  photo: Picture,
  options: CommonOptions & ExplainerOptions<M> = {} as CommonOptions & ExplainerOptions<M>,
): Promise<Explanation> {
  understand("explain", arguments, {
    method: text,
    subject: subjectRule,
    picture: pictureRule,
    options: optional(recordRule),
  });
  const { target: wanted, engine: given, sanity = true, sanitySeed = 0, sanityData, signal, ...own } = options;
  const picture = await shownFor(subject, photo);
  const shape = pictureShape(picture);
  const data = sanityData && shownImages(subject, sanityData);
  if (data) checkPictures("The data of the sanity check", data, shape);
  const engine = stoppable(given ?? (await openEngine()), signal);
  try {
    const scores = wanted === undefined ? await scoresFor(subject, picture, engine) : undefined;
    const target = wanted ?? likeliest(scores!);
    checkTarget(target, scores?.data.length ?? buildNetwork(subject, shape).scores.shape[1]);
    const opened = await openExplainer(method, subject, shape, engine, own as unknown as ExplainerOptions<M>);
    try {
      const finding = await opened.find(picture, target);
      if (!sanity) return { ...finding, method, target };
      const pictures = data ?? perturbed(picture, sanitySeed);
      const weights = await randomised(subject, pictures, sanitySeed, engine);
      if ("reason" in weights) return { ...finding, method, target, sanity: weights };
      opened.load(weights.state);
      const random = await opened.find(picture, target);
      return { ...finding, method, target, sanity: compare(finding.drawing.array, random.drawing.array) };
    } finally {
      opened.release();
    }
  } finally {
    if (!given) await engine.close();
  }
}

/**
 * Opens a method on a network for pictures [channels, height, width]: for many pictures, classes or weights by one
 * compiled program. Throws for an unknown method or option, with the nearest right one.
 */
export function openExplainer<M extends ExplainerName>(
  method: M,
  subject: Subject,
  picture: Shape,
  engine: Engine,
  options: ExplainerOptions<M> = {} as ExplainerOptions<M>,
): Promise<OpenMethod> {
  understand("openExplainer", arguments, {
    method: text,
    subject: subjectRule,
    picture: shapeRule(1),
    engine: engineRule,
    options: optional(recordRule),
  });
  if (!explainerNames.includes(method)) throw unknownName("method of explaining", method, explainerNames);
  // The compiler does not see that the card and the options belong to one name.
  const card = explainers[method] as unknown as Method<object>;
  checkOptions(method, options, card.options as readonly string[]);
  return card.open(subject, picture, engine, options);
}

/**
 * The scores [1, classes] of a picture (as `explain` takes it), before a final softmax; on the best engine of this
 * machine unless told. Throws for a picture that does not fit the network.
 */
export async function classScores(
  subject: Subject,
  picture: Picture,
  options: {
    /** The best engine of this machine unless told. Stays open. */
    readonly engine?: Engine;
  } = {},
): Promise<NdArray> {
  understand("classScores", arguments, {
    subject: subjectRule,
    picture: pictureRule,
    options: byName<OptionsOf<typeof classScores>>({ engine: engineRule }),
  });
  const { engine: given } = options;
  const shown = await shownFor(subject, picture);
  const engine = given ?? (await openEngine());
  try {
    return await scoresFor(subject, shown, engine);
  } finally {
    if (!given) await engine.close();
  }
}

async function scoresFor(subject: Subject, picture: NdArray, engine: Engine): Promise<NdArray> {
  const network = buildNetwork(subject, pictureShape(picture));
  const runner = await openRunner(network, { scores: network.scores }, engine, subject.weights);
  try {
    return (await runner.run(picture)).scores;
  } finally {
    runner.release();
  }
}

function pictureShape(picture: NdArray): Shape {
  const shape = picture.shape.slice(1);
  if (shape.length !== 3)
    throw new NeocogError(`A picture must be [1, channels, height, width], but is ${formatShape(picture.shape)}.`);
  checkPictures("The picture", picture, shape, 1);
  return shape;
}

const likeliest = ({ data }: NdArray): number => data.indexOf(Math.max(...data));

function checkTarget(target: number, classes: number): void {
  checkWhole("The class", target, 0);
  if (target >= classes)
    throw new NeocogError(`There is no class ${target}: the network has the classes 0 to ${classes - 1}.`);
}

/** Shuffled weights, with statistics that fit them; or why a shuffle would say nothing. */
async function randomised(
  subject: Subject,
  pictures: NdArray,
  seed: number,
  engine: Engine,
): Promise<{ readonly state: State } | NoVerdict> {
  const shape = pictures.shape.slice(1);
  const before = allWeights(subject, shape);
  const after = shuffledWeights(before, seed);
  const { input, scores } = buildNetwork(subject, shape);
  const reason = unshuffled(scores, input, before, after);
  return reason ? { reason } : { state: await revived(subject, after, pictures, engine) };
}

/** The numbers of every variable, also of those that are not among the given weights. */
function allWeights(subject: Subject, picture: Shape): Map<string, NdArray> {
  const all = new Map(subject.weights);
  for (const { node } of buildNetwork(subject, picture).variables) {
    const variable = attributesIf(node, variableOp);
    if (variable && !all.has(variable.name)) all.set(variable.name, variable.initial());
  }
  return all;
}
