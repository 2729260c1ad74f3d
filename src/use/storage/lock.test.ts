// One writer at a time, whoever else is there: living, killed, from before the last start of the machine, or out of sight.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { owners } from "#host";
import { NeocogError } from "../../base/errors.ts";
import type { Owner } from "../../host/host.ts";
import { folderStore } from "./folder.ts";
import { lock } from "./lock.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-lock-"));
after(() => rmSync(root, { recursive: true }));
const { owner: self } = await owners.claim();

function folderWith(owner?: Partial<Owner> | string): string {
  const folder = mkdtempSync(join(root, "f-"));
  const text = typeof owner === "string" ? owner : JSON.stringify({ ...self, ...owner });
  if (owner !== undefined) writeFileSync(join(folder, ".neocog-lock-7"), text);
  return folder;
}

test("the second writer is refused in one sentence that says who writes; afterwards it may", async () => {
  const folder = folderWith();
  const free = await lock(folderStore(folder));
  await assert.rejects(lock(folderStore(folder)), (error: Error) => {
    assert.ok(error instanceof NeocogError);
    assert.match(error.message, new RegExp(`^${folder} is being written by process ${process.pid} on \\S+ since `));
    assert.match(error.message, /Z; wait for it, stop it, or give another name\.$/);
    return true;
  });
  await free();
  assert.deepEqual(readdirSync(folder), []);
  await (await lock(folderStore(folder)))();
});

const linux = process.platform === "linux";
const gone: readonly {
  readonly what: string;
  readonly left: Partial<Owner> | string;
  readonly skip?: string | false;
}[] = [
  { what: "a process that is no more", left: { process: 2 ** 22 + 1 } },
  { what: "a process whose number was given to another", left: { started: "1" }, skip: !linux && "no /proc" },
  { what: "a process from before the machine's last start", left: { session: "another" } },
  { what: "nobody: the lock is empty", left: "" },
  { what: "nobody: the lock is cut short", left: '{"machine":"x"' },
  { what: "nobody: the lock is something else", left: "null" },
];
for (const { what, left, skip = false } of gone) {
  test(`the lock of ${what} is taken over`, { skip }, async () => {
    const folder = folderWith(left);
    const free = await lock(folderStore(folder));
    assert.deepEqual(readdirSync(folder), [".neocog-lock-8"]);
    await free();
    assert.deepEqual(readdirSync(folder), []);
  });
}

test("a lock of another machine, or of a page, is kept, and the sentence says what to remove", async () => {
  for (const [left, who] of [
    [{ machine: "elsewhere" }, `process ${process.pid} on elsewhere`],
    [{ machine: "browser at http://x", process: undefined }, "a page \\(browser at http://x\\)"],
  ] as const) {
    const folder = folderWith(left);
    await assert.rejects(
      lock(folderStore(folder)),
      new RegExp(`is being written by ${who}; if that no longer runs, remove ${join(folder, ".neocog-lock-7")}\\.$`),
    );
    assert.ok(existsSync(join(folder, ".neocog-lock-7")));
  }
});

test("of many that come at one moment never two have it, over a dead writer's lock too", async () => {
  for (const left of [undefined, { process: 2 ** 22 + 1 }]) {
    const folder = folderWith(left);
    let [holding, most, had] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        for (let turn = 0; turn < 6; turn++) {
          const free = await lock(folderStore(folder)).catch(() => undefined);
          if (!free) continue;
          most = Math.max(most, ++holding);
          had++;
          await new Promise((done) => setTimeout(done, 2));
          holding--;
          await free();
        }
      }),
    );
    assert.equal(most, 1);
    assert.ok(had > 0);
    assert.deepEqual(readdirSync(folder), []);
  }
});

test("kill -9 leaves a lock that is free, for a zombie too; a process that ends frees it itself", {
  skip: process.platform === "win32" && "no kill -9",
}, async () => {
  const folder = join(root, "child");
  mkdirSync(folder);
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `const { folderStore } = await import(${module("./folder.js")});
    const { lock } = await import(${module("./lock.js")});
    await lock(folderStore(${JSON.stringify(folder)}));
    console.log("locked");
    process.stdin.on("data", () => process.exit(3));
    setInterval(() => {}, 1000);`;
  const start = async (shell: boolean) => {
    const [program, given] = shell
      ? ["sh", ["-c", '"$0" --input-type=module -e "$1" & echo pid $!; exec sleep 60', process.execPath, script]]
      : [process.execPath, ["--input-type=module", "-e", script]];
    const child = spawn(program as string, given as string[], { stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    while (!said.includes("locked")) said += String((await once(child.stdout, "data"))[0]);
    return { child, pid: Number(said.match(/pid (\d+)/)?.[1] ?? child.pid) };
  };
  const ended = await start(false);
  await assert.rejects(lock(folderStore(folder)), /is being written by process/);
  ended.child.stdin.write("end");
  await once(ended.child, "exit");
  assert.deepEqual(readdirSync(folder), []);
  // Killed, but never waited for by its parent, a process stays in the list as a zombie.
  const zombie = await start(true);
  process.kill(zombie.pid, "SIGKILL");
  await new Promise((done) => setTimeout(done, 100));
  assert.equal(readdirSync(folder).length, 1);
  await (await lock(folderStore(folder)))();
  assert.deepEqual(readdirSync(folder), []);
  zombie.child.kill("SIGKILL");
});
