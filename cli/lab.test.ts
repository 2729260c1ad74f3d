import assert from "node:assert/strict";
import { test } from "node:test";
import { exhibits } from "../src/doors/lab.ts";
import { visibleLength } from "./lines.ts";
import { isOneSentence, neocog } from "./testing.ts";

test("lab lists every exhibit", async () => {
  const { code, stdout } = await neocog(["lab"]);
  assert.equal(code, 0);
  for (const { id } of exhibits) assert.ok(stdout.includes(`  ${id} `), id);
  const { stdout: json } = await neocog(["lab", "--json"]);
  const listed = (JSON.parse(json) as { exhibits: { id: string; parameters: object }[] }).exhibits;
  assert.deepEqual(
    listed.map(({ id }) => id),
    exhibits.map(({ id }) => id),
  );
});

test("lab runs one, with its parameters as flags", async () => {
  const { code, stdout } = await neocog(["lab", "kernel-learning", "--rate", "0.01", "--steps=3"]);
  assert.equal(code, 0);
  assert.match(stdout, /^The claim holds: \d+ of \d+ checks\.$/m);
  assert.match(stdout, /^--rate 0\.01 +learning rate η \(0\.0001 to 0\.033\)$/m);
  const { stdout: json } = await neocog(["lab", "kernel-learning", "--rate", "0.01", "--steps", "3", "--json"]);
  const report = JSON.parse(json) as {
    verdict: boolean;
    values: object;
    parts: { kind: string; rows: number[][]; items: { shape: number[]; data: number[] }[] }[];
  };
  assert.deepEqual([report.verdict, report.values], [true, { rate: 0.01, steps: 3, height: 6, width: 8 }]);
  const losses = report.parts.find(({ kind }) => kind === "table")!.rows.map((row) => row[1]);
  losses.forEach((loss, t) => {
    assert.ok(Math.abs(loss - 12 * 0.88 ** (2 * t)) < 1e-4);
  });
  const [picture] = report.parts.find(({ kind }) => kind === "pictures")!.items;
  assert.deepEqual(
    [picture.shape, picture.data.slice(0, 8)],
    [
      [6, 8],
      [1, 1, 0, 0, 0, 0, 1, 1],
    ],
  );
});

test("everything fits into 80 columns, save small matrices of large numbers", async () => {
  for (const id of [
    "dense-parameters",
    "receptive-field-networks",
    "impossible-windows",
    "shift-equivariance",
    "deeper-filters",
    "winograd",
  ]) {
    const { stdout } = await neocog(["lab", id]);
    for (const line of stdout.split("\n")) assert.ok(visibleLength(line) <= 80, `${id}: ${line}`);
  }
});

test("bad input is answered by one sentence", async () => {
  for (const [given, words] of [
    [["kernel-lerning"], /did you mean "kernel-learning"\?/],
    [["kernel-learning", "--rat", "1"], /has no parameter --rat; did you mean --rate\?/],
    [["kernel-learning", "--rate", "7"], /from 0\.0001 to 0\.033, not 7/],
    [["kernel-learning", "--rate"], /--rate needs a value/],
    [["--rate", "1"], /Which exhibit is --rate for\?/],
    [["kernel-learning", "--all"], /Give either the exhibit/],
    [["--quick"], /--quick goes with --all/],
    [["receptive-field-measured", "--network", "vgg11-book", "--size", "20"], /smallest picture that works is 32 x 32/],
  ] as const) {
    const { code, stdout, stderr } = await neocog(["lab", ...given]);
    assert.notEqual(code, 0);
    assert.equal(stdout, "");
    assert.ok(isOneSentence(stderr), stderr);
    assert.match(stderr, words);
  }
});
