// Whole trainings on Fashion-MNIST, by the recipes as the command line gives them, beside one epoch of PyTorch on the same
// networks (bench/fashion.py): `npm run build && node bench/recipes.mjs [lenet default long]`. Writes bench/results/recipes.json,
// from which scripts/figures.mjs makes README's table. Half an hour on two quiet cores, nearly all of it for the long recipe.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, "..", "dist", "cli", "main.js");
const out = join(here, "results", "recipes.json");
const recipes = {
  lenet: { words: ["--model", "lenet"], network: "lenet" },
  default: { words: [], network: "fashion" },
  long: { words: ["--recipe", "fashion-mnist-long"], network: "resnet10" },
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(recipes);
const found = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")).rows : {};
const rows = { ...found };
const folder = mkdtempSync(join(tmpdir(), "neocog-recipes-"));
for (const name of wanted) {
  const { words, network } = recipes[name];
  const told = ["train", "fashion-mnist", ...words, "--seed", "0", "--json", "--out", join(folder, name)];
  const text = execFileSync(process.execPath, [program, ...told], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { test, history, seconds, secondsTo } = JSON.parse(text);
  rows[name] = { words, network, epochs: history.length, accuracy: test.accuracy, seconds, secondsTo };
  console.log(`${name}: ${test.accuracy} in ${seconds.toFixed(0)} s`);
}
rmSync(folder, { recursive: true });

/** Seconds of one epoch with its evaluation, by network; what was measured before where PyTorch is not installed. */
function pytorch() {
  try {
    const text = execFileSync("/usr/bin/python3", [join(here, "fashion.py")], { encoding: "utf8" });
    return Object.fromEntries([...text.matchAll(/^(\w+): ([\d.]+) s/gm)].map(([, name, s]) => [name, Number(s)]));
  } catch {
    return existsSync(out) ? JSON.parse(readFileSync(out, "utf8")).pytorchEpoch : {};
  }
}
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
writeFileSync(out, `${JSON.stringify({ machine, rows, pytorchEpoch: pytorch() }, undefined, 1)}\n`);
