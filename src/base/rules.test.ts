// A rule table and a type of options are one thing: what is forgotten or made up does not compile.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { flag, type OptionsOf, options, type Rules, whole } from "./rules.ts";

interface Few {
  readonly count?: number;
  readonly loud?: boolean;
}
const few = (_name: string, _options: Few = {}): number => 0;

test("a forgotten rule, a made-up one and a misspelt one do not compile, for functions and layers alike", () => {
  const right: Rules<Few> = { count: whole(1), loud: flag };
  assert.deepEqual(Object.keys(options<OptionsOf<typeof few>>(right).fields ?? {}), ["count", "loud"]);
  // @ts-expect-error loud has no rule
  options<OptionsOf<typeof few>>({ count: whole(1) });
  // @ts-expect-error there is no option size
  options<OptionsOf<typeof few>>({ count: whole(1), loud: flag, size: whole(1) });
  // @ts-expect-error a layer forgets loud
  const forgotten: Rules<Few> = { count: whole(1) };
  // @ts-expect-error a layer misspells count
  const misspelt: Rules<Few> = { cuont: whole(1), loud: flag };
  assert.notDeepEqual(Object.keys(forgotten), Object.keys(misspelt));
});

test("every function with options names their type beside their rules", () => {
  const root = new URL("../../../src/", import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file),
  );
  const bare = sources
    .filter((file) => !/base.rules\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(new URL(file.replaceAll("\\", "/"), root), "utf8");
      return [...text.matchAll(/understand\([^;]*?\b(?:byName|options)\((?!Object)[^;]*/g)].map(
        ([call]) => `${file}: ${call.slice(0, 60).replaceAll(/\s+/g, " ")}`,
      );
    });
  assert.deepEqual(bare, []);
});
