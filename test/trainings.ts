// Trainings of the tiny network for the tests of a file: one engine of one thread, and a folder to keep them in; both go with the
// file's last test.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Engine } from "../src/engines/engine.ts";
import { openEngine } from "../src/run/engines.ts";
import type { FinishedEvent, TrainingEvent } from "../src/train/events.ts";
import { fit } from "../src/train/fit.ts";
import type { FitOptions, TrainingData } from "../src/train/options.ts";
import { tinyNetwork } from "../src/train/testing.ts";

export class Trainings {
  engine!: Engine;
  folder!: string;
  readonly #data: TrainingData;

  constructor(data: TrainingData) {
    this.#data = data;
    before(async () => {
      this.engine = await openEngine("auto", { threads: 1 });
      this.folder = await mkdtemp(join(tmpdir(), "neocog-fit-"));
    });
    after(async () => {
      await this.engine.close();
      await rm(this.folder, { recursive: true });
    });
  }

  async collect(options: FitOptions, from: TrainingData = this.#data): Promise<TrainingEvent[]> {
    const events: TrainingEvent[] = [];
    for await (const event of fit(tinyNetwork(), from, { engine: this.engine, ...options })) events.push(event);
    return events;
  }
}

export const finished = (events: readonly TrainingEvent[]): FinishedEvent => {
  const last = events.at(-1)!;
  assert.equal(last.kind, "finished");
  return last as FinishedEvent;
};
