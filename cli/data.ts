// Data as it is named on the command line: its options, how far it is read, and what had to be left out.

import { count, grouped, percent, times } from "../src/base/amounts.ts";
import {
  type ClassifierModel,
  type ClassSet,
  type DataOptions,
  type Found,
  openData,
  openTestData,
  type PartChoice,
  type PictureSet,
  type Skipped,
  type Split,
  UnusedOption,
} from "../src/doors/neocog.ts";
import { drawBar, openBar } from "./bar.ts";
import { UsageError } from "./command.ts";
import type { Context } from "./context.ts";
import { visible } from "./door.ts";

export interface GivenData {
  readonly labels?: string;
  readonly size?: readonly number[];
  readonly gray?: boolean;
  readonly colour?: boolean;
  readonly resize?: "cover" | "squash" | "refuse";
  readonly crop?: number;
  readonly testFraction?: number;
  readonly validationFraction?: number;
  readonly stream?: boolean;
  readonly cache?: string;
  readonly workers?: number;
  readonly mostBroken?: number;
  readonly noDownload?: boolean;
  readonly target?: "input";
}

/** Pictures to try a model on, which part they are, and what could not be used. */
export interface TestPictures<S extends PictureSet> {
  readonly data: S;
  readonly split: PartChoice;
  readonly skipped: readonly Skipped[];
}

const classesOf = (n: number): string => count(n, "class", "classes");

/** Opens data of one class a picture to train on. */
export const openDataFor = (name: string, given: GivenData, context: Context): Promise<Split<ClassSet>> =>
  reading(name, given, context, classesOf, (options) => openData(name, options));

/** Opens data of one class a picture to try a model on, as the model takes it. */
export function openTestDataFor(
  name: string,
  given: GivenData,
  model: ClassifierModel,
  split: PartChoice | undefined,
  context: Context,
): Promise<TestPictures<ClassSet>> {
  return reading(name, given, context, classesOf, (options) => openTestData(name, model, { ...options, split }));
}

/** Options of data as the command line gives them to the library. */
export type ReadingOptions = DataOptions & { readonly stream: true | "auto" };

/**
 * Reads with a bar; what is left out is told before any picture is decoded, what cannot be decoded afterwards. `named`: so many
 * classes, or what the labels count in.
 */
export async function reading<T extends { readonly skipped: readonly Skipped[] }>(
  name: string,
  given: GivenData,
  context: Context,
  named: (count: number) => string,
  open: (options: ReadingOptions) => Promise<T>,
): Promise<T> {
  if (given.gray && given.colour) throw new UsageError("Give either --gray or --color.");
  const told = reporter(context);
  let listed: readonly Skipped[] = [];
  const onFound = (found: Found): void => {
    listed = found.skipped;
    announce(name, found, named, context);
  };
  try {
    const [height, width = height] = given.size ?? [];
    const opened = await open({
      ...(height === undefined ? {} : { size: [height, width] as const }),
      ...(given.gray ? { channels: 1 } : given.colour ? { channels: 3 } : {}),
      ...(given.resize ? { resize: given.resize } : {}),
      ...(given.crop === undefined ? {} : { crop: given.crop }),
      ...(given.labels ? { labels: given.labels } : {}),
      ...(given.testFraction === undefined ? {} : { testFraction: given.testFraction }),
      ...(given.validationFraction === undefined ? {} : { validationFraction: given.validationFraction }),
      ...(given.cache === undefined ? {} : { cache: given.cache }),
      ...(given.workers === undefined ? {} : { workers: given.workers }),
      ...(given.mostBroken === undefined ? {} : { mostBroken: given.mostBroken }),
      ...(given.noDownload ? { download: false } : {}),
      stream: given.stream ? true : "auto",
      onProgress: told.progress,
      onFound,
      signal: context.signal,
    });
    told.stop();
    reportSkipped(
      opened.skipped.slice(listed.length),
      "picture cannot be read and is",
      "pictures cannot be read and are",
      context,
    );
    return opened;
  } catch (error) {
    // Of one name in the library the command line makes two.
    if (error instanceof UnusedOption && error.option === "channels")
      throw new UnusedOption(given.gray ? "gray" : "colour", error.reason);
    throw error;
  } finally {
    told.stop();
  }
}

