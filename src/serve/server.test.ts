// The server, asked over HTTP: its answers are those of predict to the bit, what is wrong is refused in a sentence, and it goes on.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openEngine } from "../run/engines.ts";
import { openModel, saveModel } from "../use/folder.ts";
import { predict } from "../use/predict.ts";
import type { TrainedModel } from "../use/trained.ts";
import { cut, sizesUpTo } from "./ladder.ts";
import type { ServeOptions } from "./options.ts";
import { type ModelServer, serve } from "./server.ts";
import { pictures, raw, smallModel } from "./testing.ts";

const engine = await openEngine("auto", { threads: 2 });
after(() => engine.close());
const model = smallModel();

async function serving(
  options: ServeOptions,
  use: (server: ModelServer) => Promise<void>,
  models: Parameters<typeof serve>[0] = { small: model },
): Promise<void> {
  const server = await serve(models, { port: 0, engine, ...options });
  try {
    await use(server);
  } finally {
    await server.close({ within: 2 });
  }
}

interface Answer {
  readonly model: string;
  readonly version: number;
  readonly predictions: { file?: string; classes: { name: string; label: number; probability: number }[] }[];
  readonly error: string;
}

async function ask(
  url: string,
  body: BodyInit,
  type?: string,
  more: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; answer: Answer }> {
  const headers = { ...(type !== undefined && { "content-type": type }), ...more };
  const reply = await fetch(url, { method: "POST", body, headers });
  return { status: reply.status, headers: reply.headers, answer: (await reply.json()) as Answer };
}

test("bytes, a form and JSON get what predict says, to the bit, alone and in batches", async () => {
  const files = await pictures(40);
  const expected = await predict(model, files, { engine, top: 10 });
  await serving({ maxWait: 30 }, async ({ url }) => {
    const [first] = expected;
    const alone = await ask(`${url}/predict?top=10`, files[0], "image/png");
    assert.equal(alone.status, 200);
    assert.deepEqual(alone.answer.predictions, [first]);
    assert.deepEqual([alone.answer.model, alone.answer.version], ["small", 1]);
    const many = await Promise.all(
      files.map((file) => ask(`${url}/models/small/predict?top=10`, file, "application/octet-stream")),
    );
    assert.deepEqual(
      many.map(({ answer }) => answer.predictions[0].classes),
      expected.map(({ classes }) => classes),
    );
    const form = new FormData();
    for (const [i, file] of files.slice(0, 7).entries()) form.append("pictures", new Blob([file]), `${i}.png`);
    const formed = await ask(`${url}/predict?top=10&model=small`, form);
    assert.deepEqual(
      formed.answer.predictions,
      expected.slice(0, 7).map((one, i) => ({ file: `${i}.png`, ...one })),
    );
    const image = Buffer.from(files[0]).toString("base64");
    const pixels = [Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (_, x) => (x * 31 + y) % 256))];
    const inputs = [{ image }, { image: `data:image/png;base64,${image}` }, { pixels }, { pixels: pixels[0] }];
    const json = await ask(`${url}/predict?top=10`, JSON.stringify({ inputs }), "application/json");
    const [a, b, c, d] = json.answer.predictions;
    assert.deepEqual([a.classes, b.classes], [first.classes, first.classes]);
    assert.deepEqual(c.classes, d.classes);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assert.match(metrics, /\nneocog_batch_pictures_sum\{model="small"\} 52\n/);
    const taken = Number(/\nneocog_compute_seconds_count\{model="small"\} (\d+)\n/.exec(metrics)?.[1]);
    assert.ok(taken >= 6 && taken < 40, `${taken} batches`);
    assert.match(metrics, /neocog_requests_total\{model="small",status="200"\} 43\n/);
  });
});

test("dark on white is turned over where it is asked for", async () => {
  const [file] = await pictures(1);
  const white = Array.from({ length: 8 }, () => new Array(8).fill(255));
  const black = Array.from({ length: 8 }, () => new Array(8).fill(0));
  await serving({}, async ({ url }) => {
    const of = async (pixels: unknown, query: string) =>
      (await ask(`${url}/predict${query}`, JSON.stringify({ pixels }), "application/json")).answer.predictions;
    assert.deepEqual(await of(white, "?invert=true"), await of(black, ""));
    assert.notDeepEqual(await of(white, ""), await of(black, ""));
    assert.equal((await ask(`${url}/predict?invert=maybe`, file, "image/png")).status, 400);
  });
});

