// `neocog train digits`: from pictures to a model folder with one command. The data's recipe gives what is not told.

import { files } from "#host";
import { count } from "../../src/base/amounts.ts";
import { summary } from "../../src/doors/analyze.ts";
import {
  type Checkpoint,
  type Choice,
  checkOutput,
  evaluate,
  type FinishedEvent,
  type FitOptions,
  type ForecastEvent,
  fit,
  type Layer,
  NeocogError,
  openCheckpoint,
  type PictureSet,
  type Split,
  type StartedEvent,
  type StoppedEvent,
  type TaskName,
} from "../../src/doors/neocog.ts";
import { Beside } from "../beside.ts";
import type { trainCard } from "../cards/train.ts";
import { type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { describeSplit, type GivenData } from "../data.ts";
import { optionsOf, withEngine } from "../engine.ts";
import { forecastLines, foretold } from "../forecast.ts";
import { openPlan } from "../from.ts";
import type { GivenTraining } from "../given.ts";
import { wrap } from "../lines.ts";
import { networkTable } from "../network.ts";
import { type GivenParts, openParts } from "../parts.ts";
import { plainName } from "../plainName.ts";
import { type GivenSource, goOn, type TrainingPlan } from "../plan.ts";
import { trainingView } from "../progress.ts";
import { finished, measuredOf, stopped } from "../report.ts";
import { type AnyView, viewOf } from "../tasks/list.ts";

export const run: Run<typeof trainCard> = async ([name], options, context) => {
  const { resume = false, force = false, task = "classification" } = options;
  if (options.target && task !== "image-to-image")
    throw new UsageError(`--target is for image-to-image, not for ${task}.`);
  // Told at once, before any data is read; the engine and `fit` look again.
  optionsOf(options);
  const out = options.out ?? files.join("runs", plainName(name));
  if ((await checkOutput(out)) === "model" && !resume && !force) throw heldByModel(out);
  const view = viewOf(task);
  const checkpoint = resume ? await openCheckpoint(out, { task }) : undefined;
  const { opened, plan } = checkpoint
    ? await resumed(name, checkpoint, view, options, context)
    : await openPlan(name, view, options, context);
  const split = options.watchTest ? watched(opened, name) : opened;
  const choices = told([...(opened.choices ?? []), ...(plan.choices ?? [])], options);
  const introduction = introduce(name, view, plan, split, choices, context);
  return withEngine({ ...options, engine: options.engine ?? plan.engine }, context, async (engine) => {
    const { checkpointEvery, dryRun = false } = options;
    const fitting: FitOptions = {
      ...plan.options,
      out,
      force,
      checkpointEvery,
      foretell: true,
      engine,
      signal: context.signal,
    };
    const scored = scoredOf(split, opened);
    const measured = measuredOf(opened, split !== opened);
    const beside = new Beside(name, out, opened, measured.part, plan, options, context);
    const end = await training(plan, view, split, scored, fitting, { introduction, out, dryRun }, beside, context);
    if (end.kind === "forecast") return foretold(end, name);
    if (end.kind === "stopped") return stopped(end, name, out, context);
    const evaluation = await evaluate<TaskName>(end.trained, measured.set, { engine });
    const page = await beside.report(end, measured, engine);
    const judging = options.test === undefined ? {} : { asked: options.test };
    const told = { data: name, ...judging, out, scored, page, evalFlags: evalFlags(opened, options) };
    return finished(end, evaluation, view, opened, measured, told, context);
  });
};

/** Data and plan of a run that goes on. */
async function resumed(
  name: string,
  checkpoint: Checkpoint<TaskName>,
  view: AnyView,
  options: GivenParts & GivenTraining & GivenSource,
  context: Context,
): Promise<{ readonly plan: TrainingPlan; readonly opened: Split<PictureSet> }> {
  const plan = goOn(checkpoint, options);
  return { plan, opened: await openParts(name, view, options, context, checkpoint.trained.classes) };
}

const heldByModel = (out: string): NeocogError =>
  new NeocogError(
    `${out} holds a trained model: --force replaces it, --resume goes on from it, --out names another folder.`,
  );

/** The test pictures in the place of those for validation. */
function watched(split: Split<PictureSet>, name: string): Split<PictureSet> {
  if (!split.test) throw new UsageError(`--watch-test has no effect on ${name}, which has no test pictures.`);
  if (split.validation)
    throw new UsageError("--watch-test is for data without validation pictures; add --validation-fraction 0.");
  return { ...split, validation: split.test };
}

/** How the set is called that is scored after every epoch. */
const scoredOf = (split: Split<PictureSet>, opened: Split<PictureSet>): string =>
  split !== opened ? "test" : split.validation ? "validation" : "";

/** What `eval` must be told to find the pictures that training held back by chance. */
function evalFlags({ testByChance }: Split<PictureSet>, { testFraction, validationFraction }: GivenData): string {
  if (!testByChance) return "";
  const told = testFraction === undefined ? "" : ` --test-fraction ${testFraction}`;
  return ` --split test${told}${validationFraction === undefined ? "" : ` --validation-fraction ${validationFraction}`}`;
}

/** Which pictures are for what. */
function whatSteers({ validation, test }: Split<PictureSet>): string[] {
  if (validation && validation === test) return ["the test pictures are scored after every epoch, as you asked"];
  const end = test ? "test pictures are looked at once, at the end" : "there are no test pictures";
  return validation
    ? [`validation pictures are scored after every epoch; ${end}`]
    : [`nothing is held back for validation (--validation-fraction 0.1 does); ${end}`];
}

/** Less what a person told. */
function told(choices: readonly Choice[], options: Readonly<Record<string, unknown>>): Choice[] {
  const also: Readonly<Record<string, readonly string[]>> = { gray: ["colour"], colour: ["gray"], lr: ["optimizer"] };
  return choices.filter(({ option }) => [option, ...(also[option] ?? [])].every((name) => options[name] === undefined));
}

/** `classWeights` as it is typed. */
const flagOf = (option: string): string =>
  option === "colour" ? "color" : option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function introduce(
  name: string,
  view: AnyView,
  plan: TrainingPlan,
  split: Split<PictureSet>,
  choices: readonly Choice[],
  context: Context,
): string[] {
  const { paint, width } = context;
  const { options, model, title } = plan;
  const sum = summary(model, [1, ...split.train.images.shape.slice(1)]);
  const { epochs = 10, batch = 64, optimizer, schedule, augment = [], seed = 0 } = options;
  const rule = optimizer ? `${optimizer.name}${optimizer.lr === undefined ? "" : ` at ${optimizer.lr}`}` : "sgd";
  const rate = schedule && schedule.kind !== "constant" ? `, ${schedule.kind} rate` : "";
  const changes = augment.length > 0 ? `, ${augment.map(({ kind }) => kind).join(" and ")}` : "";
  return [
    `${paint.faint("data     ")}${paint.title(name)}: ${describeSplit(split, view.describe)}`,
    ...whatSteers(split).flatMap((line) => wrap(line, width - 9).map((part) => `         ${paint.faint(part)}`)),
    ...view.introduce(split, context),
    `${paint.faint("network  ")}${paint.title(title)}`,
    "",
    ...networkTable(sum, ["layer", "type", "output", "parameters", "macs", "sees"], width, paint),
    paint.faint("sees: pixels across that one unit of the layer depends on"),
    "",
    ...choices.flatMap(({ what, option, value, why }, i) => {
      const [first, ...rest] = wrap(`${what}: ${value} – ${why} (--${flagOf(option)})`, width - 9);
      return [
        `${paint.faint(i === 0 ? "chosen   " : "         ")}${first}`,
        ...rest.map((part) => `           ${part}`),
      ];
    }),
    ...(choices.length > 0 ? [""] : []),
    paint.faint(`${count(epochs, "epoch")} in batches of ${batch}, ${rule}${rate}${changes}, seed ${seed}`),
  ];
}

/** Shows every event; gives the last one. */
async function training(
  { model }: TrainingPlan,
  { metric }: AnyView,
  { train, validation }: Split<PictureSet>,
  scored: string,
  options: FitOptions,
  { introduction, out, dryRun }: { introduction: readonly string[]; out: string; dryRun: boolean },
  beside: Beside,
  context: Context,
): Promise<FinishedEvent<Layer, TaskName> | StoppedEvent | ForecastEvent> {
  const shown = trainingView(context, scored, metric);
  let begun: StartedEvent | undefined;
  try {
    for await (const event of fit(model, { train, validation }, options)) {
      if (event.kind === "started") {
        context.say(...introduction, context.paint.faint(event.engineDescription), "");
        // Its heads stand above the epochs, below what is foretold.
        begun = event;
        continue;
      }
      if (event.kind === "forecast") {
        context.say(...forecastLines(event, out, context), "");
        if (dryRun) return event;
      }
      if (begun && event.kind !== "warning") {
        shown.show(begun);
        await beside.hear(begun);
        begun = undefined;
      }
      shown.show(event);
      await beside.hear(event);
      if (event.kind === "finished" || event.kind === "stopped") return event;
    }
  } finally {
    shown.stop();
    await beside.close();
  }
  throw new Error("training ended without a last event");
}
