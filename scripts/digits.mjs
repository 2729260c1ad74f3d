// Writes src/data/digitsFile.ts from assets/digits.csv.gz: `node scripts/digits.mjs`. A module reaches a page by every
// bundler and every server, as it is; a file of its own does not (some servers unzip what ends in .gz).
import { readFileSync, writeFileSync } from "node:fs";

const bytes = readFileSync(new URL("../assets/digits.csv.gz", import.meta.url));
writeFileSync(
  new URL("../src/data/digitsFile.ts", import.meta.url),
  `// assets/digits.csv.gz in base64, written by scripts/digits.mjs. Imported only when the digits are asked for.
export const digitsFile =
  "${bytes.toString("base64")}";
`,
);
