// The comparison of benchmarks on planted numbers: what is slower is named, noise and a slow machine are not.
import assert from "node:assert/strict";
import { test } from "node:test";

interface Row {
  readonly workload: string;
  readonly threads: number;
  readonly contender: string;
  readonly times?: readonly number[];
}
interface Comparison {
  chance(a: readonly number[], b: readonly number[]): number;
  compare(before: { rows: Row[] }, after: { rows: Row[] }): { slower: string[]; untold: string[] };
}
// dist/bench/compare.test.js
const { chance, compare } = (await import(new URL("../../bench/compare.mjs", import.meta.url).href)) as Comparison;

/** Seven rounds around a time, spread by up to two percent. */
const around = (ms: number, turn = 0): number[] =>
  Array.from({ length: 7 }, (_, i) => ms * (1 + 0.02 * Math.sin(7 * i + turn)));
const row = (contender: string, times?: readonly number[]): Row => ({
  ...{ workload: "train-lenet", threads: 1, contender },
  ...(times ? { times } : {}),
});
const said = (before: Row[], after: Row[]) => compare({ rows: before }, { rows: after });

test("the chance is that of the exact rank test", () => {
  // Of all 70 orders of 4 and 4, one has all of the second list behind the first.
  assert.ok(Math.abs(chance([1, 2, 3, 4], [5, 6, 7, 8]) - 1 / 70) < 1e-12);
  assert.equal(chance([5, 6, 7, 8], [1, 2, 3, 4]), 1);
  // Of the 6 orders of 2 and 2, one has 4 wins, one 3, two 2.
  assert.ok(Math.abs(chance([1, 3], [2, 4]) - 2 / 6) < 1e-12);
});

test("ten percent slower is named, by the clock and beside a peer", () => {
  assert.deepEqual(said([row("neocog", around(10))], [row("neocog", around(11, 2))]).slower.length, 1);
  const { slower } = said(
    [row("neocog", around(10)), row("pytorch", around(20, 1))],
    [row("neocog", around(11, 2)), row("pytorch", around(20, 3))],
  );
  assert.equal(slower.length, 1);
  assert.match(slower[0], /^train-lenet, 1 thread, neocog: (?:9|1\d)\.\d % slower beside pytorch \(/);
});

test("noise, a faster run and a machine that is slower for all are not", () => {
  for (let turn = 0; turn < 20; turn++)
    assert.deepEqual(said([row("neocog", around(10))], [row("neocog", around(10.1, turn))]).slower, []);
  assert.deepEqual(said([row("neocog", around(10))], [row("neocog", around(8, 2))]).slower, []);
  const slow = [row("neocog", around(13, 2)), row("pytorch", around(26, 3))];
  assert.deepEqual(said([row("neocog", around(10)), row("pytorch", around(20, 1))], slow).slower, []);
});

test("one of three peers that became faster by itself is no regression, and results without rounds are told", () => {
  const peers = (first: number): Row[] => [
    row("a", around(first, 1)),
    row("b", around(20, 2)),
    row("c", around(30, 3)),
  ];
  const before = [row("neocog", around(10)), ...peers(40)];
  assert.deepEqual(said(before, [row("neocog", around(10, 1)), ...peers(20)]).slower, []);
  const { slower, untold } = said([row("neocog")], [row("neocog", around(20))]);
  assert.deepEqual([slower.length, untold.length], [0, 1]);
});
