// What the documentation's site is made of: every exported name stands on a page of the API with its doc comment and options, links
// between sources lead to pages, and a dead link, anchor or picture of a built site is found.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { everything as door } from "./doors.ts";

interface Entry {
  readonly name: string;
  readonly kind: string;
  readonly documented: boolean;
  readonly markdown: string;
}

// dist/test/docs.test.js
const script = (name: string): Promise<unknown> =>
  import(new URL(`../../scripts/docs/${name}.mjs`, import.meta.url).href);
const { api } = (await script("api")) as {
  api(): readonly { readonly slug: string; readonly entries: readonly Entry[] }[];
};
const { deadLinks } = (await script("links")) as { deadLinks(folder: string): string[] };
const { sitePages, linksOf, joinSpans } = (await script("pages")) as {
  joinSpans(markdown: string): string;
  sitePages(): { readonly texts: ReadonlyMap<string, string> };
  linksOf(markdown: string): Iterable<{ readonly target: string }>;
};
const groups = api();
const entries = groups.flatMap((group) => group.entries);
const entryOf = (name: string): Entry => entries.find((one) => one.name === name)!;

test("every name of the doors stands on one page of the API, with a doc comment", () => {
  const values = Object.keys(door).flatMap((name) =>
    name === "init" ? Object.keys(door.init).map((inner) => `init.${inner}`) : [name],
  );
  const told = entries.filter(({ kind }) => ["function", "value", "class"].includes(kind)).map(({ name }) => name);
  assert.deepEqual(told.toSorted(), values.toSorted());
  assert.equal(new Set(groups.map(({ slug }) => slug)).size, groups.length);
  assert.deepEqual(
    entries.filter(({ documented }) => !documented).map(({ name }) => name),
    [],
    "say what it is in a doc comment",
  );
});

test("a page tells a layer by its call and its options, inherited ones among them", () => {
  const { markdown } = entryOf("Conv1d");
  assert.match(markdown, /^Conv1d\(outChannels: number, kernelSize: PerAxis, options\?: ConvolutionOptions\): Layer$/m);
  for (const option of ["stride", "padding", "groups", "paddingMode", "init"])
    assert.match(markdown, new RegExp(`^- \`${option}\\?: .+\` — .+`, "m"));
  assert.doesNotMatch(markdown, /bias\?: Tensor/, "Omit leaves it out");
  assert.match(entryOf("Dropout").markdown, /^Dropout\(options\?: DropoutOptions\): Layer$/m);
  assert.match(entryOf("fit").markdown, /Options: \[`FitOptions`\]\(\/api\/[\w/-]+#FitOptions\)/);
  assert.match(entryOf("Augmentation").markdown, /`degrees: number` — /);
  assert.match(entryOf("FitOptions").markdown, /- `epochs\?: number` — 10 unless told\./);
});

test("every page's links lead to pages, and code holds none", () => {
  const { texts } = sitePages();
  assert.ok(texts.size > 60);
  assert.match(texts.get("start.md")!, /\]\(\.\/guides\/browser\.md\)/);
  assert.match(texts.get("guides/browser.md")!, /\]\(\.\/model-folder\.md\)/);
  assert.match(texts.get("tour.md")!, /\]\(\.\/examples\.md#worker\)/);
  const targets = [...linksOf("[a](b.md) [c](https://d) `x`\n```sh\n[e](f.md)\n```\n![g](h.svg) [i](j.md#k)")];
  assert.deepEqual(
    targets.map(({ target }) => target),
    ["b.md", "h.svg", "j.md"],
  );
});

test("code between back-ticks is brought to one line, and nothing else is", () => {
  const page = "a `neocog x\n<model>` b\n\n- `c` d\n- `e` f `g\n  h`\n\n```sh\n`i\nj`\n```\n";
  assert.equal(joinSpans(page), "a `neocog x <model>` b\n\n- `c` d\n- `e` f `g h`\n\n```sh\n`i\nj`\n```\n");
});

test("a link, an anchor and a picture that lead nowhere are found in a built site", () => {
  const site = mkdtempSync(join(tmpdir(), "neocog-site-"));
  try {
    mkdirSync(join(site, "api"));
    writeFileSync(join(site, "index.html"), '<a href="/api/models.html#fit">a</a><a href="https://elsewhere/">b</a>');
    writeFileSync(join(site, "api/models.html"), '<h2 id="fit"></h2><a class="x" href="../">c</a><a href="#fit">d</a>');
    assert.deepEqual(deadLinks(site), []);
    const bad = '<a href="/none.html">a</a><a href="/api/models.html#fitt">b</a><img alt="" src="../c.svg">';
    writeFileSync(join(site, "api/bad.html"), bad);
    assert.deepEqual(deadLinks(site), [
      "api/bad.html: /none.html leads nowhere.",
      "api/bad.html: /api/models.html#fitt names a place that api/models.html does not have.",
      "api/bad.html: ../c.svg leads nowhere.",
    ]);
  } finally {
    rmSync(site, { recursive: true });
  }
});
