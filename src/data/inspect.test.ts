import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { Random } from "../base/random.ts";
import { inspectData } from "./inspect.ts";
import type { ConcernKind, Inspection } from "./inspection.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-inspect-"));
after(() => rmSync(root, { recursive: true }));
const random = new Random(3, "inspect");

async function photo(file: string, width = 50, height = 40, level?: number): Promise<void> {
  const data = Uint8Array.from({ length: 3 * width * height }, () => level ?? random.below(256));
  writeFileSync(
    file,
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

const evil = "<script>alert(1)<|script>\u202e".replace("|", "\\");
const at = (...parts: string[]): string => join(root, ...parts);

before(async () => {
  for (const part of ["train", "test"]) {
    for (const name of ["cat", "dog", `owl${evil}`]) {
      if (part === "test" && name.startsWith("owl")) continue;
      mkdirSync(at("planted", part, name), { recursive: true });
      const count = part === "test" ? 4 : name === "cat" ? 30 : 8;
      for (let i = 0; i < count; i++) await photo(at("planted", part, name, `${i}.png`));
    }
  }
  const [train, tested] = [at("planted", "train"), at("planted", "test")];
  copyFileSync(join(train, "cat", "0.png"), join(tested, "cat", "renamed.png"));
  copyFileSync(join(train, "cat", "1.png"), join(train, "dog", "wrong.png"));
  copyFileSync(join(train, "dog", "0.png"), join(train, "dog", "again.png"));
  await photo(join(train, "cat", "tiny.png"), 8, 8);
  await photo(join(train, "cat", "long.png"), 300, 60);
  await photo(join(train, "dog", "gray.png"), 50, 40, 128);
  writeFileSync(join(train, "dog", `torn<img src=x onerror=alert(1)>.png`), "\x89PNG no more");
  writeFileSync(join(train, "dog", "notes.txt"), "nothing");
});

const files = (found: Inspection, kind: ConcernKind): string[] => {
  const concern = found.concerns.find((one) => one.kind === kind);
  assert.ok(concern, `${kind} is not found`);
  return concern.places.map(({ part, index }) => found.parts.find((one) => one.part === part)!.files![index]);
};
const within = (...parts: string[]): string => at("planted", ...parts);

for (const workers of [0, 2]) {
  test(`all that was planted in a folder is found, by name, with ${workers} threads`, async () => {
    const found = await inspectData(at("planted"), { workers });
    assert.deepEqual(
      found.concerns.map(({ kind }) => kind),
      [
        ...["missing class", "uneven classes", "copies across parts", "copies across classes", "copies", "broken"],
        ...["tiny", "extreme shape", "one colour"],
      ],
    );
    assert.deepEqual(files(found, "copies across parts"), [within("train/cat/0.png"), within("test/cat/renamed.png")]);
    assert.deepEqual(files(found, "copies across classes"), [within("train/cat/1.png"), within("train/dog/wrong.png")]);
    assert.deepEqual(files(found, "copies"), [within("train/dog/0.png"), within("train/dog/again.png")]);
    assert.deepEqual(files(found, "tiny"), [within("train/cat/tiny.png")]);
    assert.deepEqual(files(found, "extreme shape"), [within("train/cat/long.png")]);
    assert.deepEqual(files(found, "one colour"), [within("train/dog/gray.png")]);
    assert.equal(files(found, "broken").length, 1);
    assert.deepEqual(
      found.parts.map(({ part, counts }) => [part, counts]),
      [
        ["train", [32, 12, 8]],
        ["test", [5, 4, 0]],
      ],
    );
    assert.deepEqual(found.formats, [{ format: "PNG", pictures: 60 }]);
    assert.deepEqual(found.sizes[0], { height: 40, width: 50, pictures: 58 });
    assert.deepEqual(found.sides, { least: 8, median: 40, most: 300 });
    assert.deepEqual(
      found.skipped.map(({ file }) => file),
      [within("train/dog/notes.txt")],
    );
  });
}

test("data without faults has none: digits, whose pixels stand in one file", async () => {
  const found = await inspectData("digits");
  assert.deepEqual(found.concerns, []);
  assert.equal(found.pictures, 1797);
  assert.deepEqual(found.sizes, [{ height: 8, width: 8, pictures: 1797 }]);
});
