import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ndarray } from "../../base/array.ts";
import type { PictureSet } from "../images.ts";
import { encodePng } from "../png.ts";
import { type DataOptions, openData, openTestData } from "../source.ts";
import { readCsv } from "./rows.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-table-"));
after(() => rmSync(root, { recursive: true }));
const put = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(root, name), `${lines.join("\n")}\n`);
  return join(root, name);
};

/** Picture i is all of brightness 10 i, so that a label can be held against what its picture shows. */
before(async () => {
  mkdirSync(join(root, "in, side"));
  for (let i = 0; i < 12; i++) {
    const png = await encodePng(ndarray([2, 2], new Uint8Array(4).fill(10 * i), "uint8"));
    writeFileSync(join(root, i < 6 ? `${i}.png` : `in, side/${i}.png`), png);
  }
});
const places = Array.from({ length: 12 }, (_, i) => i);
const fileOf = (i: number): string => (i < 6 ? `${i}.png` : `in, side/${i}.png`);
const quoted = (i: number): string => (i < 6 ? `${i}.png` : `"in, side/${i}.png"`);

/** Every picture of all parts by its brightness, with its row of labels. */
async function rowsOf(path: string, options: DataOptions & { labelKind?: "tags" | "numbers" } = {}) {
  const { train, validation, test: held } = await openData(path, options as { labelKind: "tags" });
  const found = new Map<number, number[]>();
  for (const set of [train, validation, held] as readonly (PictureSet | undefined)[]) {
    if (!set) continue;
    assert.ok("data" in set.images);
    for (let i = 0; i < set.images.shape[0]; i++) {
      const { labels, images } = set;
      const width = set.classes.length;
      const row = "kind" in labels ? [...labels.values.data.slice(i * width, (i + 1) * width)] : [labels[i]];
      found.set(images.data[4 * i] / 10, row);
    }
  }
  return { classes: train.classes, rows: places.map((i) => found.get(i)) };
}

test("a class a picture: CSV with commas, semicolons or tabs, with names on top or without, and JSON lines", async () => {
  const names = ["odd", "even"];
  const wanted = { classes: ["even", "odd"], rows: places.map((i) => [i % 2]) };
  const label = (i: number): string => names[1 - (i % 2)];
  for (const [name, lines] of [
    ["a.csv", ["path,label", ...places.map((i) => `${quoted(i)},${label(i)}`)]],
    ["b.csv", places.map((i) => `${quoted(i)},${label(i)}`)],
    ["c.csv", ["label;file", ...places.map((i) => `"${label(i)}";${fileOf(i)}\r`)]],
    ["d.tsv", ["\uFEFFimage\tclass", ...places.map((i) => `./${fileOf(i)}\t${label(i)}`), ""]],
    ["e.jsonl", places.map((i) => JSON.stringify({ path: fileOf(i), label: label(i) }))],
    ["f.ndjson", ["", ...places.map((i) => JSON.stringify({ label: label(i), image: join(root, fileOf(i)) }))]],
  ] as const)
    assert.deepEqual(await rowsOf(put(name, lines)), wanted, name);
  const numbered = put("g.csv", ["path,label", ...places.map((i) => `${quoted(i)},${i % 3 === 0 ? 10 : 9}`)]);
  assert.deepEqual((await rowsOf(numbered)).classes, ["9", "10"], "numbers in the order of their size");
});

test("tags in one column or in one each, and numbers, when they are asked for", async () => {
  const tags = (i: number): string[] => [...(i % 2 === 0 ? ["even"] : []), ...(i > 6 ? ["large"] : [])];
  const wanted = { classes: ["even", "large"], rows: places.map((i) => [Number(i % 2 === 0), Number(i > 6)]) };
  const joined = put("tags.csv", ["path,labels", ...places.map((i) => `${quoted(i)},${tags(i).join("|")}`)]);
  const each = put("each.csv", [
    "path,even,large",
    ...places.map((i) => `${quoted(i)},${Number(i % 2 === 0)},${Number(i > 6)}`),
  ]);
  const lists = put(
    "tags.jsonl",
    places.map((i) => JSON.stringify({ path: fileOf(i), labels: tags(i) })),
  );
  for (const path of [joined, each, lists]) {
    assert.deepEqual(await rowsOf(path, { labelKind: "tags" }), wanted);
    await assert.rejects(openData(path), {
      name: "DataError",
      message: `${path} gives its pictures tags (even, large), not one class each; say labelKind: "tags" if that is meant, or labelKind: "class".`,
    });
  }
  const numbers = places.map((i) => [i / 2, 1.25 - i * 1.25]);
  const columns = put("numbers.csv", [
    "age,path,height",
    ...places.map((i) => `${i / 2},${quoted(i)},${1.25 - i * 1.25}`),
  ]);
  assert.deepEqual(await rowsOf(columns, { labelKind: "numbers" }), { classes: ["age", "height"], rows: numbers });
  const rows = put(
    "numbers.jsonl",
    places.map((i) => JSON.stringify({ path: fileOf(i), numbers: [i / 2, 1.25 - i * 1.25] })),
  );
  assert.deepEqual(await rowsOf(rows, { labelKind: "numbers" }), {
    classes: ["numbers 1", "numbers 2"],
    rows: numbers,
  });
});

