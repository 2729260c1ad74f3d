// Runs every built test file with Node's test runner: `node scripts/test.mjs [part of a path …]`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const wanted = process.argv.slice(2);
const files = readdirSync(join(root, "dist"), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".test.js") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort()
  .map((name) => join("dist", name));
if (files.length === 0) {
  console.error(
    wanted.length > 0
      ? `No test file's path contains ${wanted.join(" or ")}.`
      : "There are no built tests; run `npm run build` first.",
  );
  process.exit(1);
}
const reporter = process.env.CI || !process.stdout.isTTY ? "dot" : "spec";
const counts = join(mkdtempSync(join(tmpdir(), "neocog-test-")), "counts.tap");
const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    `--test-concurrency=${availableParallelism()}`,
    `--test-reporter=${process.env.TEST_REPORTER ?? reporter}`,
    "--test-reporter-destination=stdout",
    "--test-reporter=tap",
    `--test-reporter-destination=${counts}`,
    ...files,
  ],
  { cwd: root, stdio: "inherit" },
);
const closing = readFileSync(counts, "utf8").slice(-2000);
rmSync(dirname(counts), { recursive: true });
const number = (word) => Number(closing.match(new RegExp(`^# ${word} (\\d+)$`, "m"))?.[1] ?? 0);
console.log(`\n${number("pass")} passed, ${number("fail") + number("cancelled")} failed, ${number("skipped")} skipped`);
process.exit(status ?? 1);
