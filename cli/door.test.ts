import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { jsonLines, printable, sealedColour, visible } from "./door.ts";

test("what a terminal obeys becomes visible, what people write stays", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["\u001b[31mred", "\\u001b[31mred"],
    ["\u001b]8;;http://evil\u0007link", "\\u001b]8;;http://evil\\u0007link"],
    ["\u009b2J", "\\u009b2J"],
    ["a\rb\bc\u007f", "a\\rb\\u0008c\\u007f"],
    ["abc\u202etxt.exe\u2066", "abc\\u202etxt.exe\\u2066"],
    ["\ud800 alone, \u2028 apart", "\\ud800 alone, \\u2028 apart"],
    ["two\nlines\tand a tab", "two\\nlines\\tand a tab"],
    ["Käse, 猫, كلب, 👩‍🔬, ━─", "Käse, 猫, كلب, 👩‍🔬, ━─"],
  ];
  for (const [given, seen] of cases) {
    assert.equal(printable(given), seen);
    assert.equal(visible(given), seen);
    assert.equal(printable(visible(given)), seen, "once is as good as twice");
  }
});

test("colours of our own pass, those of others do not, sealed by guess or not", () => {
  assert.equal(printable(`${sealedColour(31)}bad${sealedColour(39)}`), "\u001b[31mbad\u001b[39m");
  assert.equal(printable("\u001b[1;1;31mx"), "\\u001b[1;1;31mx");
  const guessed = sealedColour(31).replace(/\d{4}/, (digits) => String(digits === "1000" ? 1001 : 1000));
  assert.ok(!printable(guessed).includes("\u001b"));
});

test("JSON keeps its value and gives a terminal nothing to obey", () => {
  const value = { name: "a\u001b[2J\u009b\u007f\u202e\u2028\n\ud800", list: ["é"] };
  for (const indent of [undefined, 2]) {
    const text = jsonLines(value, indent).join("\n");
    assert.deepEqual(JSON.parse(text), value);
    assert.match(text, /^[\P{C}\n]*$/u);
    assert.ok(text.includes("é"));
  }
});

/** What breaks lines that no name is in, takes apart what others broke, or writes files (beside.ts, runFile.ts). */
const layouts = new Set(
  ["program.ts", "table.ts", "failure.ts", "testing.ts", "onnxruntime.ts", "model.ts", "beside.ts", "runFile.ts"]
    .concat("commands/dump.ts")
    .map((name) => join(name)),
);

test("nothing in the command line writes but through the door, and lines end where lists do", () => {
  const folder = fileURLToPath(new URL("../../cli", import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  assert.ok(sources.length > 30);
  for (const name of sources.filter((one) => one !== "door.ts")) {
    const text = readFileSync(join(folder, name), "utf8");
    assert.ok(layouts.has(name) || !text.includes("\\n"), `${name} breaks lines: give the door several instead`);
    assert.doesNotMatch(text, /\.write\(|console\.|styleText|\\u001b\[[^[]|\\x1b/, name);
  }
});
