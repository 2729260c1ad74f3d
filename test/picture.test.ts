// Pictures in a page and in Node: the same files become the same pixels, up to what the decoders differ in; and a model takes
// a file that a person chose.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import { openImage } from "../src/doors/neocog.ts";
import { browserMissing, launch, open, serve } from "./browser.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const missing = await browserMissing();
const skip = missing ?? false;
const browser = missing === undefined ? await launch() : undefined;
after(() => browser?.close());

const [width, height] = [37, 22];
const raw = (channels: 3 | 4) => {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (37 * i + ((i * i) % 251)) % 256);
  return sharp(data, { raw: { width, height, channels } });
};
/** Files, and by how many levels of 255 a pixel may differ, as measured in Chromium. */
const files: readonly (readonly [name: string, picture: Sharp, levels: number])[] = [
  ["colour.png", raw(3).png(), 0],
  ["gray.png", raw(3).toColourspace("b-w").png(), 0],
  ["palette.png", raw(3).png({ palette: true, colours: 16 }), 0],
  ["alpha.png", raw(4).png(), 1],
  ["plain.jpg", raw(3).jpeg(), 2],
  ["turned.jpg", raw(3).withMetadata({ orientation: 6 }).jpeg(), 2],
  ["lossless.webp", raw(3).webp({ lossless: true }), 0],
  ["colour.avif", raw(3).avif({ quality: 90, chromaSubsampling: "4:4:4" }), 3],
  ["colour.gif", raw(3).gif(), 0],
  ["deep.png", raw(3).toColourspace("rgb16").png(), 1],
  ["inks.jpg", raw(3).toColourspace("cmyk").jpeg({ chromaSubsampling: "4:4:4" }), 3],
];
const forms = [
  { channels: 3, height: 12, width: 16 },
  { channels: 1, height: 9, width: 9, resize: "squash", crop: 0.8 },
  { channels: 3, height: 40, width: 60 },
] as const;

test("a picture gives a page the pixels that it gives Node", { skip }, async () => {
  const site = await serve(root, { isolated: false });
  try {
    const { page, complaints } = await open(browser!, site);
    for (const [name, picture, levels] of files) {
      const bytes = await picture.toBuffer();
      const text = `(async () => {
        const { openImage } = await import("neocog");
        const bytes = Uint8Array.from(atob("${bytes.toString("base64")}"), (letter) => letter.charCodeAt(0));
        const found = [];
        for (const form of ${JSON.stringify(forms)}) {
          const pixels = [await openImage(bytes, form), await openImage(new File([bytes], "${name}"), form)];
          pixels.push(await openImage(await createImageBitmap(new Blob([bytes])), form));
          found.push(pixels.map(({ data }) => Array.from(data)));
        }
        return found;
      })()`;
      const found = (await page.evaluate(text)) as number[][][];
      for (const [i, form] of forms.entries()) {
        const { data } = await openImage(new Uint8Array(bytes), form);
        for (const given of found[i]) {
          assert.equal(given.length, data.length);
          const most = Math.max(...given.map((value, k) => Math.abs(value - data[k])));
          assert.ok(most <= levels, `${name} to ${form.height} x ${form.width}: ${most} levels apart`);
        }
      }
    }
    assert.deepEqual(complaints, []);
  } finally {
    await site.close();
  }
});

test("a person chooses a file, and the page names what is in it", { skip }, async () => {
  const site = await serve(root, { isolated: false });
  try {
    const { page, complaints } = await open(browser!, site);
    await page.setContent(`<input type="file"><pre></pre>`);
    await page.evaluate(`(async () => {
      const { Flatten, fit, Linear, openData, predict, Sequential } = await import("neocog");
      let trained;
      for await (const event of fit(Sequential([Flatten(), Linear(10)]), await openData("digits"), { epochs: 1 }))
        if (event.kind === "finished") trained = event.trained;
      document.querySelector("input").addEventListener("change", async ({ target }) => {
        const { classes } = await predict(trained, target.files[0], { top: 3 });
        document.querySelector("pre").textContent = classes.map(({ name, probability }) => name + " " + probability).join("\\n");
      });
    })()`);
    const buffer = await raw(3).png().toBuffer();
    await page.setInputFiles("input", { name: "photo.png", mimeType: "image/png", buffer });
    await page.waitForFunction(`document.querySelector("pre").textContent !== ""`);
    const lines = (await page.textContent("pre"))!.split("\n");
    assert.equal(lines.length, 3);
    for (const line of lines) assert.match(line, /^\d 0?\.\d|^\d [\d.e-]+$/);
    assert.deepEqual(complaints, []);
  } finally {
    await site.close();
  }
});
