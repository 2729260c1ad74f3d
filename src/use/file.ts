// A network from a file of another library, ready for pictures: with what the file notes of its classes and of how pictures
// become its input, or what such files usually want where it says nothing.
//
//   const model = fileModel(onnxSource(await openOnnx(bytes)));
//   await predict(model, picture);

import { understand } from "../base/arguments.ts";
import { DataError, NeocogError } from "../base/errors.ts";
import {
  options as byName,
  like,
  listOf,
  type OptionsOf,
  optional,
  record,
  shape as shapeRule,
  text,
  whole,
} from "../base/rules.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import {
  completePreprocessing,
  type Preprocessing,
  type PreprocessingOptions,
  readPreprocessing,
} from "../data/preprocessing.ts";
import { type FileSource, inputShapeOf } from "../io/source.ts";
import { checkTask, type TaskChoice, type TaskName, taskNames, taskRule, usualTask } from "./tasks/list.ts";
import type { ClassifierModel } from "./trained.ts";

/** Options of fileModel. */
export interface FileModelOptions<T extends TaskName = "classification"> {
  /** What the network must have learnt: a task, or several of which it is one; classification unless told. */
  readonly task?: TaskChoice<T>;
  /** Channels, height and width, where the file leaves them open. */
  readonly input?: Shape;
  /** What the outputs stand for; the file's notes, or their numbers, unless told. */
  readonly classes?: readonly string[];
  /** What is known better than the file says or its form suggests, such as { range: 255 }. */
  readonly preprocessing?: Partial<PreprocessingOptions>;
}

/** A network from a file that answers to pictures. */
export interface FileModel<T extends TaskName = "classification"> extends ClassifierModel<T> {
  /** The network itself. */
  readonly model: FileSource;
  /** How pictures become its input. */
  readonly preprocessing: Preprocessing;
  /** Whether the file itself says how pictures become its input; otherwise it is a guess. */
  readonly noted: boolean;
}

/** The input that a file is built for. */
export interface FileInput {
  /** In the file's own order, the batch first. */
  readonly shape: Shape;
  /** Where the channels of pictures stand in it; undefined where it takes no pictures. */
  readonly layout: Preprocessing["layout"] | undefined;
  /** The preprocessing that the file notes, where it does. */
  readonly noted?: Preprocessing;
}

/**
 * The shape [batch, …sizes] that a file is built for, and where its channels stand, from the file's form and notes.
 * Throws a sentence that names what is still open.
 */
export function fileInput(
  source: FileSource,
  options: Pick<FileModelOptions<TaskName>, "input"> = {},
  batch = 1,
): FileInput {
  understand("fileInput", arguments, {
    source: like("a network from a file, as onnxSource() gives it", "build", "inputName"),
    options: byName<Pick<FileModelOptions, "input">>({ input: shapeRule() }),
    batch: optional(whole(1)),
  });
  const { input: given } = options;
  const note = source.metadata.get("preprocessing");
  const noted = note === undefined ? undefined : readNote(note, "preprocessing", readPreprocessing);
  const layout = noted?.layout ?? layoutOf(source.inputSizes, given);
  const takesPictures = source.inputSizes === undefined || source.inputSizes.length === 4;
  const picture = given ?? (noted && takesPictures ? [noted.channels, noted.height, noted.width] : undefined);
  const inOrder =
    picture?.length === 3 && layout === "NHWC" && !isChannels(picture[2])
      ? [picture[1], picture[2], picture[0]]
      : picture;
  const shape = sizesOf(source, inOrder, batch);
  return { shape, layout: shape.length === 4 ? layout : undefined, ...(noted ? { noted } : {}) };
}

/** The sizes to build for; who must say some says them by an option. */
function sizesOf(source: FileSource, given: Shape | undefined, batch: number): Shape {
  try {
    return inputShapeOf(source, given, batch);
  } catch (error) {
    if (!(error instanceof NeocogError) || error.mend === undefined) throw error;
    const axes = source.inputSizes?.slice(1);
    const usual = axes?.length === 3 ? undefined : axes?.map((size) => (typeof size === "number" ? size : 16));
    throw error.tell({
      mend: (name) => `say them with ${name("input")}, such as ${name("input", usual ?? [3, 224, 224])}.`,
    });
  }
}

const isChannels = (size: number | string | undefined): boolean => size === 1 || size === 3;

/** TensorFlow's files have the channels last: [batch, height, width, 3]. */
function layoutOf(sizes: FileSource["inputSizes"], given: Shape | undefined): Preprocessing["layout"] {
  const [, first, , last] = sizes ?? [undefined, ...(given ?? [])];
  return isChannels(last) && !isChannels(first) ? "NHWC" : "NCHW";
}

