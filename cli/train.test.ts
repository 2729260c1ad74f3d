import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { encodePng, ndarray } from "../src/doors/neocog.ts";
import { isOneSentence, neocog, type Outcome } from "./testing.ts";

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
const run = (...given: string[]): Promise<Outcome> => neocog(given, { folder });

/** Refused: one sentence, nothing on standard output, nothing written. */
async function refused(given: string[], sentence: RegExp, code = 1): Promise<void> {
  const outcome = await neocog(given, { folder });
  assert.deepEqual([outcome.code, outcome.stdout], [code, ""], `${given.join(" ")}\n${outcome.stderr}`);
  assert.match(outcome.stderr, sentence);
  assert.ok(isOneSentence(outcome.stderr), outcome.stderr);
}

/** A gray PNG, bright on the left for class 0 and on the right for class 1. */
function picture(side: 0 | 1, place: number, size = 12): Promise<Uint8Array> {
  const data = new Uint8Array(size * size).map((_, i) => (i % size < size / 2 === (side === 0) ? 200 + place : place));
  return encodePng(ndarray([size, size], data, "uint8"));
}

function idx(sizes: readonly number[], bytes: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  head.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => {
    head.setUint32(4 + 4 * i, size);
  });
  return Buffer.concat([new Uint8Array(head.buffer), bytes]);
}

interface Trained {
  readonly test: { readonly accuracy: number; readonly images: number };
  readonly weightsHash: string;
  readonly history: readonly unknown[];
  readonly confusion: readonly (readonly number[])[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-cli-"));
  for (const [side, name] of [
    [0, "left"],
    [1, "right"],
  ] as const) {
    mkdirSync(at("photos", name), { recursive: true });
    for (let i = 0; i < 12; i++) writeFileSync(at("photos", name, `${i}.png`), await picture(side, i));
  }
  const trained = await run("train", "digits", "--epochs", "2", "--json", "--out", "digits");
  assert.equal(trained.code, 0, trained.stderr);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("train prints the network, the epochs, the score, the confusion matrix and what to try next", async () => {
  const { code, stdout, stderr } = await run("train", "digits", "--epochs", "3");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /1,438 training and 359 test pictures, 8 x 8, gray, 10 classes/);
  assert.match(stdout, /^layer +type +output +parameters +MACs +sees$/m);
  assert.match(stdout, /^stage1\.conv +Conv2d +16x8x8 +144 +9,216 +3$/m);
  assert.match(stdout, /^epoch 3\/3: loss [\d.]+, accuracy [\d.]+ %, [\d,]+ images\/s/m);
  assert.match(stdout, /^classes {2}0: 142, 1: 146, /m);
  assert.match(stdout, /^ +nothing is held back for validation \(--validation-fraction 0\.1 does\)/m);
  assert.match(stdout, /^Test accuracy \d\d\.\d\d % \(\d+ of 359 pictures\)/m);
  assert.match(stdout, /^The test pictures were looked at once, now\.$/m);
  assert.match(stdout, /^ +0 {2}1 {2}2 {2}3 {2}4 {2}5 {2}6 {2}7 {2}8 {2}9 {3}recall$/m);
  assert.match(stdout, /^ {2}node .*main\.js eval runs\/digits digits --mistakes wrong/m);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80 || /^epoch |main\.js/.test(line), line);
  const written = readdirSync(at("runs", "digits"));
  assert.deepEqual(written, [
    ...["history.jsonl", "model.json", "neocog.json", "report.html", "run.json", "state.safetensors"],
    "weights.safetensors",
  ]);
});

test("train --json is one document, with the words on standard error", async () => {
  const { code, stdout, stderr } = await run("train", "digits", "--epochs", "1", "--json", "--out", "json");
  assert.equal(code, 0);
  const { test: score, confusion, history } = JSON.parse(stdout) as Trained;
  assert.equal(score.images, 359);
  assert.equal(
    confusion.flat().reduce((sum, n) => sum + n, 0),
    359,
  );
  assert.equal(history.length, 1);
  assert.match(stderr, /^epoch 1\/1: loss/m);
});

test("an output folder that exists is refused, replaced with --force, gone on from with --resume", async () => {
  const hash = readFileSync(at("digits", "weights.safetensors"));
  await refused(["train", "digits", "--out", "digits"], /digits holds a trained model: --force replaces it, --resume/);
  assert.deepEqual(readFileSync(at("digits", "weights.safetensors")), hash, "it is untouched");
  await refused(
    ["train", "digits", "--out", "digits", "--resume", "--seed", "4"],
    /started with --seed 0 and cannot be resumed with --seed 4/,
  );
  await refused(["train", "digits", "--out", "digits", "--resume", "--model", "mlp"], /leave out --model/, 2);
  await refused(["train", "digits", "--out", "nothing", "--resume"], /There is no model folder nothing/);
  mkdirSync(at("tfjs"));
  writeFileSync(at("tfjs", "model.json"), '{"format":"layers-model"}');
  await refused(
    ["train", "digits", "--out", "tfjs", "--force"],
    /tfjs.model\.json is nothing that Neocog wrote and is not replaced/,
  );
  const { code, stdout } = await run("train", "digits", "--out", "digits", "--force", "--epochs", "1", "--json");
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as Trained).history.length, 1);
});

