// `neocog doctor runs/pets --data photos/`: what is wrong with a model, by its weights, its history and its data. Without a model: what
// this machine offers.

import { count } from "../../src/base/amounts.ts";
import { type Diagnosed, dataHash, diagnose } from "../../src/doors/diagnose.ts";
import {
  type Checkpoint,
  dataNames,
  locateMnist,
  NeocogError,
  openCheckpoint,
  openData,
  type PictureSet,
  type Split,
  type TaskName,
  taskNames,
  UnusedOption,
} from "../../src/doors/neocog.ts";
import type { doctorCard } from "../cards/doctor.ts";
import { readingOptions } from "../cards/options.ts";
import { long, type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import type { GivenData } from "../data.ts";
import { visible } from "../door.ts";
import { optionsOf, withEngine } from "../engine.ts";
import { wrap } from "../lines.ts";
import { machine } from "../machine.ts";
import { openPictureModel, type PictureModel } from "../model.ts";
import { viewOf } from "../tasks/list.ts";
import { working } from "../working.ts";

type Model = PictureModel<TaskName>;

export const run: Run<typeof doctorCard> = async ([name], options, context) => {
  const { data: place, pictures, strict = false, input, classes, weights, prepared, ...given } = options;
  if (name === undefined) {
    const told = Object.values(options).some((value) => value !== undefined);
    if (told)
      throw new UsageError(`doctor without a model looks at this machine, which takes no options; name a model.`);
    return machine(context);
  }
  optionsOf(given);
  for (const [key, { flags }] of Object.entries(readingOptions)) {
    if (place === undefined && given[key as keyof typeof readingOptions] !== undefined)
      throw new UsageError(`${long(flags)} has no effect without --data; name the data too.`);
  }
  const model = await openPictureModel(name, { input, classes, weights, prepared, task: taskNames }, context);
  const checkpoint = await runOf(name, model);
  const data = place === undefined ? await namedData(checkpoint, model) : undefined;
  const opened = place === undefined ? data?.split : await dataOf(place, given, model, context);
  if (pictures !== undefined && !opened)
    throw new UsageError("--pictures has no effect where no pictures are looked at; name them with --data.");
  const answer = await working(`Looking at ${name}`, context, (onProgress) =>
    withEngine(given, context, (engine) =>
      diagnose(model, {
        ...(opened ? { data: opened } : {}),
        ...(checkpoint ? { run: checkpoint } : {}),
        ...(pictures === undefined ? {} : { pictures }),
        ...{ untrained: model.untrained, engine, signal: context.signal },
        onProgress: (what, share) => onProgress(share, what),
      }),
    ),
  );
  const severe = answer.findings.some(({ severity }) => severity === "severe");
  const shown = place ?? data?.name;
  return {
    json: { model: name, ...(shown === undefined ? {} : { data: shown }), ...answer },
    lines: () => report(name, shown, answer, context),
    code: strict && severe ? 1 : 0,
  };
};

/** The run that a model folder is of, where it holds one. */
async function runOf(name: string, { layer, untrained }: Model): Promise<Checkpoint<TaskName> | undefined> {
  if (!layer || untrained) return undefined;
  try {
    return await openCheckpoint(name, { task: taskNames });
  } catch (error) {
    if (error instanceof NeocogError) return undefined;
    throw error;
  }
}

/** The data in its parts, as the model takes it; what has a form of its own is told none. */
async function dataOf(place: string, given: GivenData, model: Model, context: Context): Promise<Split<PictureSet>> {
  const { task, preprocessing, classes } = model;
  const { channels, height, width } = preprocessing;
  const resize = given.resize ?? preprocessing.resize;
  const form = { size: [height, width], ...(channels === 1 ? { gray: true } : { colour: true }), resize };
  const view = viewOf(task);
  try {
    return namedAs(classes, await view.open(place, { ...given, ...form }, context, classes));
  } catch (error) {
    const formless = error instanceof UnusedOption && given.resize === undefined && ofForm.includes(error.option);
    if (!formless) throw error;
    return namedAs(classes, await view.open(place, given, context, classes));
  }
}

/** Classes that data only numbers have the model's names. */
function namedAs(classes: readonly string[], split: Split<PictureSet>): Split<PictureSet> {
  const { classes: own } = split.train;
  if (own.length !== classes.length || !own.every((name, i) => name === String(i))) return split;
  const named = (set: PictureSet): PictureSet => ({ ...set, classes });
  const { train, validation, test } = split;
  return {
    ...{ ...split, train: named(train) },
    ...(validation ? { validation: named(validation) } : {}),
    ...(test ? { test: named(test) } : {}),
  };
}

const ofForm: readonly string[] = ["size", "channels", "gray", "colour", "resize"];

/** A set with a name that is on this machine, has the form of the run's pictures and is what it learned from. */
async function namedData(
  checkpoint: Checkpoint<TaskName> | undefined,
  { preprocessing: { channels, height, width } }: Model,
): Promise<{ readonly name: string; readonly split: Split<PictureSet> } | undefined> {
  const wanted = checkpoint?.settings.data;
  if (typeof wanted !== "string" || channels !== 1 || height !== width) return undefined;
  const sides = { digits: 8, "fashion-mnist": 28, mnist: 28 } as const;
  for (const name of dataNames) {
    if (sides[name] !== height || (name !== "digits" && (await locateMnist(name)) === undefined)) continue;
    const split = await openData(name, { download: false });
    if ((await dataHash(split.train)) === wanted) return { name, split };
  }
  return undefined;
}

function report(name: string, data: string | undefined, answer: Diagnosed, { paint, width }: Context): string[] {
  const { findings, looked, skipped, sameData } = answer;
  const signs = { severe: paint.bad("✗"), warning: paint.warn("!") };
  const lines = findings.flatMap(({ name: title, severity, said, next }) => [
    `${signs[severity]} ${paint.title(title)}`,
    ...wrap(said, width - 4).map((line) => `    ${line}`),
    ...wrap(`Next: ${next}.`, width - 4).map((line) => `    ${paint.faint(line)}`),
  ]);
  const reasons = new Map<string, string[]>();
  for (const { name: title, reason } of skipped) reasons.set(reason, [...(reasons.get(reason) ?? []), title]);
  const left = [...reasons].flatMap(([reason, titles]) =>
    wrap(`Not looked at, for ${reason}: ${titles.join(", ")}.`, width).map((line) => paint.faint(line)),
  );
  const verdict =
    findings.length === 0
      ? paint.good(`Healthy: ${count(looked.length, "diagnosis", "diagnoses")} found nothing.`)
      : `${count(findings.length, "finding")} of ${count(looked.length, "diagnosis", "diagnoses")}.`;
  return [
    `${paint.title(visible(name))}${data === undefined ? "" : ` with ${visible(data)}`}`,
    ...(sameData === false
      ? wrap(
          "The training pictures are others than those that the run learned from, or cut in another way.",
          width,
        ).map((line) => paint.warn(line))
      : []),
    "",
    ...lines,
    ...(lines.length > 0 ? [""] : []),
    verdict,
    ...left,
  ];
}
