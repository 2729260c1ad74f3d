// Holds the imports of the code against the table in ARCHITECTURE.md: who may import whom, no cycles between files, and
// inside src files are imported, not folders. Type imports count. Ends non-zero with one line for each offence.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const offences = [];

/** The rows `| folder | may import | … |` of the layer table. */
function readTable() {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const start = text.indexOf("| folder | may import |");
  if (start < 0) throw new Error("ARCHITECTURE.md has no layer table (| folder | may import |).");
  const table = new Map();
  for (const line of text.slice(start).split("\n").slice(2)) {
    if (!line.startsWith("|")) break;
    const [folders, allowed] = line
      .split("|")
      .slice(1, 3)
      .map((cell) => cell.replaceAll("`", "").trim());
    const list = allowed === "nothing" ? [] : allowed.split(/[\s,]+/);
    for (const folder of folders.split(/[\s,]+/)) table.set(folder, list);
  }
  return table;
}

function sources(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "generated" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/**
 * The row that a file falls under: the longest that is its path or holds it. `src/engines/wasm/code/bytes.ts` falls under
 * `engines/wasm/code`, `src/engines/wasm/strategy.ts` under the row of its own, `cli/x.ts` under `cli`; what lies in no folder
 * of `src` belongs to none and is a test.
 */
function folderOf(path) {
  const parts = path.split("/");
  if (parts[0] === "src") parts.shift();
  else return parts[0];
  if (parts.length === 1) return "src";
  for (let length = parts.length; length > 1; length--) {
    const row = parts.slice(0, length).join("/");
    if (table.has(row)) return row;
  }
  return parts[0];
}

/** Whether a cell's name means the folder: itself, or with a star every row below. */
const covers = (name, folder) => (name.endsWith("/*") ? folder.startsWith(name.slice(0, -1)) : name === folder);

function importsOf(path) {
  const text = readFileSync(join(root, path), "utf8").replace(/^\s*\/\/.*$/gm, "");
  const found = [];
  for (const match of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s*["']([^"']+)["']/g,
  )) {
    found.push(match[1] ?? match[2] ?? match[3]);
  }
  return found;
}

const table = readTable();
const files = ["src", "cli", "studio", "bench", "examples"].flatMap(sources);
const graph = new Map();
const used = new Set();
for (const file of files) {
  const isTest = /\.test\.tsx?$/.test(file);
  const from = folderOf(file);
  const targets = [];
  for (const name of importsOf(file)) {
    const target =
      name === "#host"
        ? "src/host/node.ts"
        : name.startsWith(".")
          ? relative(root, resolve(root, dirname(file), name))
          : undefined;
    if (!target) continue;
    if (!/\.(ts|tsx|js|css|json)$/.test(target)) offences.push(`${file} imports the folder ${name}; import a file.`);
    targets.push(target);
    const to = folderOf(target);
    // Tests may reach for anything; what is shipped may not.
    if (isTest || to === from || from === "doors") continue;
    const allowed = table.get(from);
    for (const name of allowed ?? []) if (covers(name, to)) used.add(`${from} ${name}`);
    if (!allowed) offences.push(`${file}: the folder ${from} stands in no row of the layer table.`);
    else if (!allowed.some((name) => covers(name, to)))
      offences.push(`${file} imports ${target}: ${from} may import ${allowed.join(", ") || "nothing"}, not ${to}.`);
  }
  if (!isTest) graph.set(file, targets);
}

// A row says what is, not what might be.
for (const [folder, allowed] of table) {
  for (const name of allowed) {
    if (!used.has(`${folder} ${name}`))
      offences.push(`The layer table lets ${folder} import ${name}, which it does not.`);
  }
}

// Cycles: depth-first, with the path kept for the message.
const state = new Map();
function visit(file, path) {
  if (state.get(file) === "done" || !graph.has(file)) return;
  if (state.get(file) === "open") {
    offences.push(`Import cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}.`);
    return;
  }
  state.set(file, "open");
  for (const target of graph.get(file)) visit(target, [...path, file]);
  state.set(file, "done");
}
for (const file of graph.keys()) visit(file, []);

for (const offence of offences) console.error(offence);
console.log(`layers: ${files.length} files, ${offences.length} offences`);
process.exit(offences.length > 0 ? 1 : 0);
