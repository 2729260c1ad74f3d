// A model folder is ours file by file: strangers in it stay, links are followed, damage is found, and an older folder opens.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { DataError, NeocogError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import type { FinishedEvent, StoppedEvent, WarningEvent } from "../train/events.ts";
import { fit } from "../train/fit.ts";
import { openCheckpoint, saveCheckpoint } from "../train/folder.ts";
import { Adam, SGD } from "../train/optimizers/optimizer.ts";
import type { FitOptions } from "../train/options.ts";
import { bars, tinyNetwork } from "../train/testing.ts";
import { openModel, saveModel } from "./folder.ts";
import { weightsHash } from "./hash.ts";
import { checkOutput } from "./output.ts";

const root = fs.mkdtempSync(join(tmpdir(), "neocog-folder-"));
after(() => fs.rmSync(root, { recursive: true }));
const at = (...parts: string[]): string => join(root, ...parts);
const engine = referenceEngine();
const data = { train: bars(20, 1), validation: bars(12, 2) };
const settings: FitOptions = { epochs: 2, batch: 10, optimizer: SGD({ lr: 0.1, momentum: 0.9 }), average: 0.5 };
const own = [
  "best.safetensors",
  "history.jsonl",
  "model.json",
  "neocog.json",
  "state.safetensors",
  "weights.safetensors",
];

interface Ended {
  readonly end: FinishedEvent | StoppedEvent;
  readonly warnings: readonly string[];
}

async function train(options: FitOptions): Promise<Ended> {
  const warnings: WarningEvent[] = [];
  for await (const event of fit(tinyNetwork(), data, { ...settings, engine, ...options })) {
    if (event.kind === "warning") warnings.push(event);
    if (event.kind === "finished" || event.kind === "stopped") {
      return { end: event, warnings: warnings.map(({ message }) => message) };
    }
  }
  assert.fail("no end");
}

async function refuses(work: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(work, (error: Error) => {
    assert.ok(error instanceof NeocogError, error.stack);
    assert.match(error.message, message);
    assert.match(error.message, /^[^\n]+\.$/);
    return true;
  });
}

let checkpoint: Checkpoint;
before(async () => {
  await train({ out: at("model") });
  checkpoint = await openCheckpoint(at("model"));
});
/** A copy of the trained folder, which a test may spoil. */
function copy(name: string): string {
  fs.cpSync(at("model"), at(name), { recursive: true });
  return at(name);
}

test("resume and force touch no file of the user's, and a link is followed, not replaced", {
  skip: process.platform === "win32" && "links need rights",
}, async () => {
  const real = copy("real");
  fs.symlinkSync("real", at("link"));
  fs.writeFileSync(join(real, "notes.txt"), "mine");
  fs.mkdirSync(join(real, "figures"));
  fs.writeFileSync(join(real, "figures", "a.svg"), "<svg/>");
  fs.symlinkSync("notes.txt", join(real, "alias"));
  await train({ out: at("link"), force: true });
  await train({ out: at("link"), epochs: 3, resume: await openCheckpoint(at("link")) });
  await saveCheckpoint(at("link"), await openCheckpoint(at("link")));
  assert.deepEqual(fs.readdirSync(real).sort(), [...own, "alias", "figures", "notes.txt"].sort());
  await saveModel(at("link"), checkpoint.trained, { force: true });
  assert.deepEqual(fs.readdirSync(real).sort(), [
    ...["alias", "figures", "model.json", "neocog.json", "notes.txt", "weights.safetensors"],
  ]);
  assert.equal(fs.readFileSync(join(real, "figures", "a.svg"), "utf8"), "<svg/>");
  assert.equal(fs.readlinkSync(join(real, "alias")), "notes.txt");
  assert.ok(fs.lstatSync(at("link")).isSymbolicLink());
});

