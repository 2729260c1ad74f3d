// The page on data says every rule of the defaults as it stands in the code, with the option that goes before it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { trainCard } from "../cli/cards/train.ts";
import { formRules } from "../src/data/form.ts";
import { rules } from "../src/train/defaults.ts";

const page = readFileSync(new URL("../../docs/data.md", import.meta.url), "utf8");

/** As it is typed. */
const flagOf = (option: string): string => {
  const { flags } = (trainCard.options as Readonly<Record<string, { readonly flags: string }>>)[option] ?? {
    flags: "",
  };
  return /--[a-z-]+/.exec(flags)?.[0] ?? "";
};

for (const { what, option, rule } of [...formRules.map((one) => ({ what: one.option, ...one })), ...rules]) {
  test(`${what}: the page has the rule, and train has the option`, () => {
    assert.match(flagOf(option), /^--/, `train has no option ${option}`);
    const row = `| ${what} | \`${flagOf(option)}\` | ${rule} |`;
    assert.ok(page.includes(row), `docs/data.md lacks the row\n${row}`);
  });
}
