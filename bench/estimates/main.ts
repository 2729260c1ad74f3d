// Measures contractions on this machine, refits the machine profile and says what that would change:
//
//   npm run fit-estimates -- [--write] [--shapes=96] [--spend=120] [--wide] [--to=times.json | --from=times.json]
//
// Shapes are drawn by families (shapes.ts); every strategy that is expected within ten times of the best is timed on each, turn by turn
// on one thread, and its middle time counts. The forty shapes of the benchmark of layers are timed too and take no part in the fit:
// they judge it. --spend is the milliseconds for each strategy on each shape; --to keeps the times, --from takes them instead of
// measuring. Without --write no file is touched. Measure on a machine that does nothing else.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Features } from "../../src/engines/wasm/code/features.ts";
import { type Profile, profile } from "../../src/engines/wasm/profile.ts";
import { type LayerShape, layerShapes, nameOf } from "../shapes.ts";
import { featuresOf, timeShape } from "../timing.ts";
import { fit } from "./fit.ts";
import { numberAt, rewritten } from "./numbers.ts";
import { estimatesOf } from "./samples.ts";
import { drawShapes } from "./shapes.ts";

const file = resolve(dirname(fileURLToPath(import.meta.url)), "../../../src/engines/wasm/profile.ts");

/** A strategy on a shape, and how long it took. */
interface Row {
  readonly shape: string;
  readonly strategy: string;
  /** Nanoseconds. */
  readonly measured: number;
  readonly judges: boolean;
}

/** What is kept in a file of times. */
interface Times {
  readonly node: string;
  readonly wide: boolean;
  readonly shapes: readonly { readonly shape: LayerShape; readonly judges: boolean }[];
  readonly rows: readonly Row[];
}

interface Estimated extends Row {
  readonly estimate: (by: Profile) => number;
}

function measure(count: number, spend: number, wide: boolean, features: Features): Times {
  const shapes = [
    ...drawShapes(count).map((shape) => ({ shape, judges: false })),
    ...layerShapes.map((shape) => ({ shape, judges: true })),
  ];
  const rows = shapes.flatMap(({ shape, judges }, i) => {
    const timings = timeShape(shape, { features, within: 10, spend });
    process.stderr.write(`\r${i + 1} of ${shapes.length} shapes`);
    return timings.map(
      ({ strategy, median }): Row => ({ shape: nameOf(shape), strategy, measured: median * 1e6, judges }),
    );
  });
  process.stderr.write("\n");
  return { node: process.version, wide, shapes, rows };
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
const percent = (n: number): string => `${(100 * n).toFixed(1)} %`;

/** Mean and worst relative error of the estimates. */
function errorsOf(rows: readonly Estimated[], by: Profile): { readonly mean: number; readonly worst: number } {
  const errors = rows.map(({ estimate, measured }) => Math.abs(estimate(by) / measured - 1));
  return { mean: mean(errors), worst: Math.max(...errors) };
}

/** How much longer the chosen strategies take than the best that was measured. */
function regretOf(rows: readonly Estimated[], by: Profile): { readonly mean: number; readonly worst: number } {
  const ratios = [...grouped(rows).values()].map((list) => {
    const chosen = list.reduce((best, row) => (row.estimate(by) < best.estimate(by) ? row : best));
    return chosen.measured / Math.min(...list.map(({ measured }) => measured)) - 1;
  });
  return { mean: mean(ratios), worst: Math.max(...ratios) };
}

function grouped(rows: readonly Estimated[]): Map<string, Estimated[]> {
  const shapes = new Map<string, Estimated[]>();
  for (const row of rows) shapes.set(row.shape, [...(shapes.get(row.shape) ?? []), row]);
  return shapes;
}

function main(): void {
  const words = process.argv.slice(2);
  const option = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const number = (name: string, otherwise: number): number => {
    const value = Number(option(name) ?? otherwise);
    if (!(value > 0)) throw new Error(`--${name} must be a number above 0; it is ${option(name)}.`);
    return value;
  };
  const unknown = words.find((word) => !/^--(write|wide|(shapes|spend|to|from)=.+)$/.test(word));
  if (unknown)
    throw new Error(`fit-estimates has no option ${unknown}; it has --write --shapes= --spend= --wide --to= --from=.`);
  const from = option("from");
  if (from && !existsSync(from)) throw new Error(`There is no file ${from} to take times from.`);
  const wide = words.includes("--wide");
  const features = featuresOf(wide);
  const times = from
    ? (JSON.parse(readFileSync(from, "utf8")) as Times)
    : measure(number("shapes", 96), number("spend", 120), wide, features);
  const to = option("to");
  if (to) writeFileSync(to, JSON.stringify(times));
  const estimates = new Map(
    times.shapes.map(({ shape }) => [nameOf(shape), estimatesOf(shape, { ...features, wide: times.wide })]),
  );
  const rows = times.rows.flatMap((row): Estimated[] => {
    const estimate = estimates.get(row.shape)?.get(row.strategy);
    return estimate ? [{ ...row, estimate }] : [];
  });
  const fitted = rows.filter(({ judges }) => !judges);
  const found = fit(fitted, profile);
  const changed = [...found.factors].filter(([, factor]) => Math.abs(Math.log(factor)) > 0.005);
  console.log(
    `${rows.length} times of ${times.shapes.length} shapes, Node ${times.node}${times.wide ? ", 256 bits" : ""}`,
  );
  console.log("\nnumber                                    old      new");
  for (const [name, factor] of changed) {
    const old = numberAt(profile, name);
    const line = [name.padEnd(36), String(old).padStart(8), String(Number((old * factor).toPrecision(3))).padStart(8)];
    console.log(line.join(" "));
  }
  const shown = [
    ["shapes that were fitted", fitted],
    ["the shapes of bench/layers.ts", rows.filter(({ judges }) => judges)],
  ] as const;
  for (const [name, list] of shown) {
    const [before, after] = [profile, found.profile].map((by) => ({
      error: errorsOf(list, by),
      regret: regretOf(list, by),
    }));
    console.log(`\n${name}                     before, after`);
    console.log(`  error of an estimate, mean   ${percent(before.error.mean)}, ${percent(after.error.mean)}`);
    console.log(`  error of an estimate, worst  ${percent(before.error.worst)}, ${percent(after.error.worst)}`);
    console.log(`  chosen above best, mean      ${percent(before.regret.mean)}, ${percent(after.regret.mean)}`);
    console.log(`  chosen above best, worst     ${percent(before.regret.worst)}, ${percent(after.regret.worst)}`);
  }
  const families = [...new Set(rows.map(({ strategy }) => strategy))].sort();
  console.log("\nerror of the estimates by strategy, mean: before, after");
  for (const strategy of families) {
    const list = rows.filter((row) => row.strategy === strategy);
    const [before, after] = [profile, found.profile].map((by) => percent(errorsOf(list, by).mean));
    console.log(`  ${strategy.padEnd(30)} ${before.padStart(8)} ${after.padStart(8)}   ${list.length} times`);
  }
  if (!words.includes("--write")) {
    console.log("\nNothing was written; --write puts the new numbers into src/engines/wasm/profile.ts.");
    return;
  }
  const numbers = new Map(changed.map(([name, factor]) => [name, numberAt(profile, name) * factor]));
  writeFileSync(file, rewritten(readFileSync(file, "utf8"), numbers));
  console.log(
    `\n${numbers.size} numbers written to src/engines/wasm/profile.ts; npm run replay says which choices that changes.`,
  );
}

try {
  main();
} catch (error) {
  console.error(`fit-estimates: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