test("the folder where one stands takes a model beside what is there", async () => {
  const here = at("here");
  fs.mkdirSync(here);
  fs.writeFileSync(join(here, "todo.txt"), "mine");
  const before = process.cwd();
  process.chdir(here);
  try {
    await train({ out: "." });
    await train({ out: `.${"/."}`, force: true });
    assert.equal((await openCheckpoint(".")).epoch, 2);
  } finally {
    process.chdir(before);
  }
  assert.deepEqual(fs.readdirSync(here).sort(), [...own, "todo.txt"].sort());
});

test("what only has the name of one of our files is refused before the first step, whatever is forced", async () => {
  for (const name of own) {
    for (const kind of ["file", "folder", "link"]) {
      const out = fs.mkdtempSync(at("stranger-"));
      fs.writeFileSync(join(out, "theirs"), "{}");
      if (kind === "file") fs.writeFileSync(join(out, name), name === "neocog.json" ? "" : "theirs");
      if (kind === "folder") fs.mkdirSync(join(out, name));
      if (kind === "link") fs.symlinkSync("theirs", join(out, name));
      // A damaged manifest is ours: nobody else writes one.
      if (name === "neocog.json" && kind === "file") continue;
      const sentence = new RegExp(`${name.replace(".", "\\.")} is nothing that Neocog wrote and is not replaced`);
      await refuses(train({ out, force: true }), sentence);
      await refuses(saveModel(out, checkpoint.trained, { force: true }), sentence);
      await refuses(checkOutput(out), sentence);
      assert.deepEqual(fs.readdirSync(out).sort(), [name, "theirs"].sort());
    }
  }
});

test("a place that is refused is left as it was: no folder is made, none is removed", async () => {
  const out = at("not", "yet", "there");
  const wrong = { ...data, validation: { ...data.validation, classes: ["a", "b", "c"] } };
  const run = async (): Promise<void> => {
    for await (const event of fit(tinyNetwork(), wrong, { ...settings, engine, out })) assert.fail(event.kind);
  };
  await refuses(run(), /their classes one order|classes one order/);
  assert.ok(!fs.existsSync(at("not")));
  fs.mkdirSync(at("not", "yet"), { recursive: true });
  await refuses(run(), /classes one order/);
  assert.deepEqual(fs.readdirSync(at("not", "yet")), []);
  await refuses(train({ out: at("model") }), /model holds a model; replace it with force, go on from it with resume/);
  await refuses(saveModel(at("model"), checkpoint.trained), /model holds a model; replace it with force/);
  assert.equal(await checkOutput(at("model")), "model");
  assert.equal(await checkOutput(at("not")), "free");
});

