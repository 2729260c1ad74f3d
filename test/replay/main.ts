// `npm run replay`: whether the compiler still makes the same code and choices of the plans of plans.ts; with --write, notes what it
// makes of them now in test/replay.
import { compare, write } from "./files.ts";
import { replay } from "./replay.ts";
import { snapshots } from "./snapshots.ts";

const now = { ...(await replay()), snapshots: await snapshots() };
if (process.argv.includes("--write")) {
  write(now);
  console.log("test/replay holds what is made now: see in the diff that every change is meant.");
} else {
  const said = compare(now);
  for (const sentence of said) console.error(sentence);
  console.log(
    said.length > 0
      ? `\n${said.length} differences. Where they are meant: npm run replay -- --write`
      : `${Object.keys(now.records).length} plans and ${Object.keys(now.snapshots).length} kernels: the same code, the same choices.`,
  );
  if (said.length > 0) process.exitCode = 1;
}
