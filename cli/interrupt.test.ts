// A signal inside a step that takes many seconds: the program ends within one, whichever signal, on one thread and on several,
// and the model of the last whole epoch stands, byte for byte. The limits here are wide, for machines that are busy.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodePng, ndarray, openCheckpoint } from "../src/doors/neocog.ts";
import { neocog } from "./testing.ts";

let folder: string;
const train = ["train", "photos", "--model", "squeezenet1_0", "--size", "224", "--batch", "64", "--epochs", "9"];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-interrupt-"));
  for (const [side, name] of ["left", "right"].entries()) {
    mkdirSync(join(folder, "photos", name), { recursive: true });
    for (let i = 0; i < 40; i++) {
      const pixels = Uint8Array.from({ length: 192 }, (_, p) => (p % 8 < 4 === (side === 0) ? 200 + i : i));
      const file = join(folder, "photos", name, `${i}.png`);
      writeFileSync(file, await encodePng(ndarray([3, 8, 8], pixels, "uint8")));
    }
    mkdirSync(join(folder, "large", name), { recursive: true });
    const large = await encodePng(ndarray([1500, 1500], new Uint8Array(1500 * 1500).fill(90 * side), "uint8"));
    for (let i = 0; i < 60; i++) writeFileSync(join(folder, "large", name, `${i}.png`), large);
  }
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** Everything in a folder, as one hash. */
function contentOf(path: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(path, name);
    hash.update(name);
    if (statSync(file).isFile()) hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

interface Ending {
  readonly code: number | null;
  readonly stderr: string;
  /** Milliseconds from the last signal to the end. */
  readonly waited: number;
}

/** Starts a training, waits until its first step runs, and sends signals at these milliseconds of it. */
async function interrupted(
  given: readonly string[],
  signals: readonly (readonly [NodeJS.Signals, number])[],
): Promise<Ending> {
  let started = false;
  let sent = 0;
  const { code, stderr } = await neocog([...train, ...given], {
    folder,
    watch: (sofar, kill) => {
      if (started || !/ threads?\./.test(sofar)) return;
      started = true;
      for (const [signal, at] of signals)
        setTimeout(() => {
          sent = performance.now();
          kill(signal);
        }, at);
    },
  });
  return { code, stderr, waited: performance.now() - sent };
}

const cases = [
  ["SIGINT", 130, "1"],
  ["SIGTERM", 143, "2"],
  ["SIGHUP", 129, "2"],
] as const;

for (const [signal, expected, threads] of cases) {
  test(`${signal} inside a step ends the program soon, with ${threads === "1" ? "one thread" : `${threads} threads`}`, async (t) => {
    const delay = 200 + Math.random() * 1500;
    const { code, stderr, waited } = await interrupted(
      ["--threads", threads, "--out", `out-${signal}`],
      [[signal, delay]],
    );
    t.diagnostic(`sent after ${delay.toFixed(0)} ms of the step, ended after ${waited.toFixed(0)} ms`);
    assert.equal(code, expected, stderr);
    assert.doesNotMatch(stderr, /neocog:|\n\s+at /, stderr);
    assert.doesNotMatch(stderr, /epoch +1\/9/, "the one step of the first epoch was not over");
    assert.ok(waited < 4000, `ended ${waited.toFixed(0)} ms after the signal`);
  });
}

/** What a program is at when a signal comes: which words tell, and what is typed. */
const phases = [
  ["looks through pictures", /pictures? in 2 classes/, ["train", "large", "--model", "mlp", "--size", "8"]],
  ["compiles a network", /pictures? in 2 classes/, ["train", "photos", "--model", "resnet50", "--size", "64"]],
] as const;

for (const [what, words, given] of phases) {
  test(`a signal is heard while the program ${what}`, async (t) => {
    let sent = 0;
    const out = what.replaceAll(" ", "-");
    const { code, stderr } = await neocog(
      [...given, "--batch", "16", "--epochs", "9", "--out", out, "--threads", "1"],
      {
        folder,
        watch: (sofar, kill) => {
          if (sent > 0 || !words.test(sofar)) return;
          sent = performance.now();
          kill("SIGTERM");
        },
      },
    );
    const waited = performance.now() - sent;
    t.diagnostic(`ended ${waited.toFixed(0)} ms after the signal`);
    assert.ok(sent > 0, "it was heard before the words came");
    assert.equal(code, 143, stderr);
    assert.doesNotMatch(stderr, /neocog:|\n\s+at /, stderr);
    assert.ok(waited < 4000, `ended ${waited.toFixed(0)} ms after the signal`);
  });
}

test("the second signal ends the program at once", async (t) => {
  const { code, stderr, waited } = await interrupted(
    ["--threads", "1", "--out", "out-twice"],
    [
      ["SIGTERM", 400],
      ["SIGINT", 401],
    ],
  );
  t.diagnostic(`ended ${waited.toFixed(0)} ms after the second`);
  assert.ok(code === 130 || code === 143, `${code}\n${stderr}`);
  assert.ok(waited < 4000);
});

test("what an interrupted --resume leaves is the folder as it was, which goes on to the end of an unbroken run", async () => {
  const given = ["train", "digits", "--epochs", "6", "--json"];
  let sent = false;
  const first = await neocog([...given, "--out", "digits"], {
    folder,
    watch: (sofar, kill) => {
      if (sent || !/epoch 2\/6/.test(sofar)) return;
      sent = true;
      kill("SIGTERM");
    },
  });
  assert.equal(first.code, 143, first.stderr);
  const before = contentOf(join(folder, "digits"));
  const { epoch } = await openCheckpoint(join(folder, "digits"));
  assert.ok(epoch >= 2 && epoch < 6);
  sent = false;
  const again = await neocog(["train", "digits", "--json", "--out", "digits", "--resume"], {
    folder,
    watch: (sofar, kill) => {
      if (sent || !/ threads?\./.test(sofar)) return;
      sent = true;
      kill("SIGINT");
    },
  });
  assert.equal(again.code, 130, again.stderr);
  assert.equal((await openCheckpoint(join(folder, "digits"))).epoch, epoch);
  assert.equal(contentOf(join(folder, "digits")), before);
  const ended = await neocog(["train", "digits", "--json", "--out", "digits", "--resume"], { folder });
  assert.equal(ended.code, 0, ended.stderr);
  const whole = await neocog([...given, "--out", "whole"], { folder });
  const hashOf = (text: string): string => (JSON.parse(text) as { weightsHash: string }).weightsHash;
  assert.equal(hashOf(ended.stdout), hashOf(whole.stdout));
});
