// Whatever may take long shows that it goes on, ends soon at a signal, and speaks JSON: every command of the list has a call that
// takes long, or the reason why it never does.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodePng, ndarray } from "../src/doors/neocog.ts";
import { commands } from "./commands/list.ts";
import { neocog } from "./testing.ts";

/** A call that takes many seconds, and what it says while it goes on; or why there is none. */
type Row = readonly [call: string, said: RegExp] | string;

const many = Array.from({ length: 60 }, (_, i) => `photos/left/${i % 30}.png`).join(" ");
const rows: Readonly<Record<string, Row>> = {
  train: ["train photos --model resnet18 --size 96 --epochs 9", / threads?\./],
  eval: ["eval resnet101 photos --input 3x224x224 --classes 2 --class-names names.txt", /Asking resnet101.* …/],
  predict: [`predict resnet101 ${many}`, /Asking resnet101.* …/],
  explain: ["explain resnet101 photos/left/0.png --out why", /Explaining .* …/],
  doctor: ["doctor resnet101 --data photos --classes 2", /Looking at .* …/],
  "lr-find": ["lr-find photos --model resnet18 --size 96", /Raising the rate.* …/],
  report: "it judges a run as eval does, and hears a signal as eval does: reportCommand.test.ts",
  verify: ["verify resnet50", /Comparing resnet50.* …/],
  bench: ["bench resnet50 --work training", /resnet50: training/],
  lab: ["lab --all --quick", /\S/],
  serve: "it runs until a signal ends it: serve.test.ts",
  convert:
    "weights of the largest built-in network are written in a few seconds; the answer that is held against it hears a signal",
  bundle: "a model of a hundred megabytes is written in a few seconds",
  data: "files are read as for train, with the same bar: data.test.ts",
  inspect: "it computes no numbers",
  shape: "it answers at once",
  dump: "it compiles, and runs nothing",
};

let folder = "";
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-long-"));
  writeFileSync(join(folder, "names.txt"), "left\nright\n");
  for (const name of ["left", "right"]) {
    mkdirSync(join(folder, "photos", name), { recursive: true });
    for (let i = 0; i < 30; i++) {
      const pixels = Uint8Array.from({ length: 192 }, (_, p) => (p * 7 + i * 5 + name.length) % 256);
      writeFileSync(join(folder, "photos", name, `${i}.png`), await encodePng(ndarray([3, 8, 8], pixels, "uint8")));
    }
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const { name } of commands) {
  const row = rows[name];
  test(`${name} shows that it goes on and ends at a signal, or never takes long`, async (t) => {
    assert.ok(row, "a command without a row");
    if (typeof row === "string") return;
    const [call, said] = row;
    let sent = 0;
    const { code, stdout, stderr } = await neocog([...call.split(" "), "--json"], {
      folder,
      watch: (sofar, kill) => {
        if (sent > 0 || !said.test(sofar)) return;
        sent = performance.now();
        kill("SIGINT");
      },
    });
    const waited = performance.now() - sent;
    assert.ok(sent > 0, `nothing was said: ${stderr}`);
    t.diagnostic(`ended ${waited.toFixed(0)} ms after the signal`);
    assert.equal(code, 130, stderr);
    assert.ok(waited < 10_000, `ended ${waited.toFixed(0)} ms after the signal`);
    // One document, or none where there is nothing to tell.
    if (stdout !== "") JSON.parse(stdout);
  });
}
