// All checks that need no run of the code, in order; the first failure does not hide the later ones. It builds what publint
// looks at.
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const checks = [
  ["types and build", process.execPath, ["scripts/build.mjs"]],
  ["lint and format", "biome", ["check", "--error-on-warnings", "."]],
  ["layers", process.execPath, ["scripts/layers.mjs"]],
  ["names of the doors", process.execPath, ["scripts/names.mjs"]],
  ["dead code", "knip", ["--no-progress"]],
  ["size and budgets", process.execPath, ["scripts/size.mjs"]],
  ["package", "publint", ["--strict"]],
];
const failed = [];
for (const [name, command, args] of checks) {
  console.log(`\n— ${name}`);
  const path = `${resolve(root, "node_modules/.bin")}:${process.env.PATH}`;
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, PATH: path } });
  if (status !== 0) failed.push(name);
}
console.log(failed.length > 0 ? `\nFailed: ${failed.join(", ")}.` : "\nAll checks passed.");
process.exit(failed.length > 0 ? 1 : 0);
