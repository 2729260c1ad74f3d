// A training is killed at random instants, again and again, with readers beside it: it ends with the weights and the history of a
// run that nobody disturbed, and every reader sees a checkpoint of that run. Half of the lives end at a random moment, half within
// the write of a checkpoint, at an operation on files; each has its own number of threads, and has its pictures in memory or
// streamed. NEOCOG_KILLS=100 makes the longer form.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  checkOutput,
  type EpochRecord,
  fit,
  openCheckpoint,
  openEngine,
  openModel,
  Random,
  weightsHash,
} from "../src/doors/neocog.ts";
import { killedData, killedModel, killedOptions, type Life, writePictures } from "./kills-run.ts";

const kills = Number(process.env.NEOCOG_KILLS ?? 8);
const readers = kills > 8 ? 20 : 6;
const epochs = 3 * kills + 10;
/** Operations on files of a little more than one checkpoint. */
const operations = 120;

const root = mkdtempSync(join(tmpdir(), "neocog-kills-"));
after(() => rmSync(root, { recursive: true }));
const out = join(root, "model");
const pictures = join(root, "pictures");
const child = fileURLToPath(new URL("./kills-child.js", import.meta.url));
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
const calm: Life = { pictures, out, epochs, threads: 1, stream: false, workers: 1, steps: 1 };

/** What a run has at each of its steps that nobody disturbs. */
interface Undisturbed {
  readonly weights: ReadonlyMap<number, string>;
  readonly best: ReadonlySet<string>;
  readonly history: readonly object[];
}

const untimed = (history: readonly EpochRecord[]): object[] => history.map((record) => ({ ...record, seconds: 0 }));

async function undisturbed(): Promise<Undisturbed> {
  const engine = await openEngine("auto", { threads: 1 });
  const weights = new Map<number, string>();
  const best = new Set<string>();
  let history: object[] = [];
  const options = { ...killedOptions(epochs), engine, checkpointEvery: { steps: 1 } };
  for await (const event of fit(killedModel(), await killedData(calm), options)) {
    if (event.kind !== "checkpoint") continue;
    const { trained, step, best: kept } = event.checkpoint;
    weights.set(step, await weightsHash(trained.weights));
    if (kept) best.add(await weightsHash(kept.weights));
    history = untimed(event.checkpoint.history);
  }
  await engine.close();
  return { weights, best, history };
}

/** One life of the training: killed some time after its first batch, or by itself, or left to its end. */
async function live(life: Life, until: number | "itself" | "end"): Promise<string> {
  const process = spawn(globalThis.process.execPath, [child, JSON.stringify(life)], {
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
  const ended = once(process, "close") as Promise<[number | null, string | null]>;
  if (typeof until === "number") {
    await Promise.race([started, ended]);
    await pause(until);
    process.kill("SIGKILL");
  }
  const [, signal] = await ended;
  assert.equal(complaint, "");
  assert.equal(signal, until === "end" ? null : "SIGKILL", "it was killed, and did not end before");
  return said;
}

test(`killed ${kills} times with ${readers} readers beside it, a training ends as if nothing had been`, async (t) => {
  await writePictures(pictures);
  const random = new Random(Number(process.env.NEOCOG_SEED ?? 1), "kills");
  const { weights, best, history } = await undisturbed();
  const last = [...weights.values()].at(-1);
  const all = new Set(weights.values());
  let over = false;
  let reads = 0;
  const stepsSeen = new Set<number>();
  const readAndCheck = async (turn: number): Promise<void> => {
    if (turn % 3 === 0) {
      const { trained, epoch, step, history: sofar, best: kept } = await openCheckpoint(out);
      assert.equal(await weightsHash(trained.weights), weights.get(step));
      assert.deepEqual(untimed(sofar), history.slice(0, epoch));
      assert.ok(epoch === 0 || best.has(await weightsHash(kept!.weights)));
      stepsSeen.add(step);
    } else {
      const which = turn % 3 === 1 ? "last" : "best";
      if (which === "best" && !readdirSync(out).includes("best.safetensors")) return;
      const hash = await weightsHash((await openModel(out, { weights: which })).weights);
      assert.ok((which === "best" ? best : all).has(hash));
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
  const lives: Life[] = [];
  try {
    for (let count = 0; count < kills && !failed; count++) {
      const stream = count % 4 === 1 || count % 4 === 2;
      const life = {
        ...calm,
        stream,
        threads: 1 + random.below(2),
        workers: 1 + random.below(2),
        steps: 1 + random.below(4),
      };
      lives.push(life);
      if (count % 2 === 0) await live(life, 150 * random.uniform());
      else await live({ ...life, operation: 1 + random.below(operations) }, "itself");
    }
    if (!failed) assert.match(await live({ ...calm, steps: 7, threads: 2 }, "end"), new RegExp(`^${last}$`, "m"));
  } finally {
    over = true;
  }
  await reading;
  assert.deepEqual(untimed((await openCheckpoint(out)).history), history);
  assert.equal(readFileSync(join(out, "history.jsonl"), "utf8").trim().split("\n").length, epochs);
  assert.ok(reads > 5 * kills && stepsSeen.size > kills / 2, `${reads} reads of ${stepsSeen.size} checkpoints`);
  assert.deepEqual(readdirSync(out).sort(), [
    ...["best.safetensors", "history.jsonl", "model.json", "neocog.json", "pictures.jsonl"],
    ...["state.safetensors", "weights.safetensors"],
  ]);
  const streamed = lives.filter(({ stream }) => stream).length;
  t.diagnostic(
    `${kills} kills (${streamed} of streamed runs), ${reads} reads, ${stepsSeen.size} steps seen by readers`,
  );
});
