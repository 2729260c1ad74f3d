import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DataError } from "../base/errors.ts";
import { files } from "./files.node.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-files-"));
after(() => rmSync(folder, { recursive: true }));
const refuses = (work: () => Promise<unknown>, message: string) =>
  assert.rejects(work, (error: Error) => {
    assert.ok(error instanceof DataError, `not a DataError: ${error.stack}`);
    assert.equal(error.message, message);
    return true;
  });

test("a file is written whole and read back", async () => {
  const path = join(folder, "a.txt");
  await files.writeFileAtomic(path, "grüß dich");
  await files.writeFileAtomic(path, "hello");
  await files.append(path, " world");
  assert.equal(await files.readText(path), "hello world");
  assert.deepEqual(await files.readFile(path), new Uint8Array(Buffer.from("hello world")));
  assert.deepEqual(await files.list(folder), [{ name: "a.txt", kind: "file" }]);
});

test("failures are sentences and leave nothing behind", async () => {
  const blocked = join(folder, "a.txt", "b.txt");
  await refuses(
    () => files.readFile(blocked),
    `${blocked} cannot be read: a part of its path is a file, not a folder.`,
  );
  await refuses(
    () => files.writeFileAtomic(blocked, "x"),
    `${blocked} cannot be written: a part of its path is a file, not a folder.`,
  );
  const nowhere = join(folder, "none", "b.txt");
  await refuses(() => files.readText(nowhere), `${nowhere} cannot be read: there is no such file or folder.`);
  await refuses(() => files.writeFileAtomic(nowhere, "x"), `${nowhere} cannot be written: its folder does not exist.`);
  await refuses(() => files.readFile(folder), `${folder} cannot be read: it is a folder, not a file.`);
  mkdirSync(join(folder, "taken"));
  await refuses(
    () => files.writeFileAtomic(join(folder, "taken"), "x"),
    `${join(folder, "taken")} cannot be written: it is a folder, not a file.`,
  );
  assert.deepEqual(readdirSync(folder).sort(), ["a.txt", "taken"]);
});

test("a full disk is one sentence", { skip: !existsSync("/dev/full") && "this system has no /dev/full" }, () =>
  refuses(() => files.append("/dev/full", "x"), "/dev/full cannot be written: the disk is full."),
);

test("a file that grows too large leaves the old one", {
  skip: process.platform === "win32" && "no ulimit",
}, async () => {
  const path = join(folder, "limited.bin");
  await files.writeFileAtomic(path, "old");
  const script = `const { files } = await import(${JSON.stringify(new URL("./files.node.js", import.meta.url).href)});
    await files.writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(1e6)).catch((e) => console.log(e.message));`;
  const said = execFileSync(
    "sh",
    ["-c", 'ulimit -f 8; exec "$0" --input-type=module -e "$1"', process.execPath, script],
    {
      encoding: "utf8",
    },
  );
  assert.equal(said, `${path} cannot be written: the file would be larger than allowed here.\n`);
  assert.equal(readFileSync(path, "utf8"), "old");
  assert.deepEqual(readdirSync(folder).sort(), ["a.txt", "limited.bin", "taken"]);
});

test("folders are made, and taken away only while they hold nothing", async () => {
  const [top, below] = [join(folder, "made"), join(folder, "made", "b", "c")];
  assert.equal(await files.makeFolder(below), top);
  assert.equal(await files.makeFolder(below), undefined);
  assert.equal(await files.removeEmptyFolder(top), false);
  assert.equal(await files.removeEmptyFolder(below), true);
  assert.equal(await files.removeEmptyFolder(join(top, "b")), true);
  assert.equal(await files.removeEmptyFolder(top), true);
});

test("a file is claimed once, moved in one stroke, and removed alone", async () => {
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  assert.deepEqual(
    (await Promise.all([1, 2, 3, 4].map((n) => files.claimFile(one, `${n}`)))).filter((claimed) => claimed).length,
    1,
  );
  await files.writeFile(two, "first");
  await files.writeFile(two, "2nd");
  await files.move(two, one);
  assert.equal(await files.readText(one), "2nd");
  assert.equal(await files.kindOf(two), undefined);
  await refuses(() => files.move(two, one), `${one} cannot be written: its folder does not exist.`);
  await files.removeFile(one);
  await files.removeFile(one);
  await assert.rejects(files.removeFile(join(folder, "taken")), DataError);
});

const runs = (script: string) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
const host = JSON.stringify(new URL("./files.node.js", import.meta.url).href);

test("what an interrupted process had begun is removed when it ends", () => {
  const late = join(folder, "late");
  assert.throws(() =>
    runs(`const { files } = await import(${host});
      await files.claimFile(${JSON.stringify(`${late}.lock`)}, "mine");
      files.writeFileAtomic(${JSON.stringify(late)}, new Uint8Array(4e7));
      setTimeout(() => process.exit(130), 5);`),
  );
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes("late")),
    [],
  );
});

