// What a training keeps, whatever becomes of its words and its neighbours, and which of its weights are used.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openCheckpoint, openModel, saveCheckpoint, weightsHash } from "../src/doors/neocog.ts";
import { isOneSentence, neocog } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-keep-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]): string => join(folder, ...parts);
const epochsIn = (name: string): number => readFileSync(at(name, "history.jsonl"), "utf8").trim().split("\n").length;
const own = [
  "best.safetensors",
  "history.jsonl",
  "model.json",
  "neocog.json",
  "report.html",
  "run.json",
  "state.safetensors",
  "weights.safetensors",
];

/** With pictures held back for validation, so that there is a best epoch. */
const digits = ["digits", "--validation-fraction", "0.1"];

before(async () => {
  const { code, stderr } = await neocog(["train", ...digits, "--epochs", "2", "--out", "digits"], { folder });
  assert.equal(code, 0, stderr);
});

test("train | head -1 goes on, saves, and ends with 1; what only shows ends quietly", {
  skip: process.platform === "win32" && "no pipes of this kind",
}, async () => {
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const run = async (given: string): Promise<{ code: number; stderr: string }> => {
    const child = spawn("sh", ["-c", `("$0" "$1" ${given}; echo "code $?" >&2) | head -1`, process.execPath, main], {
      cwd: folder,
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    await once(child, "close");
    return { code: Number(stderr.match(/^code (\d+)$/m)?.[1]), stderr };
  };
  const { code, stderr } = await run("train digits --epochs 2 --out headless");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^neocog: Standard output cannot be written: .*EPIPE\. The command goes on without words, and will end/,
  );
  assert.equal(epochsIn("headless"), 2);
  assert.equal((await run("inspect digits")).code, 0);
});

test("a full disk for the words does not end a training", {
  skip: !existsSync("/dev/full") && "no /dev/full",
}, async () => {
  const full = openSync("/dev/full", "w");
  const { code, stderr } = await neocog(["train", "digits", "--epochs", "2", "--out", "wordless"], {
    folder,
    stdout: full,
  });
  closeSync(full);
  assert.equal(code, 1);
  assert.match(stderr, /^neocog: Standard output cannot be written: .*ENOSPC/);
  assert.equal(epochsIn("wordless"), 2);
});

test("a finished run goes on for more epochs beside the user's files, and a second one is refused meanwhile", async () => {
  cpSync(at("digits"), at("longer"), { recursive: true });
  writeFileSync(at("longer", "notes.txt"), "mine");
  let second: Promise<{ code: number | null; stderr: string; stdout: string }> | undefined;
  const { code, stdout, stderr } = await neocog(["train", ...digits, "--out", "longer", "--resume", "--epochs", "4"], {
    folder,
    watch(sofar) {
      if (/epoch 3\/4: /.test(sofar))
        second ??= neocog(["train", ...digits, "--out", "longer", "--resume"], { folder });
    },
  });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(
    stdout,
    /^The \w+ schedule of 2 epochs is stretched to 4: the learning rate goes on where the longer one is, at /m,
  );
  assert.match(stdout, /^epoch 4\/4: /m);
  const refused = (await second)!;
  assert.deepEqual(readdirSync(at("longer")).sort(), [...own, "notes.txt"].sort());
  // Where the first run had already ended, the second finds all epochs done.
  if (refused.code === 1) {
    assert.match(
      refused.stderr,
      /^neocog: longer is being written by process \d+ on \S+ since .*; wait for it, stop it, or/,
    );
    assert.ok(isOneSentence(refused.stderr));
  }
  const again = await neocog(["train", ...digits, "--out", "longer", "--resume"], { folder });
  assert.equal(again.code, 0);
  assert.match(again.stdout, /after 4 epochs, which are all; --epochs with a higher number goes on/);
});

test("the last weights are used unless the best are asked for, by eval, predict and convert", async () => {
  const checkpoint = await openCheckpoint(at("digits"));
  // The first epoch's weights as the best ones, worse than they are told to be.
  const zero = new Map(
    [...checkpoint.trained.weights].map(([name, value]) => [name, { ...value, data: value.data.map(() => 0) }]),
  );
  await saveCheckpoint(at("two"), { ...checkpoint, best: { epoch: 1, accuracy: 1, weights: zero } });
  const accuracy = async (...given: string[]): Promise<number> => {
    const { stdout, stderr } = await neocog(["eval", "two", "digits", "--json", ...given], { folder });
    assert.equal(stderr, "");
    return (JSON.parse(stdout) as { accuracy: number }).accuracy;
  };
  assert.ok((await accuracy()) > 0.5);
  assert.equal(await accuracy("--weights", "last"), await accuracy());
  assert.ok((await accuracy("--weights", "best")) < 0.2);
  const converted = await neocog(["convert", "two", "best.zip", "--weights", "best"], { folder });
  assert.equal(converted.code, 0, converted.stderr);
  assert.equal(await weightsHash((await openModel(at("best.zip"))).weights), await weightsHash(zero));
  const { stdout } = await neocog(["inspect", "./best.zip", "--json"], { folder });
  assert.ok((JSON.parse(stdout) as { parameters: number }).parameters > 0);
  const refused = await neocog(["predict", "two", "x.png", "--weights", "x.safetensors"], { folder });
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(
    refused.stderr,
    /^neocog: --weights of a model folder can be last or best; a file is for built-in models\.\n$/,
  );
});
