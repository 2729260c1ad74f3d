// Data of tasks beside classification: tables of tags or numbers, and folders of pairs.

import { count } from "../../src/base/amounts.ts";
import {
  type Dataset,
  NeocogError,
  openData,
  openPairs,
  type PairOptions,
  type PartChoice,
  type PictureLabels,
  type PictureSet,
  type Split,
  type TaskName,
  UnusedOption,
} from "../../src/doors/neocog.ts";
import { UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { type GivenData, reading, type TestPictures } from "../data.ts";
import type { PictureModel } from "../model.ts";

/** A table of pictures. `needs`: what data the task needs, as the end of a sentence; `known`: the tags of a model. */
export async function openTableFor<S extends PictureSet>(
  name: string,
  labelKind: "tags" | "numbers",
  needs: string,
  given: GivenData,
  context: Context,
  known: readonly string[] = [],
): Promise<Split<S>> {
  if (!/\.(csv|tsv|jsonl|ndjson)$/i.test(name)) {
    await openData(name, { signal: context.signal });
    throw new NeocogError(`${name} has one class a picture; this task needs ${needs}.`);
  }
  const named = (n: number): string => count(n, labelKind.slice(0, -1));
  const opened = await reading(name, given, context, named, (options) =>
    openData(name, { ...options, labelKind, ...(labelKind === "tags" && known.length > 0 ? { classes: known } : {}) }),
  );
  return opened as Split<PictureSet> as Split<S>;
}

/** A folder of pairs. `known`: the classes of a model, which the masks count in. */
export function openPairsFor<K extends "masks" | "pictures", S extends PictureSet>(
  name: string,
  kind: K,
  given: GivenData,
  context: Context,
  known: readonly string[] = [],
): Promise<Split<S>> {
  const named = (n: number): string => count(n, "class", "classes");
  return reading(name, given, context, named, async (options) => {
    const pairs: PairOptions = { ...options, ...(known.length > 0 ? { classes: known } : {}) };
    return (await openPairs(name, kind, pairs)) as Split<PictureSet> as Split<S>;
  });
}

export const openTestTableFor = <S extends PictureSet>(
  name: string,
  labelKind: "tags" | "numbers",
  needs: string,
  given: GivenData,
  model: PictureModel<TaskName>,
  split: PartChoice | undefined,
  context: Context,
): Promise<TestPictures<S>> =>
  openPart<S>(name, given, model, split, (taken) =>
    openTableFor<S>(name, labelKind, needs, taken, context, model.classes),
  );

export const openTestPairsFor = <K extends "masks" | "pictures", S extends PictureSet>(
  name: string,
  kind: K,
  given: GivenData,
  model: PictureModel<TaskName>,
  split: PartChoice | undefined,
  context: Context,
): Promise<TestPictures<S>> =>
  openPart<S>(name, given, model, split, (taken) => openPairsFor<K, S>(name, kind, taken, context, model.classes));

/** Pictures that are to be made again: any data of pictures, whatever is known of them. */
export async function openItself(name: string, given: GivenData, context: Context): Promise<Split<Itself>> {
  if (given.stream) throw new UsageError("--stream has no effect with --target input: targets are kept in memory.");
  const named = (n: number): string => count(n, "class", "classes");
  const found = await reading(name, given, context, named, (options) => openData(name, { ...options, stream: false }));
  const itself = ({ labels: _, classes: __, ...set }: Dataset): Itself => ({
    ...set,
    ...{ labels: { kind: "pictures", values: set.images }, classes: [] },
  });
  const { train, validation, test, ...rest } = found;
  return {
    ...{ ...rest, train: itself(train) },
    ...(validation ? { validation: itself(validation) } : {}),
    ...(test ? { test: itself(test) } : {}),
  };
}

type Itself = PictureSet<PictureLabels>;

export const openTestItself = (
  name: string,
  given: GivenData,
  model: PictureModel<TaskName>,
  split: PartChoice | undefined,
  context: Context,
): Promise<TestPictures<Itself>> =>
  openPart(name, given, model, split, async (taken) => {
    try {
      return await openItself(name, taken, context);
    } catch (error) {
      const { size: _, gray: __, colour: ___, resize: ____, ...rest } = taken;
      // Data whose pictures have a size of their own takes none; evaluate holds it against the model's.
      if (error instanceof UnusedOption && ["size", "gray", "colour", "resize"].includes(error.option))
        return openItself(name, rest, context);
      throw error;
    }
  });

/** Pictures as a model takes them. Unless told: the test pictures of data that has some of its own, else all. */
async function openPart<S extends PictureSet>(
  name: string,
  given: GivenData,
  { preprocessing }: PictureModel<TaskName>,
  split: PartChoice | undefined,
  open: (given: GivenData) => Promise<Split<S>>,
): Promise<TestPictures<S>> {
  const { channels, height, width, resize } = preprocessing;
  const colours = channels === 1 ? { gray: true } : { colour: true };
  const taken: GivenData = { resize, ...given, size: [height, width], ...colours };
  if (split !== undefined && split !== "all") return partOf(name, await open(taken), split);
  for (const option of ["testFraction", "validationFraction"] as const) {
    if (given[option] !== undefined)
      throw new UnusedOption(option, `has no effect on ${name} here, where nothing is cut by chance.`);
  }
  try {
    const { train, skipped } = await open({ ...taken, testFraction: 0, validationFraction: 0 });
    return { data: { ...train, name }, split: "all", skipped };
  } catch (error) {
    // Data with parts of its own takes no shares, and says so before any picture is read.
    if (!(error instanceof UnusedOption) || !error.option.endsWith("Fraction")) throw error;
  }
  if (split === "all") throw new UsageError(`--split cannot be all of ${name}, which has parts of its own; name one.`);
  const opened = await open(taken);
  return partOf(name, opened, opened.test && !opened.testByChance ? "test" : "validation");
}

function partOf<S extends PictureSet>(
  name: string,
  opened: Split<S>,
  split: Exclude<PartChoice, "all">,
): TestPictures<S> {
  const data = opened[split];
  if (!data) throw new UsageError(`--split cannot be ${split}: no pictures of ${name} are held back for it.`);
  return { data, split, skipped: opened.skipped };
}
