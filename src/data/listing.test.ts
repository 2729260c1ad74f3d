import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Found } from "./folder.ts";
import { openPictureFolder } from "./folder.ts";
import { type Listing, listPictures } from "./listing.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "neocog-listing-")));
after(() => rmSync(root, { recursive: true }));

/** Makes empty files: a listing opens none of them. */
function folder(name: string, ...names: string[]): string {
  for (const one of names) {
    mkdirSync(join(root, name, one, ".."), { recursive: true });
    writeFileSync(join(root, name, one), "");
  }
  return join(root, name);
}

/** Files and their classes, and what was left out, relative to the folder. */
function told({ parts, classes, skipped }: Listing, path: string): { taken: object; left: object } {
  const short = (file: string): string => file.slice(path.length + 1);
  return {
    taken: Object.fromEntries(
      Object.entries(parts).map(([part, list]) => [
        part,
        list.map(({ file, label }) => `${short(file)} ${classes[label]}`),
      ]),
    ),
    left: Object.fromEntries(skipped.map(({ file, reason }) => [short(file), reason.replaceAll(`${path}/`, "")])),
  };
}

const links = { skip: process.platform === "win32" && "links need rights on Windows" };

test("a link to a folder that holds it, or to one that is taken, leads nowhere twice", links, async () => {
  const pets = folder("pets", "cat/1.png", "cat/2.png", "cat/deep/3.png", "dog/1.png");
  symlinkSync("..", join(pets, "cat", "up"));
  symlinkSync("../..", join(pets, "cat", "deep", "top"));
  symlinkSync(root, join(pets, "dog", "all"));
  symlinkSync(join(pets, "dog"), join(pets, "cat", "a-dog"));
  symlinkSync(join(pets, "dog", "1.png"), join(pets, "cat", "0.png"));
  symlinkSync("dog", join(pets, "hound"));
  symlinkSync(".", join(pets, "self"));
  assert.deepEqual(told(await listPictures(pets), pets), {
    taken: { whole: ["cat/1.png cat", "cat/2.png cat", "cat/deep/3.png cat", "dog/1.png dog"] },
    left: {
      hound: "it leads to dog, which is taken already",
      self: "it leads back to a folder that holds it",
      "cat/0.png": "it is dog/1.png once more",
      "cat/a-dog": "it leads to dog, which is taken already",
      "cat/up": "it leads back to a folder that holds it",
      "cat/deep/top": "it leads back to a folder that holds it",
      "dog/all": "it leads back to a folder that holds it",
    },
  });
});

test("links to pictures elsewhere are followed, each once, over all parts", links, async () => {
  const pool = folder("pool", "a.png", "b.png", "more/c.png");
  const linked = folder("linked", "train/x/0.png", "train/y/0.png", "val/x/0.png");
  symlinkSync(join(pool, "a.png"), join(linked, "train", "x", "a.png"));
  symlinkSync(join(pool, "more"), join(linked, "train", "y", "more"));
  symlinkSync(join(pool, "a.png"), join(linked, "val", "x", "a.png"));
  symlinkSync(join(pool, "b.png"), join(linked, "val", "x", "b.png"));
  symlinkSync("train", join(linked, "test"));
  const { taken, left } = told(await listPictures(linked), linked);
  assert.deepEqual(taken, {
    train: ["train/x/0.png x", "train/x/a.png x", "train/y/0.png y", "train/y/more/c.png y"],
    validation: ["val/x/0.png x", "val/x/b.png x"],
  });
  assert.deepEqual(left, {
    test: "it leads to train, which is taken already",
    "val/x/a.png": "it is train/x/a.png once more",
  });
});

