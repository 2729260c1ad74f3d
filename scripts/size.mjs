// How large everything is, and the most that it may be: `npm run size`, a part of `npm run check`. Lines of every folder, the longest
// file, names of every door, and bytes of what pages load. Who goes beyond a budget makes something smaller, or raises it and says why.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { buildBrowser } from "./browser.mjs";
import { doorNames } from "./names.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Bytes, as they are compressed by gzip -9, of what a page loads; lines of a file; lines of all that is shipped. A page that predicts
 * with one model takes the model's bundle, which is compiled ahead of time; one that opens any model carries the compiler.
 */
export const budgets = {
  // Of it 28 kB are 22 more models of torchvision, 15 augmentations, recurrence and attention, and the rules for small data.
  "everything behind the main door": 228_000,
  "a page with a bundled model, its weights in 16 bits": 90_000,
  "a page that opens models and predicts, at its start": 148_000,
  "and with a network of 3x3 convolutions": 155_000,
  "and with the script of a thread": 163_000,
  "prebuilt: neocog.js": 306_000,
  "lines of the longest file": 400,
  "lines of src and cli without tests": 85_000,
};

const compressed = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** What a page of this text loads, as esbuild writes it with shared parts in files of their own. */
export async function pageOf(text) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: text, resolveDir: root },
    ...{ absWorkingDir: root, outdir: "out", bundle: true, minify: true, format: "esm", splitting: true, write: false },
    ...{ platform: "browser", target: "es2022", metafile: true, logLevel: "error" },
  });
  const bytes = new Map(outputFiles.map(({ path, contents }) => [path.slice(root.length + 1), contents]));
  const outputs = metafile.outputs;
  /** A file with all that it imports at once. */
  const closure = (file, found = new Set()) => {
    if (found.has(file)) return found;
    found.add(file);
    for (const { path, kind } of outputs[file].imports) if (kind === "import-statement") closure(path, found);
    return found;
  };
  const entry = Object.keys(outputs).find((file) => outputs[file].entryPoint === "<stdin>");
  const start = closure(entry);
  /** The files that are loaded when these source files are asked for. */
  const with_ = (...sources) => {
    const all = new Set(start);
    for (const source of sources) {
      const file = Object.keys(outputs).find((one) => outputs[one].entryPoint?.endsWith(source));
      if (!file) throw new Error(`No part of the page is loaded with ${source}.`);
      closure(file, all);
    }
    return all;
  };
  const sizeOf = (files) => {
    const parts = [...files].map((file) => bytes.get(file));
    return {
      files: parts.length,
      minified: parts.reduce((sum, part) => sum + part.length, 0),
      compressed: parts.reduce((sum, part) => sum + compressed(part), 0),
    };
  };
  /** Source files that are in these files. */
  const sourcesOf = (files) => [...files].flatMap((file) => Object.keys(outputs[file].inputs));
  return { bytes, entry, start, with: with_, sizeOf, sourcesOf };
}

/** What a page has that opens a model and asks it. */
export const predicting = `import { openEngine, openImage, openModel, predict } from "./dist/src/doors/neocog.js";
const engine = await openEngine("wasm");
const model = await openModel("/model/");
const [{ classes }] = await predict(model, [await openImage("/picture.png", model.preprocessing)], { engine });
document.title = classes[0].name;`;

export const everything = 'import * as neocog from "./dist/src/doors/neocog.js"; globalThis.neocog = neocog;';

/** The network for the digits as one module, which is all that a page with it loads. */
async function bundledDigits() {
  const door = (name) => import(new URL(`../dist/src/doors/${name}.js`, import.meta.url).href);
  const [{ completePreprocessing, createModel }, { build, initialState }, { bundle }] = await Promise.all(
    ["neocog", "graph", "bundle"].map(door),
  );
  const { layer, inputShape } = createModel("digits");
  const [channels, height, width] = inputShape;
  const preprocessing = completePreprocessing({ channels, height, width });
  const weights = initialState(build(layer, [1, ...inputShape]).variables);
  const classes = Array.from({ length: 10 }, (_, i) => String(i));
  return (await bundle({ model: layer, weights, classes, preprocessing }, { half: true })).module;
}

