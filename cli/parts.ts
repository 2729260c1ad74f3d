// The data of a training: what it learns from, and the pictures that steer and judge it, which may lie elsewhere.
import {
  completePreprocessing,
  type PictureSet,
  type Split,
  type TaskName,
  UnusedOption,
} from "../src/doors/neocog.ts";
import { UsageError } from "./command.ts";
import type { Context } from "./context.ts";
import type { GivenData } from "./data.ts";
import type { PictureModel } from "./model.ts";
import type { AnyView } from "./tasks/list.ts";

/** Data of other places on the command line. */
export interface GivenParts extends GivenData {
  /** What steers: the best checkpoint, early stopping. */
  readonly val?: string;
  /** What is looked at once, at the end. */
  readonly test?: string;
}

/** The fraction that each takes the place of. */
const places = [
  { option: "val", part: "validation", fraction: "validationFraction", flag: "--validation-fraction" },
  { option: "test", part: "test", fraction: "testFraction", flag: "--test-fraction" },
] as const;

/** Opens data to train on; what is told by --val and --test is read as the training pictures are, by their classes. */
export async function openParts(
  name: string,
  view: AnyView,
  given: GivenParts,
  context: Context,
  known?: readonly string[],
): Promise<Split<PictureSet>> {
  const told = places.filter(({ option }) => given[option] !== undefined);
  for (const { option, fraction, flag } of told)
    if (given[fraction] !== undefined) throw new UsageError(`Give either --${option} or ${flag}.`);
  const nothing = Object.fromEntries(told.map(({ fraction }) => [fraction, 0]));
  const opened = await view.open(name, { ...given, ...nothing }, context, known).catch((error: unknown) => {
    const meant = error instanceof UnusedOption && told.find(({ fraction }) => fraction === error.option);
    throw meant ? new UnusedOption(meant.option, error.reason) : error;
  });
  let split = opened;
  for (const { option, part } of told) {
    const { data, skipped } = await openLike(opened.train, given[option]!, view, given, context);
    const { testByChance, ...rest } = split;
    split = {
      ...rest,
      ...(testByChance && part !== "test" ? { testByChance } : {}),
      [part]: data,
      skipped: [...split.skipped, ...skipped],
    };
  }
  return split;
}

/** All pictures of another place, brought to the form of those that are learned from. */
function openLike(
  { classes, images, reading }: PictureSet,
  place: string,
  view: AnyView,
  { labels: _, size: __, gray: ___, colour: ____, resize: _____, testFraction: ______, ...given }: GivenData,
  context: Context,
): Promise<{ readonly data: PictureSet; readonly skipped: Split<PictureSet>["skipped"] }> {
  const [, channels, height, width] = images.shape;
  const model = { classes, preprocessing: completePreprocessing({ channels, height, width, ...reading }) };
  const whole = view.wholly ? ("all" as const) : ("train" as const);
  const fractions = view.wholly ? {} : { testFraction: 0, validationFraction: 0 };
  return view.openTest(place, { ...given, ...fractions }, model as PictureModel<TaskName>, whole, context);
}