test("Ctrl-C in the middle of an epoch keeps the last whole one; --resume ends where an unbroken run does", async () => {
  const given = ["train", "digits", "--epochs", "8", "--json"];
  const whole = JSON.parse((await run(...given, "--out", "whole")).stdout) as Trained;
  let sent = false;
  const { code, stdout, stderr } = await neocog([...given, "--out", "broken"], {
    folder,
    watch: (sofar, kill) => {
      if (!sent && /epoch 2\/8/.test(sofar)) {
        sent = true;
        setTimeout(() => kill("SIGINT"), 20);
      }
    },
  });
  assert.equal(code, 130, stderr);
  const { stopped } = JSON.parse(stdout) as { stopped: { epochsDone: number; epoch: number } };
  assert.ok(stopped.epochsDone >= 2 && stopped.epochsDone < 8);
  assert.equal(readFileSync(at("broken", "history.jsonl"), "utf8").trim().split("\n").length, stopped.epochsDone);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes("broken")),
    ["broken"],
    "nothing half-written",
  );
  const resumed = await run("train", "digits", "--json", "--out", "broken", "--resume");
  assert.equal(resumed.code, 0, resumed.stderr);
  const answer = JSON.parse(resumed.stdout) as Trained;
  assert.equal(answer.weightsHash, whole.weightsHash);
  assert.equal(answer.history.length, 8);
});

test("eval gives accuracy and confusion, and writes the mistakes as pictures", async () => {
  const { code, stdout } = await run("eval", "digits", "digits", "--mistakes", "wrong");
  assert.equal(code, 0);
  const right = Number(stdout.match(/^Accuracy [\d.]+ % \((\d+) of 359 pictures\)/m)?.[1]);
  assert.equal(readdirSync(at("wrong")).length, 359 - right);
  const { accuracy } = JSON.parse((await run("eval", "digits", "digits", "--json")).stdout) as { accuracy: number };
  assert.equal(Math.round(accuracy * 359), right);
  await refused(["eval", "digits", "photos"], /photos.left is a class that the model does not know; it knows 0, 1, 2/);
});

