// A run in slices: after each the calling thread can hear signals, and nothing lies half-way but the work of whole items. Small
// programs are one slice. Phases that are long by themselves are cut by their items, which may be cut anywhere (strategy.ts).
import type { ProgramRecord, Segment } from "./program.ts";
import { soloFlag } from "./runtime.ts";

/** Records [start, end), or the items [from, to) of the one record `start`, so many at a time. */
export interface Slice {
  readonly start: number;
  readonly end: number;
  readonly part?: { readonly from: number; readonly to: number; readonly grain: number };
}

/** Estimated nanoseconds of a slice: an estimate may be ten times too small, and a second is the promise. */
const sliceTime = 25e6;
/** Phases above this are cut, to pieces of half of it. */
const longest = 80e6;

export function slicesOf(
  records: readonly ProgramRecord[],
  { start, end, parallel }: Segment,
  threads: number,
): Slice[] {
  const timeOf = ({ work, flags }: ProgramRecord): number => (parallel && !(flags & soloFlag) ? work / threads : work);
  const slices: Slice[] = [];
  let first = start;
  let time = 0;
  const close = (at: number): void => {
    if (at > first) slices.push({ start: first, end: at });
    first = at;
    time = 0;
  };
  for (let i = start; i < end; i++) {
    const own = timeOf(records[i]);
    if (own > longest && records[i].items > 1) {
      close(i);
      slices.push(...piecesOf(i, records[i], Math.ceil((2 * own) / longest), parallel ? threads : 1));
      first = i + 1;
      continue;
    }
    if (time + own > sliceTime) close(i);
    time += own;
  }
  close(end);
  return slices;
}

/** Every thread has equally many items of a piece, but for the last piece. */
function piecesOf(start: number, { items, grain }: ProgramRecord, pieces: number, threads: number): Slice[] {
  const size = Math.max(1, Math.round(items / pieces / threads)) * threads;
  return Array.from({ length: Math.ceil(items / size) }, (_, i) => {
    const part = { from: i * size, to: Math.min(items, (i + 1) * size), grain: Math.min(grain, size / threads) };
    return { start, end: start + 1, part };
  });
}
