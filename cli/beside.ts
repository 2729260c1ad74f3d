// What a training leaves beside its model: run.json (where its data is), events for TensorBoard, and the report at its end. None
// of it is worth a training: what cannot be written is told and left.
import { files } from "#host";
import {
  type Engine,
  type FinishedEvent,
  type Layer,
  NeocogError,
  type PictureSet,
  type Split,
  type TaskName,
  type TrainingEvent,
} from "../src/doors/neocog.ts";
import type { EventLog } from "../src/doors/report.ts";
import type { logKinds } from "./cards/names.ts";
import type { Context } from "./context.ts";
import type { GivenData } from "./data.ts";
import { Phases } from "./phases.ts";
import type { TrainingPlan } from "./plan.ts";
import type { Measured } from "./report.ts";
import { givenOf, type RunFile, writeRunFile } from "./runFile.ts";

export interface BesideOptions extends GivenData {
  readonly log?: LogKind;
  readonly bare?: boolean;
  /** Pictures from another place than the data's. */
  readonly val?: string;
  readonly test?: string;
}

type LogKind = (typeof logKinds)[number];

type Finished = FinishedEvent<Layer, TaskName>;

export class Beside {
  readonly #name: string;
  readonly #out: string;
  readonly #split: Split<PictureSet>;
  readonly #part: Measured["part"];
  readonly #plan: TrainingPlan;
  readonly #options: BesideOptions;
  readonly #context: Context;
  readonly phases = new Phases();
  #log: EventLog | undefined;
  #settings: Readonly<Record<string, unknown>> | undefined;

  constructor(
    name: string,
    out: string,
    split: Split<PictureSet>,
    part: Measured["part"],
    plan: TrainingPlan,
    options: BesideOptions,
    context: Context,
  ) {
    this.#name = name;
    this.#out = out;
    this.#split = split;
    this.#part = part;
    this.#plan = plan;
    this.#options = options;
    this.#context = context;
  }

  async hear(event: TrainingEvent<Layer, TaskName>): Promise<void> {
    this.phases.add(event);
    if (event.kind === "checkpoint") this.#settings = event.checkpoint.settings;
    const { log } = this.#options;
    await this.#attempt(async () => {
      if (event.kind === "started") {
        await writeRunFile(this.#out, this.#run());
        if (log) this.#log = await this.#openLog(log);
      }
      await this.#log?.add(event);
    });
  }

  /** Ends the log, whatever became of the training. */
  async close(): Promise<void> {
    await this.#attempt(async () => this.#log?.close());
  }

  /** The page at the end; where it went. */
  async report(end: Finished, { set }: Measured, engine: Engine): Promise<string | undefined> {
    this.phases.spent("judging");
    const phases = this.phases.result();
    return this.#attempt(async () => {
      await writeRunFile(this.#out, { ...this.#run(), phases });
      if (this.#options.bare) return undefined;
      const { checkPage, report } = await import("../src/doors/report.ts");
      const path = files.join(this.#out, "report.html");
      await checkPage(path);
      const data = {
        name: this.#elsewhere() ?? this.#name,
        part: partWords[this.#part],
        set,
        pictures: picturesOf(this.#split),
      };
      const { signal } = this.#context;
      const page = await report(
        [
          {
            ...{ name: this.#out, trained: end.trained, history: end.history, data, phases },
            ...(this.#settings ? { settings: this.#settings } : {}),
          },
        ],
        { engine, signal },
      );
      await files.writeFileAtomic(path, page);
      return path;
    });
  }

  /** Where the pictures are that the model is judged by, if it is not the data's place. */
  #elsewhere(): string | undefined {
    const { val, test } = this.#options;
    return this.#part === "test" ? test : this.#part === "validation" ? val : undefined;
  }

  #run(): RunFile {
    const { testFraction: _, validationFraction: __, ...whole } = givenOf(this.#options);
    // A test set of the data's own is found without shares, and takes none.
    const given = this.#part === "test" && !this.#split.testByChance ? whole : givenOf(this.#options);
    const elsewhere = this.#elsewhere();
    return {
      ...(elsewhere === undefined ? { data: this.#name, given, part: this.#part } : { data: elsewhere, given: whole }),
      ...{ folder: process.cwd() },
      pictures: picturesOf(this.#split),
    };
  }

  async #openLog(kind: LogKind): Promise<EventLog> {
    const { openEventLog } = await import("../src/doors/report.ts");
    const { resume: _, weights: __, ...options } = { resume: undefined, weights: undefined, ...this.#plan.options };
    const text = [
      `**${this.#plan.title}** on ${this.#name}`,
      "",
      `    ${JSON.stringify(options, null, 2).replaceAll("\n", "\n    ")}`,
    ].join("\n");
    return openEventLog(files.join(this.#out, "tensorboard"), { weights: kind === "tensorboard+weights", text });
  }

  /** A failure to write is told once; a command that is stopped is stopped. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NeocogError)) throw error;
      this.#context.say(this.#context.paint.warn(error.message));
      return undefined;
    }
  }
}

/** How a part is called before "pictures". */
export const partWords = { train: "training", validation: "validation", test: "test", all: "all" } as const;

export const picturesOf = ({ train, validation, test }: Split<PictureSet>): Readonly<Record<string, number>> => ({
  training: train.images.shape[0],
  ...(validation ? { validation: validation.images.shape[0] } : {}),
  ...(test ? { test: test.images.shape[0] } : {}),
});
