// Builds dist/: removes what was there, so that a file deleted from the source cannot linger in it, compiles, and lets the
// program be run by its name, as npx in a clone does.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../", import.meta.url);
rmSync(new URL("dist", root), { recursive: true, force: true });
const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.json"], {
  cwd: fileURLToPath(root),
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
// The loader of bundles is one script, carried as text: src/bundle/bundle.ts.
const runtime = new URL("dist/src/bundle/runtime/", root);
await build({
  entryPoints: [fileURLToPath(new URL("main.js", runtime))],
  outfile: fileURLToPath(new URL("runtime.min.js", runtime)),
  ...{ bundle: true, minify: true, format: "iife", globalName: "neocogBundle", target: "es2022", logLevel: "warning" },
});
chmodSync(new URL("dist/cli/main.js", root), 0o755);
