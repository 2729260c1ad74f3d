// Shapes that cannot be are found by the compiler, each at its line and in words, and nothing else is found.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const file = "test/shapes/mistakes.ts";

test("mistakes are found, each where it stands and in words", () => {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const wanted = lines.flatMap((line, i) => {
    const words = /^\/\/ wrong: (.+)$/.exec(line)?.[1];
    return words === undefined ? [] : [{ line: i + 2, words }];
  });
  assert.equal(wanted.length, 43);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [compiler, "-p", "test/shapes", "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
  });
  const told = new Map<number, string>();
  for (const part of stdout.split(/\n(?=\S)/)) {
    const found = /^(.+?)\((\d+),\d+\): error TS\d+: ([\s\S]+)$/.exec(part);
    assert.ok(found && found[1] === file, `another error: ${part}`);
    told.set(Number(found[2]), found[3].replaceAll('\\"', '"'));
  }
  assert.deepEqual(
    [...told.keys()],
    wanted.map(({ line }) => line),
  );
  for (const { line, words } of wanted) assert.ok(told.get(line)!.includes(words), `line ${line}: ${told.get(line)}`);
});
