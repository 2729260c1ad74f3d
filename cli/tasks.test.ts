// The commands of tasks beside classification, on folders made here: trained, gone on with, judged, and asked.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { encodePng, ndarray, openImage, taskNames } from "../src/doors/neocog.ts";
import { taskNames as typed } from "./cards/names.ts";
import { neocog as started } from "./testing.ts";

const neocog = (...words: readonly string[]) => started(words);

const place = mkdtempSync(join(tmpdir(), "neocog-tasks-"));
after(() => rmSync(place, { recursive: true }));

/** Every training tells what it will be: the data, what its labels are like, the network, the recipe. */
const introduced = (labels: string): RegExp =>
  new RegExp(
    `data +.* training, .* validation and .* test pictures[^]*${labels === "" ? "" : `\\n${labels} [^]*`}\\nnetwork [^]*\\nlayer +type[^]*\\n\\d+ epochs in batches of`,
  );

/** Pictures of 16x16 with a bright square, and its mask. */
async function cells(folder: string, others: "masks" | "targets"): Promise<string> {
  const first = others === "masks" ? "images" : "inputs";
  const root = join(place, folder);
  for (const name of [first, others]) mkdirSync(join(root, name), { recursive: true });
  for (let i = 0; i < 30; i++) {
    const [x, y] = [(i * 5) % 9, (i * 3) % 9];
    const inside = (at: number): boolean => at % 16 >= x && at % 16 < x + 6 && at >> 4 >= y && at >> 4 < y + 6;
    const mask = Uint8Array.from({ length: 256 }, (_, at) => Number(inside(at)));
    const pixels = mask.map((value, at) => 200 * value + ((at * 37 + i * 11) % 50));
    const other = others === "masks" ? mask : mask.map((value) => 200 * value);
    writeFileSync(join(root, first, `${i}.png`), await encodePng(ndarray([16, 16], pixels, "uint8")));
    writeFileSync(join(root, others, `${i}.png`), await encodePng(ndarray([16, 16], other, "uint8")));
  }
  return root;
}

test("the tasks that can be typed are those that there are", () => assert.deepEqual([...typed], [...taskNames]));

test("segmentation: trained, gone on with, judged and drawn; the folder's classes are named", async () => {
  const root = await cells("cells", "masks");
  writeFileSync(join(root, "classes.txt"), "ground\ncell\n");
  writeFileSync(join(root, "images", "alone.png"), await encodePng(ndarray([16, 16], new Uint8Array(256), "uint8")));
  const out = join(place, "run");
  const train = ["train", root, "--task", "segmentation", "--epochs", "6", "--out", out];
  const first = await neocog(...train, "--json");
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, introduced("classes"));
  const found = JSON.parse(first.stdout) as {
    test: { meanIoU: number; classes: string[] };
    skipped: { file: string }[];
  };
  assert.ok(found.test.meanIoU > 0.7, `mean IoU ${found.test.meanIoU}`);
  assert.deepEqual(found.test.classes, ["ground", "cell"]);
  assert.match(found.skipped[0].file, /alone\.png$/);
  const on = await neocog(...train.with(5, "7"), "--resume");
  assert.equal(on.code, 0, on.stderr);
  assert.match(on.stdout + on.stderr, /mean IoU/);
  const judged = await neocog("eval", out, root);
  assert.match(judged.stdout, /Mean IoU \d+\.\d\d %.*\n\nclass +pixels +IoU/);
  const drawn = join(place, "drawn");
  const said = await neocog("predict", out, join(root, "images", "3.png"), "--out", drawn);
  assert.match(said.stdout, /cell +\d+\.\d %/);
  assert.deepEqual(readdirSync(drawn), ["3.png"]);
  // Of the palette's colours the first is black and the second dark red.
  const { data } = await openImage(readFileSync(join(drawn, "3.png")), { channels: 3, height: 16, width: 16 });
  assert.deepEqual([...new Set(data.subarray(0, 256))].sort(), [0, 128]);
  assert.ok(data.subarray(256).every((value) => value === 0));
  const refused = await neocog("train", root, "--out", out, "--resume");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is a model for segmentation; open it with --task segmentation\./);
});

test("image-to-image: a picture is written; a classifier has none to write", async () => {
  const root = await cells("scans", "targets");
  const out = join(place, "clean");
  const end = await neocog("train", root, "--task", "image-to-image", "--epochs", "4", "--out", out);
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stdout, introduced(""));
  assert.match(end.stdout, /PSNR \d+\.\d\d dB, SSIM/);
  const drawn = join(place, "cleaned");
  const said = await neocog("predict", out, join(root, "inputs", "1.png"), "--out", drawn, "--json");
  assert.deepEqual((JSON.parse(said.stdout) as { predictions: object[] }).predictions[0], {
    ...{ file: join(root, "inputs", "1.png"), picture: { shape: [1, 16, 16] } },
  });
  assert.ok(existsSync(join(drawn, "1.png")));
});

test("image-to-image with --target input: the picture itself, by an autoencoder", async () => {
  const out = join(place, "itself");
  const train = ["train", "digits", "--task", "image-to-image", "--target", "input", "--epochs", "1", "--out", out];
  const end = await neocog(...train);
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stdout, /network +autoencoder: /);
  const judged = await neocog("eval", out, "digits", "--target", "input", "--json");
  const { split, psnr, images } = JSON.parse(judged.stdout) as { split: string; psnr: number; images: number };
  assert.deepEqual([split, images], ["test", 359]);
  assert.ok(psnr > 5, `${psnr}`);
  const refused = await neocog("train", "digits", "--target", "input");
  assert.match(refused.stderr, /--target is for image-to-image, not for classification\./);
});

