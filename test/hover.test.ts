// What an editor shows on hover: every exported name has a doc comment in the emitted declarations.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const built = new URL("../src/", import.meta.url);
const door = readFileSync(new URL("index.d.ts", built), "utf8");

test("every exported name has a doc comment", () => {
  const missing: string[] = [];
  let counted = 0;
  for (const [, names, file] of door.matchAll(/export (?:type )?\{([^}]*)\} from "\.\/([^"]+)\.ts"/g)) {
    const text = readFileSync(new URL(`${file}.d.ts`, built), "utf8");
    for (const word of names.split(",")) {
      const name = word.trim().replace("type ", "").split(" as ")[0];
      if (name === "") continue;
      counted++;
      const pattern = `^export (?:declare )?(?:function|const|class|interface|type) ${name}\\b`;
      const place = new RegExp(pattern, "m").exec(text)?.index;
      if (place !== undefined && !text.slice(0, place).trimEnd().endsWith("*/")) missing.push(`${name} (${file})`);
    }
  }
  assert.ok(counted > 400, `${counted} names`);
  assert.deepEqual(missing, []);
});