/** A bar for each thing that is read or downloaded, once it takes longer than a blink. */
export function reporter(context: Context): { progress: NonNullable<DataOptions["onProgress"]>; stop(): void } {
  const began = Date.now();
  let shown: { what: string; stop(): void; update(share: number): void } | undefined;
  let found = "";
  const stop = (): void => {
    shown?.stop();
    shown = undefined;
  };
  return {
    stop,
    progress(what, done, total) {
      if (Date.now() - began < (context.terminal ? 300 : 2000)) return;
      if (shown?.what !== what) {
        stop();
        const whole = visible(what);
        const name = whole.length > 36 ? `…${whole.slice(-35)}` : whole;
        const bar = openBar(
          context,
          (share) => `${name}  ${drawBar(share, 24, context)}  ${found || percent(share, 0)}`,
        );
        if (!context.terminal) context.say(`Reading ${what} …`);
        shown = { what, ...bar };
      }
      // How many there will be is not known while a folder is looked through.
      found = total > 0 ? "" : grouped(done);
      shown?.update(total > 0 ? done / total : 0);
    },
  };
}

/** What a folder holds by its names: pictures a part, and what is left out. */
function announce(
  name: string,
  { pictures, classes, skipped }: Found,
  named: (count: number) => string,
  context: Context,
): void {
  const parts = Object.entries(pictures).map(([part, n]) =>
    part === "whole" ? `${grouped(n)}` : `${grouped(n)} ${part}`,
  );
  const total = Object.values(pictures).reduce((sum, n) => sum + n, 0);
  context.say(`${name}: ${parts.join(", ")} ${total === 1 ? "picture" : "pictures"} in ${named(classes.length)}`);
  reportSkipped(skipped, "file is", "files are", context);
}

/** Reasons with their number and the first files of each. */
function reportSkipped(skipped: readonly Skipped[], one: string, many: string, { say, paint }: Context): void {
  if (skipped.length === 0) return;
  say(paint.warn(`${count(skipped.length, one, many)} left out:`));
  const reasons = new Map<string, string[]>();
  for (const { file, reason } of skipped) {
    const plain = reason
      .replace(`${file} is not a picture that can be read: `, "")
      .replace(`${file} `, "")
      .replace(/\.$/, "");
    reasons.set(plain, [...(reasons.get(plain) ?? []), file]);
  }
  for (const [reason, files] of [...reasons].sort((a, b) => b[1].length - a[1].length).slice(0, 8)) {
    const more = files.length > 3 ? `, and ${grouped(files.length - 3)} more` : "";
    say(`  ${reason}: ${files.slice(0, 3).join(", ")}${more}`);
  }
  if (reasons.size > 8) say(`  … and ${reasons.size - 8} more reasons (--json lists them all)`);
}

/** 1,294 training, 144 validation and 359 test pictures, 8 x 8, gray, 10 classes. `holds`: what they are told apart by. */
export function describeSplit<S extends PictureSet>(
  { train, validation, test }: Split<S>,
  holds: (set: S) => string,
): string {
  const pictures = ({ images }: S): string => grouped(images.shape[0]);
  const parts = [
    `${pictures(train)} training`,
    ...(validation ? [`${pictures(validation)} validation`] : []),
    ...(test ? [`${pictures(test)} test`] : []),
  ];
  const list = parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
  return `${list} pictures, ${describeForm(train, holds)}`;
}

export function describeForm<S extends PictureSet>(set: S, holds: (set: S) => string): string {
  const [, channels, height, width] = set.images.shape;
  const colours = channels === 1 ? "gray" : channels === 3 ? "colour" : `${channels} channels`;
  const streamed = "store" in set.images ? ", streamed from their files" : "";
  return `${times([height, width])}, ${colours}, ${holds(set)}${streamed}`;
}
