import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import * as door from "./index.ts";

test("every layer goes through the public door", async () => {
  const folder = new URL("./nn/layers/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".js") && !name.endsWith(".test.js"));
  assert.ok(names.length > 10);
  for (const name of names) {
    const layers = (await import(new URL(name, folder).href)) as Record<string, unknown>;
    for (const [key, value] of Object.entries(layers)) {
      if (!/^[A-Z]/.test(key) || typeof value !== "function") continue;
      assert.equal((door as Record<string, unknown>)[key], value, `${key} of ${name} is missing`);
    }
  }
});

test("the example at the top of the door works", async () => {
  const { Conv2d, fit, Flatten, Linear, MaxPool2d, openData, ReLU, Sequential } = door;
  const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);
  let accuracy = 0;
  for await (const event of fit(model, await openData("digits"), { epochs: 2 })) {
    if (event.kind === "finished") accuracy = event.test?.accuracy ?? 0;
  }
  assert.ok(accuracy > 0.8, `${accuracy}`);
});
