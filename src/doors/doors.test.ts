// The doors: what package.json opens, where every name stands, and the example above the first.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { doors } from "../../test/doors.ts";

const { neocog } = doors;

test("package.json opens every file of this folder, and no other", () => {
  // dist/src/doors/doors.test.js
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const { exports } = JSON.parse(text) as { exports: Record<string, { types: string; default: string }> };
  const { "./package.json": _, ...opened } = exports;
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => /^\w+\.js$/.test(name));
  assert.deepEqual(
    Object.entries(opened).map(([path, door]) => [`neocog${path.slice(1)}`, door]),
    Object.keys(doors).map((name) => {
      const file = name.replace("neocog/", "");
      return [name, { types: `./dist/src/doors/${file}.d.ts`, default: `./dist/src/doors/${file}.js` }];
    }),
  );
  assert.deepEqual(files.map((file) => file.replace(".js", "")).toSorted(), namesOfFiles().toSorted());
});

const namesOfFiles = (): string[] => Object.keys(doors).map((name) => name.replace("neocog/", ""));

test("the budget of names counts what the doors hold, and none is over it", async () => {
  const script = new URL("../../../scripts/names.mjs", import.meta.url).href;
  const { doorNames, overBudget } = (await import(script)) as {
    doorNames(): readonly { readonly door: string; readonly values: readonly string[] }[];
    overBudget(): readonly string[];
  };
  assert.deepEqual(
    doorNames().map(({ door, values }) => [door, values.toSorted()]),
    Object.entries(doors).map(([door, names]) => [door, Object.keys(names).toSorted()]),
  );
  assert.deepEqual(overBudget(), []);
});

test("a name stands in one door", () => {
  const seen = new Map<string, string>();
  for (const [door, names] of Object.entries(doors)) {
    for (const name of Object.keys(names)) {
      assert.equal(seen.get(name), undefined, `${name} stands in ${door} and ${seen.get(name)}`);
      seen.set(name, door);
    }
  }
  assert.ok(seen.size > 300, `${seen.size} names`);
});

test("every layer goes through the main door", async () => {
  const folder = new URL("../nn/layers/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".js") && !name.endsWith(".test.js"));
  assert.ok(names.length > 10);
  for (const name of names) {
    const layers = (await import(new URL(name, folder).href)) as Record<string, unknown>;
    for (const [key, value] of Object.entries(layers)) {
      if (!/^[A-Z]/.test(key) || typeof value !== "function") continue;
      assert.equal((neocog as Record<string, unknown>)[key], value, `${key} of ${name} is missing`);
    }
  }
});

test("the example at the top of the main door works", async () => {
  const { Conv2d, fit, Flatten, Linear, MaxPool2d, openData, ReLU, Sequential } = neocog;
  const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);
  let accuracy = 0;
  for await (const event of fit(model, await openData("digits"), { epochs: 2 })) {
    if (event.kind === "finished") accuracy = event.test?.accuracy ?? 0;
  }
  assert.ok(accuracy > 0.8, `${accuracy}`);
});
