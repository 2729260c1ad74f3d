// `neocog serve` as a process: the address, what options change, the same answers as `neocog predict`, and its end by a signal.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createModel, encodePng, ndarray, Random, saveModel } from "../src/doors/neocog.ts";
import { smallModel } from "../src/serve/testing.ts";
import { isOneSentence, neocog, type Outcome } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "neocog-serving-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "noise.png");

before(async () => {
  await saveModel(join(folder, "digits"), { ...smallModel(3), model: createModel("digits").layer } as never);
  const random = new Random(1);
  const pixels = Uint8Array.from({ length: 64 }, () => random.below(256));
  writeFileSync(file, await encodePng(ndarray([1, 8, 8], pixels, "uint8"), [0, 255]));
});

/** Starts a server, asks it while it runs, and ends it by a signal. */
async function serving(
  given: readonly string[],
  ask: (url: string) => Promise<void>,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<Outcome> {
  let asked: Promise<void> | undefined;
  const ended = await neocog(["serve", ...given, "--port", "0", "--threads", "1"], {
    folder,
    watch(sofar, kill) {
      const url = /http:\/\/\S+:\d+/.exec(sofar)?.[0];
      if (url) asked ??= ask(url).finally(() => kill(signal));
    },
  });
  assert.ok(asked, ended.stderr);
  await asked;
  return ended;
}

const post = (url: string): Promise<Response> =>
  fetch(url, { method: "POST", body: readFileSync(file), headers: { "content-type": "image/png" } });

test("it answers as predict does, and a signal is its regular end", async () => {
  const predicted = await neocog(["predict", "digits", file, "--json"], { folder });
  const { predictions } = JSON.parse(predicted.stdout) as { predictions: { classes: unknown }[] };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const ended = await serving(
      ["digits"],
      async (url) => {
        const answer = (await (await post(`${url}/predict?top=3`)).json()) as { predictions: { classes: unknown }[] };
        assert.deepEqual(answer.predictions[0].classes, predictions[0].classes);
      },
      signal,
    );
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /All that was asked is answered/);
  }
});

test("several models by name, and limits as they are told", async () => {
  writeFileSync(join(folder, "names.txt"), Array.from({ length: 10 }, (_, i) => `name ${i}`).join("\n"));
  const given = ["ours=digits", "digits", "--body-limit", "1", "--queue", "3", "--class-names", "names.txt", "--json"];
  const more = [
    "--max-batch",
    "2",
    "--max-wait",
    "0",
    "--pixel-limit",
    "1",
    "--timeout",
    "5",
    "--cors",
    "https://a.example,https://b.example",
  ];
  const ended = await serving([...given, ...more, "--hosts", "pets.example", "--host", "localhost"], async (url) => {
    const { models } = (await (await fetch(`${url}/models`)).json()) as {
      models: { name: string; batches: number[]; classes: string[] }[];
    };
    assert.deepEqual(
      models.map(({ name, batches, classes }) => [name, batches.every((size) => size <= 2), classes[0]]),
      [
        ["ours", true, "name 0"],
        ["digits", true, "name 0"],
      ],
    );
    assert.equal((await post(`${url}/models/ours/predict`)).status, 200);
    const large = await fetch(`${url}/predict`, {
      method: "POST",
      body: new Uint8Array(2 ** 20 + 1),
      headers: { "content-type": "image/png" },
    });
    assert.match(await large.text(), /may have 1 MiB at most/);
    const page = await fetch(`${url}/healthz`, { headers: { origin: "https://b.example" } });
    assert.equal(page.headers.get("access-control-allow-origin"), "https://b.example");
    assert.equal((await fetch(`${url}/models/ours/reload`, { method: "POST" })).status, 200);
  });
  assert.equal(ended.code, 0);
  assert.deepEqual((JSON.parse(ended.stdout) as { models: string[] }).models, ["ours", "digits"]);
});

test("what cannot be served is told in a sentence", async () => {
  for (const [given, sentence] of [
    [["digits", "x=digits", "x=digits"], /Two models are called x/],
    [["nothing-here/model"], /There is no model folder/],
    [["digits", "--host", "192.0.2.1"], /none of this machine's addresses/],
  ] as const) {
    const ended = await neocog(["serve", ...given, "--port", "0"], { folder });
    assert.match(ended.stderr, sentence);
    assert.ok(isOneSentence(ended.stderr), ended.stderr);
    assert.ok(ended.code === 1 || ended.code === 2);
  }
});
