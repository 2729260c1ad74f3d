// Builds dist/browser: Neocog as one file for pages without a bundler, with everything behind the main door. Beside it the script of
// a thread and the digits, which are loaded when they are asked for. `npm run build:browser`, and before the package is packed.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The written digits stay a file of their own: larger than all the code. */
const apart = {
  name: "apart",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/digitsFile\.js$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./digits.js", external: true },
    ),
};

/** The files by name, with their bytes. */
export async function buildBrowser() {
  const outdir = fileURLToPath(new URL("../dist/browser", import.meta.url));
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: {
      neocog: "dist/src/doors/neocog.js",
      worker: "dist/src/engines/wasm/run/worker.js",
      digits: "dist/src/data/digitsFile.js",
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    legalComments: "none",
    outdir,
    plugins: [apart],
    write: false,
    logLevel: "warning",
  });
  return outputFiles.map(({ path, contents }) => ({ name: path.slice(outdir.length + 1), contents }));
}

/** Puts the files into a folder that holds nothing else. */
export async function writeBrowser(folder) {
  const files = await buildBrowser();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await writeBrowser(join(root, "dist", "browser"));
  for (const { name, contents } of files)
    console.log(
      `dist/browser/${name}: ${contents.length} bytes, ${gzipSync(contents, { level: 9 }).length} compressed`,
    );
}