function linesOf() {
  const names = execFileSync(
    "git",
    ["ls-files", "-co", "--exclude-standard", "src", "cli", "test", "scripts", "bench"],
    {
      cwd: root,
      encoding: "utf8",
    },
  ).split("\n");
  return names
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .flatMap((name) => {
      try {
        return [{ name, lines: readFileSync(join(root, name), "utf8").split("\n").length - 1 }];
      } catch {
        return []; // deleted, not yet committed
      }
    });
}

/** Everything that is measured: what, how much, and words beside it. */
export async function measure() {
  const files = linesOf();
  const rows = [];
  const add = (what, amount, words = "") => rows.push({ what, amount, words });
  const sized = (what, { minified, compressed, files }) =>
    add(what, compressed, `${minified} before compression${files === undefined ? "" : `, ${files} files`}`);
  const all = await pageOf(everything);
  sized("everything behind the main door", all.sizeOf(all.start));
  const bundled = Buffer.from(await bundledDigits());
  sized("a page with a bundled model, its weights in 16 bits", {
    minified: bundled.length,
    compressed: compressed(bundled),
  });
  const page = await pageOf(predicting);
  sized("a page that opens models and predicts, at its start", page.sizeOf(page.start));
  const usual = page.sizeOf(page.with("winograd/winograd.js"));
  sized("and with a network of 3x3 convolutions", usual);
  const prebuilt = await buildBrowser();
  const worker = prebuilt.find(({ name }) => name === "worker.js").contents;
  sized("and with the script of a thread", {
    minified: usual.minified + worker.length,
    compressed: usual.compressed + compressed(worker),
    files: usual.files + 1,
  });
  for (const { name, contents } of prebuilt)
    sized(`prebuilt: ${name}`, { minified: contents.length, compressed: compressed(contents) });
  const long = files.toSorted((a, b) => b.lines - a.lines);
  add("lines of the longest file", long[0].lines, long[0].name);
  const shipped = files.filter(({ name }) => /^(src|cli)\//.test(name) && !name.includes(".test."));
  add(
    "lines of src and cli without tests",
    shipped.reduce((sum, { lines }) => sum + lines, 0),
    `${shipped.length} files`,
  );
  return { rows, files };
}

/** A sentence for everything beyond its budget. */
export const beyond = (rows, most = budgets) =>
  rows.flatMap(({ what, amount, words }) =>
    amount > (most[what] ?? Number.POSITIVE_INFINITY)
      ? [`${what}: ${amount}, the budget is ${most[what]} (scripts/size.mjs)${words ? `; ${words}` : ""}.`]
      : [],
  );

function byFolder(files) {
  const sums = new Map();
  for (const { name, lines } of files) {
    const folder = name.startsWith("src/") ? name.split("/").slice(0, 2).join("/") : name.split("/")[0];
    const key = name.includes(".test.") ? `${folder} (tests)` : folder;
    const { lines: before, count } = sums.get(key) ?? { lines: 0, count: 0 };
    sums.set(key, { lines: before + lines, count: count + 1 });
  }
  return [...sums].toSorted(([a], [b]) => a.localeCompare(b));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, files } = await measure();
  for (const [folder, { lines, count }] of byFolder(files))
    console.log(`${folder.padEnd(24)}${String(lines).padStart(7)} lines ${String(count).padStart(5)} files`);
  console.log();
  for (const { door, values, types } of doorNames())
    console.log(
      `${door.padEnd(24)}${String(values.length).padStart(7)} values ${String(types.length).padStart(4)} types`,
    );
  console.log();
  for (const { what, amount, words } of rows)
    console.log(
      `${what.padEnd(54)}${String(amount).padStart(8)}${budgets[what] ? ` of ${budgets[what]}` : ""}${words ? `   ${words}` : ""}`,
    );
  const over = beyond(rows);
  for (const sentence of over) console.error(sentence);
  process.exit(over.length > 0 ? 1 : 0);
}
