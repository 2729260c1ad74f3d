// Whether claims hold by luck: runs every exhibit that takes a seed for many of them and tells, check by check, how near it
// came to failing. The margin is the share of a bound that is left: 0.5 of "below 0.3" is 0.15, less than 0 fails.
//
//   node scripts/lab-seeds.mjs                       exhibits that need no training, seeds 1 to 40
//   node scripts/lab-seeds.mjs --all --seeds 1-10    those that train as well
//   node scripts/lab-seeds.mjs coloured-boxes        only these; --json writes every run on a line, --threads sets the threads
//
// Needs a build. Exits with 1 where a check failed for any seed.
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const { exhibits, findExhibit, openLab } = await import(join(root, "dist/src/doors/lab.js"));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    seeds: { type: "string", default: "1-40" },
    threads: { type: "string" },
  },
});
const [first, last = first] = values.seeds.split("-").map(Number);
if (!(first <= last)) throw new Error(`--seeds must be like 7 or 1-40, not ${values.seeds}.`);

const chosen =
  positionals.length > 0
    ? positionals.map(findExhibit)
    : exhibits.filter(({ parameters, trained }) => "seed" in parameters && (values.all || !trained));

/** What is left of a bound, as a share of it; undefined where a check has none. */
function marginOf({ found, wanted, tolerance }) {
  if (tolerance !== undefined) return 1 - Math.abs(found - wanted) / tolerance;
  const [, word, bound] = /^(below|above) (.*)$/.exec(wanted) ?? [];
  if (word === undefined || Number(bound) === 0) return undefined;
  return ((word === "below" ? 1 : -1) * (Number(bound) - found)) / Math.abs(Number(bound));
}

const lab = await openLab("auto", values.threads ? { threads: Number(values.threads) } : {});
let failing = 0;
for (const { id } of chosen) {
  /** By what a check says: how often it failed, and its least margin. */
  const told = new Map();
  const began = performance.now();
  for (let seed = first; seed <= last; seed++) {
    const { checks, verdict } = await lab.run(id, { seed });
    if (values.json) console.log(JSON.stringify({ id, seed, verdict, checks }));
    for (const check of checks) {
      const row = told.get(check.says) ?? { least: Number.POSITIVE_INFINITY, failed: [] };
      const margin = marginOf(check);
      if (margin < row.least) Object.assign(row, { least: margin, seed, found: check.found, wanted: check.wanted });
      if (!check.holds) row.failed.push(seed);
      told.set(check.says, row);
    }
  }
  const rows = [...told];
  const failed = new Set(rows.flatMap(([, row]) => row.failed));
  failing += failed.size;
  const seconds = (performance.now() - began) / 1000;
  const seeds = last - first + 1;
  if (values.json) continue;
  console.log(
    `${failed.size === 0 ? "✓" : "✗"} ${id}: ${seeds - failed.size} of ${seeds} seeds hold, ${seconds.toFixed(0)} s`,
  );
  for (const [says, { least, seed, found, wanted, failed: where }] of rows) {
    const where_ = where.length > 0 ? `, FAILS for ${where.join(", ")}` : "";
    if (Number.isFinite(least)) {
      console.log(
        `    ${least.toFixed(3)}  ${says}: ${Number(found.toPrecision(4))}, ${wanted} (seed ${seed})${where_}`,
      );
    } else if (where_) console.log(`    −      ${says}${where_}`);
  }
}
await lab.close();
process.exitCode = failing > 0 ? 1 : 0;
