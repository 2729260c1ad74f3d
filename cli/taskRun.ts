// Training and judging of tasks beside classification: data, network and words follow from the task's row (tasks.ts).
import { files } from "#host";
import {
  createModel,
  type Engine,
  evaluate,
  type FinishedEvent,
  fit,
  type Layer,
  NeocogError,
  openCheckpoint,
  openData,
  openPairs,
  type PairOptions,
  type PartChoice,
  type PictureSet,
  recipeFor,
  type Split,
  type StoppedEvent,
  type TaskName,
} from "../src/doors/neocog.ts";
import type { trainCard } from "./cards/train.ts";
import { type Answer, type Run, UsageError } from "./command.ts";
import type { Context } from "./context.ts";
import type { GivenData } from "./data.ts";
import { withEngine } from "./engine.ts";
import { invocation } from "./invocation.ts";
import { wrap } from "./lines.ts";
import type { PictureModel } from "./model.ts";
import { count, duration, grouped, times } from "./numbers.ts";
import { goOn, type TrainingPlan, withGiven } from "./plan.ts";
import { trainingView } from "./progress.ts";
import { stopped } from "./report.ts";
import { type TaskView, viewOf } from "./tasks.ts";

type View = TaskView<object, object>;
type Options = Parameters<Run<typeof trainCard>>[1];

/** Data of a task, cut into parts. */
export async function openTaskData(
  name: string,
  view: View,
  given: GivenData,
  context: Context,
  classes?: readonly string[],
): Promise<Split<PictureSet>> {
  const [height, width = height] = given.size ?? [];
  const options: PairOptions = {
    ...(height === undefined ? {} : { size: [height, width] as const }),
    ...(given.gray ? { channels: 1 } : given.colour ? { channels: 3 } : {}),
    ...(given.resize ? { resize: given.resize } : {}),
    ...(given.testFraction === undefined ? {} : { testFraction: given.testFraction }),
    ...(given.validationFraction === undefined ? {} : { validationFraction: given.validationFraction }),
    signal: context.signal,
  };
  if (view.pairs) return openPairs(name, view.pairs, { ...options, ...(classes?.length ? { classes } : {}) });
  if (view.table && /\.(csv|tsv|jsonl|ndjson)$/i.test(name)) {
    const { classes: _, ...rest } = options;
    return openData(name, { ...rest, labelKind: view.table });
  }
  await openData(name, { signal: context.signal });
  throw new NeocogError(`${name} has one class a picture; this task needs ${view.needs}.`);
}

/** `neocog train … --task <name>`. */
export async function trainTask(
  name: string,
  task: TaskName,
  view: View,
  options: Options,
  out: string,
  context: Context,
): Promise<Answer> {
  if (options.watchTest) throw new UsageError(`--watch-test is for classification, not for ${task}.`);
  const { resume = false, force = false } = options;
  const checkpoint = resume ? await openCheckpoint(out, { task }) : undefined;
  const split = await openTaskData(name, view, options, context, checkpoint?.trained.classes);
  const plan = checkpoint ? goOn(checkpoint, options) : startTask(name, view, split, options);
  return withEngine({ ...options, engine: options.engine ?? plan.engine }, context, async (engine) => {
    const { train, validation, test = validation ?? train } = split;
    const { paint, width } = context;
    const parts = [train, validation, split.test].flatMap((part) => (part ? [grouped(part.images.shape[0])] : []));
    const introduction = [
      `${paint.faint("data     ")}${paint.title(name)}: ${parts.join(" + ")} pictures, ${times(train.images.shape.slice(2))}`,
      ...(train.classes.length > 0
        ? wrap(train.classes.join(", "), width - 9).map((line) => `         ${paint.faint(line)}`)
        : []),
      `${paint.faint("network  ")}${paint.title(plan.title)}`,
      "",
    ];
    const fitting = { ...plan.options, out, force, engine, signal: context.signal };
    const scored = validation ? "validation" : "";
    const view_ = trainingView(context, scored, view.metric);
    let end: FinishedEvent<Layer, TaskName> | StoppedEvent | undefined;
    try {
      const data = { train, ...(validation ? { validation } : {}) };
      for await (const event of fit(plan.model, data, fitting)) {
        if (event.kind === "started") context.say(...introduction, paint.faint(event.engineDescription), "");
        view_.show(event);
        if (event.kind === "finished" || event.kind === "stopped") end = event;
      }
    } finally {
      view_.stop();
    }
    if (end?.kind === "stopped") return stopped(end, name, out, context);
    if (!end) throw new Error("training ended without a last event");
    const which = split.test ? "test" : validation ? "validation" : "training";
    return ended(end, await judged(end.trained, test, engine), which, { name, out, view, split }, context);
  });
}