test("what is wrong is refused with its status and one sentence, and the next request is answered", async () => {
  const [file] = await pictures(1);
  const [large] = await pictures(1, 100, 200);
  const json = "application/json";
  const ragged = { pixels: [[1, 2], [3]] };
  const cases: readonly (readonly [number, string, BodyInit, string | undefined, RegExp])[] = [
    [400, "", new Uint8Array(0), "image/png", /has no body/],
    [415, "", file, undefined, /has no Content-Type|text\/plain/],
    [415, "", file, "application/x-www-form-urlencoded", /x-www-form-urlencoded is none that is taken/],
    [422, "", file.slice(0, 60), "image/png", /not a picture that can be read/],
    [422, "", "no picture at all", "image/png", /not a picture that can be read/],
    [413, "", large, "image/png", /claims 200 x 100 pixels, and 10,000 are taken/],
    [413, "", new Uint8Array(200_000), "image/png", /may have 100000 bytes at most/],
    [400, "", "{", json, /is not JSON/],
    [400, "", "[1]", json, /is not understood/],
    [400, "", "{}", json, /is not understood/],
    [400, "", '{"image": 3}', json, /base64/],
    [400, "", '{"image": "%%%"}', json, /not base64/],
    [400, "", '{"image": "aGVsbG8=", "__proto__": 1}', json, /is not understood/],
    [400, "", JSON.stringify(ragged), json, /rows of one length/],
    [400, "", '{"pixels": [[["1"]]]}', json, /rows of one length/],
    [400, "", '{"pixels": [[256]]}', json, /from 0 to 255, but there is 256/],
    [400, "", '{"pixels": [[1.5]], "dtype": "float32"}', json, /from 0 to 1, but there is 1.5/],
    [422, "", '{"pixels": [[0.5]], "dtype": "float32"}', json, /the network takes \[1, 8, 8\]/],
    [400, "", '{"inputs": []}', json, /holds no picture/],
    // Brackets in brackets, as deep as a body may be: read without a stack that overflows.
    [
      400,
      "",
      `{"pixels": ${"[".repeat(40_000)}${"]".repeat(40_000)}}`,
      json,
      /rows of one length|is not JSON|not understood/,
    ],
    [400, "", `{"inputs": ${"[".repeat(40_000)}1${"]".repeat(40_000)}}`, json, /not understood|is not JSON|holds/],
    [413, "", JSON.stringify({ inputs: Array(5).fill({ pixels: [[1]] }) }), json, /4 pictures at most, not 5/],
    [400, "", "--x\r\ncut", "multipart/form-data; boundary=x", /form cannot be read/],
    [400, "", file, "multipart/form-data", /form cannot be read/],
    [400, "?top=0", file, "image/png", /top is a whole number/],
    [400, "?tpo=1", file, "image/png", /The query knows/],
    [404, "?model=other", file, "image/png", /no model "other"; there are small/],
  ];
  await serving({ bodyLimit: 100_000, pixelLimit: 10_000, pictureLimit: 4 }, async ({ url }) => {
    for (const [status, query, body, type, sentence] of cases) {
      const found = await ask(`${url}/predict${query}`, body, type);
      assert.equal(found.status, status, `${sentence}: ${found.answer.error}`);
      assert.match(found.answer.error, sentence);
      assert.match(found.answer.error, /^[^\n]+\.$/);
      assert.equal((await ask(`${url}/predict`, file, "image/png")).status, 200, `after ${sentence}`);
    }
    const packed = await ask(`${url}/predict`, file, "image/png", { "content-encoding": "gzip" });
    assert.equal(packed.status, 415);
    const wrong = await fetch(`${url}/predict`);
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
    for (const path of ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/models/..%2f..%2fetc/predict", "/nothing"])
      assert.equal(
        (await raw(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).status,
        path.includes("predict") ? 405 : 404,
        path,
      );
    assert.equal((await fetch(`${url}/models/..%2f/predict`, { method: "POST", body: file })).status, 404);
  });
});

test("a picture that claims gigapixels is refused by its header", async () => {
  const [file] = await pictures(1);
  const bomb = Uint8Array.from(file);
  // The header of a PNG: width and height as big-endian words from byte 16 on.
  new DataView(bomb.buffer).setUint32(16, 60_000);
  new DataView(bomb.buffer).setUint32(20, 60_000);
  await serving({}, async ({ url }) => {
    const before = process.memoryUsage.rss();
    const found = await ask(`${url}/predict`, bomb, "image/png");
    assert.ok(found.status === 413 || found.status === 422, `${found.status}`);
    assert.ok(process.memoryUsage.rss() - before < 2 ** 28);
  });
});

test("truncated, slow, huge and wrong requests of the wire are refused, and the server goes on", async () => {
  const [file] = await pictures(1);
  await serving({ timeout: 1 }, async ({ url }) => {
    const head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n";
    const slow = await raw(url, `${head}Content-Length: 100\r\n\r\nabc`);
    assert.equal(slow.status, 408, slow.text);
    const slowHead = await raw(url, "POST /predict HTTP/1.1\r\nHost: local");
    assert.equal(slowHead.status, 408, slowHead.text);
    const huge = await raw(url, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(20_000)}\r\n\r\n`);
    assert.equal(huge.status, 431);
    const flood = Array.from({ length: 3000 }, (_, i) => `X-${i}: a\r\n`).join("");
    assert.equal((await raw(url, `GET / HTTP/1.1\r\nHost: localhost\r\n${flood}\r\n`)).status, 431);
    assert.equal((await raw(url, "nonsense\r\n\r\n")).status, 400);
    assert.equal((await raw(url, `${head}Content-Length: -5\r\n\r\n`)).status, 400);
    assert.equal((await raw(url, `${head}Content-Length: 99999999999\r\n\r\nabc`)).status, 413);
    assert.equal((await raw(url, `GET http://evil/ HTTP/1.1\r\nHost: localhost\r\n\r\n`)).status, 400);
    assert.equal((await ask(`${url}/predict`, file, "image/png")).status, 200);
  });
});

test("only this machine's names are answered for, and no page of another origin", async () => {
  const [file] = await pictures(1);
  const request = (host: string) => `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await serving({}, async ({ url }) => {
    assert.equal((await raw(url, request("evil.example"))).status, 421);
    assert.equal((await raw(url, request("localhost:80"))).status, 200);
    assert.equal((await raw(url, request("[::1]:80"))).status, 200);
    const other = await ask(`${url}/predict`, file, "image/png", { origin: "https://evil.example" });
    assert.deepEqual([other.status, other.headers.get("access-control-allow-origin")], [403, null]);
    assert.equal((await ask(`${url}/predict`, file, "image/png", { origin: url })).status, 200);
    assert.equal((await ask(`${url}/predict`, file, "image/png", { origin: "null" })).status, 403);
  });
  await serving({ cors: ["https://good.example"], hosts: ["pets.example"] }, async ({ url }) => {
    const good = await ask(`${url}/predict`, file, "image/png", { origin: "https://good.example" });
    assert.deepEqual([good.status, good.headers.get("access-control-allow-origin")], [200, "https://good.example"]);
    const asked = await fetch(`${url}/predict`, { method: "OPTIONS", headers: { origin: "https://good.example" } });
    assert.deepEqual([asked.status, asked.headers.get("access-control-allow-methods")], [204, "GET, POST"]);
    assert.equal((await ask(`${url}/predict`, file, "image/png", { origin: "https://evil.example" })).status, 403);
    assert.equal((await raw(url, request("pets.example"))).status, 200);
  });
});

test("more than the queue holds is told to come again, and all else is answered", async () => {
  const files = await pictures(60);
  await serving({ queue: 8, maxWait: 500, maxBatch: 64 }, async ({ url }) => {
    const found = await Promise.all(files.map((file) => ask(`${url}/predict`, file, "image/png")));
    const refused = found.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0, "none was refused");
    assert.equal(found.length - refused.length, found.filter(({ status }) => status === 200).length);
    assert.ok(found.length - refused.length >= 8);
    for (const { headers, answer } of refused) {
      assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
      assert.match(answer.error, /come again later\.$/);
    }
    assert.equal((await ask(`${url}/predict`, files[0], "image/png")).status, 200);
  });
});

test("a new version takes over without a pause; one that cannot be opened does not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "neocog-serve-"));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "model");
  const second = smallModel(2);
  const [file] = await pictures(1);
  await saveModel(path, model as TrainedModel);
  await serving(
    {},
    async ({ url }) => {
      const seen = new Map<number, unknown>();
      let going = true;
      const asking = (async () => {
        while (going) {
          const { status, answer } = await ask(`${url}/predict?top=10`, file, "image/png");
          assert.equal(status, 200);
          const known = seen.get(answer.version);
          if (known) assert.deepEqual(answer.predictions[0].classes, known);
          else seen.set(answer.version, answer.predictions[0].classes);
        }
      })();
      rmSync(path, { recursive: true });
      await saveModel(path, second as TrainedModel);
      const reloaded = await fetch(`${url}/models/model/reload`, { method: "POST" });
      assert.equal(reloaded.status, 200, await reloaded.text());
      await ask(`${url}/predict`, file, "image/png");
      writeFileSync(join(path, "weights.safetensors"), "broken");
      const broken = await fetch(`${url}/models/model/reload`, { method: "POST" });
      assert.equal(broken.status, 422);
      assert.match(((await broken.json()) as { error: string }).error, /^model stays as it was: .*\.$/);
      await new Promise((go) => setTimeout(go, 50));
      going = false;
      await asking;
      assert.deepEqual([...seen.keys()], [1, 2]);
      assert.deepEqual(seen.get(1), (await predict(model, file, { engine, top: 10 })).classes);
      assert.deepEqual(seen.get(2), (await predict(second, file, { engine, top: 10 })).classes);
      assert.equal((await fetch(`${url}/models/other/reload`, { method: "POST" })).status, 404);
    },
    { model: () => openModel(path) },
  );
  await serving({}, async ({ url }) => {
    assert.equal((await fetch(`${url}/models/small/reload`, { method: "POST" })).status, 409);
  });
});

test("closing gives the answers that were begun, and takes no more", async () => {
  const files = await pictures(20);
  const server = await serve({ small: model }, { port: 0, engine, maxWait: 2000, maxBatch: 64 });
  const asked = files.map((file) => ask(`${server.url}/predict`, file, "image/png"));
  const begun = async () =>
    (await (await fetch(`${server.url}/metrics`)).text()).includes("\nneocog_requests_serving 20\n");
  while (!(await begun())) await new Promise((go) => setTimeout(go, 20));
  const begin = performance.now();
  await server.close({ within: 5 });
  assert.ok(performance.now() - begin < 4000);
  for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  await assert.rejects(fetch(`${server.url}/healthz`));
  await assert.rejects(serve({}, { engine }), /at least one model/);
  await assert.rejects(serve({ "a/b": model }, { engine }), /cannot be a model's name/);
});

test("a port that is taken is told in a sentence", async () => {
  await serving({}, async ({ url }) => {
    const port = Number(new URL(url).port);
    await assert.rejects(
      serve({ small: model }, { engine, port }),
      /another program listens there; choose another port\.$/,
    );
  });
});

test("the pages load nothing from elsewhere, and the document names every path", async () => {
  await serving({}, async ({ url }) => {
    for (const path of ["/", "/docs"]) {
      const reply = await fetch(url + path);
      const html = await reply.text();
      assert.equal(reply.status, 200);
      assert.match(reply.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
      assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
    }
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    assert.equal(document.openapi, "3.1.0");
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations)) {
        const { status } = await fetch(url + path.replace("{name}", "small"), { method });
        assert.ok(status !== 404 && status !== 405, `${method} ${path}: ${status}`);
      }
    }
  });
});

test("a number of pictures is cut into the batches that take the least time", () => {
  assert.deepEqual(sizesUpTo(16), [1, 4, 16]);
  assert.deepEqual(sizesUpTo(10), [1, 4, 10]);
  assert.deepEqual(sizesUpTo(1), [1]);
  const even = [1, 4, 16].map((size) => ({ size, time: size }));
  assert.deepEqual(
    cut(7, even).reduce((sum, size) => sum + size),
    7,
  );
  const gains = [
    { size: 1, time: 10 },
    { size: 4, time: 12 },
    { size: 16, time: 20 },
  ];
  assert.deepEqual(cut(5, gains), [16]);
  assert.deepEqual(cut(3, gains), [4]);
  assert.deepEqual(cut(1, gains), [1]);
});