test("targets of twice the size take the network that enlarges", async () => {
  const root = join(place, "larger");
  for (const name of ["inputs", "targets"]) mkdirSync(join(root, name), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const made = (side: number) =>
      Uint8Array.from({ length: side * side }, (_, at) => (Math.floor((at % side) / (side / 4)) * 37 + 20 * i) % 256);
    for (const [name, side] of [
      ["inputs", 8],
      ["targets", 16],
    ] as const)
      writeFileSync(join(root, name, `${i}.png`), await encodePng(ndarray([side, side], made(side), "uint8")));
  }
  const out = join(place, "enlarged");
  const end = await neocog("train", root, "--task", "image-to-image", "--epochs", "1", "--out", out);
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stdout, /targets of 16 x 16/);
  assert.match(end.stdout, /network +espcn: /);
  await neocog("predict", out, join(root, "inputs", "1.png"), "--out", join(place, "made"));
  const { width } = await sharp(readFileSync(join(place, "made", "1.png"))).metadata();
  assert.equal(width, 16);
});

test("tags and numbers come from a table; its columns are their names", async () => {
  const root = await cells("table", "masks");
  const rows = Array.from({ length: 30 }, (_, i) => [`images/${i}.png`, (i * 5) % 9 < 4, (i * 3) % 9]);
  writeFileSync(
    join(root, "sides.csv"),
    `path,left,top\n${rows.map(([file, tag, y]) => `${file},${Number(tag)},${Number(Number(y) < 4)}`).join("\n")}\n`,
  );
  writeFileSync(join(root, "places.csv"), `path,y\n${rows.map(([file, , y]) => `${file},${y}`).join("\n")}\n`);
  for (const [task, table, said] of [
    ["multilabel", "sides.csv", /F1 \d+\.\d\d %, every tag right in .*\n(.*\n)*tag +pictures/],
    ["regression", "places.csv", /[Mm]ean error [\d.]+ over .*\n(.*\n)*number +mean error/],
  ] as const) {
    const out = join(place, task);
    const data = join(root, table);
    const end = await neocog("train", data, "--task", task, "--epochs", "3", "--out", out);
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stdout, introduced(task === "multilabel" ? "tags" : "numbers"));
    assert.match(end.stdout, said);
    const judged = await neocog("eval", out, data);
    assert.match(judged.stdout, said, judged.stderr);
    const asked = await neocog("predict", out, join(root, "images", "0.png"));
    assert.match(asked.stdout, task === "regression" ? /^ {2}y {2}[-\d.]+$/m : /^ {2}(left|top) +\d+\.\d %/m);
  }
});

test("tags are matched by name with those of the model: some may be lacking, an unknown one is told with its line", async () => {
  const root = await cells("tagged", "masks");
  const write = (name: string, tagsOf: (i: number) => string) => {
    const rows = Array.from({ length: 20 }, (_, i) => `images/${i}.png,${tagsOf(i)}`);
    writeFileSync(join(root, name), `path,tags\n${rows.join("\n")}\n`);
    return join(root, name);
  };
  const out = join(place, "tagger");
  const table = write("all.csv", (i) => ["left|top", "left", "top", "right"][i % 4]);
  const end = await neocog("train", table, "--task", "multilabel", "--epochs", "1", "--out", out);
  assert.equal(end.code, 0, end.stderr);
  const judged = await neocog(
    "eval",
    out,
    write("some.csv", () => "top"),
    "--json",
  );
  const { split, perTag } = JSON.parse(judged.stdout) as { split: string; perTag: { name: string; images: number }[] };
  assert.deepEqual(
    [split, ...perTag.map(({ name, images }) => `${name} ${images}`)],
    ["all", "left 0", "right 0", "top 20"],
  );
  const unknown = await neocog(
    "eval",
    out,
    write("other.csv", (i) => (i === 3 ? "far" : "top")),
  );
  assert.match(unknown.stderr, /other\.csv, line 5, gives the tag far, which the model does not know\.\n$/);
});

test("pairs that do not fit are refused with the file; data of another task is told what is needed", async () => {
  const root = await cells("broken", "masks");
  const write = async (name: string, side: number, value: number, channels = 1) => {
    const data = new Uint8Array(channels * side * side).fill(value);
    if (channels === 3) data[0] = 0;
    writeFileSync(join(root, "masks", name), await encodePng(ndarray([channels, side, side], data, "uint8")));
  };
  const run = () => neocog("train", root, "--task", "segmentation", "--epochs", "1", "--out", join(place, "none"));
  await write("4.png", 8, 0);
  assert.match((await run()).stderr, /masks\/4\.png is 8 x 8 pixels, but its picture .*images\/4\.png is 16 x 16/);
  await write("4.png", 16, 1, 3);
  assert.match((await run()).stderr, /masks\/4\.png is in colours; a mask is a PNG in gray/);
  await write("4.png", 16, 9);
  writeFileSync(join(root, "classes.txt"), "ground\ncell\n");
  assert.match((await run()).stderr, /masks\/4\.png holds 9 in row 0, column 0 .* there are 2 classes/);
  const missing = await neocog("train", "digits", "--task", "segmentation", "--out", join(place, "none"));
  assert.match(missing.stderr, /digits has no sub-folder images; pairs lie in images and masks/);
  const wrong = await neocog("train", "digits", "--task", "regression", "--out", join(place, "none"));
  assert.match(
    wrong.stderr,
    /digits has one class a picture; this task needs a table \(CSV or JSONL\) of pictures with numbers\./,
  );
});
