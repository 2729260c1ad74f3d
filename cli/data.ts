// Data as it is named on the command line: its options, how far it is read, and what had to be left out.
import { type DataOptions, type Dataset, openData, type Split } from "../src/index.ts";
import { drawBar, openBar } from "./bar.ts";
import { choice, flag, type OptionCard, real, sizes, text, UsageError } from "./command.ts";
import type { Context } from "./context.ts";
import { count, grouped, percent, times } from "./numbers.ts";

/** Where data is, and how it is read. */
export const readingOptions = {
  labels: text("--labels <file>", "labels of an IDX file of images; found by its name unless told"),
  resize: choice("--resize <how>", "how pictures of another size are brought to size", ["cover", "squash"]),
  testFraction: real(
    "--test-fraction <share>",
    "share held back for testing where the data has no test set, 0.2 unless told",
    0,
  ),
  noDownload: flag("--offline", "never download"),
} satisfies Record<string, OptionCard>;

/** And what form its pictures are given, where no model says so. */
export const dataOptions = {
  size: sizes("--size <sizes>", "pixels of pictures from a folder, 64 or 48x64 (down, across)", 1, 1, 2),
  gray: flag("--gray", "take pictures from a folder as gray"),
  colour: flag("--color", "take pictures from a folder as red, green, blue"),
  ...readingOptions,
} satisfies Record<string, OptionCard>;

export interface GivenData {
  readonly labels?: string;
  readonly size?: readonly number[];
  readonly gray?: boolean;
  readonly colour?: boolean;
  readonly resize?: "cover" | "squash";
  readonly testFraction?: number;
  readonly noDownload?: boolean;
}

/** Opens data; `form` says what a trained model wants of pictures that have no form of their own. */
export async function openDataFor(name: string, given: GivenData, form: DataOptions, context: Context): Promise<Split> {
  if (given.gray && given.colour) throw new UsageError("Give either --gray or --color.");
  const told = reporter(context);
  try {
    const [height, width = height] = given.size ?? [];
    const split = await openData(name, {
      ...form,
      ...(height === undefined ? {} : { size: [height, width] as const }),
      ...(given.gray ? { channels: 1 } : given.colour ? { channels: 3 } : {}),
      ...(given.resize ? { resize: given.resize } : {}),
      ...(given.labels ? { labels: given.labels } : {}),
      ...(given.testFraction === undefined ? {} : { testFraction: given.testFraction }),
      ...(given.noDownload ? { download: false } : {}),
      onProgress: told.progress,
      signal: context.signal,
    });
    told.stop();
    reportSkipped(split, context);
    return split;
  } finally {
    told.stop();
  }
}

/** A bar for each thing that is read or downloaded, once it takes longer than a blink. */
function reporter(context: Context): { progress: NonNullable<DataOptions["onProgress"]>; stop(): void } {
  const began = Date.now();
  let shown: { what: string; stop(): void; update(share: number): void } | undefined;
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
        const name = what.length > 36 ? `…${what.slice(-35)}` : what;
        const bar = openBar(context, (share) => `${name}  ${drawBar(share, 24, context)}  ${percent(share, 0)}`);
        if (!context.terminal) context.say(`Reading ${what} …`);
        shown = { what, ...bar };
      }
      shown?.update(total > 0 ? done / total : 0);
    },
  };
}

function reportSkipped({ skipped }: Split, { say, paint }: Context): void {
  if (skipped.length === 0) return;
  say(paint.warn(`${count(skipped.length, "file was", "files were")} left out:`));
  for (const { file, reason } of skipped.slice(0, 5)) {
    say(`  ${reason.includes(file) ? reason : `${file}: ${reason}`}`);
  }
  if (skipped.length > 5) say(`  … and ${skipped.length - 5} more (--json lists them all)`);
}

/** 1,438 training and 359 test pictures, 8 x 8, gray, 10 classes */
export function describeSplit({ train, test }: Split): string {
  return `${grouped(train.labels.length)} training and ${count(test.labels.length, "test picture")}, ${describeForm(train)}`;
}

export function describeForm({ images, classes }: Dataset): string {
  const [, channels, height, width] = images.shape;
  const colours = channels === 1 ? "gray" : channels === 3 ? "colour" : `${channels} channels`;
  return `${times([height, width])}, ${colours}, ${count(classes.length, "class", "classes")}`;
}
