// Shapes that cannot be are found by the compiler, each at its line and in words, and nothing else is found.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mistakesAreFound } from "./compiled.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const file = "test/shapes/mistakes.ts";

test("mistakes are found, each where it stands and in words", () => {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  mistakesAreFound(readFileSync(join(root, file), "utf8"), file, compiler, "test/shapes", root);
});
