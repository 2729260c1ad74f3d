// Writing files in Node. A file that others may read is written beside its place, synced and renamed (and its folder
// synced, so that the rename itself lasts). What this process had begun is removed when it ends; what a killed one had
// begun, by the next that writes the same file.
import { constants, rmSync } from "node:fs";
import * as fs from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { threadId } from "node:worker_threads";
import { attempt } from "./failures.node.ts";
import type { Content, Files } from "./host.ts";
import { self, stateOf } from "./owners.node.ts";

/** Files of this process that do not outlive it. */
const passing = new Set<string>();
let listening = false;
let serial = 0;

function removeAtEnd(path: string): void {
  if (!listening) {
    process.once("exit", () => {
      for (const left of passing) rmSync(left, { force: true });
    });
  }
  listening = true;
  passing.add(path);
}

async function discard(path: string): Promise<void> {
  await fs.rm(path, { force: true }).catch(() => undefined);
  passing.delete(path);
}

/** A name in the same folder, so that renaming stays on one disk; it tells whose it is. */
function temporaryBeside(path: string): string {
  const target = resolve(path);
  const { machine, session, process: pid } = self();
  // Threads of one process count apart.
  const mark = [brief(machine), brief(session), pid, threadId * 2 ** 32 + ++serial].join(".");
  return join(dirname(target), `.${basename(target)}.${mark}.tmp`);
}

/** A long name as a few letters. */
function brief(text: string): string {
  let sum = 0;
  for (const letter of text) sum = (Math.imul(sum, 31) + letter.codePointAt(0)!) >>> 0;
  return sum.toString(36);
}

/** Removes what killed processes of this machine had begun in a folder: all of it, or what was to have one name. */
async function sweepFolder(folder: string, target?: string): Promise<void> {
  const { machine, session } = self();
  for (const name of await fs.readdir(folder).catch(() => [])) {
    const [, begun, where, when, pid] = name.match(/^\.(.+)\.(\w+)\.(\w+)\.(\d+)\.\d+\.tmp$/) ?? [];
    if (where !== brief(machine) || (target !== undefined && begun !== target)) continue;
    const owner = { machine, session: when === brief(session) ? session : "", process: Number(pid) };
    if ((await stateOf(owner)) === "dead") await discard(join(folder, name));
  }
}

async function writeSynced(path: string, content: Content, flag: "w" | "wx" | "a"): Promise<void> {
  const handle = await fs.open(path, flag);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Some systems cannot sync a folder; then the rename alone must do. */
async function syncFolder(path: string): Promise<void> {
  const handle = await fs.open(path, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function writeFileAtomic(path: string, content: Content): Promise<void> {
  await sweepFolder(dirname(resolve(path)), basename(resolve(path)));
  const temporary = temporaryBeside(path);
  removeAtEnd(temporary);
  try {
    await attempt(path, "written", async () => {
      await writeSynced(temporary, content, "wx");
      await fs.rename(temporary, path);
      await syncFolder(dirname(resolve(path)));
    });
  } finally {
    await discard(temporary);
  }
}

async function putFile(path: string, content: Content): Promise<void> {
  const temporary = temporaryBeside(path);
  removeAtEnd(temporary);
  try {
    await attempt(path, "written", async () => {
      await fs.writeFile(temporary, content, { flag: "wx" });
      await fs.rename(temporary, path);
    });
  } finally {
    await discard(temporary);
  }
}

async function claimFile(path: string, content: Content): Promise<boolean> {
  return attempt(path, "written", async () => {
    const handle = await fs.open(path, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return undefined;
      throw error;
    });
    if (!handle) return false;
    removeAtEnd(path);
    try {
      await handle.writeFile(content);
    } catch (error) {
      await discard(path);
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  });
}

export const writing = {
  makeFolder: (path) => attempt(path, "made", () => fs.mkdir(path, { recursive: true })),
  removeEmptyFolder: (path) =>
    fs.rmdir(path).then(
      () => true,
      () => false,
    ),
  writeFileAtomic,
  putFile,
  sweepFolder,
  writeFile: (path, content) => attempt(path, "written", () => writeSynced(path, content, "w")),
  claimFile,
  move: (from, to) => attempt(to, "written", () => fs.rename(from, to)),
  syncFolder,
  append: (path, text) => attempt(path, "written", () => writeSynced(path, text, "a")),
  removeFile: (path) =>
    attempt(path, "removed", async () => {
      await fs.rm(path, { force: true });
      passing.delete(path);
    }),
} satisfies Partial<Files>;
