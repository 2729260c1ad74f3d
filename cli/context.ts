// What a command knows of the place it runs in: where its words go, in what colours and width, and when to stop.
import { print } from "./door.ts";
import { type Paint, paintFor } from "./paint.ts";

export interface Context {
  /** Standard output belongs to one JSON document; everything for people goes to standard error. */
  readonly json: boolean;
  /** Fires at Ctrl-C; the command then ends as soon as it can leave everything whole. */
  readonly signal: AbortSignal;
  /** Where words for people go. */
  readonly stream: NodeJS.WriteStream;
  /** A person is watching: bars may move. */
  readonly terminal: boolean;
  /** Columns to fill. */
  readonly width: number;
  readonly paint: Paint;
  /** Lines for people, at once: progress, warnings. */
  say(...lines: readonly string[]): void;
}

/** Narrower than this nothing is legible; wider than this lines are hard to follow. */
const narrowest = 60;
const widest = 120;

export function createContext(json: boolean, signal: AbortSignal): Context {
  const stream = json ? process.stderr : process.stdout;
  return {
    json,
    signal,
    stream,
    terminal: stream.isTTY === true && process.env.TERM !== "dumb",
    width: Math.min(widest, Math.max(narrowest, stream.columns ?? (Number(process.env.COLUMNS) || 80))),
    paint: paintFor(stream),
    say: (...lines) => print(stream, lines),
  };
}
