// The packed package in an empty project outside the clone, as a user has it: `npm run test:package [-- part of a case's name …]`.
// Packs, installs beside what users build pages with, and runs the cases of test/package there: the code blocks and commands of
// every page, bundlers, types. Needs npm's registry.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const cases = join("dist", "test", "package");
const wanted = process.argv.slice(2);
const files = readdirSync(join(root, cases))
  .filter((name) => name.endsWith(".case.js") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .map((name) => join(cases, name));
if (files.length === 0) throw new Error(`No case's name contains ${wanted.join(" or ")}.`);
const { makeProject } = await import(new URL("../dist/test/package/project.js", import.meta.url).href);
const project = makeProject(root);
try {
  const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NEOCOG_PROJECT: project },
  });
  process.exitCode = status ?? 1;
} finally {
  if (process.env.NEOCOG_KEEP === undefined) rmSync(project, { recursive: true, force: true });
  else console.log(`Kept: ${project}`);
}
