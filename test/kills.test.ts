// A training is killed at random instants, again and again, with readers beside it: it ends with the weights of a run that
// nobody disturbed, and every reader sees a whole epoch of that run. NEOCOG_KILLS=100 makes the longer form.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkOutput, fit, openCheckpoint, openEngine, openModel, Random, weightsHash } from "../src/doors/neocog.ts";
import { killedData, killedModel, killedOptions } from "./kills-run.ts";

const kills = Number(process.env.NEOCOG_KILLS ?? 10);
const readers = 20;
const epochs = 6 * kills + 20;

const root = mkdtempSync(join(tmpdir(), "neocog-kills-"));
after(() => rmSync(root, { recursive: true }));
const out = join(root, "model");
const child = fileURLToPath(new URL("./kills-child.js", import.meta.url));
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** Hashes of the weights after each epoch of a run that nobody disturbs. */
async function undisturbed(): Promise<{ last: readonly string[]; best: ReadonlySet<string> }> {
  const engine = await openEngine("auto", { threads: 1 });
  const last: string[] = [];
  const best = new Set<string>();
  for await (const event of fit(killedModel(), killedData, { ...killedOptions(epochs), engine })) {
    if (event.kind !== "checkpoint") continue;
    last.push(await weightsHash(event.checkpoint.trained.weights));
    best.add(await weightsHash(event.checkpoint.best!.weights));
  }
  await engine.close();
  return { last, best };
}

/** One life of the training: killed some time after it began, or left to its end. */
async function live(until: number | "end"): Promise<string> {
  const process = spawn(globalThis.process.execPath, [child, out, String(epochs)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complaint = "";
  const started = new Promise<void>((ready) => {
    process.stdout.on("data", (chunk) => {
      said += String(chunk);
      if (said.includes("started")) ready();
    });
  });
  process.stderr.on("data", (chunk) => {
    complaint += String(chunk);
  });
  const ended = once(process, "close");
  if (until !== "end") {
    await Promise.race([started, ended]);
    await pause(until);
    process.kill("SIGKILL");
  }
  await ended;
  assert.equal(complaint, "");
  return said;
}

test(`killed ${kills} times with ${readers} readers beside it, a training ends as if nothing had been`, async (t) => {
  const random = new Random(Number(process.env.NEOCOG_SEED ?? 1), "kills");
  const { last, best } = await undisturbed();
  let over = false;
  let reads = 0;
  const epochsSeen = new Set<number>();
  const readAndCheck = async (turn: number): Promise<void> => {
    if (turn % 3 === 0) {
      const { trained, epoch, history, best: kept } = await openCheckpoint(out);
      assert.equal(await weightsHash(trained.weights), last[epoch - 1]);
      assert.equal(history.length, epoch);
      assert.ok(best.has(await weightsHash(kept!.weights)));
      epochsSeen.add(epoch);
    } else {
      const weights = turn % 3 === 1 ? "last" : "best";
      const hash = await weightsHash((await openModel(out, { weights })).weights);
      assert.ok(weights === "best" ? best.has(hash) : last.includes(hash));
    }
    reads++;
  };
  const reading = Promise.all(
    Array.from({ length: readers }, async (_, place) => {
      while (!over && (await checkOutput(out).catch(() => "model")) !== "model") await pause(20);
      // The lock of a first epoch stands before there is a model.
      while (!over && !readdirSync(out).includes("neocog.json")) await pause(20);
      for (let turn = place; !over; turn++) {
        await readAndCheck(turn);
        await pause(100 * Math.random());
      }
    }),
  );
  // A failing reader ends the test at once.
  let failed: Error | undefined;
  reading.catch((error: Error) => {
    failed = error;
  });
  try {
    for (let life = 0; life < kills && !failed; life++) await live(150 * random.uniform());
    if (!failed) assert.match(await live("end"), new RegExp(`^${last.at(-1)}$`, "m"));
  } finally {
    over = true;
  }
  await reading;
  assert.ok(reads > 10 * kills && epochsSeen.size > kills / 2, `${reads} reads of ${epochsSeen.size} epochs`);
  assert.deepEqual(readdirSync(out).sort(), [
    ...["best.safetensors", "history.jsonl", "model.json", "neocog.json", "state.safetensors", "weights.safetensors"],
  ]);
  t.diagnostic(`${kills} kills, ${reads} reads, ${epochsSeen.size} of ${epochs} epochs seen by readers`);
});
