// A streamed training on the command line: the same weights as in memory, for any number of threads, killed by nothing that stays.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodePng, ndarray } from "../src/doors/neocog.ts";
import { isOneSentence, neocog, type Outcome } from "./testing.ts";

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
const run = (...given: string[]): Promise<Outcome> => neocog(given, { folder });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-cli-stream-"));
  for (const [c, name] of ["round", "square"].entries()) {
    mkdirSync(at("shapes", name), { recursive: true });
    for (let i = 0; i < 40; i++) {
      const pixels = Uint8Array.from(
        { length: 3 * 144 },
        (_, p) => (p * (c + 3) + i * i * 7 + (p === 0 ? i : 0)) % 256,
      );
      writeFileSync(at("shapes", name, `${i}.png`), await encodePng(ndarray([3, 12, 12], pixels, "uint8")));
    }
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Trained {
  readonly weightsHash: string;
  readonly test: { readonly accuracy: number; readonly loss: number };
  readonly history: readonly { readonly epoch: number }[];
}

test("streamed or in memory, by any number of threads: one hash of weights", async () => {
  const given = ["train", "shapes", "--model", "mlp", "--epochs", "3", "--batch", "8", "--json"];
  const [alone, ...others] = [
    [],
    ["--stream"],
    ["--stream", "--workers", "0"],
    ["--stream", "--workers", "3", "--threads", "1"],
    ["--cache", "decoded"],
    ["--stream", "--cache", "decoded"],
  ];
  const trained = async (flags: readonly string[], out: string): Promise<Trained> => {
    const { code, stdout, stderr } = await run(...given, ...flags, "--out", out);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Trained;
  };
  const wanted = await trained(alone, "alone");
  for (const [i, flags] of others.entries()) {
    const found = await trained(flags, `other-${i}`);
    assert.deepEqual([found.weightsHash, found.test], [wanted.weightsHash, wanted.test], flags.join(" "));
  }
  assert.equal(readdirSync(at("decoded")).flatMap((sub) => readdirSync(at("decoded", sub))).length, 80);
});

test("eval streams too, with the same answer", async () => {
  const { code, stderr } = await run("train", "shapes", "--model", "mlp", "--epochs", "1", "--out", "model");
  assert.equal(code, 0, stderr);
  const answers = await Promise.all(
    [[], ["--stream"], ["--stream", "--workers", "0"]].map(async (flags, i) => {
      const { stdout } = await run("eval", "model", "shapes", "--json", "--mistakes", `wrong-${i}`, ...flags);
      return JSON.parse(stdout) as object;
    }),
  );
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  assert.deepEqual(readdirSync(at("wrong-1")), readdirSync(at("wrong-0")));
  assert.match((await run("eval", "model", "shapes", "--stream")).stdout, /streamed from their files$/m);
});

test("too many broken pictures are one sentence that names the flag", async () => {
  for (let i = 0; i < 6; i++) writeFileSync(at("shapes", "round", `torn-${i}.jpg`), "");
  const { code, stdout, stderr } = await run("train", "shapes", "--stream", "--out", "none");
  for (let i = 0; i < 6; i++) rmSync(at("shapes", "round", `torn-${i}.jpg`));
  assert.equal(code, 1);
  assert.match(stdout, /^shapes: 86 pictures in 2 classes\n/);
  assert.ok(isOneSentence(stderr), stderr);
  assert.match(
    stderr,
    /6 of 86 pictures cannot be read \(7\.0 %\), such as .*torn-0\.jpg; .* with --most-broken 0\.07\.$/m,
  );
});
