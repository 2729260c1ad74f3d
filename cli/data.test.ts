import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodePng, ndarray } from "../src/doors/neocog.ts";
import { isOneSentence, neocog, type Outcome } from "./testing.ts";

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
const run = (...given: string[]): Promise<Outcome> => neocog(given, { folder });

async function refused(given: string[], sentence: RegExp): Promise<void> {
  const { code, stdout, stderr } = await run(...given);
  assert.deepEqual([code, stdout], [2, ""], `${given.join(" ")}\n${stderr}`);
  assert.match(stderr, sentence);
  assert.ok(isOneSentence(stderr), stderr);
}

/** Pictures of one class: a bright bar in a row that tells the class. */
async function fill(path: string, row: number, count: number): Promise<void> {
  mkdirSync(at(path), { recursive: true });
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(64).map((_, p) => (Math.floor(p / 8) === row ? 200 + (i % 50) : i % 50));
    writeFileSync(at(path, `${i}.png`), await encodePng(ndarray([8, 8], data, "uint8")));
  }
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-cli-data-"));
  await fill("shapes/square", 1, 6);
  await fill("shapes/star", 5, 60);
  for (const [part, count] of [
    ["train", 12],
    ["val", 4],
    ["tests", 5],
  ] as const) {
    await fill(`parted/${part}/square`, 1, count);
    await fill(`parted/${part}/star`, 5, count);
  }
  const { code, stderr } = await run("train", "shapes", "--model", "mlp", "--epochs", "4", "--out", "model");
  assert.equal(code, 0, stderr);
});

after(() => rmSync(folder, { recursive: true, force: true }));

interface Trained {
  readonly test?: { readonly images: number };
  readonly validation?: { readonly images: number };
  readonly counts: readonly object[];
  readonly history: readonly { readonly validation?: object; readonly test?: object }[];
  readonly split: string;
  readonly images: number;
  readonly perClass: readonly { readonly name: string; readonly images: number }[];
}

test("eval takes the whole folder, or the part that was held back, found again by chance", async () => {
  const whole = JSON.parse((await run("eval", "model", "shapes", "--json")).stdout) as Trained;
  assert.deepEqual([whole.split, whole.images], ["all", 66]);
  const mistakes = ["--mistakes", "wrong"];
  const { stdout } = await run("eval", "model", "shapes", "--split", "test", ...mistakes);
  assert.match(stdout, /^The test pictures of shapes: 8 x 8, gray, 2 classes$/m);
  assert.match(stdout, /\(\d+ of 13 pictures\)/);
  assert.match(stdout, /^Always answering star would be right for 92\.31 %\.$/m);
  const sums = await Promise.all(
    ["train", "validation", "test"].map(async (part) => {
      const { stdout } = await run("eval", "model", "shapes", "--split", part, "--json");
      return (JSON.parse(stdout) as Trained).images;
    }),
  );
  assert.deepEqual(sums, [46, 7, 13]);
  await refused(["eval", "model", "shapes", "--test-fraction", "0.5"], /--test-fraction has no effect on shapes here/);
});

test("eval matches classes by name: one may be missing, an unknown one is a sentence", async () => {
  await fill("stars/star", 5, 7);
  const { perClass } = JSON.parse((await run("eval", "model", "stars", "--json")).stdout) as Trained;
  assert.deepEqual(
    perClass.map(({ name, images }) => [name, images]),
    [
      ["square", 0],
      ["star", 7],
    ],
  );
  await fill("more/Stars", 5, 2);
  const { code, stderr } = await run("eval", "model", "more");
  assert.equal(code, 1);
  assert.match(stderr, /more.Stars is a class that the model does not know; did you mean star\?/);
});

test("uneven classes are told before training, with what always one answer would reach", async () => {
  const { stdout } = await run("train", "shapes", "--model", "mlp", "--epochs", "1", "--out", "uneven");
  assert.match(stdout, /^classes {2}square: 4, star: 42$/m);
  const plain = stdout.replaceAll("\n", " ");
  assert.match(
    plain,
    /The classes are uneven: square has 4 training pictures, star 42\. Always answering star would be right for 91\.30 %\./,
  );
  assert.ok(stdout.indexOf("The classes are uneven") < stdout.indexOf("epoch 1/1"));
});

