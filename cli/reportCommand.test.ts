// `neocog report` and what a training leaves beside its model, as processes; and that docs/model-folder.md names all of it.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { encodePng, ndarray } from "../src/doors/neocog.ts";
import { neocog } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-report-"));
const at = (...parts: string[]): string => join(folder, ...parts);
const run = (...given: readonly string[]) => neocog(given, { folder });
after(() => rmSync(folder, { recursive: true, force: true }));

const training = ["train", "shapes", "--out", "run"];

before(async () => {
  for (const [label, name] of ["bars", "<i>rows"].entries()) {
    mkdirSync(at("shapes", name), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const pixels = Uint8Array.from({ length: 64 }, (_, p) => (((label === 0 ? p : p >> 3) + i) % 4 < 2 ? 220 : 30));
      writeFileSync(at("shapes", name, `${i}.png`), await encodePng(ndarray([1, 8, 8], pixels, "uint8")));
    }
  }
  const { code, stderr } = await run(...training, "--model", "mlp", "--epochs", "2", "--log", "tensorboard");
  assert.deepEqual([code, stderr], [0, ""]);
});

/** The first column of the tables of a page. */
const documented = (page: string): Set<string> =>
  new Set(
    readFileSync(fileURLToPath(new URL(`../../docs/${page}`, import.meta.url)), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .flatMap((line) => [...line.split("|")[1].matchAll(/`([^`]+)`/g)].map(([, name]) => name)),
  );

test("every file of the folder and every field of history.jsonl and run.json stands in docs/model-folder.md", () => {
  const known = documented("model-folder.md");
  for (const name of readdirSync(at("run"))) assert.ok(known.has(name), `${name} is not told of`);
  const lines = readFileSync(at("run", "history.jsonl"), "utf8").trim().split("\n");
  assert.equal(lines.length, 2);
  for (const line of [...lines, readFileSync(at("run", "run.json"), "utf8")])
    for (const name of Object.keys(JSON.parse(line) as object)) assert.ok(known.has(name), `${name} is not told of`);
});

test("the page that a training leaves is made again from its folder, in the same words", async () => {
  const first = readFileSync(at("run", "report.html"), "utf8");
  assert.match(first, /<h1>run<\/h1>/);
  assert.ok(first.includes("&lt;i&gt;rows") && !first.includes("<i>rows"));
  const { code, stdout } = await run("report", "run", "--json");
  assert.equal(code, 0);
  const told = JSON.parse(stdout) as { report: string; bytes: number };
  assert.equal(told.report, join("run", "report.html"));
  assert.equal(readFileSync(at("run", "report.html"), "utf8"), first);
});

test("who goes on has another event file, and a page of all epochs", async () => {
  const { code } = await run(...training, "--resume", "--epochs", "3", "--log", "tensorboard");
  assert.equal(code, 0);
  assert.equal(readdirSync(at("run", "tensorboard")).length, 2);
  assert.match(readFileSync(at("run", "report.html"), "utf8"), /<dt>epochs<\/dt><dd>3<\/dd>/);
});

test("--bare writes no page; a page of somebody else stays", async () => {
  const bare = await run("train", "shapes", "--model", "mlp", "--epochs", "1", "--out", "bare", "--bare");
  assert.equal(bare.code, 0);
  assert.ok(!readdirSync(at("bare")).includes("report.html"));
  writeFileSync(at("bare", "report.html"), "mine");
  const again = await run("train", "shapes", "--model", "mlp", "--epochs", "1", "--out", "bare", "--force");
  assert.equal(again.code, 0);
  assert.match(again.stdout, /report\.html is no page that Neocog wrote and is not replaced/);
  assert.equal((await run("report", "bare")).code, 1);
  assert.equal(readFileSync(at("bare", "report.html"), "utf8"), "mine");
});

test("data with a test set of its own is found again, whatever was held back for validation", async () => {
  const held = ["--epochs", "1", "--model", "mlp", "--validation-fraction", "0.1", "--out", "held"];
  assert.equal((await run("train", "digits", ...held)).code, 0);
  const first = readFileSync(at("held", "report.html"), "utf8");
  const { code, stderr } = await run("report", "held");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(readFileSync(at("held", "report.html"), "utf8"), first);
});

test("two runs stand side by side; data that is gone is told", async () => {
  const both = await run("report", "run", "bare", "--out", "both.html");
  assert.equal(both.code, 0, both.stderr);
  assert.match(readFileSync(at("both.html"), "utf8"), /2 runs side by side/);
  renameSync(at("shapes"), at("moved"));
  const gone = await run("report", "run", "--out", "gone.html");
  assert.equal(gone.code, 0, gone.stderr);
  assert.match(gone.stdout, /^run: The data that it was trained with cannot be read any more: /m);
  const page = readFileSync(at("gone.html"), "utf8");
  assert.ok(page.includes("No pictures.") && page.includes('id="training"') && !page.includes('id="confusion"'));
  assert.equal((await run("report", "run", "--data", "moved", "--out", "moved.html")).code, 0);
  assert.ok(readFileSync(at("moved.html"), "utf8").includes('id="confusion"'));
  assert.equal((await run("report", "run", "--data", "shapes")).code, 1);
});
