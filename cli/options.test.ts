// Every option of every command: a call in which it changes what comes out, or the reason why nothing can be seen of it. An
// option without a row fails. Where an option could do nothing it is refused with a sentence that names it as it is typed.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { predict } from "../test/options/calls.ts";
import { layOut } from "../test/options/ground.ts";
import { heard } from "../test/options/heard.ts";
import { refused } from "../test/options/refused.ts";
import { rows } from "../test/options/rows.ts";
import { commands } from "./commands/list.ts";

let folder: string;
const home = process.cwd();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-options-"));
  process.chdir(folder);
  await layOut();
});
after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

for (const { name, options } of commands) {
  test(`${name}: every option does something`, async () => {
    const known = rows[name] ?? {};
    assert.deepEqual(
      Object.keys(known).sort(),
      Object.keys(options).sort(),
      "an option without a row, or a row too many",
    );
    const without = new Map<string, string>();
    for (const [key, row] of Object.entries(known)) {
      if (typeof row === "string") continue;
      const [call, option] = row;
      assert.ok(options[key].flags.includes(option.split(" ")[0]), `${option} is not ${options[key].flags}`);
      if (!without.has(call)) {
        without.set(call, (await heard(call)).text);
        assert.equal((await heard(call)).text, without.get(call), `${call} is not the same each time`);
      }
      const found = await heard(`${call} ${option}`);
      assert.equal(found.refusal, undefined, `${call} ${option}`);
      assert.notEqual(found.text, without.get(call), `${call} ${option} changes nothing`);
    }
  });
}

test("an option that could do nothing is refused by its name", async () => {
  for (const [call, sentence] of refused) {
    assert.match((await heard(call)).refusal ?? "", sentence, call);
  }
});

test("sentences of the library name options as they are typed", async () => {
  for (const [call, sentence] of [
    [`${predict} --resize refuse`, /with --resize cover \(crops\) or --resize squash \(stretches\)\.$/],
    [
      "train pictures --out kept --resume --seed 7",
      /^This run was started with --seed 1 and cannot be resumed with --seed 7/,
    ],
    ["train pictures --out kept --resume --epochs 2", /cannot end with 2; give more --epochs\.$/],
    ["verify trained --weights best", /open it without --weights\.$/],
  ] as const) {
    assert.match((await heard(call)).refusal ?? "", sentence, call);
  }
});
