// Writes the table of findings in docs/doctor.md anew from the list of diagnoses: `node scripts/doctor-docs.mjs`, after a build.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const page = join(root, "docs/doctor.md");
const [begin, end] = ["<!-- findings -->", "<!-- end of findings -->"];

/** The page with the table of these diagnoses. */
export function withTable(text, diagnoses) {
  const cell = (words) => words.replaceAll("|", "\\|");
  const rows = diagnoses.map(
    ({ name, about, needs, threshold, source, next }) =>
      `| \`${name}\` | ${[about, needs.join(", "), `${threshold} (${source})`, next].map(cell).join(" | ")} |`,
  );
  const head = [
    "| finding | what is wrong | needs | where the line is drawn, by whose word | next |",
    "|---|---|---|---|---|",
  ];
  const [before, rest] = text.split(begin);
  const [, after] = rest.split(end);
  return `${before}${begin}\n${[...head, ...rows].join("\n")}\n${end}${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { diagnoses } = await import(join(root, "dist/src/doors/diagnose.js"));
  writeFileSync(page, withTable(readFileSync(page, "utf8"), diagnoses));
}