test("predict names the likeliest classes, and brings pictures to size as the model was trained", async () => {
  writeFileSync(at("small.png"), await picture(0, 0, 8));
  writeFileSync(at("large.png"), await picture(0, 0, 12));
  writeFileSync(at("broken.png"), (await picture(0, 0, 8)).subarray(0, 40));
  const { code, stdout } = await run("predict", "digits", "small.png", "large.png", "--json", "--top", "10");
  assert.equal(code, 0);
  const { predictions } = JSON.parse(stdout) as { predictions: { file: string; classes: { probability: number }[] }[] };
  assert.deepEqual(
    predictions.map(({ file }) => file),
    ["small.png", "large.png"],
  );
  for (const { classes } of predictions) {
    assert.ok(Math.abs(classes.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-5);
    assert.ok(classes.every(({ probability }, i) => i === 0 || probability <= classes[i - 1].probability));
  }
  await refused(
    ["predict", "digits", "large.png", "--resize", "refuse"],
    /large\.png is 12 x 12 pixels, but the network wants 8 x 8; bring it to size with --resize cover \(crops\) or --resize squash/,
  );
  await refused(["predict", "digits", "broken.png"], /broken\.png/);
  await refused(["predict", "digits", "nowhere.png"], /nowhere\.png cannot be read/);
  await refused(
    ["predict", "nothing", "small.png"],
    /There is no model folder nothing and no built-in model of that name/,
  );
});

test("a model trained on squashed pictures is shown squashed ones by eval, predict and explain", async () => {
  // Only the outer thirds tell the classes apart: a cropped picture has nothing of them.
  mkdirSync(at("ends", "left"), { recursive: true });
  mkdirSync(at("ends", "right"), { recursive: true });
  for (let i = 0; i < 12; i++) {
    for (const [side, from] of [
      ["left", 0],
      ["right", 48],
    ] as const) {
      const pixels = new Uint8Array(72 * 24).fill(10 * i);
      for (let y = 0; y < 24; y++) pixels.fill(255, y * 72 + from, y * 72 + from + 24);
      const png = await encodePng(ndarray([24, 72], pixels, "uint8"));
      writeFileSync(at("ends", side, `${i}.png`), png);
    }
  }
  const given = ["--size", "12", "--resize", "squash", "--epochs", "12", "--model", "digits", "--augment", "none"];
  assert.equal((await run("train", "ends", "--out", "squashed", ...given)).code, 0);
  const { preprocessing } = JSON.parse(readFileSync(at("squashed", "model.json"), "utf8")) as {
    preprocessing: { resize: string };
  };
  assert.equal(preprocessing.resize, "squash");
  const evaluated = JSON.parse((await run("eval", "squashed", "ends", "--json")).stdout) as { accuracy: number };
  assert.equal(evaluated.accuracy, 1);
  for (const side of ["left", "right"]) {
    const picture = at("ends", side, "3.png");
    const { stdout } = await run("predict", "squashed", picture, "--json");
    const [{ classes }] = (JSON.parse(stdout) as { predictions: { classes: { name: string }[] }[] }).predictions;
    assert.equal(classes[0].name, side);
    const told = await run("explain", "squashed", picture, "--method", "saliency", "--out", "why", "--json");
    assert.equal((JSON.parse(told.stdout) as { class: { name: string } }).class.name, side);
  }
});

test("inspect and dump take a model folder", async () => {
  const { parameters } = JSON.parse((await run("inspect", "./digits", "--json")).stdout) as { parameters: number };
  assert.equal(parameters, 25_978);
  assert.match((await run("dump", "digits/")).stdout, /# stage1\.conv$/m);
  await refused(["inspect", "digits", "--classes", "3"], /--classes is for built-in models/, 2);
});

test("what is unknown is refused with the nearest right name", async () => {
  await refused(["train", "digit"], /Unknown data "digit"; did you mean "digits"\?/);
  await refused(
    ["train", "elephants"],
    /Unknown data "elephants": it is neither a file or folder here nor one of digits/,
  );
  await refused(
    ["train", "digits", "--model", "resnt18", "--out", "new"],
    /Unknown model "resnt18"; did you mean "resnet18"\?/,
  );
  await refused(["train", "digits", "--epoch", "2"], /Unknown option '--epoch'; did you mean --epochs\?/, 2);
  await refused(["trian", "digits"], /Unknown command 'trian'; did you mean train\?/, 2);
  await refused(
    ["train", "digits", "--epochs", "many"],
    /--epochs must be a whole number of at least 1, not "many"/,
    2,
  );
  await refused(
    ["train", "digits", "--checkpoint-every", "1.5"],
    /--checkpoint-every must be a number of steps, or/,
    2,
  );
  await refused(["train", "digits", "--lr", "0"], /--lr must be a number above 0/, 2);
  await refused(["train", "digits", "--engine", "cuda"], /--engine can be auto, wasm, reference, not "cuda"/, 2);
  await refused(["train", "digits", "--augment", "flop"], /--augment has no "flop"; did you mean "flip"\?/, 2);
  await refused(["train", "digits", "--augment", "rand:2:x"], /--augment rand takes a number for strength, not "x"/, 2);
  await refused(
    ["train", "digits", "--augment", "flip,cutmix:1:2"],
    /--augment cutmix takes at most one number \(alpha\), not "1:2"/,
    2,
  );
  await refused(
    ["train", "digits", "--augment", "posterize:9", "--out", "new"],
    /Augmentation posterize: bits must be a whole number from 0 to 8, not 9/,
  );
  await refused(
    ["train", "digits", "--model", "lenet", "--out", "new"],
    /Layer "conv2" .* the input has 4 cells, but the kernel of 5 needs 5/,
  );
  assert.ok(!existsSync(at("new")));
});

test("broken IDX files are named", async () => {
  const labels = idx([3], Uint8Array.of(0, 1, 0));
  const images = idx([3, 8, 8], new Uint8Array(3 * 64));
  writeFileSync(at("a-labels.idx"), labels);
  writeFileSync(at("a-images.idx"), images.subarray(0, images.length - 5));
  await refused(["train", "a-images.idx"], /a-images\.idx/);
  writeFileSync(at("b-labels.idx"), labels);
  writeFileSync(at("b-images.idx"), Uint8Array.of(0, 0, 9, 3, ...images.subarray(4)));
  await refused(["train", "b-images.idx"], /b-images\.idx/);
  writeFileSync(at("c-labels.idx"), Buffer.concat([Uint8Array.of(1), labels.subarray(1)]));
  writeFileSync(at("c-images.idx"), images);
  await refused(["train", "c-images.idx"], /c-labels\.idx/);
  writeFileSync(at("d-images.idx"), images);
  await refused(["train", "d-images.idx"], /no labels were found beside it/);
  writeFileSync(at("e-images.gz"), gzipSync(images).subarray(0, 30));
  writeFileSync(at("e-labels.gz"), gzipSync(labels));
  await refused(["train", "e-images.gz"], /e-images\.gz/);
  assert.ok(!existsSync(at("runs", "a-images")));
});

test("a label outside the classes is refused", async () => {
  const data = at("cache", "fashion-mnist");
  mkdirSync(data, { recursive: true });
  for (const [part, bad] of [
    ["train", 12],
    ["t10k", 0],
  ] as const) {
    writeFileSync(join(data, `${part}-images-idx3-ubyte`), idx([4, 28, 28], new Uint8Array(4 * 784)));
    writeFileSync(join(data, `${part}-labels-idx1-ubyte`), idx([4], Uint8Array.of(0, 1, bad, 2)));
  }
  const { code, stderr } = await neocog(["train", "fashion-mnist"], {
    folder,
    environment: { NEOCOG_DATA: at("cache") },
  });
  assert.equal(code, 1);
  assert.match(stderr, /gives image 2 the label 12, which is outside the 10 classes/);
  assert.ok(isOneSentence(stderr), stderr);
});

test("pictures in folders train; a broken one is named, counted and left out", async () => {
  writeFileSync(at("photos", "left", "broken.png"), (await picture(0, 0)).subarray(0, 50));
  writeFileSync(at("photos", "left", "notes.txt"), "not a picture");
  const { code, stdout, stderr } = await run("train", "photos", "--model", "mlp", "--epochs", "4", "--json");
  assert.equal(code, 0, stderr);
  const order = ["notes.txt", "broken.png", "17 training, 2 validation and 5 test pictures", "epoch 1/4"];
  const places = order.map((words) => stderr.indexOf(words));
  assert.ok(
    places.every((place, i) => place > (places[i - 1] ?? 0)),
    `${stderr}\nnames first, then contents, then the training`,
  );
  assert.match(stderr, /^1 file is left out:$/m);
  assert.match(stderr, /^1 picture cannot be read and is left out:$/m);
  assert.match(stderr, /^epoch 4\/4: .* validation [\d.]+ %/m);
  const { skipped, test: score } = JSON.parse(stdout) as Trained;
  assert.deepEqual(skipped.map(({ file }) => file.replace(/.*[/\\]/, "")).sort(), ["broken.png", "notes.txt"]);
  assert.equal(score.accuracy, 1);
  assert.ok(existsSync(at("runs", "photos", "model.json")));
});

test("a folder with fewer than two classes is refused", async () => {
  mkdirSync(at("one", "cat"), { recursive: true });
  writeFileSync(at("one", "cat", "1.png"), await picture(0, 1));
  await refused(["train", "one"], /one has only one class \(cat\)/);
  mkdirSync(at("none"));
  await refused(["train", "none"], /none has no class/);
});

test("an output that cannot be written is refused before anything is trained", async () => {
  writeFileSync(at("file"), "");
  await refused(["train", "digits", "--out", "file"], /file is a file|file/);
  await refused(["train", "digits", "--out", join("file", "below")], /file/);
});

test("a full disk ends the run in one sentence and leaves nothing half-written", { skip: smallDisk() }, async () => {
  const disk = at("disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", disk]);
  try {
    const { code, stderr } = await run("train", "digits", "--epochs", "1", "--out", join(disk, "model"));
    assert.equal(code, 1);
    assert.match(stderr, /^neocog: .*(space|full).*\n$/i);
    assert.deepEqual(readdirSync(disk), []);
  } finally {
    execFileSync("umount", [disk]);
  }
});

test("a mount point takes a model, which goes on there, beside what it holds", { skip: smallDisk() }, async () => {
  const disk = at("mounted");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]);
  try {
    mkdirSync(join(disk, "lost+found"));
    assert.equal((await run("train", "digits", "--epochs", "1", "--out", "mounted")).code, 0);
    const { code, stderr } = await run("train", "digits", "--epochs", "2", "--out", "mounted", "--resume");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(readFileSync(join(disk, "history.jsonl"), "utf8").trim().split("\n").length, 2);
    assert.ok(existsSync(join(disk, "lost+found")));
  } finally {
    execFileSync("umount", [disk]);
  }
});

/** Why a small disk cannot be made here. */
function smallDisk(): string | false {
  if (process.platform !== "linux") return "tmpfs is Linux's";
  const trial = mkdtempSync(join(tmpdir(), "neocog-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", trial], { stdio: "ignore" });
    execFileSync("umount", [trial]);
    return false;
  } catch {
    return "a small disk can only be mounted by root";
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}