test("a column says which part a picture is of; a model is tried on the test part, its classes matched by name", async () => {
  const part = (i: number): string => ["train", "val", "test"][Math.floor(i / 4)];
  const path = put("parts.csv", [
    "path,split,label",
    ...places.map((i) => `${quoted(i)},${part(i)},${i % 2 ? "b" : "a"}`),
  ]);
  const { train, validation, test: held } = await openData(path);
  assert.deepEqual(
    [train, validation, held].map((set) => [...(set!.images.data.filter((_, at) => at % 4 === 0) as Uint8Array)]),
    [0, 4, 8].map((first) => [0, 1, 2, 3].map((i) => 10 * (first + i))),
  );
  const model = { classes: ["b", "c", "a"], preprocessing: { channels: 1, height: 2, width: 2 } };
  const { data, split } = await openTestData(path, model);
  assert.deepEqual([split, [...data.labels], data.classes], ["test", [2, 0, 2, 0], model.classes]);
  await assert.rejects(openTestData(path, { ...model, classes: ["a", "c"] }), {
    message: `${path}, line 3, gives the class b, which the model does not know.`,
  });
});

test("what a table may not tell is refused with its line", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [
      ["path,label", "../x.png,a"],
      `FILE, line 2, names ../x.png, which does not lie inside ${root}; a table's pictures lie in its folder.`,
    ],
    [
      ["path,label", "/etc/x.png,a"],
      `FILE, line 2, names /etc/x.png, which does not lie inside ${root}; a table's pictures lie in its folder.`,
    ],
    [["path,label", "0.png,a", ",b"], "FILE, line 3, names no picture."],
    [["path,label", "0.png,a", "1.png,"], "FILE, line 3, gives its picture no label."],
    [["path,label", "0.png,a", "1.png"], "FILE, line 3, has 1 cells, but there are 2 columns (path, label)."],
    [
      ["path,label", "0.png,a", "0.png,b"],
      `FILE, line 3, tells of ${join(root, "0.png")} otherwise than FILE, line 2; keep one of the two.`,
    ],
    [["path,label", "0.png,a", "1.png,a"], "FILE has only one class (a); it needs at least two."],
    [["path,label", '0.png,"a'], "FILE, line 2, opens a quote that is never closed."],
    [["path,label,label", "0.png,a,b"], 'FILE has two columns with the name "label".'],
    [["path,label"], "FILE has no rows."],
    [[""], "FILE has no rows."],
    [["path", "0.png"], "FILE tells paths only; it needs a column of labels too."],
    [["path,split,label", "0.png,tset,a"], 'FILE, line 2, is of the part "tset"; there are train, val and test.'],
    [
      ["path,split,label", "0.png,train,a", "1.png,,b"],
      "FILE, line 3, does not say which part it is of; others say train, val or test.",
    ],
  ];
  for (const [i, [lines, message]] of cases.entries()) {
    const path = put(`bad-${i}.csv`, lines);
    await assert.rejects(openData(path), { name: "DataError", message: message.replaceAll("FILE", path) });
  }
  const torn = put("torn.jsonl", ['{"path": "0.png", "label": "a"}', '{"path": "1.png"']);
  await assert.rejects(openData(torn), new RegExp(`^DataError: ${torn}, line 2, is not JSON: `));
  const words = put("words.csv", ["path,age", "0.png,1.5", "1.png,old"]);
  await assert.rejects(openData(words, { labelKind: "numbers" }), {
    message: `${words}, line 3, gives its picture the age "old", which is no number.`,
  });
});

test("rows that stand there twice, and files that are gone, are left out and listed", async () => {
  const lines = ["path,label", ...places.map((i) => `${quoted(i)},${i % 2}`), "0.png,0", "notes.txt,1", "gone.png,1"];
  const path = put("twice.csv", lines);
  const { train, validation, test: held, skipped } = await openData(path, { mostBroken: 0.1 });
  assert.equal(
    [train, validation, held].reduce((sum, set) => sum + (set?.labels.length ?? 0), 0),
    12,
  );
  assert.deepEqual(
    skipped.map(({ file, reason }) => [file, reason]),
    [
      [join(root, "0.png"), `it stands in ${path}, line 2 already`],
      [join(root, "notes.txt"), "its name is not a picture's"],
      [join(root, "gone.png"), `${join(root, "gone.png")} cannot be read: there is no such file or folder.`],
    ],
  );
});

test("quotes hold commas, doubled quotes and line ends; lines are counted through them", () => {
  const rows = readCsv('path,label\r\n"a ""b"", c.png","two\nlines"\n\nd.png,\n', "made");
  assert.deepEqual(rows, [
    { line: 2, cells: { path: 'a "b", c.png', label: "two\nlines" } },
    { line: 5, cells: { path: "d.png", label: "" } },
  ]);
});