test("train, val and tests are for what they say: val every epoch, tests once at the end", async () => {
  const given = ["train", "parted", "--model", "mlp", "--epochs", "2"];
  const answer = JSON.parse((await run(...given, "--out", "p", "--json")).stdout) as Trained;
  assert.deepEqual(answer.test?.images, 10);
  assert.ok(answer.history.every((record) => record.validation !== undefined && record.test === undefined));
  assert.deepEqual(answer.counts[0], { name: "square", train: 12, validation: 4, test: 5 });
  await refused(
    [...given, "--test-fraction", "0.3"],
    /--test-fraction has no effect on parted, which has test pictures/,
  );
  const watched = await run(...given, "--watch-test");
  assert.equal(watched.code, 2);
  assert.match(watched.stderr, /--watch-test is for data without validation pictures; add --validation-fraction 0/);
  rmSync(at("parted", "tests"), { recursive: true });
  const { stdout } = await run(...given, "--out", "q");
  assert.match(stdout, /^Validation accuracy [\d.]+ % \(\d of 8 pictures\)/m);
  assert.match(stdout.replaceAll("\n", " "), /scored after every epoch, and there is no test set/);
});

test("options without effect on the data are refused, each by its flag", async () => {
  for (const [flags, sentence] of [
    [
      ["--size", "32"],
      /^neocog: --size has no effect on digits, whose pictures have a size and colours of their own\.$/m,
    ],
    [["--gray"], /--gray has no effect on digits/],
    [["--color"], /--color has no effect on digits/],
    [["--resize", "squash"], /--resize has no effect on digits/],
    [["--test-fraction", "0.3"], /--test-fraction has no effect on digits, which has a test set of its own/],
    [["--labels", "x.idx"], /--labels has no effect on digits, which has its labels with it/],
    [["--validation-fraction", "1"], /--validation-fraction must be a number of at least 0 and below 1, not "1"/],
  ] as const)
    await refused(["train", "digits", "--out", "none", ...flags], sentence);
  await refused(
    ["eval", "model", "digits", "--split", "validation"],
    /--split cannot be validation: no pictures of digits/,
  );
});

test("a part of the digits can be held back, and the test pictures can be watched", async () => {
  const given = ["train", "digits", "--epochs", "1"];
  const held = await run(...given, "--validation-fraction", "0.1", "--out", "held");
  assert.match(held.stdout, /1,294 training, 144 validation and 359 test pictures/);
  assert.match(held.stdout, /^epoch 1\/1: .* validation [\d.]+ %/m);
  const seen = await run(...given, "--watch-test", "--out", "seen");
  assert.match(seen.stdout, /^epoch 1\/1: .* test [\d.]+ %/m);
  assert.match(
    seen.stdout.replaceAll("\n", " "),
    /The test pictures were scored after every epoch: what was chosen by that/,
  );
});

test("a name that is not one is refused with what was meant", async () => {
  for (const [given, sentence] of [
    [["train", "digits", "--optimizer", "adamw"], /--optimizer can be .*, not "adamw"; did you mean adamW\?$/m],
    [
      ["inspect", "lenet", "--input", "3x7"],
      /--input 3x7 can be read in two ways; write 3x7x7 for 3 channels, or 1x3x7/,
    ],
    [
      ["convert", "model", "out.pt"],
      /\.pt files are not written; end the name in \.zip, \.onnx, \.safetensors, \.npz, or give a folder\./,
    ],
  ] as const)
    await refused([...given], sentence);
  const { code, stderr } = await run("inspect", "resnet");
  assert.equal(code, 1);
  assert.match(stderr, /did you mean "resnet1[08]"\?/);
});

test("weights that hold NaN are refused with the tensor's name", async () => {
  const file = at("model", "weights.safetensors");
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  bytes.writeFloatLE(Number.NaN, 8 + Number(bytes.readBigUInt64LE(0)) + header["fc1.bias"].data_offsets[0] + 8);
  writeFileSync(at("nan.safetensors"), bytes);
  const given = [
    "mlp",
    at("shapes", "star", "0.png"),
    "--weights",
    "nan.safetensors",
    "--input",
    "1x8x8",
    "--classes",
    "2",
  ];
  const { code, stdout, stderr } = await run("predict", ...given);
  assert.deepEqual([code, stdout], [1, ""], stderr);
  assert.match(stderr, /The weight "fc1\.bias" holds NaN, first at number 2 of 256: the file is broken, or/);
});
