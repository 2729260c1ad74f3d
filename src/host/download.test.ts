import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { clock } from "./clock.ts";
import { download } from "./download.ts";

const body = Buffer.from("0123456789".repeat(1000));
const sha256 = createHash("sha256").update(body).digest("hex");
const server = createServer((request, response) => {
  if (request.url === "/good") response.end(body);
  else if (request.url === "/short") response.end(body.subarray(0, 99));
  else if (request.url === "/long") response.end(Buffer.concat([body, body]));
  else if (request.url === "/other") response.end(Buffer.alloc(body.length));
  else if (request.url === "/slow") response.write(body.subarray(0, 10));
  else response.writeHead(404).end();
});
let base = "";
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
const remote = (name: string) => ({ url: `${base}/${name}`, bytes: body.length, sha256 });

test("a download is checked for length and SHA-256", async () => {
  let last = 0;
  const bytes = await download(remote("good"), {
    onProgress: (received, total) => {
      assert.ok(received > last && received <= total && total === body.length);
      last = received;
    },
  });
  assert.deepEqual(Buffer.from(bytes), body);
  assert.equal(last, body.length);
});

test("a download that is not what it should be is refused with one sentence", async () => {
  const cases: [string, RegExp][] = [
    ["short", /\/short ended after 99 of 10000 bytes; nothing was kept\.$/],
    ["long", /\/long is longer than the 10000 bytes it should have; nothing was kept\.$/],
    ["other", /\/other has the SHA-256 95b532cc4381affdff0d956e12520a04129ed49d37e154228368fe5621f0b9a2 instead of /],
    ["none", /\/none cannot be downloaded: the server answered 404 Not Found\.$/],
  ];
  for (const [name, message] of cases) await assert.rejects(download(remote(name)), { name: "DataError", message });
  await assert.rejects(download(remote("slow"), { patience: 100 }), {
    name: "DataError",
    message: `${base}/slow cannot be downloaded: nothing arrived for 0.1 seconds.`,
  });
  await assert.rejects(download({ url: "http://127.0.0.1:9/x", bytes: 1, sha256 }), {
    name: "DataError",
    message: /cannot be downloaded: .*\. Is this machine offline\?$/,
  });
});

test("a signal stops a download", async () => {
  await assert.rejects(download(remote("slow"), { signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
});

test("the clock goes forward and breathes", async () => {
  const start = clock.now();
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  while (!turned) await clock.breathe();
  assert.ok(clock.now() >= start);
  assert.match(clock.today(), /^\d{4}-\d\d-\d\dT.*Z$/);
});
