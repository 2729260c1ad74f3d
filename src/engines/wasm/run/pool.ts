// The threads of an engine: persistent workers that wait on a shared word and run programs when it moves (messages.ts).
// The calling thread takes part as thread 0 where it may block.
import { threads as host } from "#host";
import { NeocogError } from "../../../base/errors.ts";
import type { Thread, ThreadScript } from "../../../host/host.ts";
import { type FromWorker, type ToWorker, word } from "./messages.ts";

const script: ThreadScript = {
  name: "./worker.js",
  base: import.meta.url,
  worker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
};

/** A page's worker that has not said a word after so many milliseconds will never. */
const patience = 20_000;

export class Pool {
  readonly threads: number;
  /** Whether the calling thread is thread 0. */
  readonly joins: boolean;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #workers: Thread[] = [];
  #failure: NeocogError | undefined;
  #done: (() => void) | undefined;
  #waiting: number;
  #settle: ((reason?: string) => void) | undefined;
  readonly #started: Promise<string | undefined>;

  constructor(threads: number, joins: boolean) {
    this.threads = threads;
    this.joins = joins;
    this.#control = new Int32Array(new SharedArrayBuffer(64));
    this.#waiting = threads - (joins ? 1 : 0);
    this.#started = new Promise((resolve) => {
      this.#settle = resolve;
    });
    for (let thread = joins ? 1 : 0; thread < threads; thread++) {
      const worker = host.start(script, {
        message: (message) => this.#hear(message as FromWorker),
        died: (reason) => this.#fail(reason),
      });
      this.#workers.push(worker);
      worker.post({ kind: "start", control: this.#control, thread, threads } satisfies ToWorker);
    }
    Atomics.add(this.#control, word.sent, 1);
  }

  #signal(): void {
    Atomics.add(this.#control, word.signal, 1);
    Atomics.notify(this.#control, word.signal);
  }

  #hear(message: FromWorker): void {
    if (message.kind === "failed") this.#fail(message.reason);
    else if (message.kind === "ready") {
      if (--this.#waiting === 0) this.#settle?.();
    } else this.#done?.();
  }

  /** Waits until every thread has started, but not for ever; gives the reason why one did not. */
  async start(): Promise<string | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve("it did not start in time"), patience);
    });
    const reason = await Promise.race([this.#started, late]);
    clearTimeout(timer);
    return reason;
  }

  #fail(reason: string): void {
    this.#settle?.(reason);
    this.#failure ??= new NeocogError(
      `A thread of the WASM engine ended: ${reason}. The run is lost; make a new engine to go on.`,
    );
    this.#done?.();
  }

  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Posts to every worker, and makes them hear it. */
  post(message: ToWorker): void {
    for (const worker of this.#workers) worker.post(message);
    Atomics.add(this.#control, word.sent, 1);
    this.#signal();
  }

  /** Starts records [start, end) on the workers. */
  go(executable: number, start: number, end: number): void {
    const control = this.#control;
    Atomics.store(control, word.executable, executable);
    Atomics.store(control, word.start, start);
    Atomics.store(control, word.end, end);
    Atomics.add(control, word.go, 1);
    this.#signal();
  }

  /** Resolves when the first worker is done; for callers that may not block. */
  async finished(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      if (this.#failure) resolve();
    });
    this.#done = undefined;
    this.check();
  }

  /** Whether the workers keep the program from ending. */
  keep(alive: boolean): void {
    for (const worker of this.#workers) worker.keep(alive);
  }

  async close(): Promise<void> {
    this.#failure ??= new NeocogError("This engine was closed.");
    Atomics.store(this.#control, word.closing, 1);
    this.#signal();
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }
}
