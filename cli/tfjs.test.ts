// The model.json of TensorFlow.js on the command line.
import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fixturesFolder } from "../test/fixtures.ts";
import { isOneSentence, neocog } from "./testing.ts";

test("inspect takes a model.json of TensorFlow.js", async () => {
  const file = join(fixturesFolder, "tfjs/sequential/model.json");
  const { code, stdout, stderr } = await neocog(["inspect", file, "--json"]);
  assert.equal(code, 0, stderr);
  const { rows, parameters } = JSON.parse(stdout) as { rows: { type: string; output: number[] }[]; parameters: number };
  assert.deepEqual(rows[0].output, [1, 6, 9, 7]);
  assert.equal(rows[0].type, "Conv2D");
  assert.equal(parameters, 1386);
});

test("a missing or short shard is one sentence", async () => {
  const folder = await mkdtemp(join(tmpdir(), "neocog-tfjs-"));
  try {
    await cp(join(fixturesFolder, "tfjs/quantized"), folder, { recursive: true });
    const file = join(folder, "model.json");
    await writeFile(join(folder, "group1-shard2of2.bin"), new Uint8Array(3));
    const short = await neocog(["inspect", file]);
    assert.notEqual(short.code, 0);
    assert.ok(isOneSentence(short.stderr), short.stderr);
    assert.match(short.stderr, /lies at bytes \d+ to \d+, but the 2 shards .* hold only \d+/);
    await rm(join(folder, "group1-shard2of2.bin"));
    const missing = await neocog(["inspect", file]);
    assert.notEqual(missing.code, 0);
    assert.ok(isOneSentence(missing.stderr), missing.stderr);
    assert.match(missing.stderr, /group1-shard2of2\.bin/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
