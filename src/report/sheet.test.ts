import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { inspectData } from "../data/inspect.ts";
import { checkPage } from "./page.ts";
import { contactSheet } from "./sheet.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-sheet-"));
after(() => rmSync(root, { recursive: true }));
const evil = "<script>alert(1)\u202e";

before(async () => {
  for (const name of ["cat", `owl${evil}`]) {
    mkdirSync(join(root, "photos", name), { recursive: true });
    for (let i = 0; i < 8; i++) {
      const data = Uint8Array.from({ length: 3 * 60 * 80 }, (_, at) => (at * (i + name.length)) % 256);
      const bytes = await sharp(data, { raw: { width: 80, height: 60, channels: 3 } })
        .png()
        .toBuffer();
      writeFileSync(join(root, "photos", name, `${i}.png`), bytes);
    }
  }
  copyFileSync(join(root, "photos", "cat", "0.png"), join(root, "photos", `owl${evil}`, "copy.png"));
  writeFileSync(join(root, "photos", "cat", "torn<img src=x onerror=alert(1)>.png"), "no picture");
});

test("a contact sheet shows names as text, has all in itself, and stays small", async () => {
  const page = await contactSheet(await inspectData(join(root, "photos"), { workers: 0 }));
  assert.doesNotMatch(page, /<script|<img src=x|\u202e/);
  assert.ok(page.includes("owl&lt;script&gt;alert(1)\\u202e"));
  assert.ok(page.includes("torn&lt;img src=x onerror=alert(1)&gt;.png"));
  assert.doesNotMatch(page, /(src|href)="(?!data:image\/(png|jpeg);base64,|#)/);
  assert.doesNotMatch(page, /@import|url\(/);
  assert.equal(page.match(/<img /g)?.length, 17 + 2, "17 pictures of classes, 2 copies");
  assert.ok(page.length < 2 ** 21, String(page.length));
  assert.ok(page.includes("<b>Copies across classes.</b>"));
});

test("data of a thousand classes has a page below 2 MB", async () => {
  const found = await inspectData("digits");
  const classes = Array.from({ length: 1000 }, (_, i) => `a class with a rather long name, number ${i}`);
  const parts = found.parts.map((part) => ({ ...part, counts: classes.map((_, i) => i) }));
  const page = await contactSheet({ ...found, classes, parts });
  assert.ok(page.length > 100_000 && page.length < 2 ** 21, String(page.length));
});

test("nobody's file is replaced by a page, a page is", async () => {
  const [own, other] = [join(root, "own.html"), join(root, "other.html")];
  await checkPage(own);
  writeFileSync(own, await contactSheet(await inspectData("digits")));
  await checkPage(own);
  writeFileSync(other, "<html>mine</html>");
  await assert.rejects(checkPage(other), /other\.html is no page that Neocog wrote and is not replaced/);
  await assert.rejects(checkPage(root), /is no page that Neocog wrote/);
  assert.equal(readFileSync(other, "utf8"), "<html>mine</html>");
});
