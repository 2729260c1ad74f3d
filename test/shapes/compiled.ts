// What a compiler says of test/shapes/mistakes.ts, held against the words that stand before each mistake.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Runs `tsc -p folder` in `cwd`; every mistake of `text` is told at its line in its words, and nothing else is told. */
export function mistakesAreFound(text: string, file: string, compiler: string, folder: string, cwd: string): void {
  const wanted = text.split("\n").flatMap((line, i) => {
    const words = /^\/\/ wrong: (.+)$/.exec(line)?.[1];
    return words === undefined ? [] : [{ line: i + 2, words }];
  });
  assert.ok(wanted.length >= 43);
  const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
    cwd,
    encoding: "utf8",
  });
  const told = new Map<number, string>();
  for (const part of stdout.split(/\n(?=\S)/)) {
    const found = /^(.+?)\((\d+),\d+\): error TS\d+: ([\s\S]+)$/.exec(part);
    if (!found?.[1].endsWith(file)) assert.fail(`another error: ${part}`);
    told.set(Number(found[2]), found[3].replaceAll('\\"', '"'));
  }
  assert.deepEqual(
    [...told.keys()],
    wanted.map(({ line }) => line),
  );
  for (const { line, words } of wanted) assert.ok(told.get(line)!.includes(words), `line ${line}: ${told.get(line)}`);
}
