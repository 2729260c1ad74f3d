// What is wrong with a trained model: gathers what there is to look at (weights, the run's history, pictures, answers,
// gradients), asks every diagnosis of the list, and says what could not be looked at and why.
import { understand } from "../base/arguments.ts";
import { options as byName, callback, flag, like, type OptionsOf, type Rules, signal, whole } from "../base/rules.ts";
import type { StopSignal } from "../base/web.ts";
import { dataset as checkDataset } from "../data/dataset.ts";
import type { PictureSet } from "../data/images.ts";
import { kindOfLabels, type Labels } from "../data/labels.ts";
import { completePreprocessing } from "../data/preprocessing.ts";
import { type Engine, engineRule } from "../engines/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { isLayer } from "../nn/layer.ts";
import { openEngine } from "../run/engines.ts";
import type { LossDescription } from "../train/loss.ts";
import { checkLabelKind } from "../use/evaluate.ts";
import { dataHash } from "../use/hash.ts";
import { type TaskName, taskOf } from "../use/tasks/list.ts";
import { type ClassifierModel, trainedRule } from "../use/trained.ts";
import type { Evidence, Found, Need, Parts } from "./diagnosis.ts";
import { classEvidence } from "./evidence/classes.ts";
import { gradientEvidence } from "./evidence/gradients.ts";
import { historyEvidence, type RunRecord } from "./evidence/history.ts";
import { channelsOf, type PartName, sampleOf } from "./evidence/pictures.ts";
import { lookAtUnits } from "./evidence/units.ts";
import { weightEvidence } from "./evidence/weights.ts";
import { brokenWeights } from "./faults/brokenWeights.ts";
import { diagnoses } from "./list.ts";

/** Options of diagnose. */
export interface DiagnoseOptions {
  /** The data that it learned from, in the parts that it was learned in; without, only weights and history are looked at. */
  readonly data?: {
    /** What was learned from. */
    readonly train?: PictureSet;
    /** What was looked at while training. */
    readonly validation?: PictureSet;
    /** What was scored at the end. */
    readonly test?: PictureSet;
  };
  /** The run that the model came from, as openCheckpoint gives it. */
  readonly run?: RunRecord;
  /** The weights are known to be those of a start. */
  readonly untrained?: boolean;
  /** Pictures of each part that are looked at; 1000 unless told. */
  readonly pictures?: number;
  /** The best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
  /** Stops the work; the promise is then rejected with the signal's reason. */
  readonly signal?: StopSignal;
  /** Told what is being looked at, and the share of all that is done. */
  readonly onProgress?: (what: string, share: number) => void;
}

/** One thing that was found. */
export interface Finding extends Found {
  /** Name of the diagnosis. */
  readonly name: string;
  /** What to try next. */
  readonly next: string;
}

/** What became of a look at a model. */
export interface Diagnosed {
  /** Nothing was found. */
  readonly healthy: boolean;
  /** The severe ones first. */
  readonly findings: readonly Finding[];
  /** Names of the diagnoses that had all they need. */
  readonly looked: readonly string[];
  /** The others, and why. */
  readonly skipped: readonly {
    /** Name of the diagnosis. */
    readonly name: string;
    /** What it lacked. */
    readonly reason: string;
  }[];
  /** Whether the training pictures are those that the run learned from; absent where that is not known. */
  readonly sameData?: boolean;
  /** What was measured on pictures, also where nothing is wrong; absent without data. */
  readonly measured?: Measured;
}

/** What was measured on pictures. */
export interface Measured {
  /** Pictures of each part that were looked at. */
  readonly pictures: Readonly<Record<string, number>>;
  /** Mean and deviation of each channel that reaches the first layer. */
  readonly channels: readonly {
    /** Over all pixels. */
    readonly mean: number;
    /** Their standard deviation. */
    readonly std: number;
  }[];
  /** Share of right answers in each part, of a classifier. */
  readonly accuracy?: Readonly<Record<string, number>>;
  /** Loss of the step of training that gradients are of. */
  readonly loss?: number;
}

const rules = {
  data: like("{ train, validation, test }: datasets, as openData() gives them"),
  run: like("a run, as openCheckpoint() gives it", "history", "settings", "trained"),
  untrained: flag,
  pictures: whole(1),
  engine: engineRule,
  signal,
  onProgress: callback,
} satisfies Rules<DiagnoseOptions>;

/**
 * Looks for what is wrong with a model, by its weights and, as far as they are given, the run that it came from and its data:
 * `diagnose(trained, { data, run })`. Every finding has a name that stays, its numbers and what to try next; what could not be
 * looked at is told with the reason. Throws for data that does not fit the model; rejects with the signal's reason once it is
 * aborted.
 */
