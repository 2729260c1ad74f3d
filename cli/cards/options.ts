// Options that several commands have.
import type { PreprocessingOptions } from "../../src/doors/neocog.ts";
import { choice, flag, type OptionCard, share, sizes, text, UsageError, whole } from "../command.ts";
import { engineNames } from "./names.ts";

// ---- models

/** The options that give a built-in model another form. */
export const formOptions = {
  input: sizes(
    "-i, --input <sizes>",
    "channels, height and width of the input, 3x224x224; of a file whatever it leaves open",
    1,
    1,
    6,
  ),
  classes: whole("-c, --classes <n>", "outputs of a built-in model"),
} satisfies Record<string, OptionCard>;

const preparedOption: OptionCard<Partial<PreprocessingOptions>> = {
  flags: "--prepared <json>",
  about: 'how pictures become the input, where the model does not say it: {"range":255,"colour":"bgr"}',
  read(value) {
    try {
      const read: unknown = JSON.parse(value);
      if (typeof read === "object" && read !== null && !Array.isArray(read)) return read;
    } catch {}
    throw new UsageError(`--prepared takes a JSON object, such as '{"range":255}', not ${JSON.stringify(value)}.`);
  },
};

/** The name of each class, where a file only numbers them. */
export const classNamesOption = text("--class-names <file>", "names of the classes, one a line, in the model's order");

/** The options of what runs any model: its form, and numbers for a built-in one. */
export const sourceOptions = {
  ...formOptions,
  weights: text(
    "-w, --weights <file>",
    "numbers for a built-in model: safetensors with PyTorch's names; of a model folder last or best",
  ),
  prepared: preparedOption,
} satisfies Record<string, OptionCard>;

/** Which weights of a model folder are used. */
export const kept = ["last", "best"] as const;
export type Kept = (typeof kept)[number];
export const keptOption = choice("-w, --weights <which>", "those of the last epoch, or of the best", kept);

// ---- pictures and data

export const resizeOption = choice(
  "--resize <how>",
  "bring pictures to size in another way than the model was trained with",
  ["cover", "squash", "refuse"],
);

export const invertOption: OptionCard<boolean> = flag(
  "--invert",
  "turn dark into bright first: for dark ink on white paper, where the model knows white on black",
);

export const flipsOption: OptionCard<boolean> = flag(
  "--flips",
  "average what is said of each picture and of its mirror image; twice the time, often a little better",
);

/** Where data is, and how it is read. */
export const readingOptions = {
  labels: text("--labels <file>", "labels of an IDX file of images; found by its name unless told"),
  resize: choice("--resize <how>", "how pictures of another size are brought to size", ["cover", "squash", "refuse"]),
  testFraction: share(
    "--test-fraction <share>",
    "share held back for testing where the data has no test set, 0.2 unless told",
  ),
  validationFraction: share(
    "--validation-fraction <share>",
    "share held back for validation where the data has no such set; unless told 0.1, but 0 of data with a published split",
  ),
  stream: flag(
    "--stream",
    "leave pictures in their files and read them while they are needed; done anyway where they would take more than 256 MB",
  ),
  cache: text(
    "--cache <folder>",
    "keep decoded pictures there, so that each is decoded once; the folder may be deleted at any time",
  ),
  workers: whole(
    "--workers <n>",
    "threads that read pictures; unless told half of the cores while the network computes, 0: none of their own",
    0,
  ),
  mostBroken: share("--most-broken <share>", "share of pictures that may be broken and are left out, 0.05 unless told"),
  noDownload: flag("--offline", "never download; kept to by data that is never downloaded too"),
} satisfies Record<string, OptionCard>;

/** And what form its pictures are given, where no model says so. */
export const dataOptions = {
  size: sizes("--size <sizes>", "pixels of pictures from a folder, 64 or 48x64 (down, across)", 1, 1, 2),
  gray: flag("--gray", "take pictures from a folder as gray"),
  colour: flag("--color", "take pictures from a folder as red, green, blue"),
  ...readingOptions,
} satisfies Record<string, OptionCard>;

// ---- the engine

export const engineOptions = {
  engine: choice("--engine <name>", "where to compute, auto unless told", engineNames),
  threads: whole("--threads <n>", "threads that share the work, all cores unless told; the reference engine has one"),
  wide: flag("--wide", "256-bit arithmetic: faster, but by an experimental part of Node 24 and newer on x64"),
} satisfies Record<string, OptionCard>;
