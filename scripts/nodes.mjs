// The same on every Node: `npm run test:nodes [-- 22 24 26]`. Fetches each of these Nodes from npm into a temporary folder and
// with it trains a small network on 1, 2 and 4 threads, demands the very weights that this Node gives, and runs the tests of
// the engines.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const versions = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const system = process.platform === "win32" ? "win" : process.platform;
const folder = mkdtempSync(join(tmpdir(), "neocog-nodes-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const task = `
import { everything } from ${JSON.stringify(new URL("../dist/test/doors.js", import.meta.url).href)};
import { task } from ${JSON.stringify(new URL("../dist/test/browser-task.js", import.meta.url).href)};
const answers = [];
for (const threads of [1, 2, 4]) answers.push(await task(everything, threads));
console.log(JSON.stringify(answers.map(({ hash, onnx, losses }) => ({ hash, onnx, losses }))));`;

/** What a Node says to the task, once for each number of threads. */
function answers(node) {
  const { stdout, stderr, status } = spawnSync(node, ["--input-type=module", "-e", task], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout).map((answer) => JSON.stringify(answer));
}

const expected = answers(process.execPath)[0];
let failures = 0;
for (const version of versions) {
  const prefix = join(folder, version);
  const name = `node-${system}-${process.arch}@${version}`;
  const install = ["install", "--prefix", prefix, "--no-save", "--no-package-lock", "--ignore-scripts", name];
  if (spawnSync("npm", install, { stdio: ["ignore", "ignore", "inherit"] }).status !== 0)
    throw new Error(`${name} could not be fetched from npm.`);
  const node = join(prefix, "node_modules", `node-${system}-${process.arch}`, "bin", "node");
  const same = answers(node).map((answer) => answer === expected);
  console.log(
    `Node ${version}: the weights on 1, 2 and 4 threads ${same.every(Boolean) ? "are" : "are NOT"} those of Node ${process.version} on one.`,
  );
  if (!same.every(Boolean)) failures++;
  const { status } = spawnSync(node, [join(root, "scripts", "test.mjs"), "src/engines"], { stdio: "inherit" });
  if (status !== 0) failures++;
}
console.log(failures === 0 ? "Every Node agrees." : `${failures} failures.`);
process.exit(failures === 0 ? 0 : 1);