test("pipes, devices and dead links are left out, and never opened", { ...links, timeout: 20_000 }, async () => {
  const odd = folder("odd", "a/1.png", "b/1.png");
  execFileSync("mkfifo", [join(odd, "a", "pipe.png")]);
  symlinkSync("/dev/zero", join(odd, "a", "zero.png"));
  symlinkSync("nowhere.png", join(odd, "b", "dead.png"));
  assert.deepEqual(told(await listPictures(odd), odd), {
    taken: { whole: ["a/1.png a", "b/1.png b"] },
    left: {
      "a/pipe.png": "it is a pipe",
      "a/zero.png": "it is a device",
      "b/dead.png": "it is a link that leads nowhere",
    },
  });
});

test("clutter is passed over, what lies beside is told, a class may be called train", async () => {
  const rubbish = [
    "__MACOSX/a/._1.png",
    "@eaDir/x.png",
    ".git/config",
    "a/.DS_Store",
    "b/Thumbs.db",
    "$RECYCLE.BIN/x.png",
  ];
  const flat = folder(
    "flat",
    "a/1.png",
    "b/1.JPG",
    "labels.csv",
    "0.png",
    "a/old.bmp",
    "a/photo.HEIC",
    "b/x.txt",
    ...rubbish,
  );
  assert.deepEqual(told(await listPictures(flat), flat), {
    taken: { whole: ["a/1.png a", "b/1.JPG b"] },
    left: {
      "0.png": "it lies outside the classes' folders",
      "labels.csv": "its name is not a picture's",
      "a/old.bmp": "BMP pictures cannot be read; save them as PNG or JPEG",
      "a/photo.HEIC": "HEIC pictures cannot be read; save them as PNG or JPEG",
      "b/x.txt": "its name is not a picture's",
    },
  });
  const parted = folder(
    "parted",
    "train/a/1.png",
    "train/b/1.png",
    "tests/a/2.png",
    "extra/a/3.png",
    "notes.md",
    "__MACOSX/x/y.png",
  );
  assert.deepEqual(told(await listPictures(parted), parted), {
    taken: { train: ["train/a/1.png a", "train/b/1.png b"], test: ["tests/a/2.png a"] },
    left: { extra: "it lies beside train, tests", "notes.md": "it lies beside train, tests" },
  });
  const vehicles = folder("vehicles", "bus/1.png", "train/1.png", "test/1.png");
  assert.deepEqual((await listPictures(vehicles)).classes, ["bus", "test", "train"]);
  const both = folder("both", "train/a/1.png", "train/b/1.png", "val/a/1.png", "valid/a/1.png");
  await assert.rejects(listPictures(both), { message: `${both} has both val and valid; keep one validation set.` });
});

test("with a model's classes some may be missing; pictures of an unknown one are refused, with the nearest name", async () => {
  const few = folder("few", "dog/1.png", "notes/read.txt");
  assert.deepEqual(told(await listPictures(few, ["cat", "dog"]), few), {
    taken: { whole: ["dog/1.png dog"] },
    left: { "notes/read.txt": "its name is not a picture's", notes: "it holds no pictures" },
  });
  const other = folder("other", "Dogs/1.png");
  await assert.rejects(listPictures(other, ["cat", "dog"]), {
    message: `${join(other, "Dogs")} is a class that the model does not know; did you mean dog?`,
  });
  const strange = folder("strange", "zebra/1.png");
  await assert.rejects(listPictures(strange, ["cat", "dog"]), {
    message: `${join(strange, "zebra")} is a class that the model does not know; it knows cat, dog.`,
  });
});

test("all that is left out by its name is told before the first picture is opened", async () => {
  const flat = folder("told", "a/1.png", "a/2.gif", "b/1.png", "b/notes.txt");
  let found: Found | undefined;
  await assert.rejects(
    openPictureFolder(flat, { onFound: (what) => (found = what) }),
    /has no picture that can be read/,
  );
  assert.deepEqual(found, {
    pictures: { whole: 3 },
    classes: ["a", "b"],
    skipped: [{ file: join(flat, "b", "notes.txt"), reason: "its name is not a picture's" }],
  });
});
