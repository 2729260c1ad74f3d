// What a server may be told, and what it is unless told.
import { listOf, path, type Rules, real, text, whole } from "../base/rules.ts";
import { type Engine, engineRule } from "../engines/engine.ts";

/** Options of serve. */
export interface ServeOptions {
  /** The address to listen on; 127.0.0.1 unless told, which only this machine reaches. */
  readonly host?: string;
  /** 8080 unless told; 0 takes one that is free. */
  readonly port?: number;
  /** Most pictures computed together; 16 unless told. */
  readonly maxBatch?: number;
  /** Milliseconds that a picture waits for others at most; 2 unless told. */
  readonly maxWait?: number;
  /** Most requests that are served or wait at a time, and most pictures that wait; 256 unless told. More are refused with 429. */
  readonly queue?: number;
  /** Most bytes of a request; 16 MiB unless told. */
  readonly bodyLimit?: number;
  /** Most pixels of a picture; 33,554,432 unless told. */
  readonly pixelLimit?: number;
  /** Most pictures of a request; 64 unless told. */
  readonly pictureLimit?: number;
  /** Seconds in which a request must have come and be answered; 30 unless told. */
  readonly timeout?: number;
  /** Origins whose pages may ask, such as https://example.org; `*` for all. None unless told. */
  readonly cors?: readonly string[];
  /** Names in the Host header that are answered beside localhost; where another address than this machine's own is listened on and none are told, all. */
  readonly hosts?: readonly string[];
  /** The best engine of this machine unless told. Stays open. */
  readonly engine?: Engine;
}

/** Options with everything told. */
export type Settings = Required<Omit<ServeOptions, "engine">>;

export const serveRules = {
  host: path,
  port: whole(0, 65_535),
  maxBatch: whole(1, 1024),
  maxWait: real(0, 10_000),
  queue: whole(1, 1_000_000),
  bodyLimit: whole(1),
  pixelLimit: whole(1),
  pictureLimit: whole(1),
  timeout: real(0.05, 86_400),
  cors: listOf(text, "a list of origins"),
  hosts: listOf(text, "a list of names"),
  engine: engineRule,
} satisfies Rules<ServeOptions>;

export const settingsOf = (options: ServeOptions): Settings => ({
  host: options.host ?? "127.0.0.1",
  port: options.port ?? 8080,
  maxBatch: options.maxBatch ?? 16,
  maxWait: options.maxWait ?? 2,
  queue: options.queue ?? 256,
  bodyLimit: options.bodyLimit ?? 2 ** 24,
  pixelLimit: options.pixelLimit ?? 2 ** 25,
  pictureLimit: options.pictureLimit ?? 64,
  timeout: options.timeout ?? 30,
  cors: options.cors ?? [],
  hosts: options.hosts ?? [],
});
