// The promise to a beginner: drawn pictures are what they are said to be, and the default command learns four classes of shapes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { families, picture } from "./families.ts";
import { drawFolder } from "./folder.ts";

const place = mkdtempSync(join(tmpdir(), "neocog-beginner-"));
after(() => rmSync(place, { recursive: true }));

test("pictures of every family are PNG and JPEG with sides of 90 to 400 pixels, a function of their seed", async () => {
  for (const family of families) {
    const folder = join(place, family.name);
    await drawFolder(folder, family, 4, 7);
    for (const name of family.classes) {
      const files = readdirSync(join(folder, name));
      assert.deepEqual(files, ["0000.png", "0001.jpg", "0002.png", "0003.jpg"]);
      for (const file of files) {
        const { width, height, format } = await sharp(join(folder, name, file)).metadata();
        assert.equal(format, file.endsWith("png") ? "png" : "jpeg");
        for (const side of [width, height]) assert.ok(side >= 90 && side <= 400, `${file}: ${side}`);
      }
      assert.equal(picture(family, name, 7, 0), picture(family, name, 7, 0));
      assert.notEqual(picture(family, name, 7, 0), picture(family, name, 8, 0));
    }
  }
});

test("four classes of shapes, 100 pictures each, are told by the default command", {
  timeout: 600_000,
  skip: process.env.NEOCOG_BARE !== undefined && "a minute of training, which the tests do where nothing is hidden",
}, async () => {
  const folder = join(place, "shapes");
  await drawFolder(folder, families.find(({ name }) => name === "forms")!, 100, 0);
  const program = resolve(fileURLToPath(import.meta.url), "../../../cli/main.js");
  const words = ["train", folder, "--out", join(place, "model"), "--json"];
  const text = execFileSync(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  const { test: scored } = JSON.parse(String(text)) as { test: { accuracy: number } };
  assert.ok(scored.accuracy >= 0.95, `${scored.accuracy}`);
});