export async function diagnose(trained: ClassifierModel<TaskName>, options: DiagnoseOptions = {}): Promise<Diagnosed> {
  understand("diagnose", arguments, { trained: trainedRule, options: byName<OptionsOf<typeof diagnose>>(rules) });
  const { data = {}, run } = options;
  const given = partsOf(data);
  for (const { set } of given) {
    checkDataset(set);
    checkLabelKind(taskOf(trained), set as PictureSet<Labels>);
  }
  const weights = weightEvidence(trained.weights, options.untrained ? "its weights were drawn by chance" : undefined);
  const history = run && historyEvidence(run);
  const known: Evidence = { weights, ...(history ? { history } : {}) };
  const broken = brokenWeights.look(known).length > 0;
  const lacks: Record<Need, string | undefined> = {
    weights: undefined,
    history: history && history.epochs.length > 0 ? undefined : "there is no history of a run",
    pictures: given.length > 0 ? undefined : "no data was given",
    classes: given.length === 0 ? "no data was given" : classesLack(given[0].set, weights.untrained),
    gradients: given.length === 0 ? "no data was given" : gradientsLack(trained),
  };
  const seen = broken || given.length === 0 ? {} : await seenWith(trained, given, known, lacks, options);
  const evidence: Evidence = { ...known, ...seen };
  const trainSet = data.train;
  const sameData =
    trainSet && typeof run?.settings.data === "string" ? (await dataHash(trainSet)) === run.settings.data : undefined;

  const findings: Finding[] = [];
  const looked: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const { name, needs, next, untrained, look } of diagnoses) {
    const beyond = needs.some((need) => need === "pictures" || need === "classes" || need === "gradients");
    const reason =
      needs.map((need) => lacks[need]).find((lack) => lack !== undefined) ??
      (broken && beyond ? "the weights are broken" : undefined) ??
      (weights.untrained !== undefined && !untrained ? "the network is untrained" : undefined);
    if (reason !== undefined) {
      skipped.push({ name, reason });
      continue;
    }
    looked.push(name);
    findings.push(...look(evidence).map((found) => ({ name, next, ...found })));
  }
  findings.sort((a, b) => Number(b.severity === "severe") - Number(a.severity === "severe"));
  return {
    ...{ healthy: findings.length === 0, findings, looked, skipped },
    ...(sameData === undefined ? {} : { sameData }),
    ...measuredIn(evidence),
  };
}

function measuredIn({ pictures, classes, gradients }: Evidence): { readonly measured?: Measured } {
  if (!pictures) return {};
  const { samples, channels } = pictures;
  const measured = {
    pictures: Object.fromEntries(samples.map(({ part, set }) => [part, set.images.shape[0]])),
    channels: channels.map(({ mean, std }) => ({ mean, std })),
    ...(classes ? { accuracy: Object.fromEntries(classes.parts.map(({ part, accuracy }) => [part, accuracy])) } : {}),
    ...(gradients ? { loss: gradients.loss } : {}),
  };
  return { measured };
}

interface GivenPart {
  readonly part: PartName;
  readonly set: PictureSet;
}

const partsOf = (data: NonNullable<DiagnoseOptions["data"]>): GivenPart[] =>
  (["train", "validation", "test"] as const).flatMap((part) => {
    const set = data[part];
    return set ? [{ part, set }] : [];
  });

const classesLack = ({ labels }: PictureSet, untrained: string | undefined): string | undefined => {
  if (kindOfLabels(labels) !== "class") return "the pictures have no class each";
  return untrained === undefined ? undefined : "the network is untrained";
};

function gradientsLack({ model, preprocessing }: ClassifierModel<TaskName>): string | undefined {
  if (!isLayer(model)) return "a network from a file is not trained here";
  const { layout = "NCHW", dtype = "float32" } = preprocessing;
  return layout === "NCHW" && dtype === "float32" ? undefined : "the network's input is no float32 of NCHW";
}

/** All that pictures are needed for. */
async function seenWith(
  trained: ClassifierModel<TaskName>,
  given: readonly GivenPart[],
  { history }: Evidence,
  lacks: Readonly<Record<Need, string | undefined>>,
  { engine: own, signal: stop, pictures = 1000, run, onProgress }: DiagnoseOptions,
): Promise<Partial<Parts>> {
  const preprocessing = completePreprocessing(trained.preprocessing);
  const samples = given.map(({ part, set }) => sampleOf(part, set, pictures));
  const [first] = samples;
  const steps = 3 + samples.length;
  let done = 0;
  const step = (what: string): void => onProgress?.(what, done++ / steps);
  const opened = own ?? (await openEngine());
  const engine = stoppable(opened, stop);
  const listening = { engine, ...(stop ? { signal: stop } : {}) };
  try {
    step("pixels");
    const inputs = await channelsOf(first.set, preprocessing, stop);
    step("units");
    const units = await lookAtUnits(trained, trained.weights, first, preprocessing, engine, stop);
    const seen = { samples, preprocessing, ...inputs, ...units };
    step("gradients");
    const { model } = trained;
    const loss = run?.settings.loss as LossDescription | undefined;
    const told = loss && (loss.name as string) !== "function" ? { loss } : {};
    const gradients =
      lacks.gradients === undefined && isLayer(model)
        ? await gradientEvidence({ ...trained, model }, trained.weights, first, preprocessing, {
            ...{ ...listening, ...(history ? { history } : {}) },
            ...told,
          })
        : undefined;
    step("answers");
    const classes =
      lacks.classes === undefined
        ? await classEvidence(trained as ClassifierModel, samples, preprocessing, {
            ...{ ...listening, foreign: run === undefined },
            onPart: () => step("answers"),
          })
        : undefined;
    return { pictures: seen, ...(gradients ? { gradients } : {}), ...(classes ? { classes } : {}) };
  } finally {
    if (!own) await opened.close();
  }
}
