// `neocog doctor` with a model: what it says of runs that the command line makes, and how it ends.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { diagnoses } from "../src/doors/diagnose.ts";
import { isOneSentence, neocog } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "neocog-doctor-"));
after(() => rm(folder, { recursive: true, force: true }));
const run = (...given: readonly string[]) => neocog(given, { folder });

interface Told {
  readonly healthy: boolean;
  readonly data?: string;
  readonly sameData?: boolean;
  readonly findings: readonly { readonly name: string; readonly severity: string; readonly next: string }[];
  readonly looked: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

test("a run on digits finds its data itself, and is healthy", async () => {
  await run("train", "digits", "--epochs", "5", "--out", "well");
  const { code, stdout } = await run("doctor", "well", "--json", "--strict");
  const told = JSON.parse(stdout) as Told;
  assert.deepEqual([code, told.findings, told.data, told.sameData], [0, [], "digits", true]);
  assert.equal(told.looked.length, diagnoses.length);
  const words = await run("doctor", "well");
  assert.match(words.stdout, /^Healthy: \d+ diagnoses found nothing\.$/m);
});

test("a run that learned nothing is told so; --strict alone makes it code 1", async () => {
  await run("train", "digits", "--epochs", "3", "--lr", "0.000001", "--out", "slow");
  const { code, stdout } = await run("doctor", "slow", "--data", "digits", "--json");
  const { findings, healthy } = JSON.parse(stdout) as Told;
  assert.deepEqual([code, healthy], [0, false]);
  for (const name of ["rate-too-low", "underfitting"])
    assert.ok(
      findings.some((one) => one.name === name),
      name,
    );
  for (const { next } of findings) assert.ok(next !== "");
  const strict = await run("doctor", "slow", "--data", "digits", "--strict");
  assert.equal(strict.code, 1);
  assert.match(strict.stdout, /^✗ underfitting$/m);
});

test("a file without a run says what was not looked at; random weights are called untrained", async () => {
  await run("convert", "well", "well.onnx");
  const file = JSON.parse((await run("doctor", "well.onnx", "--data", "digits", "--json")).stdout) as Told;
  assert.deepEqual(file.findings, []);
  assert.ok(file.skipped.some(({ name, reason }) => name === "overfitting" && /no history/.test(reason)));
  const random = JSON.parse((await run("doctor", "mlp", "--input", "1x8x8", "--json")).stdout) as Told;
  assert.deepEqual(
    random.findings.map(({ name }) => name),
    ["untrained"],
  );
});

test("what cannot be looked at is refused in a sentence", async () => {
  for (const given of [["nowhere"], ["well", "--data", "nowhere"], ["--strict"], ["well", "--labels", "y"]]) {
    const { code, stderr } = await run("doctor", ...given);
    assert.ok(code !== 0 && isOneSentence(stderr), stderr);
  }
});
