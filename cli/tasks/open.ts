// Data of tasks beside classification: tables of tags or numbers, and folders of pairs.
import {
  NeocogError,
  openData,
  openPairs,
  type PairOptions,
  type PartChoice,
  type PictureSet,
  type Split,
  type TaskName,
} from "../../src/doors/neocog.ts";
import { UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { type GivenData, reading, type TestPictures } from "../data.ts";
import type { PictureModel } from "../model.ts";
import { count } from "../numbers.ts";

/** A table of pictures. `needs`: what data the task needs, as the end of a sentence. */
export async function openTableFor<S extends PictureSet>(
  name: string,
  labelKind: "tags" | "numbers",
  needs: string,
  given: GivenData,
  context: Context,
): Promise<Split<S>> {
  if (!/\.(csv|tsv|jsonl|ndjson)$/i.test(name)) {
    await openData(name, { signal: context.signal });
    throw new NeocogError(`${name} has one class a picture; this task needs ${needs}.`);
  }
  const named = (n: number): string => count(n, labelKind.slice(0, -1));
  const opened = await reading(name, given, context, named, (options) => openData(name, { ...options, labelKind }));
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
  return reading(name, given, context, named, async ({ stream: _, onFound: __, ...options }) => {
    const pairs: PairOptions = { ...options, ...(known.length > 0 ? { classes: known } : {}) };
    return (await openPairs(name, kind, pairs)) as Split<PictureSet> as Split<S>;
  });
}

export const openTestTableFor = async <S extends PictureSet>(
  name: string,
  labelKind: "tags" | "numbers",
  needs: string,
  given: GivenData,
  model: PictureModel<TaskName>,
  split: PartChoice | undefined,
  context: Context,
): Promise<TestPictures<S>> =>
  partOf(name, await openTableFor<S>(name, labelKind, needs, { ...given, ...formOf(model) }, context), split);

export const openTestPairsFor = async <K extends "masks" | "pictures", S extends PictureSet>(
  name: string,
  kind: K,
  given: GivenData,
  model: PictureModel<TaskName>,
  split: PartChoice | undefined,
  context: Context,
): Promise<TestPictures<S>> =>
  partOf(name, await openPairsFor<K, S>(name, kind, { ...given, ...formOf(model) }, context, model.classes), split);

/** Pictures as a model takes them. */
const formOf = ({ preprocessing }: PictureModel<TaskName>): GivenData => {
  const { channels, height, width, resize } = preprocessing;
  return { size: [height, width], ...(channels === 1 ? { gray: true } : { colour: true }), resize };
};

function partOf<S extends PictureSet>(name: string, opened: Split<S>, told: PartChoice | undefined): TestPictures<S> {
  const split = told ?? (opened.test ? "test" : "train");
  const data = split === "all" ? undefined : opened[split];
  if (!data) throw new UsageError(`--split cannot be ${split} of ${name}; there are train, validation and test.`);
  return { data, split, skipped: opened.skipped };
}
