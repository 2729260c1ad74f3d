// A model opens from wherever it may lie: behind any static server, in a zip however it was packed, from a file that a page
// was given; and what is none is refused in a sentence that says where to look.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { strToU8, type Zippable, zipSync } from "fflate";
import { NeocogError } from "../../base/errors.ts";
import { referenceEngine } from "../../engines/reference/engine.ts";
import type { Checkpoint } from "../../train/checkpoint.ts";
import { fit } from "../../train/fit.ts";
import { openCheckpoint, saveCheckpoint } from "../../train/folder.ts";
import { bars, tinyNetwork } from "../../train/testing.ts";
import { modelZip, openModel, saveModel } from "../folder.ts";
import { weightsHash } from "../hash.ts";
import type { ModelLocation } from "./locate.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-locate-"));
const folder = join(root, "model");
const engine = referenceEngine();
let checkpoint: Checkpoint;
let hash = "";

/** A static server; `spa` answers what is missing with the application's page, as many do. */
let spa = false;
let altered: ((name: string, bytes: Buffer) => Buffer) | undefined;
const server = createServer((request, response) => {
  const { pathname, search } = new URL(request.url!, "http://x");
  const name = basename(pathname);
  if (pathname.startsWith("/private/") && search !== "?key=1") return void response.writeHead(403).end();
  if (pathname.startsWith("/broken/")) return void response.writeHead(500).end();
  try {
    const bytes = readFileSync(pathname.endsWith(".zip") ? join(root, name) : join(folder, name));
    response.end(altered ? altered(name, bytes) : bytes);
  } catch {
    if (!spa) return void response.writeHead(404).end("nothing");
    response.setHeader("content-type", "text/html; charset=utf-8").end("<!doctype html><p>The application");
  }
});
let base = "";
before(async () => {
  const data = { train: bars(20, 1), validation: bars(12, 2) };
  for await (const event of fit(tinyNetwork(), data, { epochs: 1, batch: 10, engine, out: folder })) {
    if (event.kind === "checkpoint") checkpoint = event.checkpoint;
  }
  hash = await weightsHash(checkpoint.trained.weights);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(root, { recursive: true });
});

const opens = async (location: ModelLocation): Promise<void> =>
  assert.equal(await weightsHash((await openModel(location)).weights), hash);
