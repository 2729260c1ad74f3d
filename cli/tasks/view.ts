// What the command line knows of a task, as a row: how its data is opened, what is told before a training and after it, and
// what is said of a picture. The commands are the same for all tasks; what differs stands in the rows (list.ts).

import { percent } from "../../src/base/amounts.ts";
import type {
  EpochRecord,
  PartChoice,
  PictureSet,
  Preprocessing,
  RecipeOptions,
  Split,
  TaskName,
  TaskTypes,
} from "../../src/doors/neocog.ts";
import { drawBar } from "../bar.ts";
import type { Context } from "../context.ts";
import type { GivenData, TestPictures } from "../data.ts";
import { visible } from "../door.ts";
import type { PictureModel } from "../model.ts";

/** The main metric as a column of the training's table. */
export interface MetricColumn {
  readonly name: string;
  readonly head: string;
  /** `exact`: where there is room for all that counts. */
  show(value: number, exact?: boolean): string;
}

/** A command that may come next, less the name of the program, and what it does. */
export type NextStep = readonly [command: string, what: string];

/** What is known where next steps are told: names as a shell wants them. */
export interface Ended {
  readonly data: string;
  readonly out: string;
  /** What `eval` needs to find the same pictures again. */
  readonly evalFlags: string;
}

/** Data of a task. */
type Data<T extends TaskName> = PictureSet<TaskTypes[T]["labels"]>;
/** What evaluate gives. */
type Judged<T extends TaskName> = TaskTypes[T]["evaluation"];

export interface TaskView<T extends TaskName> {
  readonly metric: MetricColumn;
  /** Opens data to train on. `known`: the classes of the model that is gone on with. */
  open(name: string, given: GivenData, context: Context, known?: readonly string[]): Promise<Split<Data<T>>>;
  /** Opens data to try a model on, as the model takes it. */
  openTest(
    name: string,
    given: GivenData,
    model: PictureModel<T>,
    split: PartChoice | undefined,
    context: Context,
  ): Promise<TestPictures<Data<T>>>;
  /** Pictures can be opened whole, whatever parts their folder has. */
  readonly wholly?: true;
  /** The network and its training where a person tells no other; absent where the data's recipe does. */
  plan?(split: Split<Data<T>>, given: GivenData): { readonly model: string; readonly options: RecipeOptions };
  /** Whether pictures that a recipe changes keep their labels. */
  readonly augmented: boolean;
  /** So many things to be told: `10 classes`. */
  holds(count: number): string;
  /** What is to be known of the pictures beside their number and form. */
  describe(set: Data<T>): string;
  /** Lines before a training: what the labels are like. */
  introduce(split: Split<Data<T>>, context: Context): string[];
  /** What a score on these pictures is to be held against. */
  worth(set: Data<T>): string[];
  /** A line of all that counts. `part`: which pictures, as an adjective. */
  score(evaluation: Judged<T>, context: Context, part?: string): string;
  /** Class by class, or number by number. */
  rows(evaluation: Judged<T>, context: Context): string[];
  /** When the training reached what. `scored`: the set that was scored after every epoch. */
  milestones?(history: readonly EpochRecord<T>[], scored: string): string[];
  /** What a training's document holds of the evaluation at its end. */
  document(evaluation: Judged<T>, part: string, split: Split<Data<T>>, history: readonly EpochRecord<T>[]): object;
  /** What may be done with a trained model. */
  next(ended: Ended): readonly NextStep[];
  /** How much is said for each class, tag or number, by their places; absent where there is none. */
  readonly strength?: {
    /** What it is called in documents. */
    readonly key: string;
    /** Whether the strongest is the answer. */
    readonly likeliest: boolean;
    of(prediction: TaskTypes[T]["prediction"], names: readonly string[]): number[];
    show(value: number): string;
  };
  /** What is taken of the answer of a bundle, in code. */
  readonly taken: string;
  /** What is said of one picture. */
  said(prediction: TaskTypes[T]["prediction"], context: Context): string[];
  /** What --out writes of one picture, a PNG; absent where there is nothing to be seen. `file`: the picture. */
  drawn?(prediction: TaskTypes[T]["prediction"], file: string, form: Preprocessing): Promise<Uint8Array>;
}

export const share = (value: number, exact = false): string => percent(value, exact ? 2 : 1);
export const plain = (value: number): string => String(Number(value.toPrecision(4)));
export const right = (...heads: readonly string[]) => heads.map((head) => ({ head, align: "right" }) as const);

/** `Test accuracy`, or `Accuracy` where nothing tells which pictures. */
export function titled(part: string | undefined, metric: string): string {
  if (part !== undefined) return `${part} ${metric}`;
  return metric[0].toUpperCase() + metric.slice(1);
}

/** The next steps of most tasks. */
export const usualNext = ({ data, out, evalFlags }: Ended, asked = ""): readonly NextStep[] => [
  [`eval ${out} ${data}${evalFlags}`, "score it again, on these pictures or others"],
  [`predict ${out} <picture>${asked}`, "ask it about a picture"],
  [`inspect ${out}`, "see what each layer costs"],
];

/** Names with a share each, and a bar as long. */
export function bars(rows: readonly (readonly [name: string, share: number])[], context: Context): string[] {
  const first = Math.max(...rows.map(([name]) => visible(name).length));
  return rows.map(([name, part], place) => {
    const shown = visible(name).padEnd(first);
    const title = place === 0 ? context.paint.title(shown) : shown;
    return `  ${title}  ${percent(part, 1).padStart(7)}  ${drawBar(part, 20, context)}`;
  });
}
