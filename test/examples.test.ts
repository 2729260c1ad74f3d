// Every example runs to its end; what it prints at last is what its first lines promise. Those for a page run in Chromium, bundled.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browserMissing, launch, open, serve } from "./browser.ts";

// dist/test/examples.test.js
const root = fileURLToPath(new URL("../../", import.meta.url));
const bundler = join(root, "node_modules/.bin/esbuild");
const place = mkdtempSync(join(tmpdir(), "neocog-examples-"));
after(() => rmSync(place, { recursive: true }));

const least = (percent: number) => (text: string) => Number(text) >= percent;

interface Ending {
  /** Matches the last line. */
  readonly last: RegExp;
  /** What the numbers in it must be. */
  readonly numbers: (...found: string[]) => boolean;
  /** What else a bundler must make a file of; of an example that runs in a page. */
  readonly entries?: readonly string[];
}

const endings: Readonly<Record<string, Ending>> = {
  "first-network": { last: /^test accuracy ([\d.]+) %$/, numbers: least(95) },
  "own-layer": { last: /^test accuracy ([\d.]+) %$/, numbers: least(93) },
  "fine-tune": {
    last: /^from nothing ([\d.]+) %, fine-tuned ([\d.]+) %$/,
    numbers: (fresh, tuned) => Number(tuned) > Number(fresh) && Number(tuned) >= 88,
  },
  tags: { last: /^F1 ([\d.]+), every tag right in ([\d.]+) % of pictures$/, numbers: (f1) => Number(f1) >= 0.95 },
  numbers: {
    last: /^mean error ([\d.]+) µm, mean distance ([\d.]+) µm$/,
    numbers: (error, distance) => Number(error) < 4 && Number(distance) < 9,
  },
  segmentation: {
    last: /^mean IoU ([\d.]+), ([\d.]+) % of pixels$/,
    numbers: (overlap, right) => Number(overlap) >= 0.9 && Number(right) >= 98,
  },
  denoise: {
    last: /^noisy ([\d.]+) dB, cleaned ([\d.]+) dB$/,
    numbers: (noisy, cleaned) => Number(cleaned) >= Number(noisy) + 3,
  },
  enlarge: {
    last: /^bilinear ([\d.]+) dB, enlarged ([\d.]+) dB$/,
    numbers: (plain, learnt) => Number(learnt) >= Number(plain) + 2,
  },
  autoencoder: {
    last: /^the mean picture ([\d.]+) dB, through 8 numbers ([\d.]+) dB$/,
    numbers: (mean, coded) => Number(coded) >= Number(mean) + 3,
  },
  onnx: { last: /^test accuracy ([\d.]+) %$/, numbers: least(94) },
  lab: { last: /^kernel-learning: rate must be a number from [\d.]+ to ([\d.]+), not 0\.3\.$/, numbers: () => true },
  "custom-loop": { last: /^test accuracy ([\d.]+) %$/, numbers: least(90) },
  explain: { last: /^likeness .* ([-\d.]+)$/, numbers: (likeness) => Math.abs(Number(likeness)) < 0.9 },
  page: { last: /^(\d+) of 10 right$/, numbers: least(8), entries: [] },
  "worker-page": {
    last: /^test accuracy ([\d.]+) %, (\d+) numbers learned, (\d+) frames shown meanwhile$/,
    numbers: (accuracy, count, frames) => Number(accuracy) >= 90 && Number(count) === 2730 && Number(frames) > 3,
    entries: ["worker"],
  },
};

const sources = join(root, "examples");
const names = readdirSync(sources)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(/\.ts$/, ""));
const text = (name: string): string => readFileSync(join(sources, `${name}.ts`), "utf8");
const withPages = Object.values(endings).flatMap(({ entries = [] }) => entries);

test("every example ends as is told here, is short, and imports as a user does", () => {
  assert.deepEqual([...names].sort(), [...Object.keys(endings), ...withPages].sort());
  for (const name of names) {
    const lines = text(name).trimEnd().split("\n");
    assert.ok(lines.length <= 55 && lines.length >= 12, `${name} has ${lines.length} lines`);
    assert.match(lines[0], /^\/\/ /, `${name} says what it is`);
    const from = [...text(name).matchAll(/from "([^"]+)"/g)].map(([, module]) => module);
    assert.deepEqual(
      from.filter((module) => !/^(neocog|node:)/.test(module)),
      [],
      name,
    );
  }
});

function check(name: string, line: string): void {
  const { last, numbers } = endings[name];
  const found = last.exec(line);
  assert.ok(found, `${name} ended with: ${line}`);
  assert.ok(numbers(...found.slice(1)), line);
}

const missing =
  (await browserMissing()) ?? (existsSync(bundler) ? undefined : "The package esbuild is not installed: npm ci.");

for (const [name, { last, entries }] of Object.entries(endings)) {
  if (entries === undefined) {
    test(`example ${name}`, () => {
      const script = join(root, "dist/examples", `${name}.js`);
      const printed = execFileSync(process.execPath, [script], { encoding: "utf8", timeout: 120_000 });
      check(name, printed.trimEnd().split("\n").at(-1)!);
    });
    continue;
  }
  test(`example ${name}, in Chromium`, { skip: missing ?? false }, async () => {
    const files = [name, ...entries].map((one) => join(sources, `${one}.ts`));
    execFileSync(bundler, [...files, "--bundle", "--format=esm", `--outdir=${place}`], {
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [browser, site] = [await launch(), await serve(root, { isolated: false, folders: { "/examples/": place } })];
    try {
      const { page, complaints } = await open(browser, site);
      await page.addScriptTag({ type: "module", url: `/examples/${name}.js` });
      const status = page.locator("p");
      const end = await status.filter({ hasText: last }).textContent({ timeout: 60_000 });
      assert.deepEqual(complaints, []);
      check(name, end!);
    } finally {
      await browser.close();
      await site.close();
    }
  });
}
