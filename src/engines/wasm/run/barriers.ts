// Where threads must wait for each other: before a phase that touches bytes which a phase since the last barrier wrote, or that
// writes bytes which one read. Small phases (solo) all run on the first thread, in order, and need no barrier among themselves.
import { barrierFlag, soloFlag } from "./runtime.ts";

/** Bytes [start, end) that a phase reads or writes. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly written: boolean;
}

export interface Touching {
  readonly solo: boolean;
  /** Needs no barrier against the phases before it, back to the last that is not concurrent. */
  readonly concurrent: boolean;
  /** First of a segment: all threads have just met. */
  readonly starts: boolean;
  readonly regions: readonly Region[];
}

const meet = (a: readonly Region[], b: readonly Region[]): boolean =>
  a.some((one) => b.some((two) => (one.written || two.written) && one.start < two.end && two.start < one.end));

/** Flags of the records of phases in order. */
export function flagsOf(phases: readonly Touching[]): number[] {
  let group = 0;
  let shared: { group: number; regions: readonly Region[] }[] = [];
  let alone: { group: number; regions: readonly Region[] }[] = [];
  const anyShared = phases.some((phase) => !phase.solo);
  return phases.map((phase) => {
    if (!phase.concurrent) group++;
    if (!anyShared) return soloFlag;
    const conflicts = (list: typeof shared): boolean =>
      list.some((other) => other.group !== group && meet(other.regions, phase.regions));
    if (phase.starts) {
      shared = [];
      alone = [];
    }
    const barrier = conflicts(shared) || (!phase.solo && conflicts(alone));
    if (barrier) {
      shared = [];
      alone = [];
    }
    (phase.solo ? alone : shared).push({ group, regions: phase.regions });
    return (barrier ? barrierFlag : 0) | (phase.solo ? soloFlag : 0);
  });
}