/**
 * A file's network with its weights, classes and preprocessing, as `predict`, `evaluate` and `explain` take it. What
 * the file does not note is guessed by its form. Throws where its input is no picture, sizes are still open, or the file notes
 * another task.
 */
export function fileModel<T extends TaskName = "classification">(
  source: FileSource,
  options: FileModelOptions<T> = {},
): FileModel<T> {
  understand("fileModel", arguments, {
    source: like("a network from a file, as onnxSource() gives it", "build", "inputName"),
    options: byName<OptionsOf<typeof fileModel>>({
      ...{ input: shapeRule(), classes: listOf(text, "a list of names"), preprocessing: record, task: taskRule },
    }),
  });
  const task = learntBy(source, options.task);
  const { shape, layout, noted } = fileInput(source, { input: options.input });
  if (!layout) {
    throw new NeocogError(
      `The network's input "${source.inputName}" is ${formatShape(shape)}, but pictures are [batch, channels, height, width].`,
    );
  }
  const { input, output } = source.build(shape);
  const [channels, height, width] = layout === "NCHW" ? shape.slice(1) : [shape[3], shape[1], shape[2]];
  const usual = noted ?? usualFor(source, { channels, height, width }, layout, input.dtype);
  const preprocessing = completePreprocessing({ ...usual, ...{ channels, height, width }, ...options.preprocessing });
  return {
    model: source,
    weights: source.weights(shape),
    classes: options.classes ?? classesOf(source, task === usualTask ? classCount(output.shape) : output.shape[1]),
    ...(task === usualTask ? {} : { task: task as T }),
    preprocessing,
    noted: noted !== undefined,
  };
}

/** What the file notes that it has learnt, or else what it is taken for. */
function learntBy({ metadata }: FileSource, chosen: TaskChoice<TaskName> | undefined): TaskName {
  const noted = taskNames.find((name) => name === metadata.get("task"));
  const task = noted ?? (typeof chosen === "string" ? chosen : usualTask);
  checkTask("The file", task, chosen);
  return task;
}

/** Number of classes of an answer [batch, classes] (or [batch, classes, 1, …]); 0 for answers of another form. */
export function classCount(shape: Shape): number {
  understand("classCount", arguments, { shape: shapeRule() });
  const [, count, ...rest] = shape;
  return count !== undefined && rest.every((n) => n === 1) ? count : 0;
}

function classesOf({ metadata }: FileSource, count: number): readonly string[] {
  const note = metadata.get("classes");
  const noted =
    note === undefined
      ? undefined
      : readNote(note, "classes", (value) => {
          if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
          throw new DataError("the classes are a list of names.");
        });
  return noted?.length === count ? noted : Array.from({ length: count }, (_, i) => String(i));
}

/** A note that Neocog's own export leaves in a file; what others left under its name is passed over. */
function readNote<T>(note: string, name: string, read: (value: unknown, name: string) => T): T | undefined {
  try {
    return read(JSON.parse(note), name);
  } catch {
    return undefined;
  }
}

/**
 * The preprocessing of most networks for pictures [channels, height, width]: ImageNet's mean and deviation for 3
 * channels, which torchvision's networks are trained with, else 0.5 and 0.5 on the scale 0..1.
 */
export function usualPreprocessing(shape: Shape): Preprocessing {
  understand("usualPreprocessing", arguments, { shape: shapeRule(1) });
  const [channels, height, width] = shape;
  return completePreprocessing({
    ...{ channels, height, width },
    mean: channels === 3 ? [0.485, 0.456, 0.406] : new Array<number>(channels).fill(0.5),
    std: channels === 3 ? [0.229, 0.224, 0.225] : new Array<number>(channels).fill(0.5),
  });
}

/** What files of a form usually want: bytes for whole numbers, 0..1 for plain pictures, ImageNet's statistics otherwise. */
function usualFor(
  { plainPictures }: FileSource,
  { channels, height, width }: Pick<Preprocessing, "channels" | "height" | "width">,
  layout: Preprocessing["layout"],
  dtype: Preprocessing["dtype"],
): PreprocessingOptions {
  const form = { channels, height, width, layout, dtype };
  if (dtype === "bool") return form;
  if (dtype !== "float32" && dtype !== "float64") return { ...form, range: 255 };
  return layout === "NHWC" || plainPictures ? form : { ...usualPreprocessing([channels, height, width]), dtype };
}
