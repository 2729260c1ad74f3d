// Files that another file names lie inside its folder, whatever the name or a link says, and are regular.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DataError } from "../base/errors.ts";
import { readInside } from "./within.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-within-"));
after(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, "model");
mkdirSync(join(folder, "deep"), { recursive: true });
mkdirSync(join(root, "model-beside"));
writeFileSync(join(folder, "a.bin"), "inside");
writeFileSync(join(folder, "deep", "b.bin"), "deeper");
writeFileSync(join(root, "secret"), "outside");
writeFileSync(join(root, "model-beside", "c.bin"), "beside");
symlinkSync("a.bin", join(folder, "link-inside"));
symlinkSync("../secret", join(folder, "link-outside"));
symlinkSync("..", join(folder, "up"));
symlinkSync("../model-beside/c.bin", join(folder, "link-beside"));
symlinkSync("/dev/zero", join(folder, "endless"));
symlinkSync("nowhere", join(folder, "dangling"));

const text = async (path: string, from = folder): Promise<string> =>
  new TextDecoder().decode(await readInside(from, path));
const refused = (path: string, message: RegExp, from = folder): Promise<void> =>
  assert.rejects(
    () => readInside(from, path),
    (error) => error instanceof DataError && message.test(error.message),
  );

test("files inside are read, links among them followed, also where the folder itself is reached by a link", async () => {
  assert.equal(await text("a.bin"), "inside");
  assert.equal(await text("./deep/b.bin"), "deeper");
  assert.equal(await text("link-inside"), "inside");
  symlinkSync("model", join(root, "way"));
  assert.equal(await text("a.bin", join(root, "way")), "inside");
  assert.equal(await text("a.bin", `${folder}/`), "inside");
});

test("a path that leads out by its words is refused before anything is looked at", async () => {
  for (const path of [
    "../secret",
    "deep/../../secret",
    "/etc/hostname",
    "C:\\secret",
    "a\0b",
    "",
    "deep//b.bin",
    "file:x",
  ])
    await refused(path, /does not lie inside its folder/);
});

test("a link that leads out of the folder is refused, and says where to", async () => {
  await refused("link-outside", /link-outside is a link that leads out of its folder, to .*secret/);
  await refused("up/secret", /leads out of its folder/);
  await refused("link-beside", /leads out of its folder, to .*model-beside/);
  await refused("endless", /leads out of its folder, to \/dev\/zero/);
  await refused("dangling", /there is no such file/);
});

test("pipes are refused at once", {
  skip: process.platform === "win32" && "Windows has no pipes in folders",
}, async () => {
  assert.equal(spawnSync("mkfifo", [join(folder, "pipe")]).status, 0);
  const start = performance.now();
  await refused("pipe", /it is a pipe, not a file/);
  await refused("deep", /folder/);
  assert.ok(performance.now() - start < 1000);
});
