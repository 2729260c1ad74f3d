// Times every strategy that fits on each of the forty layer shapes, on one thread:
//
//   node dist/bench/layers.js [part of a shape's name] [--strategy=part of a name] [--profile] [--wide] [--json | --markdown]
//
// --wide joins pairs of 128-bit operations to 256-bit ones (Node 24 and newer, x64). GFLOP/s counts the operations of the definition (so Winograd may pass 100 % of the peak); the peak is measured first: eight
// or more independent chains of 128-bit multiply-adds.
import { cpus } from "node:os";
import { layerShapes, nameOf } from "./shapes.ts";
import { featuresOf, measurePeak, type Timing, timeShape } from "./timing.ts";

const wide = process.argv.includes("--wide");
const features = featuresOf(wide);

/** A row for each shape: what the chooser took, how fast it is, and how much faster the best would have been. */
function markdownOf(timings: readonly Timing[], peak: number): string {
  const lines = [
    `One thread, Node ${process.version}, ${cpus()[0].model}${wide ? ", 256-bit arithmetic" : ""}; peak of 128-bit multiply-adds ${peak.toFixed(1)} GFLOP/s.`,
    "",
    "| layer | chosen | ms | GFLOP/s | of the peak | chosen / best |",
    "|---|---|---|---|---|---|",
  ];
  for (const t of timings.filter(({ chosen }) => chosen)) {
    const best = Math.min(...timings.filter(({ shape }) => shape === t.shape).map((other) => other.milliseconds));
    const share = ((100 * t.gigaflops) / peak).toFixed(0);
    const ratio = (t.milliseconds / best).toFixed(2);
    lines.push(
      `| ${t.shape} | ${t.strategy.slice(9)} | ${t.milliseconds.toFixed(3)} | ${t.gigaflops.toFixed(1)} | ${share} % | ${ratio} |`,
    );
  }
  return lines.join("\n");
}

function main(): void {
  const words = process.argv.slice(2);
  const option = (name: string): string => words.find((w) => w.startsWith(`--${name}=`))?.split("=")[1] ?? "";
  const filters = words.filter((word) => !word.startsWith("--"));
  const peak = measurePeak(features);
  const all: Timing[] = [];
  const silent = words.includes("--json") || words.includes("--markdown");
  if (!silent) console.log(`peak ${peak.toFixed(1)} GFLOP/s, Node ${process.version}`);
  for (const shape of layerShapes) {
    if (!filters.every((part) => nameOf(shape).includes(part))) continue;
    const timings = timeShape(shape, { features, only: option("strategy"), profile: words.includes("--profile") });
    all.push(...timings);
    if (silent) continue;
    const best = Math.min(...timings.map((t) => t.milliseconds));
    console.log(nameOf(shape));
    for (const t of timings) {
      const marks = `${t.chosen ? " chosen" : ""}${t.milliseconds === best ? " best" : ""}`;
      const share = ((100 * t.gigaflops) / peak).toFixed(0).padStart(4);
      console.log(
        `  ${t.strategy.padEnd(28)} ${t.milliseconds.toFixed(3).padStart(9)} ms ${t.gigaflops.toFixed(1).padStart(7)} GFLOP/s ${share} % · estimated ${t.estimated.toFixed(3)} ms${marks}`,
      );
    }
  }
  if (words.includes("--markdown")) console.log(markdownOf(all, peak));
  if (words.includes("--json")) console.log(JSON.stringify({ peak, node: process.version, timings: all }));
}

main();
