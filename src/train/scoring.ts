// Scores while a run goes on: what the task measures, and beside it a loss or metrics of the caller's own, which are functions
// of tensors and are computed in a plan of their own, over batches without padding.
import type { StopSignal } from "../base/web.ts";
import { type PictureSet, partsOf } from "../data/images.ts";
import { batchLabels } from "../data/labels.ts";
import { prepare } from "../data/normalize.ts";
import { completePreprocessing, type Preprocessing } from "../data/preprocessing.ts";
import type { Engine } from "../engines/engine.ts";
import { atPath, input, type Tensor } from "../graph/graph.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { openSession, type Session, type State } from "../run/session.ts";
import { score } from "../use/evaluate.ts";
import { type Network, openNetwork } from "../use/network.ts";
import { type AnyTask, type TaskName, taskOf } from "../use/tasks/list.ts";
import { scaled } from "../use/tasks/regression.ts";
import type { Known } from "../use/tasks/task.ts";
import { buildLoss, type LossDescription, type LossFunction, meanOf } from "./loss.ts";
import type { ScoreOf } from "./record.ts";
import { learnerOf } from "./tasks/list.ts";

/**
 * A metric of one's own: one number, or one a picture, [batch], of what the network says and what is known of the pictures, as
 * a loss of one's own takes them. The score is the mean over the pictures.
 */
export type MetricFunction = (output: Tensor, target: Tensor) => Tensor;

export interface ScorerOptions extends Known {
  readonly task: TaskName;
  readonly model: Layer;
  readonly weights: State;
  readonly preprocessing: Preprocessing;
  readonly engine: Engine;
  /** Images in a batch. */
  readonly batch: number;
  /** The loss of the run, where the task's evaluation does not tell it. */
  readonly loss?: LossDescription | LossFunction;
  readonly metrics: Readonly<Record<string, MetricFunction>>;
  readonly ignoreIndex?: number;
}

export class Scorer {
  readonly #options: ScorerOptions;
  readonly #network: Network;
  /** By batch size. */
  readonly #own = new Map<number, Session>();

  private constructor(options: ScorerOptions, network: Network) {
    this.#options = options;
    this.#network = network;
  }

  static async open(options: ScorerOptions): Promise<Scorer> {
    const { task } = options;
    return new Scorer(options, await openNetwork({ ...options, task: taskOf({ task }), frozen: false }));
  }

  get batch(): number {
    return this.#network.batch;
  }

  async score(set: PictureSet, weights: State, signal?: StopSignal): Promise<ScoreOf<TaskName>> {
    const task: AnyTask = taskOf({ task: this.#options.task });
    this.#network.load(weights);
    const found = await score(
      this.#network,
      task,
      set,
      { ...this.#options, classes: set.classes },
      signal ? { signal } : {},
    );
    const { loss = found.loss, ...metrics } = await this.#ownScores(set, weights, signal);
    const told = Object.keys(metrics).length > 0 ? { metrics } : {};
    return { loss, [task.main.name]: task.main.of(found), ...told } as unknown as ScoreOf<TaskName>;
  }

  async #ownScores(set: PictureSet, weights: State, signal?: StopSignal): Promise<Record<string, number>> {
    const { loss, metrics, batch, preprocessing } = this.#options;
    const sums: Record<string, number> = {};
    if (!loss && Object.keys(metrics).length === 0) return sums;
    const [count] = set.images.shape;
    let first = 0;
    for await (const part of partsOf(set.images, batch, signal)) {
      const [size] = part.shape;
      const places = Int32Array.from({ length: size }, (_, i) => first + i);
      const session = await this.#sessionFor(size);
      for (const name of session.variables) session.writeVariable(name, weights.get(name)!);
      const given = { images: prepare(part, preprocessing), labels: batchLabels(set.labels, places) };
      const values = await session.run(given);
      for (const [name, { data }] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + (data[0] * size) / count;
      first += size;
    }
    return sums;
  }

  async #sessionFor(size: number): Promise<Session> {
    const there = this.#own.get(size);
    if (there) return there;
    const { model, task, loss, metrics, scale, ignoreIndex, preprocessing, engine } = this.#options;
    const { channels, height, width } = completePreprocessing(preprocessing);
    const images = input("images", [size, channels, height, width]);
    const { output } = build(model, images);
    const { shape, dtype } = learnerOf(task).target(output, { input: images.shape });
    const labels = input("labels", shape, dtype);
    const said = scaled(output, scale);
    const outputs = atPath("metrics", () => ({
      ...(loss ? { loss: buildLoss(loss, output, labels, ignoreIndex, scale) } : {}),
      ...Object.fromEntries(
        Object.entries(metrics).map(([name, of]) => [name, meanOf(`The metric ${name}`, of(said, labels), size)]),
      ),
    }));
    const session = await openSession({ outputs, updates: [] }, engine, {
      ...{ inputs: [images, labels], state: this.#options.weights },
    });
    this.#own.set(size, session);
    return session;
  }

  release(): void {
    this.#network.release();
    for (const session of this.#own.values()) session.release();
  }
}