const judged = (trained: FinishedEvent<Layer, TaskName>["trained"], set: PictureSet, engine: Engine): Promise<object> =>
  evaluate<TaskName>(trained, set, { engine });

function startTask(name: string, view: View, { train }: Split<PictureSet>, options: Options): TrainingPlan {
  const [, channels, height, width] = train.images.shape;
  const form = { classes: train.classes.length || channels, inChannels: channels, inputSize: evenly(height, width) };
  const recipe = recipeFor(name, train, view.model ? undefined : options.model);
  const built = createModel(options.model ?? view.model ?? recipe.model, form);
  const base = view.model
    ? ({ epochs: 30, batch: 16, optimizer: { name: "adamW", lr: 0.003 }, schedule: { kind: "oneCycle" } } as const)
    : recipe.options;
  const { augment: _, ...kept } = { augment: undefined, ...base };
  return { title: `${built.name}: ${built.about}`, model: built.layer, options: withGiven(kept, options) };
}

/** A side that says how often both can be halved evenly. */
function evenly(height: number, width: number): number {
  let side = 1;
  while (height % (2 * side) === 0 && width % (2 * side) === 0) side *= 2;
  return side;
}

function ended(
  { history, best, seconds, weightsHash, folder }: FinishedEvent<Layer, TaskName>,
  evaluation: object,
  which: string,
  { name, out, view, split }: { name: string; out: string; view: View; split: Split<PictureSet> },
  context: Context,
): Answer {
  const { paint } = context;
  const { epoch = history.length, weights: _, ...reached } = best ?? {};
  return {
    json: {
      ...{ data: name, folder, [which === "training" ? "train" : which]: evaluation, history, seconds, weightsHash },
      ...(best ? { best: { epoch, ...reached } } : {}),
      skipped: split.skipped,
    },
    lines: () => [
      "",
      `${which[0].toUpperCase()}${which.slice(1)} pictures: ${view.score(evaluation, context)}`,
      `${count(history.length, "epoch")}, ${duration(seconds)}`,
      "",
      ...view.rows(evaluation, context),
      "",
      `The model is in ${paint.title(out)}  ${paint.faint(`(weights ${weightsHash.slice(0, 12)})`)}`,
      ...(epoch < history.length ? [`Epoch ${epoch} did better in the validation: --weights best uses that one.`] : []),
      "",
      "Try next:",
      `  ${paint.key(`${invocation()} predict ${out} <picture>${view.drawn ? " --out said" : ""}`)}`,
    ],
  };
}

/** `neocog eval` of a model of another task than classification. */
export async function evaluateTask(
  trained: PictureModel<TaskName>,
  name: string,
  options: GivenData & { readonly split?: PartChoice; readonly batch?: number },
  engine: Engine,
  context: Context,
): Promise<Answer> {
  const view = viewOf(trained.task)!;
  const { channels, height, width, resize } = trained.preprocessing;
  const form = { size: [height, width], ...(channels === 1 ? { gray: true } : { colour: true }), resize };
  const split = await openTaskData(name, view, { ...options, ...form }, context, trained.classes);
  const part = options.split ?? (split.test ? "test" : "train");
  const set = part === "all" ? undefined : split[part];
  if (!set) throw new UsageError(`--split cannot be ${part} of ${name}; there are train, validation and test.`);
  const { batch } = options;
  const found: object = await evaluate<TaskName>(trained, set, { engine, ...(batch === undefined ? {} : { batch }) });
  return {
    json: { model: name, task: trained.task, data: set.name, split: part, ...found, skipped: split.skipped },
    lines: () => [`The ${part} pictures of ${name}:`, view.score(found, context), "", ...view.rows(found, context)],
  };
}

/** Writes what a model makes of pictures, each under its picture's name. */
export async function writeDrawn(
  folder: string,
  images: readonly string[],
  drawn: readonly Uint8Array[],
): Promise<void> {
  await files.makeFolder(folder);
  for (const [i, bytes] of drawn.entries()) {
    const name = files.baseName(images[i]).replace(/\.\w+$/, "");
    await files.writeFileAtomic(files.join(folder, `${name}.png`), bytes);
  }
}
