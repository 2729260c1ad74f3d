// Runs a command as on a machine that has only Node and npm: `node scripts/bare.mjs npm test`. Every place of
// test/outside.ts is hidden from the tests (NEOCOG_BARE), and, where the system allows namespaces of its own (root, Linux),
// from every program too: folders are empty and files cannot be run. Needs a build.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const command = process.argv.slice(2);
if (command.length === 0) throw new Error("Say what to run, such as: node scripts/bare.mjs npm test");
const { outside } = await import(new URL("../dist/test/outside.js", import.meta.url).href);
const places = Object.values(outside).map(({ path }) => path);
const covers = places
  .filter((path) => existsSync(path))
  .map((path) => (statSync(path).isDirectory() ? `mount -t tmpfs none '${path}'` : `mount --bind /dev/null '${path}'`));
const empty = mkdtempSync(join(tmpdir(), "neocog-bare-"));
const env = { ...process.env, NEOCOG_BARE: "1", NEOCOG_DATA: empty };
const canHide = spawnSync("unshare", ["--mount", "true"]).status === 0;
console.log(
  canHide
    ? `Hidden: ${places.join(", ")}.`
    : "This system allows no mount namespace: only the tests are kept from what lies outside.",
);
const { status } = canHide
  ? spawnSync("unshare", ["--mount", "sh", "-ec", [...covers, 'exec "$@"'].join("\n"), "sh", ...command], {
      env,
      stdio: "inherit",
    })
  : spawnSync(command[0], command.slice(1), { env, stdio: "inherit" });
process.exit(status ?? 1);
