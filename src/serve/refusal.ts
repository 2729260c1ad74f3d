// A request that gets no answer: its status and one sentence. What else is thrown while a request is served is a fault of ours.
import { NeocogError } from "../base/errors.ts";

export class Refusal extends Error {
  override name = "Refusal";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}) {
    super(sentence);
    this.status = status;
    this.headers = headers;
  }
}

/** Too much is asked at once; the client may come again in so many seconds. */
export const busy = (sentence: string, seconds: number): Refusal =>
  new Refusal(429, sentence, { "retry-after": String(Math.max(1, Math.ceil(seconds))) });

/** What was thrown while a picture was read, as a refusal where the picture is to blame. */
export function asRefusal(error: unknown, status: number): unknown {
  return error instanceof NeocogError ? new Refusal(status, error.message) : error;
}
