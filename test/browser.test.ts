// Neocog in Chromium, as built: the same weights and the same files as in Node, with threads where the page may share
// memory, and on one thread with a reason where it may not.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  browserMissing,
  everything as inThePage,
  launch,
  open,
  type Site,
  type SiteOptions,
  serve,
} from "./browser.ts";
import { type TaskAnswer, task } from "./browser-task.ts";
import { everything } from "./doors.ts";

// dist/test/browser.test.js
const root = fileURLToPath(new URL("../../", import.meta.url));
const missing = await browserMissing();
const skip = missing ?? false;
const browser = missing === undefined ? await launch() : undefined;
after(() => browser?.close());

/** Runs the task in a new page of a new server. */
async function inPage(options: SiteOptions, threads: number): Promise<TaskAnswer> {
  const site: Site = await serve(root, options);
  try {
    const { page, complaints } = await open(browser!, site);
    const text = `(async () => (${task.toString()})(${inThePage}, ${threads}))()`;
    const answer = (await page.evaluate(text)) as TaskAnswer;
    assert.deepEqual(complaints, []);
    await page.context().close();
    return answer;
  } finally {
    await site.close();
  }
}

let expected: Promise<TaskAnswer> | undefined;
const inNode = (): Promise<TaskAnswer> => {
  expected ??= task(everything, 1);
  return expected;
};

test("an isolated page trains on threads, to the same weights and the same ONNX file as Node", { skip }, async () => {
  const answer = await inPage({ isolated: true }, 2);
  assert.equal(answer.threads, 2);
  assert.match(answer.description, /2 threads\.$/);
  const { hash, losses, onnx, onnxBytes } = await inNode();
  assert.ok(losses.length > 20 && losses.every((loss) => loss > 0 && loss < 5));
  assert.deepEqual(answer.losses, losses);
  assert.equal(answer.hash, hash);
  assert.equal(answer.onnxBytes, onnxBytes);
  assert.equal(answer.onnx, onnx);
});

test("a page that is not isolated trains on one thread, says why, and gives the same", { skip }, async () => {
  const answer = await inPage({ isolated: false }, 2);
  assert.equal(answer.threads, 1);
  assert.match(
    answer.description,
    /1 thread\. Threads are off: the page is not cross-origin isolated; serve it with the headers [^.]*\.$/,
  );
  const { hash, onnx } = await inNode();
  assert.equal(answer.hash, hash);
  assert.equal(answer.onnx, onnx);
});

test("a page whose threads cannot start trains on one, and says why", { skip }, async () => {
  const answer = await inPage({ isolated: true, hidden: (path) => path.endsWith("/worker.js") }, 2);
  assert.equal(answer.threads, 1);
  assert.match(answer.description, /Threads are off: the script of a thread, worker\.js, did not run/);
  assert.equal(answer.hash, (await inNode()).hash);
});

test("a page reads a TensorFlow.js model by its address, and answers as TensorFlow.js does", { skip }, async () => {
  const site = await serve(root, { isolated: false });
  try {
    const { page, complaints } = await open(browser!, site);
    const answered = async (from: typeof everything): Promise<number[]> => {
      const folder = "/test/fixtures/tfjs/sequential/";
      const read = async (path: string): Promise<Uint8Array> =>
        new Uint8Array(await (await fetch(folder + path)).arrayBuffer());
      const { inputs, outputs } = JSON.parse(new TextDecoder().decode(await read("golden.json")));
      const numbers = (text: string): Float32Array =>
        new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
      const graph = from.tfjsGraph(await from.openTfjs(await read("model.json"), read), {
        batch: 2,
        channelsLast: true,
      });
      const { shape, data } = inputs.conv_input;
      const engine = await from.wasmEngine();
      const own = await from.runOnce(graph.outputs, { conv_input: from.ndarray(shape, numbers(data)) }, engine);
      await engine.close();
      const expected = numbers(outputs.scores.data);
      return Array.from(own.scores.data, (x, i) => Math.abs(x - expected[i]));
    };
    const differences = (await page.evaluate(`(async () => (${answered.toString()})(${inThePage}))()`)) as number[];
    assert.deepEqual(complaints, []);
    assert.equal(differences.length, 8);
    assert.ok(Math.max(...differences) < 1e-5);
  } finally {
    await site.close();
  }
});
