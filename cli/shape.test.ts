import assert from "node:assert/strict";
import { test } from "node:test";
import { impossibleShapes, outputShapes } from "../test/output_shapes.ts";
import { isOneSentence, neocog } from "./testing.ts";

interface Answer {
  readonly output: readonly number[];
  readonly axes: readonly { readonly unused: number; readonly totalPadding: number; readonly perSide: number | null }[];
}

const numbers = ([n, k, p, s]: readonly number[]): string[] => ["shape", `${n}`, `${k}`, "-t", `${p}`, "-s", `${s}`];

test("shape gives every row of the table", async () => {
  for (const row of outputShapes) {
    const { stdout, stderr, code } = await neocog([...numbers(row), "--json"]);
    assert.equal(code, 0, stderr);
    const answer = JSON.parse(stdout) as Answer;
    assert.deepEqual([answer.output, answer.axes[0].unused, answer.axes[0].totalPadding], [[row[4]], row[5], row[2]]);
  }
});

test("shape refuses what cannot be", async () => {
  for (const row of impossibleShapes) {
    const { code, stdout, stderr } = await neocog(numbers(row));
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /width/);
    assert.ok(isOneSentence(stderr), stderr);
  }
});

test("shape derives, names both conventions and draws the windows", async () => {
  const { stdout } = await neocog(["shape", "9", "3", "--padding", "1", "--stride", "3"]);
  assert.match(stdout, /floor\(\(9 \+ 2 − 1·2 − 1\) \/ 3\) \+ 1/);
  assert.match(stdout, /p = 2 in total: 1 on either side/);
  assert.match(stdout, /2 cells at the end|You said 1\. If that is a textbook's p/);
  assert.match(stdout, /^ {11}·■{7}(■|□)/m);
  assert.match(stdout, /^ {2}\[2\] {6} {6}●●●$/m);
});

test("shape takes two axes at once and names the one that fails", async () => {
  const { stdout } = await neocog(["shape", "224x160", "3", "--stride", "2", "--padding", "same", "--json"]);
  assert.deepEqual((JSON.parse(stdout) as Answer).output, [112, 80]);
  assert.match((await neocog(["shape", "4x9", "5"])).stderr, /along the height the input has 4 cells/);
});