test("one flipped bit in any file is found; the sentence names the file and the mend", async () => {
  const folder = copy("flipped");
  const random = new Random(7, "flips");
  for (const name of own) {
    const path = join(folder, name);
    const whole = fs.readFileSync(path);
    for (let trial = 0; trial < 40; trial++) {
      const broken = Buffer.from(whole);
      broken[trial === 0 ? broken.length - 1 : random.below(broken.length)] ^= 1 << random.below(8);
      fs.writeFileSync(path, broken);
      // White space at the end of the manifest is nothing that it says.
      const said = await openCheckpoint(folder).then(
        () => "",
        (error: unknown) => (error instanceof DataError ? error.message : assert.fail(String(error))),
      );
      if (name === "neocog.json" && said === "") {
        assert.deepEqual(JSON.parse(String(broken)), JSON.parse(String(whole)));
        continue;
      }
      assert.ok(said.startsWith(`${path} `), said);
      assert.match(said, /(is damaged|update Neocog)/);
      if (/is damaged/.test(said))
        assert.match(said, /; copy the model again, or train again \(without (neocog\.json|this file)/);
    }
    fs.writeFileSync(path, whole);
  }
  assert.equal((await openCheckpoint(folder)).epoch, 2);
});

test("what a reader does not use need not be whole; what is damaged is mended by force", async () => {
  const folder = copy("spoilt");
  fs.truncateSync(join(folder, "state.safetensors"), 100);
  assert.equal(await weightsHash((await openModel(folder)).weights), await weightsHash(checkpoint.trained.weights));
  await refuses(
    openCheckpoint(folder),
    /state\.safetensors is damaged or was changed by hand: it has 100 bytes instead of/,
  );
  fs.rmSync(join(folder, "weights.safetensors"));
  await refuses(
    openModel(folder),
    /weights\.safetensors is missing, though neocog\.json names it; copy the model again/,
  );
  await train({ out: folder, force: true });
  assert.deepEqual(await openCheckpoint(folder), await openCheckpoint(folder));
  fs.writeFileSync(join(folder, "neocog.json"), "{");
  await refuses(openModel(folder), /neocog\.json is damaged/);
  await train({ out: folder, force: true });
  assert.equal((await openCheckpoint(folder)).epoch, 2);
});

test("a folder of the first version opens, goes on, and becomes one of the second", async () => {
  const folder = copy("first");
  for (const name of ["neocog.json", "best.safetensors"]) fs.rmSync(join(folder, name));
  const { trained } = await openCheckpoint(folder);
  assert.equal(await weightsHash(trained.weights), await weightsHash(checkpoint.trained.weights));
  await refuses(openModel(folder, { weights: "best" }), /has no best\.safetensors: its training had no validation/);
  await train({ out: folder, epochs: 3, resume: await openCheckpoint(folder) });
  assert.deepEqual(fs.readdirSync(folder).sort(), own);
  for (const name of ["neocog.json", "best.safetensors"]) fs.rmSync(join(folder, name));
  await saveModel(folder, trained, { force: true });
  assert.deepEqual(fs.readdirSync(folder).sort(), ["model.json", "neocog.json", "weights.safetensors"]);
});

test("a state that lacks a momentum, an average or a weight, or has one of another shape, is refused", async () => {
  const folder = copy("poor");
  fs.rmSync(join(folder, "neocog.json"));
  const path = join(folder, "state.safetensors");
  const { tensors, metadata } = readSafetensors(fs.readFileSync(path), path);
  assert.ok([...tensors.keys()].some((name) => name.startsWith("average.")));
  for (const name of [...tensors.keys()].filter((key) => !checkpoint.trained.weights.has(key))) {
    fs.writeFileSync(
      path,
      writeSafetensors(
        [...tensors].filter(([key]) => key !== name),
        { metadata },
      ),
    );
    await refuses(
      openCheckpoint(folder),
      new RegExp(`state\\.safetensors cannot be gone on from: The state of training lacks "${name}"`),
    );
    const variables = new Map([...checkpoint.variables].filter(([key]) => key !== name));
    await refuses(train({ epochs: 3, resume: { ...checkpoint, variables } }), new RegExp(`lacks "${name}"`));
  }
  const [[name, { shape }]] = tensors;
  const other = new Map(tensors).set(name, { shape: [1], dtype: "float32", data: new Float32Array(1) });
  fs.writeFileSync(path, writeSafetensors(other, { metadata }));
  await refuses(
    openCheckpoint(folder),
    new RegExp(`has "${name}" as \\[1\\], but the run needs it as \\[${shape.join(", ")}\\]`),
  );
  await refuses(
    train({ epochs: 3, optimizer: Adam(), resume: checkpoint }),
    /started with optimizer .* cannot be resumed with optimizer/,
  );
});

test("a second run into the folder is refused at once, and so is a resume from what has gone on meanwhile", async () => {
  const folder = copy("busy");
  for await (const event of fit(tinyNetwork(), data, { ...settings, engine, out: folder, force: true })) {
    if (event.kind !== "batch") continue;
    for (const options of [{ force: true }, { resume: checkpoint, epochs: 3 }]) {
      await refuses(
        train({ out: folder, ...options }),
        /busy is being written by process \d+ on \S+ since .*; wait for it/,
      );
    }
    await refuses(saveModel(folder, checkpoint.trained, { force: true }), /is being written by process/);
    await refuses(checkOutput(folder), /is being written by process/);
    assert.equal((await openCheckpoint(folder)).epoch, 2, "the old model stays until an epoch is whole");
    break;
  }
  assert.deepEqual(fs.readdirSync(folder).sort(), own, "a run that is left frees the folder");
  await train({ out: folder, epochs: 3, resume: checkpoint });
  await refuses(
    train({ out: folder, epochs: 3, resume: checkpoint }),
    /holds another model, or a later epoch, than the run/,
  );
});

test("a folder that is taken away in the middle of a run is made again", async () => {
  const out = at("taken", "away");
  for await (const event of fit(tinyNetwork(), data, { ...settings, engine, out })) {
    if (event.kind === "checkpoint" && event.epoch === 1) fs.rmSync(at("taken"), { recursive: true });
  }
  assert.deepEqual(fs.readdirSync(out).sort(), own);
  assert.equal((await openCheckpoint(out)).epoch, 2);
});

test("the best epoch is kept beside the last, and kept again by a run that goes on", async () => {
  const folder = at("best");
  const { end } = await train({ out: folder, epochs: 5, optimizer: SGD({ lr: 0.3 }), average: undefined });
  assert.ok(end.kind === "finished" && end.best);
  const accuracies = end.history.map(({ validation }) => validation!.accuracy);
  const top = Math.max(...accuracies);
  assert.equal(end.best.epoch, accuracies.indexOf(top) + 1);
  assert.equal(end.best.accuracy, top);
  const opened = await openCheckpoint(folder);
  assert.equal(opened.best!.epoch, end.best.epoch);
  const hash = await weightsHash(end.best.weights);
  assert.equal(await weightsHash((await openModel(folder, { weights: "best" })).weights), hash);
  const { epoch, bestEpoch } = JSON.parse(fs.readFileSync(join(folder, "neocog.json"), "utf8"));
  assert.deepEqual([epoch, bestEpoch], [5, end.best.epoch]);
  const still = { ...opened, best: { ...opened.best!, accuracy: 1 } };
  const { end: later } = await train({
    ...{ out: folder, epochs: 6, optimizer: SGD({ lr: 0.3 }), average: undefined, resume: still },
  });
  assert.ok(later.kind === "finished");
  assert.equal(await weightsHash((await openModel(folder, { weights: "best" })).weights), hash);
  const untested = at("untested");
  for await (const event of fit(tinyNetwork(), { train: data.train }, { ...settings, engine, out: untested }))
    void event;
  await refuses(
    openModel(untested, { weights: "best" }),
    /untested has no best\.safetensors: its training had no validation/,
  );
  await refuses(openModel(folder, { weights: "worst" as "best" }), /openModel: .*weights.*"worst"/);
});

test("a finished run goes on for more epochs; a schedule that is stretched is said, and less epochs are refused", async () => {
  const cosine: FitOptions = { ...settings, schedule: { kind: "cosine" } };
  const { end } = await train(cosine);
  assert.ok(end.kind === "finished");
  const out = at("longer");
  await train({ ...cosine, out });
  const resume = await openCheckpoint(out);
  const { end: later, warnings } = await train({ ...cosine, out, epochs: 4, resume });
  assert.ok(later.kind === "finished");
  assert.equal(later.history.length, 4);
  assert.deepEqual(warnings, [
    "The cosine schedule of 2 epochs is stretched to 4: the learning rate goes on where the longer one is, at 0.0500.",
  ]);
  assert.deepEqual((await train({ epochs: 2, resume: checkpoint })).warnings, []);
  assert.deepEqual((await train({ epochs: 3, resume: checkpoint })).warnings, []);
  await refuses(
    train({ epochs: 1, resume: checkpoint }),
    /has done 2 epochs already and cannot end with 1; give more epochs\./,
  );
  assert.equal((await openCheckpoint(out)).settings.epochs, 4);
});

test("relative and trailing forms of a path are one place", async () => {
  const folder = copy("forms");
  const away = relative(process.cwd(), folder);
  for (const path of [`${folder}/`, away, `${away}/`, join(folder, "..", "forms")]) {
    assert.equal((await openModel(path)).classes.length, 3);
  }
});
