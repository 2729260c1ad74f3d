// The package's types with the least TypeScript that is promised and the newest: a strict program without DOM and Node's types,
// and the shapes that cannot be.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mistakesAreFound } from "../shapes/compiled.ts";
import { project } from "./project.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** README promises the first. */
const versions = ["5.7.3", "7.0.2"];

for (const version of versions) {
  test(`a strict program without DOM and without Node's types, TypeScript ${version}`, () => {
    const script = join(root, "scripts/types.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, version], {
      encoding: "utf8",
      env: { ...process.env, NEOCOG_PROJECT: project() },
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });

  test(`shapes that cannot be are found, TypeScript ${version}`, () => {
    const folder = join(project(), `shapes-${version}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    execFileSync("npm", ["install", "--no-audit", "--no-fund", `typescript@${version}`], {
      cwd: folder,
      stdio: "ignore",
    });
    const text = readFileSync(join(root, "test/shapes/mistakes.ts"), "utf8").replace(
      "../../src/doors/neocog.ts",
      "neocog",
    );
    writeFileSync(join(folder, "mistakes.ts"), text);
    const settings = { strict: true, noEmit: true, target: "ES2023", lib: ["ES2023"], module: "NodeNext", types: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: settings, files: ["mistakes.ts"] }));
    mistakesAreFound(text, "mistakes.ts", join(folder, "node_modules/typescript/bin/tsc"), ".", folder);
  });
}

test("README names the least TypeScript", () => {
  const [major, minor] = versions[0].split(".");
  assert.match(readFileSync(join(root, "README.md"), "utf8"), new RegExp(`TypeScript ${major}\\.${minor}`));
});
