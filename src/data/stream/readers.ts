// The threads that read pictures ahead of whoever needs them, shared by all that read at the same time and ended with the last
// of them. Where there are none (a page, or on wish) the calling thread does the work.
import { files, threads as host } from "#host";
import { DataError, NeocogError } from "../../base/errors.ts";
import type { StopSignal } from "../../base/web.ts";
import type { Thread, ThreadScript } from "../../host/host.ts";
import type { FromReader, ToReader } from "./messages.ts";
import { type Answers, type Asked, perform, type TaskName } from "./tasks.ts";

const script: ThreadScript = {
  name: "./worker.js",
  base: import.meta.url,
  worker: () => {
    throw new NeocogError("Pictures are not read by threads of a page.");
  },
};

/** Tasks that one thread has at a time: the next lies ready while it answers. */
const atOnce = 2;
/** Milliseconds that a thread may finish its picture in when it is to end. */
const patience = 500;
const most = 8;

/** Threads that read beside an engine, and those that read where nothing else runs. */
export const usualReaders = (alone: boolean): number => {
  if (files.onNet) return 0;
  const cores = host.cores();
  return Math.min(most, alone ? cores : Math.max(1, Math.floor(cores / 2)));
};

interface Waiting {
  readonly name: TaskName;
  readonly task: Asked[TaskName];
  readonly resolve: (answer: Answers[TaskName]) => void;
  readonly reject: (error: unknown) => void;
}

interface Reader {
  readonly thread: Thread;
  readonly has: Map<number, Waiting>;
}

class Pool {
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #readers: Reader[] = [];
  readonly #queue: Waiting[] = [];
  #serial = 0;
  #heard = false;
  #here: Promise<void> = Promise.resolve();
  #lost: NeocogError | undefined;
  users = 0;

  get threads(): number {
    return this.#readers.length;
  }

  grow(threads: number): void {
    while (this.#readers.length < threads) {
      const has = new Map<number, Waiting>();
      const thread = host.start(script, {
        message: (message) => this.#hear(reader, message as FromReader),
        died: (reason) => this.#lose(reader, reason),
      });
      const reader: Reader = { thread, has };
      thread.post({ kind: "start", stop: this.#stop } satisfies ToReader);
      this.#readers.push(reader);
    }
  }

  ask<K extends TaskName>(name: K, task: Asked[K], signal: StopSignal | undefined): Promise<Answers[K]> {
    return new Promise<Answers[TaskName]>((resolve, reject) => {
      const abort = (): void => {
        const place = this.#queue.indexOf(waiting);
        if (place >= 0) this.#queue.splice(place, 1);
        reject(signal?.reason);
      };
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          signal?.removeEventListener("abort", abort);
          settle(value);
        };
      const waiting: Waiting = { name, task, resolve: settled(resolve), reject: settled(reject) };
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      signal?.addEventListener("abort", abort, { once: true });
      this.#queue.push(waiting);
      this.#deal();
    }) as Promise<Answers[K]>;
  }

  #deal(): void {
    if (this.#readers.length === 0) {
      for (const waiting of this.#queue.splice(0)) {
        if (this.#heard) waiting.reject(this.#lost);
        else this.#here = this.#here.then(() => this.#work(waiting));
      }
    }
    while (this.#queue.length > 0) {
      const idle = this.#readers.reduce((best, one) => (one.has.size < best.has.size ? one : best));
      if (idle.has.size >= atOnce) return;
      const waiting = this.#queue.shift()!;
      const id = this.#serial++;
      idle.has.set(id, waiting);
      if (idle.has.size === 1) idle.thread.keep(true);
      idle.thread.post({ kind: "task", id, name: waiting.name, task: waiting.task } satisfies ToReader);
    }
  }

  #hear(reader: Reader, message: FromReader): void {
    this.#heard = true;
    const waiting = reader.has.get(message.id);
    reader.has.delete(message.id);
    if (reader.has.size === 0) reader.thread.keep(false);
    this.#deal();
    if (message.kind === "answer") waiting?.resolve(message.answer);
    else waiting?.reject(message.ofData ? new DataError(message.message) : new NeocogError(message.message));
  }

  /** A thread that ended by itself (out of memory, say) takes its tasks with it. */
  #lose(reader: Reader, reason: string): void {
    const place = this.#readers.indexOf(reader);
    if (place >= 0) this.#readers.splice(place, 1);
    this.#lost = new NeocogError(`A thread that reads pictures ended: ${reason}.`);
    if (this.#heard) for (const waiting of reader.has.values()) waiting.reject(this.#lost);
    else this.#queue.unshift(...reader.has.values());
    this.#deal();
  }

  /** No thread ever answered (a bundler left their script behind, say): the calling thread reads. */
  async #work({ name, task, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await perform(name, task, () => Atomics.load(this.#stop, 0) !== 0));
    } catch (error) {
      reject(error);
    }
  }

  async close(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    const late = Date.now() + patience;
    while (this.#readers.some(({ has }) => has.size > 0) && Date.now() < late)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all(this.#readers.map(({ thread }) => thread.end()));
  }
}

let shared: Pool | undefined;

/** Whoever reads asks here; `close` gives the threads back. */
export interface Readers {
  /** Threads, the calling one where there is no other. */
  readonly threads: number;
  /** Batches to ask for ahead of time; none where the calling thread reads, which cannot do two things at once. */
  readonly ahead: number;
  /** Rejects with the signal's reason once it is aborted. */
  ask<K extends TaskName>(name: K, task: Asked[K], signal?: StopSignal): Promise<Answers[K]>;
  close(): Promise<void>;
}

export function openReaders(threads: number): Readers {
  if (threads === 0) {
    return {
      threads: 1,
      ahead: 0,
      ask: async (name, task, signal) => {
        try {
          return await perform(name, task, () => signal?.aborted === true);
        } catch (error) {
          if (signal?.aborted) throw signal.reason;
          throw error;
        }
      },
      close: async () => {},
    };
  }
  shared ??= new Pool();
  const pool = shared;
  pool.users++;
  pool.grow(threads);
  let open = true;
  return {
    threads: pool.threads,
    ahead: atOnce * pool.threads,
    ask: (name, task, signal) => pool.ask(name, task, signal),
    async close() {
      if (!open) return;
      open = false;
      if (--pool.users > 0) return;
      shared = undefined;
      await pool.close();
    },
  };
}
