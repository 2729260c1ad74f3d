// What a run will take, in words: before its first step, or instead of it.

import { bytes, duration } from "../src/base/amounts.ts";
import type { ForecastEvent } from "../src/doors/neocog.ts";
import type { Answer } from "./command.ts";
import type { Context } from "./context.ts";
import { wrap } from "./lines.ts";

/** foretold  3 min 20 s, 25 s an epoch; 310 MiB of memory; 2.1 MiB in runs/digits */
export function forecastLines(
  { seconds, secondsPerEpoch, memoryBytes, diskBytes }: ForecastEvent,
  out: string,
  { paint, width }: Context,
): string[] {
  const words = `about ${duration(seconds)}, ${duration(secondsPerEpoch)} an epoch; ${bytes(memoryBytes)} of memory; ${bytes(diskBytes)} in ${out}`;
  const [first, ...rest] = wrap(words, width - 9);
  return [`${paint.faint("foretold ")}${first}`, ...rest.map((line) => `         ${line}`)];
}

/** The answer of a run that was only foretold. */
export function foretold({ kind: _, ...forecast }: ForecastEvent, data: string): Answer {
  return { json: { data, forecast }, lines: () => ["Nothing was trained, as --dry-run says."] };
}
