import assert from "node:assert/strict";
import { test } from "node:test";
import { flagsOf, type Touching } from "./barriers.ts";
import { barrierFlag, soloFlag } from "./runtime.ts";

/** reads and writes are numbers of slots of 16 bytes. */
function phase(reads: number[], writes: number[], options: Partial<Touching> = {}): Touching {
  const region = (slot: number, written: boolean) => ({ start: slot * 16, end: slot * 16 + 16, written });
  return {
    solo: false,
    concurrent: false,
    starts: false,
    regions: [...reads.map((slot) => region(slot, false)), ...writes.map((slot) => region(slot, true))],
    ...options,
  };
}
const solo = { solo: true };

test("a barrier stands where bytes are read after they were written, and nowhere else", () => {
  const flags = flagsOf([phase([0], [1]), phase([0], [2]), phase([1, 2], [3]), phase([0], [1]), phase([3], [0])]);
  // 3 reads what the first two wrote; then slot 1 is written anew while 3 may still read it; slot 0 is read by 4.
  assert.deepEqual(flags, [0, 0, barrierFlag, barrierFlag, barrierFlag]);
});

test("small phases follow each other on one thread without barriers", () => {
  const flags = flagsOf([
    phase([0], [1], solo),
    phase([1], [2], solo),
    phase([2], [3]),
    phase([4], [5], solo),
    phase([3], [6], solo),
  ]);
  assert.deepEqual(flags, [soloFlag, soloFlag, barrierFlag, soloFlag, barrierFlag | soloFlag]);
});

test("concurrent phases touch the same slot without a barrier, but wait for what came before", () => {
  const flags = flagsOf([
    phase([], [1]),
    phase([0], [1]),
    phase([2], [1], { concurrent: true }),
    phase([3], [1], { concurrent: true }),
    phase([1], [4]),
  ]);
  assert.deepEqual(flags, [0, barrierFlag, 0, 0, barrierFlag]);
});

test("threads meet at the start of a segment anyway", () => {
  assert.deepEqual(flagsOf([phase([0], [1]), phase([1], [2], { starts: true })]), [0, 0]);
});
