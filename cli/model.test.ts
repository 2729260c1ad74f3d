import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArenaSize } from "../src/doors/analyze.ts";
import { isOneSentence, neocog } from "./testing.ts";

interface Inspected {
  readonly parameters: number;
  readonly macs: number;
  readonly rows: readonly {
    readonly path: string;
    readonly receptive: readonly { readonly size: number; readonly step: number }[];
  }[];
  readonly footprint: { readonly inference: ArenaSize };
}

test("inspect knows LeNet by heart", async () => {
  const { code, stdout, stderr } = await neocog(["inspect", "lenet", "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { parameters, macs, rows } = JSON.parse(stdout) as Inspected;
  assert.deepEqual([parameters, macs], [61_706, 416_520]);
  const pool = rows.find(({ path }) => path === "pool2");
  assert.deepEqual(
    pool?.receptive.map(({ size, step }) => [size, step]),
    [
      [16, 4],
      [16, 4],
    ],
  );
});

test("inspect tells the arena and what the engine keeps beside it", async () => {
  const { footprint } = JSON.parse((await neocog(["inspect", "lenet", "--json"])).stdout) as Inspected;
  const { bytes, persistentBytes, activationBytes, packedBytes, scratchBytes } = footprint.inference;
  assert.equal(bytes, persistentBytes + activationBytes);
  assert.ok(persistentBytes > 4 * 61_706 && packedBytes > 0 && packedBytes < 4 * 61_706 && scratchBytes > 0);
  const { stdout } = await neocog(["inspect", "lenet"], { environment: { COLUMNS: "200" } });
  assert.match(stdout, /beside it [\d.]+ KiB of weights once more, packed for the engine's loops, and/);
});

test("inspect fits its table into the terminal", async () => {
  for (const columns of ["80", "120"]) {
    const { stdout } = await neocog(["inspect", "lenet"], { environment: { COLUMNS: columns } });
    for (const line of stdout.split("\n")) assert.ok(line.length <= Number(columns), line);
    assert.match(stdout, /61,706/);
    assert.match(stdout, /^pool2 +AvgPool2d +16x5x5 .* 16 +4 +2 +5\.5$/m);
  }
});

test("what cannot be inspected is told in one sentence", async () => {
  const slips: [string[], RegExp, number][] = [
    [["lent"], /Unknown model "lent"; did you mean "lenet"\?/, 1],
    [["lenet", "--input", "1x4x4"], /Layer "conv2" .*along the height the input has 2 cells/, 1],
    [["lenet", "--input", "3xx"], /--input must be made of whole numbers/, 2],
    [["lenet", "--classes", "0"], /--classes must be a whole number of at least 1, not "0"/, 2],
  ];
  for (const [given, sentence, expected] of slips) {
    const { code, stdout, stderr } = await neocog(["inspect", ...given]);
    assert.deepEqual([code, stdout], [expected, ""], given.join(" "));
    assert.match(stderr, sentence);
    assert.ok(isOneSentence(stderr), stderr);
  }
});

test("dump prints every stage", async () => {
  const stages: [string, RegExp][] = [
    ["graph", /^%2 +convolution\(%0, %1\) stride=\[1, 1\]/m],
    ["grad", /^return d conv1\.weight = %\d+$/m],
    ["kernels", /^0 +contract convolution forward, 1 x 1 x 28x28 → 6 x 28x28, kernel 5x5/m],
    ["plan", /^s0 +input +0…3136 +float32/m],
    ["choice", /^conv1 .*\n( {2}contract\.\S+ +\d+\.\d µs( {2}chosen)?\n)+/m],
    ["program", /contract\./],
    ["wat", /^\(module\n {2}\(type /],
  ];
  for (const [stage, line] of stages) {
    const { code, stdout, stderr } = await neocog(["dump", "lenet", "--stage", stage]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, line);
  }
  const { code, stderr } = await neocog(["dump", "lenet", "--stage", "plans"]);
  assert.equal(code, 2);
  assert.match(stderr, /--stage can be graph, grad, kernels, plan/);
});

test("doctor names what it found, also for programs", async () => {
  const { code, stdout } = await neocog(["doctor", "--json"]);
  assert.equal(code, 0);
  const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string; mend?: string }[] };
  for (const name of ["Node", "Processor", "Vectors", "Multiply-add", "Threads", "Memory", "Pictures", "digits"]) {
    assert.ok(
      findings.some((finding) => finding.name === name),
      name,
    );
  }
  for (const { state, mend } of findings) assert.ok(state === "good" || mend, "what is off has a mend");
});
