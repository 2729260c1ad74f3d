// Load on `neocog serve` by a real HTTP client, autocannon (npm ci in bench/ fetches it): requests a second and tail latency at
// some numbers of connections, then four times the saturation with a small queue, where all that may be seen beside answers is 429;
// then new versions of the model, one after the other, under load. Ends with code 1 where anything else was seen.
//
//   npm run build && node bench/serve.mjs          writes bench/results/serve.json
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { build, loadState } from "../dist/src/doors/graph.js";
import { createModel, encodePng, ndarray, saveModel, usualPreprocessing } from "../dist/src/doors/neocog.js";

const seconds = Number(process.env.SECONDS_EACH ?? 8);
const queue = 64;
const place = mkdtempSync(join(tmpdir(), "neocog-load-"));

async function modelFolder(name) {
  const { layer, inputShape } = createModel(name);
  const weights = loadState(build(layer, [1, ...inputShape]).variables, {}, { strict: false }).state;
  const classes = Array.from({ length: 10 }, (_, i) => String(i));
  const folder = join(place, name);
  await saveModel(folder, { model: layer, weights, classes, preprocessing: usualPreprocessing(inputShape) });
  const [channels, height, width] = inputShape;
  const pixels = Uint8Array.from({ length: channels * height * width }, (_, i) => (i * 73) % 256);
  return { folder, picture: Buffer.from(await encodePng(ndarray(inputShape, pixels, "uint8"), [0, 255])) };
}

/** Starts a server and gives its address. */
async function start(folder) {
  const given = ["dist/cli/main.js", "serve", folder, "--port", "0", "--queue", String(queue), "--threads", "1"];
  const child = spawn(process.execPath, given, { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const found = /http:\/\/\S+:\d+/.exec(text);
      if (found) resolve(found[0]);
    });
  });
  return { child, url };
}

const memory = async (url) =>
  Number(/^process_resident_memory_bytes (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())[1]);

async function load(url, picture, connections, rate) {
  let most = 0;
  const watch = setInterval(
    () =>
      memory(url)
        .then((bytes) => (most = Math.max(most, bytes)))
        .catch(() => {}),
    500,
  );
  const result = await autocannon({
    ...{ url: `${url}/predict`, method: "POST", body: picture, headers: { "content-type": "image/png" } },
    ...{ connections, duration: seconds, timeout: 30, workers: undefined, ...(rate && { overallRate: rate }) },
  });
  clearInterval(watch);
  const { latency, statusCodeStats, errors, timeouts } = result;
  const of = (status) => statusCodeStats[status]?.count ?? 0;
  const others = Object.entries(statusCodeStats).filter(([status]) => status !== "200" && status !== "429");
  return {
    connections,
    ...(rate && { offered: rate }),
    answered: Math.round(of(200) / result.duration),
    refused: Math.round(of(429) / result.duration),
    others: Object.fromEntries(others),
    ...{
      errors,
      timeouts,
      p50: latency.p50,
      p97_5: latency.p97_5,
      p99: latency.p99,
      memory: Math.round(most / 2 ** 20),
    },
  };
}

const { folder, picture } = await modelFolder("digits");
const { child, url } = await start(folder);
const rows = [];
try {
  await load(url, picture, 4);
  const before = Math.round((await memory(url)) / 2 ** 20);
  for (const connections of [1, 16, 48]) rows.push(await load(url, picture, connections));
  const saturation = Math.max(...rows.map(({ answered }) => answered));
  for (let round = 0; round < 3; round++) rows.push(await load(url, picture, 8 * queue, 4 * saturation));
  // New versions under load: a request more or less may be refused, none may fail.
  let [going, swaps] = [true, 0];
  const swapping = (async () => {
    while (going) {
      const { ok } = await fetch(`${url}/models/digits/reload`, { method: "POST" });
      if (!ok) throw new Error("a new version was refused");
      swaps++;
      await new Promise((go) => setTimeout(go, 300));
    }
  })();
  const swapped = await load(url, picture, 16);
  going = false;
  await swapping;
  rows.push({ ...swapped, swaps });
  console.table(rows.map(({ others, ...row }) => ({ ...row, others: JSON.stringify(others) })));
  const machine = `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`;
  const told = { machine, model: "digits", queue, seconds, units: "requests a second, ms, MiB", before, rows };
  const failed = rows.filter(({ others, errors, timeouts }) => Object.keys(others).length + errors + timeouts > 0);
  const grown = Math.max(...rows.map(({ memory: most }) => most));
  console.log(`${failed.length} rounds with errors; ${swaps} new versions; memory ${before} to ${grown} MiB.`);
  process.exitCode = failed.length > 0 ? 1 : 0;
  writeFileSync("bench/results/serve.json", `${JSON.stringify(told, null, 2)}\n`);
} finally {
  child.kill("SIGTERM");
  await new Promise((ended) => child.once("exit", ended));
  rmSync(place, { recursive: true });
}