async function refuses(work: Promise<unknown>, message: string | RegExp): Promise<void> {
  await assert.rejects(work, (error: Error) => {
    assert.ok(error instanceof NeocogError, error.stack);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

test("from a static server: by the folder, with or without a stroke, by its files, as a URL, with a key, to train further", async () => {
  for (const path of ["/model/", "/model", "/model/model.json", "/model/neocog.json", "/private/?key=1"])
    await opens(base + path);
  await opens(new URL(`${base}/model/`));
  assert.equal((await openCheckpoint(`${base}/model/`)).epoch, 1);
  assert.equal((await openModel(`${base}/model/`, { weights: "best" })).classes.length, 3);
});

test("what a server does not have is told by what it answered", async () => {
  const away = (name: string) => (file: string, bytes: Buffer) => {
    if (file === name) throw new Error("hidden");
    return bytes;
  };
  for (spa of [false, true]) {
    const answered = spa ? "the server answered with a web page" : "the server answered 404";
    altered = (name) => away(name)(name, Buffer.of());
    await refuses(
      openModel(`${base}/nowhere/`),
      `${base}/nowhere/ has no model.json (${base}/nowhere/model.json: ${answered}): it is no model.`,
    );
    altered = away("weights.safetensors");
    await refuses(
      openModel(`${base}/model/`),
      `${base}/model/weights.safetensors is missing (${answered}), though neocog.json names it; copy the model again, or train again. ${base}/model/best.safetensors is whole: the weights that did best can still be opened.`,
    );
    // A folder that was put together by hand has no manifest.
    altered = away("neocog.json");
    await opens(`${base}/model/`);
    altered = undefined;
  }
  spa = false;
  await refuses(openModel(`${base}/private/`), /has no model\.json \(.*: the server answered 403\)/);
  await refuses(openModel(`${base}/broken/`), `${base}/broken/neocog.json cannot be read: the server answered 500.`);
  await refuses(
    openModel("http://127.0.0.1:9/model/"),
    /^http:\/\/127\.0\.0\.1:9\/model\/neocog\.json cannot be read: .+\.$/,
  );
  altered = (name, bytes) => (name === "model.json" ? Buffer.from(bytes.toString().replace("lying", "flying")) : bytes);
  await refuses(
    openModel(`${base}/model/`),
    /model\.json is damaged or was changed by hand: it has \d+ bytes instead of/,
  );
  altered = undefined;
  await refuses(
    saveModel(`${base}/model/`, checkpoint.trained),
    /is an address and cannot be written to; a page writes to a directory handle, or offers modelZip\(trained\)/,
  );
});

test("from the bytes of a zip, a Blob, a file, an address; written to a path that ends so; the same bytes every time", async () => {
  const bytes = await modelZip(checkpoint.trained);
  assert.deepEqual(await modelZip(checkpoint.trained), bytes);
  await opens(bytes);
  await opens(new Blob([bytes.slice()]));
  const path = join(root, "a.zip");
  await saveModel(path, checkpoint.trained);
  assert.deepEqual(new Uint8Array(readFileSync(path)), bytes);
  await opens(path);
  await opens(pathToFileURL(path));
  await opens(pathToFileURL(folder).href);
  await opens(`${base}/a.zip`);
  await refuses(saveModel(path, checkpoint.trained), `${path} exists; replace it with force, or give another name.`);
  await saveModel(path, checkpoint.trained, { force: true });
  await saveCheckpoint(path, checkpoint);
  const again = await openCheckpoint(path);
  assert.deepEqual([again.epoch, again.best?.epoch], [1, 1]);
  assert.deepEqual([...again.variables.keys()].sort(), [...checkpoint.variables.keys()].sort());
  await refuses(openCheckpoint(bytes), "the zip has no state.safetensors: it can be used, but not trained further.");
  for await (const event of fit(again.trained.model, { train: bars(20, 1) }, { engine, epochs: 1, batch: 10 }))
    void event;
});

test("a run is not kept in a zip", async () => {
  const out = join(root, "run.zip");
  const run = async (): Promise<void> => {
    for await (const event of fit(tinyNetwork(), { train: bars(20, 1) }, { engine, out })) assert.fail(event.kind);
  };
  await refuses(run(), /run\.zip is a zip, but a run is kept in a folder/);
});

test("a zip made by other programs: in a folder, with strangers, without a manifest", async () => {
  const entries = (head: string, without: readonly string[] = []): Zippable =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => !without.includes(name))
        .map((name) => [head + name, new Uint8Array(readFileSync(join(folder, name)))]),
    );
  await opens(zipSync(entries("")));
  await opens(zipSync({ "__MACOSX/._x": strToU8("x"), ...entries("runs/digits/"), "runs/readme.txt": strToU8("x") }));
  await opens(zipSync(entries("digits/", ["neocog.json"])));
  await opens(zipSync({ ...entries("inner/old/"), ...entries("top/") }));
  await refuses(openModel(zipSync({ "a.txt": strToU8("x") })), "the zip has no model.json: it is no model.");
});

test("what is no zip, cut short, damaged, or lies about its size is refused", async () => {
  const bytes = await modelZip(checkpoint.trained);
  await refuses(openModel(strToU8("hello")), "the zip is neither a model folder nor a zip of one.");
  await refuses(openModel(new Uint8Array(0)), /is neither a model folder nor a zip/);
  for (const length of [30, bytes.length >> 1, bytes.length - 1]) {
    await refuses(openModel(bytes.slice(0, length)), /^the zip is (not a whole zip file|neither a model)/);
  }
  // One bit of the stored weights.
  const flipped = bytes.slice();
  flipped[bytes.length >> 1] ^= 4;
  await assert.rejects(openModel(flipped), NeocogError);
  const path = join(root, "not.zip");
  writeFileSync(path, "hello");
  await refuses(openModel(path), `${path} is neither a model folder nor a zip of one.`);
  // The directory says that model.json has a thousand million bytes.
  const lying = zipSync({ "model.json": strToU8("{}") });
  const view = new DataView(lying.buffer, lying.byteOffset);
  for (let i = 0; i < lying.length - 4; i++) {
    if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 1_000_000_000, true);
  }
  await refuses(
    openModel(lying),
    /^the zip claims that model\.json grows from \d+ to 1000000000 bytes, which no zip can\.$/,
  );
  await refuses(openModel(join(root, "none")), `There is no model folder ${join(root, "none")}.`);
  for (const wrong of [undefined, null, 3, {}, []]) {
    await refuses(
      openModel(wrong as unknown as string),
      /^openModel: location .*must be a path, an address, the bytes of a zip/,
    );
    await refuses(
      saveModel(wrong as unknown as string, checkpoint.trained),
      /^saveModel: target .*must be a path or a dir/,
    );
  }
});

test("random damage to a zip is a sentence or no matter, never a crash", async () => {
  const bytes = await modelZip(checkpoint.trained);
  let refused = 0;
  for (let trial = 0; trial < 300; trial++) {
    const broken = bytes.slice();
    broken[(trial * 7919) % broken.length] ^= 1 << (trial % 8);
    await openModel(broken).then(
      async ({ weights }) => assert.equal(await weightsHash(weights), hash),
      (error: Error) => {
        assert.ok(error instanceof NeocogError, error.stack);
        refused++;
      },
    );
  }
  assert.ok(refused > 200, `${refused}`);
});
