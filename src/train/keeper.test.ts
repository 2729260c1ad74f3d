// A checkpoint that cannot be written does not end a run: it is told, and tried again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "../base/errors.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import type { DirectoryHandle } from "../use/storage/handle.ts";
import type { TrainingEvent } from "./events.ts";
import { fit } from "./fit.ts";
import { openCheckpoint } from "./folder.ts";
import type { FitOptions } from "./options.ts";
import { bars, tinyNetwork } from "./testing.ts";

/** A directory handle whose disk can be full. */
class Disk implements DirectoryHandle {
  readonly kind = "directory";
  readonly name = "disk";
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  full = false;

  async getFileHandle(name: string, { create = false } = {}) {
    if (!this.files.has(name) && !create) throw new DOMException("none", "NotFoundError");
    if (!this.files.has(name)) this.files.set(name, new Uint8Array());
    return {
      getFile: async () => ({ arrayBuffer: async () => this.files.get(name)!.slice().buffer }),
      createWritable: async () => {
        let held = new Uint8Array();
        return {
          write: async (bytes: Uint8Array<ArrayBuffer>) => {
            if (this.full) throw new DOMException("full", "QuotaExceededError");
            held = bytes.slice();
          },
          close: async () => void this.files.set(name, held),
          abort: async () => undefined,
        };
      },
    };
  }

  async removeEntry(name: string): Promise<void> {
    if (!this.files.delete(name)) throw new DOMException("none", "NotFoundError");
  }

  async *entries() {
    for (const name of [...this.files.keys()]) yield [name, { kind: "file" }] as const;
  }
}

const data = { train: bars(20, 1), validation: bars(12, 2) };
const engine = referenceEngine();
/** Trains; `each` hears every event and may fill the disk. */
async function train(disk: Disk, options: FitOptions, each: (event: TrainingEvent) => void): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of fit(tinyNetwork(), data, { batch: 10, ...options, engine, out: disk })) {
    events.push(event);
    each(event);
  }
  return events;
}

const hidden = (disk: Disk): string[] => [...disk.files.keys()].filter((name) => name.startsWith("."));

test("a disk that is full for two epochs costs no epoch", async () => {
  const disk = new Disk();
  const events = await train(disk, { epochs: 4 }, (event) => {
    if (event.kind === "epoch") disk.full = event.epoch === 2 || event.epoch === 3;
  });
  const warnings = events.filter((event) => event.kind === "warning").map(({ message }) => message);
  assert.equal(warnings.length, 2);
  for (const message of warnings) {
    assert.match(
      message,
      /^disk\/\S+ cannot be written: the space that the browser gives is used up\. It is tried again after the/,
    );
  }
  const written = events.filter((event) => event.kind === "checkpoint").map(({ folder }) => folder);
  assert.deepEqual(written, ["disk", undefined, undefined, "disk"]);
  const { epoch, history } = await openCheckpoint(disk);
  assert.deepEqual([epoch, history.length], [4, 4]);
  assert.deepEqual(hidden(disk), []);
});

test("if the last checkpoint cannot be written the run ends with the reason, and the one before stays", async () => {
  const disk = new Disk();
  await assert.rejects(
    train(disk, { epochs: 3 }, (event) => {
      if (event.kind === "epoch") disk.full = event.epoch === 3;
    }),
    (error: Error) => error instanceof DataError && /cannot be written: the space/.test(error.message),
  );
  assert.equal((await openCheckpoint(disk)).epoch, 2);
});

test("a run that is stopped tries once more, and tells how far its folder has come", async () => {
  for (const freed of [true, false]) {
    const disk = new Disk();
    const stop = new AbortController();
    const events = await train(disk, { epochs: 5, signal: stop.signal }, (event) => {
      if (event.kind === "epoch") disk.full = event.epoch === 2;
      if (event.kind === "batch" && event.epoch === 3) {
        disk.full = !freed;
        stop.abort();
      }
    });
    const last = events.at(-1)!;
    assert.ok(last.kind === "stopped");
    assert.equal(last.epochsDone, freed ? 2 : 1);
    assert.equal(events.filter(({ kind }) => kind === "warning").length, freed ? 1 : 2);
    assert.equal((await openCheckpoint(disk)).epoch, last.epochsDone);
  }
});

test("a disk that is full from the start is found before the first step", async () => {
  const disk = new Disk();
  disk.full = true;
  await assert.rejects(
    train(disk, { epochs: 2 }, ({ kind }) => assert.fail(kind)),
    /cannot be written: the space/,
  );
  assert.deepEqual([...disk.files.keys()], []);
});
