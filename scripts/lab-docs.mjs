// Writes docs/lab: a page and a figure for each exhibit, from a run of it. `node scripts/lab-docs.mjs` writes those that need
// no training, `--all` every one, names only these. Needs a build.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { exhibits, findExhibit, indexPage, openLab, pageOf } = await import(join(root, "dist/src/doors/lab.js"));
const folder = join(root, "docs/lab");
mkdirSync(folder, { recursive: true });

const given = process.argv.slice(2);
const names = given.filter((word) => !word.startsWith("--"));
const chosen =
  names.length > 0 ? names.map(findExhibit) : exhibits.filter(({ trained }) => !trained || given.includes("--all"));
writeFileSync(join(folder, "README.md"), indexPage(exhibits));
const lab = await openLab();
let failing = 0;
for (const { id } of chosen) {
  const report = await lab.run(id);
  const { markdown, figure } = pageOf(report);
  writeFileSync(join(folder, `${id}.md`), markdown);
  if (figure) writeFileSync(join(folder, `${id}.svg`), figure);
  if (!report.verdict) failing++;
  console.log(`${report.verdict ? "✓" : "✗"} ${id} ${report.seconds.toFixed(1)} s`);
}
await lab.close();
process.exitCode = failing > 0 ? 1 : 0;
