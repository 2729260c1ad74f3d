// The bytes of a request: no more than one may have, and no more than all may have together.
import type { IncomingMessage } from "node:http";
import type { StopSignal } from "../base/web.ts";
import { busy, Refusal } from "./refusal.ts";

/** Bytes that requests hold at a time. */
export class ByteBudget {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(bytes: number): void {
    if (this.#held + bytes > this.#most)
      throw busy("The requests that are being served hold as many bytes as they may; come again later.", 1);
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

const inWords = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes} bytes` : `${+(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Reads the whole body and hands it to `use`; its bytes count until that is done. */
export async function withBody<T>(
  request: IncomingMessage,
  limit: number,
  budget: ByteBudget,
  signal: StopSignal,
  use: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  const tooLarge = (): Refusal => new Refusal(413, `A request may have ${inWords(limit)} at most.`);
  const coding = request.headers["content-encoding"];
  if (coding !== undefined && coding !== "identity")
    throw new Refusal(415, `A body is taken as it is, not as ${coding.slice(0, 40)}; leave out the Content-Encoding.`);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
  let held = 0;
  try {
    const chunks = await new Promise<Buffer[]>((resolve, reject) => {
      const got: Buffer[] = [];
      const stop = (): void => reject(signal.reason);
      const done = (): void => signal.removeEventListener("abort", stop);
      signal.addEventListener("abort", stop, { once: true });
      request.on("data", (chunk: Buffer) => {
        try {
          if (held + chunk.length > limit) throw tooLarge();
          budget.take(chunk.length);
          held += chunk.length;
          got.push(chunk);
        } catch (error) {
          request.removeAllListeners("data");
          reject(error);
        }
      });
      request.once("end", () => resolve(got));
      request.once("close", () => reject(new Refusal(400, "The connection ended before the request did.")));
      request.once("error", reject);
      request.once("close", done);
      if (signal.aborted) stop();
    });
    return await use(Uint8Array.from(Buffer.concat(chunks)));
  } finally {
    budget.give(held);
  }
}
