import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commands } from "./commands/list.ts";
import { isOneSentence, neocog } from "./testing.ts";

test("without anything it shows its help", async () => {
  const { code, stdout, stderr } = await neocog([]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const { name } of commands) assert.match(stdout, new RegExp(`^  ${name}\\b`, "m"));
});

test("every command has help with examples, no line wider than 100", async () => {
  for (const { name } of commands) {
    const { code, stdout } = await neocog([name, "--help"]);
    assert.equal(code, 0, name);
    assert.match(stdout, new RegExp(`^Usage: neocog ${name}`), name);
    assert.match(stdout, new RegExp(`Examples:\n  neocog ${name}`), name);
    assert.match(stdout, /--json/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
  }
});

test("what is misspelt is refused in one sentence that names the nearest", async () => {
  const slips: [string[], RegExp][] = [
    [["dotcor"], /Unknown command 'dotcor'; did you mean doctor\?/],
    [["shape", "3", "2", "--strid", "2"], /Unknown option '--strid'; did you mean --stride\?/],
    [["shape", "3"], /Missing required argument 'k'/],
    [["shape", "3", "x"], /<k> must be made of whole numbers/],
    [["shape", "3", "2", "--stride", "0"], /--stride must be made of whole numbers of at least 1/],
    [["shape", "3", "2", "--padding", "sane"], /--padding can be a number or same/],
    [["shape", "3", "2", "--padding", "1", "--total-padding", "2"], /Give either --padding/],
    [["shape", "3", "2", "4"], /Too many arguments/],
  ];
  for (const [given, sentence] of slips) {
    const { code, stdout, stderr } = await neocog(given);
    assert.equal(code, 2, given.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, sentence);
    assert.ok(isOneSentence(stderr), stderr);
  }
});

test("a failure with --json is one document too", async () => {
  const { code, stdout, stderr } = await neocog(["shape", "3", "5", "--json"]);
  assert.equal(code, 1);
  assert.match((JSON.parse(stdout) as { error: string }).error, /needs 5/);
  assert.ok(isOneSentence(stderr), stderr);
});

test("--debug shows where an error arose", async () => {
  assert.match((await neocog(["shape", "3", "5", "--debug"])).stderr, /\n\s+at /);
  assert.match((await neocog(["shape", "3", "5"], { environment: { NEOCOG_DEBUG: "1" } })).stderr, /\n\s+at /);
});

test("colours only on terminals, unless forced", async () => {
  const colour = "\u001b[";
  assert.ok(!(await neocog(["shape", "28", "5"], { environment: { NO_COLOR: "" } })).stdout.includes(colour));
  const forced = { NO_COLOR: "", FORCE_COLOR: "1" };
  assert.ok((await neocog(["shape", "28", "5"], { environment: forced })).stdout.includes(colour));
});

test("a reader that has seen enough is no error", async () => {
  const program = fileURLToPath(new URL("./main.js", import.meta.url));
  const { code, text } = await new Promise<{ code: number | string | null | undefined; text: string }>((resolve) => {
    const line = `set -o pipefail; "${process.execPath}" "${program}" dump lenet --stage plan --training | head -1`;
    execFile("bash", ["-c", line], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, text: stdout + stderr }),
    );
  });
  assert.equal(code, 0, text);
  assert.equal(text.trim().split("\n").length, 1);
});

test("a full disk behind standard output is told", {
  skip: process.platform !== "linux" && "/dev/full is Linux's",
}, async () => {
  const full = openSync("/dev/full", "w");
  const { code, stderr } = await neocog(["shape", "28", "5"], { stdout: full });
  closeSync(full);
  assert.equal(code, 1);
  assert.match(stderr, /^neocog: Standard output cannot be written: .*no space left/i);
});

test("--wide works where this Node has it, and is refused in one sentence where it has not", async () => {
  const given = ["bench", "lenet-modern", "--work", "inference", "--threads", "1", "--rounds", "1", "--wide", "--json"];
  const { code, stdout, stderr } = await neocog(given);
  if (Number(process.versions.node.split(".")[0]) >= 24 && process.arch === "x64") {
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as { results: unknown[] }).results.length, 1);
  } else {
    assert.equal(code, 2);
    assert.match(stderr, /--wide cannot be here: 256-bit arithmetic needs Node 24 or newer on an x64 processor/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});
