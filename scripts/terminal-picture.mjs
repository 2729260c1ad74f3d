// Draws text as a picture of a terminal: `neocog train digits | node scripts/terminal-picture.mjs docs/train-digits.svg`.
import { readFileSync, writeFileSync } from "node:fs";

const lines = readFileSync(0, "utf8").trimEnd().split("\n");
const width = Math.max(...lines.map((line) => line.length));
const [cellWidth, cellHeight, margin] = [7.83, 17, 16];
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const rows = lines.map(
  (line, i) =>
    `<text x="${margin}" y="${margin + (i + 1) * cellHeight - 4}" xml:space="preserve">${escaped(line)}</text>`,
);
const [w, h] = [Math.ceil(width * cellWidth + 2 * margin), lines.length * cellHeight + 2 * margin];
writeFileSync(
  process.argv[2],
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">
<title>What the terminal shows</title>
<rect width="100%" height="100%" rx="8" fill="#16181d"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="#d7dae0">
${rows.join("\n")}
</g>
</svg>
`,
);
