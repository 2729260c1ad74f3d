// What a beginner gets: `neocog train <folder>` with nothing told, on families of drawn pictures, each drawn and trained with
// several seeds. Prints the median and the worst test accuracy of each, and how long the whole command took:
//
//   npm run build && node dist/bench/beginner/main.js [--family=forms] [--each=100] [--seeds=3] [--json]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { families } from "./families.ts";
import { drawFolder } from "./folder.ts";

const told = new Map(
  process.argv.slice(2).map((word): [string, string] => {
    const [name, value = "yes"] = word.replace(/^--/, "").split("=");
    return [name, value];
  }),
);
const program = resolve(fileURLToPath(import.meta.url), "../../../cli/main.js");
const each = Number(told.get("each") ?? 100);
const seeds = Number(told.get("seeds") ?? 3);
const chosen = families.filter(({ name }) => !told.has("family") || name === told.get("family"));
if (chosen.length === 0) throw new Error(`--family can be ${families.map(({ name }) => name).join(", ")}.`);

const place = mkdtempSync(join(tmpdir(), "neocog-beginner-"));
try {
  for (const family of chosen) {
    const runs: { accuracy: number; seconds: number }[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const folder = join(place, `${family.name}-${seed}`);
      await drawFolder(folder, family, each, seed);
      const began = Date.now();
      const words = ["train", folder, "--seed", String(seed), "--out", `${folder}-model`, "--json"];
      const text = execFileSync(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "ignore"] });
      const { test } = JSON.parse(String(text)) as { test: { accuracy: number } };
      runs.push({ accuracy: test.accuracy, seconds: (Date.now() - began) / 1000 });
      rmSync(folder, { recursive: true });
    }
    const sorted = runs.map(({ accuracy }) => accuracy).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    const seconds = Math.max(...runs.map((run) => run.seconds));
    if (told.has("json")) console.log(JSON.stringify({ family: family.name, each, runs }));
    else {
      const shown = (share: number): string => `${(100 * share).toFixed(1)} %`;
      console.log(
        `${family.name}, ${each} a class: median ${shown(median)}, worst ${shown(sorted[0])} of ${seeds}; at most ${seconds.toFixed(0)} s`,
      );
    }
  }
} finally {
  rmSync(place, { recursive: true });
}
