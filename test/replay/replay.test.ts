// The same code and the same choices as noted. A difference that is meant: npm run replay -- --write, and look at the diff.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./files.ts";
import { differences, type Records, type Replay, replay } from "./replay.ts";
import { snapshots } from "./snapshots.ts";

let made: Promise<Replay> | undefined;
const now = (): Promise<Replay> => {
  made ??= replay();
  return made;
};

test("every plan and kernel gives the code and the choices that are noted (if meant: npm run replay -- --write)", async () => {
  assert.deepEqual(compare({ ...(await now()), snapshots: await snapshots() }), []);
});

test("every strategy is chosen by a plan of the list", async () => {
  assert.deepEqual((await now()).unused, []);
});

test("what differs is told in words", () => {
  const before: Records = {
    a: [
      ["code", "1"],
      ["conv", "contract.gemm.6x8"],
    ],
    b: [["code", "2"]],
  };
  const after: Records = {
    a: [
      ["code", "3"],
      ["conv", "contract.direct.4x8"],
      ["relu", "map.rows"],
    ],
    c: [["code", "2"]],
  };
  assert.deepEqual(differences(before, before), []);
  assert.deepEqual(differences(before, after), [
    "a: code: 3, was 1.",
    "a: conv: contract.direct.4x8, was contract.gemm.6x8.",
    "a: relu is new: map.rows.",
    "b: it is in the file, but replayed no more.",
    "c: it is new.",
  ]);
});
