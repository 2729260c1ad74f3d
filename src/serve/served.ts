// A model that is served by a name. A new version is made ready beside the old one, then takes its place; requests that the old one
// has begun are answered by it, and then its memory is given back.
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import type { StopSignal } from "../base/web.ts";
import { completePreprocessing, type Preprocessing } from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import { meantByRow } from "../use/answers.ts";
import { type AnyTask, type TaskName, taskOf } from "../use/tasks/list.ts";
import { Batcher } from "./batcher.ts";
import { Ladder, type ServedModel } from "./ladder.ts";
import type { ModelMetrics } from "./metrics.ts";
import type { Settings } from "./options.ts";
import { Refusal } from "./refusal.ts";
import type { Turns } from "./turns.ts";

/** A model, or where it comes from: asked again for each new version. */
export type Servable = ServedModel | (() => Promise<ServedModel>);

export interface Home {
  readonly engine: Engine;
  readonly turns: Turns;
  readonly settings: Settings;
}

/** One version of a model, ready to answer. */
export class Version {
  readonly number: number;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly batcher: Batcher;
  readonly sizes: readonly number[];
  /** The name of what it says of a picture. */
  readonly task: TaskName;
  readonly #trained: ServedModel;
  readonly #ladder: Ladder;
  #uses = 0;
  #retired = false;

  private constructor(number: number, trained: ServedModel, ladder: Ladder, home: Home, metrics: ModelMetrics) {
    const { maxBatch, maxWait, queue } = home.settings;
    this.number = number;
    this.classes = trained.classes;
    this.preprocessing = completePreprocessing(trained.preprocessing);
    this.sizes = ladder.sizes;
    this.task = trained.task ?? "classification";
    this.#trained = trained;
    this.#ladder = ladder;
    this.batcher = new Batcher({
      ...{ ladder, turns: home.turns, maxBatch, maxWait, queue },
      onBatch: (pictures) => metrics.batches.observe(pictures),
      onTime: (seconds) => metrics.computing.observe(seconds),
    });
  }

  static async open(number: number, trained: ServedModel, home: Home, metrics: ModelMetrics): Promise<Version> {
    const preprocessing = completePreprocessing(trained.preprocessing);
    const ladder = await home.turns.take(() =>
      Ladder.open(trained, preprocessing, home.engine, home.settings.maxBatch),
    );
    return new Version(number, trained, ladder, home, metrics);
  }

  /** Keeps this version until the work is done. */
  async use<T>(work: (version: Version) => Promise<T>): Promise<T> {
    this.#uses++;
    try {
      return await work(this);
    } finally {
      this.#uses--;
      this.#settle();
    }
  }

  /** What is said of each picture, as predict says it; `top`: how many classes are named. */
  async predict(pictures: readonly NdArray[], top: number, signal: StopSignal): Promise<object[]> {
    const task: AnyTask = taskOf(this.#trained);
    const { shape } = this.#ladder;
    const answers = await this.batcher.answers(pictures, signal);
    return answers.map((numbers) => task.answer(meantByRow(numbers, shape, task), shape, this.#trained, top) as object);
  }

  retire(): void {
    this.#retired = true;
    this.#settle();
  }

  #settle(): void {
    if (!this.#retired || this.#uses > 0) return;
    this.#uses = Number.POSITIVE_INFINITY;
    this.#ladder.release();
  }
}

export class Served {
  readonly name: string;
  readonly metrics: ModelMetrics;
  readonly #given: Servable;
  readonly #home: Home;
  #current: Version;
  #reloading = false;

  private constructor(name: string, given: Servable, home: Home, metrics: ModelMetrics, first: Version) {
    this.name = name;
    this.#given = given;
    this.#home = home;
    this.metrics = metrics;
    this.#current = first;
  }

  static async open(name: string, given: Servable, home: Home, metrics: ModelMetrics): Promise<Served> {
    const first = await Version.open(1, await modelOf(given), home, metrics);
    return new Served(name, given, home, metrics, first);
  }

  get current(): Version {
    return this.#current;
  }

  /** Opens the model anew; where that fails the old version goes on, and the error says why. */
  async reload(): Promise<Version> {
    if (typeof this.#given !== "function")
      throw new Refusal(409, `${this.name} was given as it is and not by a path, so there is nothing to open anew.`);
    if (this.#reloading) throw new Refusal(409, `${this.name} is being opened anew already; wait for it.`);
    this.#reloading = true;
    try {
      const old = this.#current;
      this.#current = await Version.open(old.number + 1, await modelOf(this.#given), this.#home, this.metrics);
      old.retire();
      return this.#current;
    } catch (error) {
      if (!(error instanceof NeocogError)) throw error;
      throw new Refusal(422, `${this.name} stays as it was: ${error.message}`);
    } finally {
      this.#reloading = false;
    }
  }
}

const modelOf = async (given: Servable): Promise<ServedModel> => (typeof given === "function" ? await given() : given);
