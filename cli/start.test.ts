// The program starts without the library: `--version`, help and a slip of the finger load the cards alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { explainerNames } from "../src/doors/explain.ts";
import { engineNames, recipes } from "../src/doors/neocog.ts";
import * as names from "./cards/names.ts";

const here = dirname(fileURLToPath(import.meta.url));

/** The built files that importing `file` loads at once: what `import(…)` names is loaded later. */
function loadedBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, name] of readFileSync(file, "utf8").matchAll(/^(?:import|export)\s[^'";]*?from "([^"]+)"/gm)) {
    if (name.startsWith(".")) loadedBy(resolve(dirname(file), name), found);
    else found.add(name);
  }
  return found;
}

test("the program starts with its cards and nothing of the library but errors and the list of file formats", () => {
  const found = [...loadedBy(resolve(here, "main.js"))];
  const packages = found.filter((name) => !name.startsWith("/") && !name.startsWith("node:"));
  const library = found.map((name) => relative(resolve(here, "../src"), name)).filter((name) => /^[a-z]/.test(name));
  assert.deepEqual(packages, ["commander"]);
  assert.deepEqual(library.filter((name) => name.endsWith(".js")).sort(), [
    "base/errors.js",
    "base/unused.js",
    "io/onnx/match.js",
    "io/tfjs/match.js",
    "use/formats/list.js",
  ]);
  assert.ok(found.includes(resolve(here, "cards/train.js")), "it does load the cards");
  assert.ok(found.length < 45, `${found.length} files`);
});

test("the names of the cards are those of the library, in its order", () => {
  assert.deepEqual(names.engineNames, [...engineNames]);
  assert.deepEqual(names.explainerNames, explainerNames);
  assert.deepEqual(
    names.recipeNames,
    recipes.map(({ name }) => name),
  );
});
