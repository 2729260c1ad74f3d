// What a classifier says of labelled pictures, part by part; and, where it comes from a file and does badly, whether it would
// do better with pictures prepared in another way.

import type { StopSignal } from "../../base/web.ts";
import { countClasses } from "../../data/dataset.ts";
import { type ClassSet, partsOf } from "../../data/images.ts";
import { measure } from "../../data/normalize.ts";
import { inputShape, type Preprocessing } from "../../data/preprocessing.ts";
import type { Engine } from "../../engines/engine.ts";
import { sourceOf } from "../../nn/source.ts";
import { softmaxOp } from "../../ops/cards/softmax.ts";
import { withNetwork } from "../../use/evaluate.ts";
import { softmaxRow } from "../../use/softmax.ts";
import { classification } from "../../use/tasks/classification.ts";
import type { ClassifierModel } from "../../use/trained.ts";
import { type PartName, type Sample, sampleOf } from "./pictures.ts";

/** What was said of the pictures of one part. */
export interface JudgedPart {
  readonly part: PartName;
  readonly labels: Int32Array;
  /** [pictures, classes] */
  readonly probabilities: Float64Array;
  /** The likeliest class of each. */
  readonly predicted: Int32Array;
  readonly accuracy: number;
  /** Pictures of each class in the whole part. */
  readonly counts: Int32Array;
  nameOf(index: number): string;
}

/** How well it would do with pictures prepared in another way. */
export interface Alternative {
  readonly how: string;
  readonly prepared: string;
  readonly accuracy: number;
}

export interface ClassEvidence {
  readonly classes: readonly string[];
  readonly parts: readonly JudgedPart[];
  /** The network's last step is a softmax, which is left out where it is used. */
  readonly endsInSoftmax: boolean;
  /** Rows of the network's raw output look like probabilities already. */
  readonly alreadyProbabilities: boolean;
  /** Accuracy as pictures are prepared now, on the pictures of the alternatives. */
  readonly now: number;
  readonly tried: number;
  readonly alternatives: readonly Alternative[];
}

export async function classEvidence(
  trained: ClassifierModel,
  samples: readonly Sample[],
  preprocessing: Preprocessing,
  options: { readonly engine: Engine; readonly signal?: StopSignal; readonly foreign: boolean; onPart(): void },
): Promise<ClassEvidence> {
  const { engine, signal, foreign, onPart } = options;
  const matched = samples.map(({ set, ...rest }) => ({
    ...rest,
    set: classification.matched(set as ClassSet, trained),
  }));
  const { classes } = matched[0].set;
  const parts: JudgedPart[] = [];
  let alreadyProbabilities = true;
  for (const { part, set, whole, nameOf } of matched) {
    const logits = await answersOf(trained, set, engine, signal);
    const width = classes.length;
    alreadyProbabilities &&= areProbabilities(logits, width);
    const probabilities = new Float64Array(logits.length);
    for (let i = 0; i < logits.length; i += width) probabilities.set(softmaxRow(logits.subarray(i, i + width)), i);
    const { predicted, accuracy } = likeliest(logits, width, set.labels);
    const counts = countClasses(classification.matched(whole as ClassSet, trained).labels, width);
    parts.push({ part, labels: set.labels, probabilities, predicted, accuracy, counts, nameOf });
    onPart();
  }
  const none = { now: 0, tried: 0, alternatives: [] };
  const worst = matched.at(-1)!;
  const wanted = foreign && parts.some(({ accuracy }) => accuracy < 0.9);
  const tried = wanted ? await alternatives(trained, worst, preprocessing, engine, signal) : none;
  const source = sourceOf(trained.model);
  const { output } = source.build(inputShape(preprocessing, source.fixedBatch ?? 1));
  return { classes, parts, endsInSoftmax: output.node.op === softmaxOp, alreadyProbabilities, ...tried };
}

async function answersOf(
  trained: ClassifierModel,
  set: ClassSet,
  engine: Engine,
  signal?: StopSignal,
): Promise<Float64Array> {
  const [count] = set.images.shape;
  return withNetwork(trained, count, { engine, ...(signal ? { signal } : {}) }, async (network, batch) => {
    const rows: Float64Array[] = [];
    for await (const part of partsOf(set.images, batch, signal)) rows.push(await network.answers(part));
    const found = new Float64Array(rows.reduce((sum, { length }) => sum + length, 0));
    rows.reduce((at, row) => {
      found.set(row, at);
      return at + row.length;
    }, 0);
    return found;
  });
}

function likeliest(logits: Float64Array, width: number, labels: Int32Array) {
  const predicted = Int32Array.from(labels, (_, i) => {
    let best = 0;
    for (let c = 1; c < width; c++) if (logits[i * width + c] > logits[i * width + best]) best = c;
    return best;
  });
  const right = predicted.filter((c, i) => c === labels[i]).length;
  return { predicted, accuracy: right / Math.max(1, labels.length) };
}

/** Whether every row is made of numbers of 0 to 1 that sum to 1. */
function areProbabilities(logits: Float64Array, width: number): boolean {
  if (width < 2 || logits.length === 0) return false;
  for (let i = 0; i < logits.length; i += width) {
    let sum = 0;
    for (let c = i; c < i + width; c++) {
      if (!(logits[c] >= 0 && logits[c] <= 1)) return false;
      sum += logits[c];
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** The usual ways of preparing pictures, tried on a few. */
async function alternatives(
  trained: ClassifierModel,
  sample: Sample,
  now: Preprocessing,
  engine: Engine,
  signal?: StopSignal,
) {
  const { set } = sampleOf(sample.part, sample.set, 256) as unknown as { set: ClassSet };
  const accuracyOf = async (changed: Partial<Preprocessing>): Promise<number> => {
    const model = { ...trained, preprocessing: { ...now, ...changed } };
    return likeliest(await answersOf(model, set, engine, signal), set.classes.length, set.labels).accuracy;
  };
  const flat = { mean: now.mean.map(() => 0), std: now.std.map(() => 1) };
  const own = measure(set.images);
  const rounded = { mean: own.mean.map((m) => Number(m.toFixed(3))), std: own.std.map((s) => Number(s.toFixed(3))) };
  const ways: readonly (readonly [string, Partial<Preprocessing>])[] = [
    ["pixels of 0 to 255", { range: 255, ...flat }],
    ["pixels of 0 to 1", { range: 1, ...flat }],
    ["pixels of -1 to 1", { range: 1, mean: now.mean.map(() => 0.5), std: now.std.map(() => 0.5) }],
    ["mean and deviation of these pictures", { range: 1, ...rounded }],
    ...(now.channels === 3
      ? ([
          ["mean and deviation of ImageNet", { range: 1, ...imageNet }],
          ["the other order of colours", { colour: now.colour === "bgr" ? "rgb" : "bgr" }],
        ] as const)
      : []),
  ];
  const found: Alternative[] = [];
  for (const [how, changed] of ways)
    found.push({ how, prepared: JSON.stringify(changed), accuracy: await accuracyOf(changed) });
  return { now: await accuracyOf({}), tried: set.labels.length, alternatives: found };
}
