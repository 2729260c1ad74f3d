// A thread that reads pictures and makes batches: one task after another, in the order in which they come. In Node only: a page
// decodes in the browser's own threads.
import { DataError } from "../../base/errors.ts";
import { inside } from "../../host/inside.ts";
import type { FromReader, ToReader } from "./messages.ts";
import { type Answers, perform, type TaskName } from "./tasks.ts";

let stop: Int32Array = new Int32Array(1);
let last: Promise<void> = Promise.resolve();

const answer = inside.serve((given) => {
  const message = given as ToReader;
  if (message.kind === "start") stop = message.stop;
  else last = last.then(() => work(message));
});

async function work({ id, name, task }: Extract<ToReader, { kind: "task" }>): Promise<void> {
  try {
    const found = await perform(name, task, () => Atomics.load(stop, 0) !== 0);
    answer({ kind: "answer", id, answer: found } satisfies FromReader, buffersOf(found));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ kind: "failed", id, message, ofData: error instanceof DataError } satisfies FromReader);
  }
}

/** The large buffers of an answer, which are handed over rather than copied. */
function buffersOf(found: Answers[TaskName]): ArrayBuffer[] {
  if (found instanceof Uint8Array) return [found.buffer as ArrayBuffer];
  if ("images" in found) return [found.images.data.buffer as ArrayBuffer];
  return "pixels" in found && found.pixels ? [found.pixels.buffer as ArrayBuffer] : [];
}