test("what a killed process had begun is removed by the next that writes there, what a living one has begun stays", {
  skip: process.platform === "win32" && "no kill -9",
}, async () => {
  const path = join(folder, "swept");
  const left = () => readdirSync(folder).filter((name) => name.startsWith(".swept."));
  for (const end of ["await new Promise(() => setInterval(() => {}, 1e6))", "process.kill(process.pid, 9)"]) {
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `import fs from "node:fs/promises";
       import { syncBuiltinESMExports } from "node:module";
       fs.rename = async () => { console.log("begun"); ${end}; };
       syncBuiltinESMExports();
       const { files } = await import(${host});
       await files.writeFileAtomic(${JSON.stringify(path)}, "never there");`,
    ]);
    const gone = once(child, "exit");
    if (end.includes("kill")) await gone;
    else await once(child.stdout, "data");
    assert.equal(left().length, 1, end);
    await files.writeFileAtomic(path, "there");
    assert.equal(left().length, end.includes("kill") ? 0 : 1, end);
    child.kill("SIGKILL");
    await gone;
    await files.writeFileAtomic(path, "there again");
    assert.deepEqual(left(), [], end);
  }
});

test("gzip is deterministic; broken or exploding data is refused", async () => {
  const bytes = new Uint8Array(100_000);
  const packed = await files.gzip(bytes);
  assert.deepEqual(packed, await files.gzip(bytes));
  assert.deepEqual(await files.gunzip(packed, "x.gz", 100_000), bytes);
  await refuses(
    () => files.gunzip(packed, "x.gz", 99_999),
    "x.gz expands to more than 99999 bytes, which is not believable for this kind of file.",
  );
  await refuses(
    () => files.gunzip(packed.subarray(0, 50), "x.gz"),
    "x.gz is not a whole gzip file: unexpected end of file.",
  );
  packed[packed.length - 8] ^= 1;
  await refuses(() => files.gunzip(packed, "x.gz"), "x.gz is not a whole gzip file: incorrect data check.");
});

test("only regular files are read: pipes, sockets and devices never hang", {
  skip: process.platform === "win32" && "Windows has no such files",
  timeout: 10_000,
}, async () => {
  const inside = join(folder, "special");
  mkdirSync(inside);
  execFileSync("mkfifo", [join(inside, "a.png")]);
  symlinkSync("/dev/zero", join(inside, "b.png"));
  symlinkSync("nowhere", join(inside, "c.png"));
  symlinkSync("d.png", join(inside, "d.png"));
  symlinkSync(join(folder, "a.txt"), join(inside, "e.txt"));
  const server = createServer().listen(join(inside, "f"));
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    assert.deepEqual(await files.list(inside), [
      { name: "a.png", kind: "other", what: "a pipe" },
      { name: "b.png", kind: "other", what: "a device", link: true },
      { name: "c.png", kind: "other", what: "a link that leads nowhere", link: true },
      { name: "d.png", kind: "other", what: "a link that leads in a circle", link: true },
      { name: "e.txt", kind: "file", link: true },
      { name: "f", kind: "other", what: "a socket" },
    ]);
  } finally {
    server.close();
  }
  const [pipe, device] = [join(inside, "a.png"), join(inside, "b.png")];
  await refuses(() => files.readFile(pipe), `${pipe} cannot be read: it is a pipe, not a file.`);
  await refuses(() => files.readText(device), `${device} cannot be read: it is a device, not a file.`);
  assert.equal(await files.kindOf(pipe), "other");
  assert.equal(await files.readText(join(inside, "e.txt")), "hello world");
});

test("a real path is one for all ways to it", {
  skip: process.platform === "win32" && "links need rights",
}, async () => {
  symlinkSync(folder, join(folder, "back"));
  assert.equal(
    await files.realPath(join(folder, "back", "back", "a.txt")),
    await files.realPath(join(folder, "a.txt")),
  );
  const nowhere = join(folder, "none");
  await refuses(() => files.realPath(nowhere), `${nowhere} cannot be read: there is no such file or folder.`);
});

test("the data folder is found, and what is not there can be removed", async () => {
  const before = process.env.NEOCOG_DATA;
  process.env.NEOCOG_DATA = folder;
  assert.equal(files.dataFolder(), folder);
  if (before === undefined) delete process.env.NEOCOG_DATA;
  else process.env.NEOCOG_DATA = before;
  writeFileSync(join(folder, "z"), "");
  await files.removeFile(join(folder, "z"));
  await files.removeFile(join(folder, "z"));
  assert.equal(await files.kindOf(join(folder, "z")), undefined);
});
