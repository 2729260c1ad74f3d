// What is noted of earlier replays: test/replay/plans.json and the text of some kernels beside it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { differences, type Records, type Replay } from "./replay.ts";
import { firstDifference } from "./snapshots.ts";

/** From dist/test/replay. */
const folder = new URL("../../../test/replay/", import.meta.url);
const plans = new URL("plans.json", folder);
const kernelFile = (name: string): URL => new URL(`kernels/${name}.wat`, folder);

export interface Replayed extends Replay {
  /** Text of the code of kernels, by name. */
  readonly snapshots: Readonly<Record<string, string>>;
}

/** A line for each line of a record, so that a change of one strategy is one line of a diff. */
function textOf(records: Records): string {
  const entries = Object.entries(records).map(([name, lines]) => {
    const rows = lines.map((line) => `    ${JSON.stringify(line)}`);
    return `  ${JSON.stringify(name)}: [\n${rows.join(",\n")}\n  ]`;
  });
  return `{\n${entries.join(",\n")}\n}\n`;
}

const noted = (): string[] =>
  readdirSync(new URL("kernels/", folder))
    .filter((name) => name.endsWith(".wat"))
    .map((name) => name.slice(0, -".wat".length));

/** What differs from what is noted, a sentence each. */
export function compare({ records, snapshots }: Replayed): string[] {
  const before = JSON.parse(readFileSync(plans, "utf8")) as Records;
  const names = [...new Set([...noted(), ...Object.keys(snapshots)])];
  return [
    ...differences(before, records),
    ...names.flatMap((name) => {
      const file = kernelFile(name);
      if (!(name in snapshots)) return [`kernels/${name}.wat is no kernel of snapshots.ts any more.`];
      if (!existsSync(file)) return [`kernels/${name}.wat is missing.`];
      return firstDifference(`kernels/${name}.wat`, readFileSync(file, "utf8"), snapshots[name]);
    }),
  ];
}

export function write({ records, snapshots }: Replayed): void {
  writeFileSync(plans, textOf(records));
  for (const name of noted()) if (!(name in snapshots)) rmSync(kernelFile(name));
  for (const [name, text] of Object.entries(snapshots)) writeFileSync(kernelFile(name), text);
}
