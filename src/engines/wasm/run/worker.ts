// A thread of the WASM engine: waits for work on a shared word, leaves the wait to hear messages (messages.ts).
import { inside as host } from "../../../host/inside.ts";
import { probeFeatures } from "../code/features.ts";
import { type Instance, instantiate } from "./instance.ts";
import { type FromWorker, type ToWorker, word } from "./messages.ts";

const programs = new Map<number, Instance>();
let control = new Int32Array(new SharedArrayBuffer(64));
let thread = 0;
let threads = 1;
let heard = 0;
let lastGo = 0;
/** How often an idle thread looks for the next run before it sleeps, about 0.1 ms: runs often follow each other closely. */
const looks = 50_000;

const answer = host.serve((message) => {
  hear(message as ToWorker);
  heard++;
  serve();
});
const say = (message: FromWorker): void => answer(message);

function hear(message: ToWorker): void {
  switch (message.kind) {
    case "start":
      probeFeatures(host.enableRelaxedSimd);
      ({ control, thread, threads } = message);
      say({ kind: "ready" });
      break;
    case "load":
      programs.set(message.executable, instantiate(message.module, message.memory));
      break;
    case "release":
      programs.delete(message.executable);
      break;
  }
}

/** Runs what comes until there are messages to hear. */
function serve(): void {
  for (;;) {
    const signal = Atomics.load(control, word.signal);
    if (Atomics.load(control, word.sent) !== heard || Atomics.load(control, word.closing) !== 0) return;
    const go = Atomics.load(control, word.go);
    if (go === lastGo) {
      for (let i = 0; i < looks; i++) if (Atomics.load(control, word.signal) !== signal) break;
      Atomics.wait(control, word.signal, signal);
    } else {
      lastGo = go;
      run();
    }
  }
}

function run(): void {
  const program = programs.get(Atomics.load(control, word.executable));
  const start = Atomics.load(control, word.start);
  const end = Atomics.load(control, word.end);
  try {
    if (!program) throw new Error("it was asked to run a program that it does not have");
    let place = program.main(thread, threads, start, end, 0);
    while (place >= 0 && Atomics.load(control, word.closing) === 0)
      place = program.main(thread, threads, place, end, 1);
    // -2: another thread failed, and says so itself.
    if (thread === 0 && place === -1) say({ kind: "done" });
  } catch (error) {
    program?.abort();
    say({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
}
