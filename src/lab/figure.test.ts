// Figures that say something: round ticks, axes on bars, colours where there are colours, words that stay inside.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { drawn, pictureOf } from "./datasets.ts";
import { figure } from "./figure.ts";
import { exhibits } from "./list.ts";
import { bars, curve, pictures } from "./parts.ts";
import { type Lab, openLab } from "./run.ts";
import { axisOf, logarithmicAxisOf } from "./ticks.ts";

let lab: Lab;
before(async () => {
  lab = await openLab();
});
after(() => lab.close());

test("ticks stand at steps of 1, 2 or 5, and hold every value", () => {
  assert.deepEqual(axisOf([0.0869, 0.996]).labels, ["0.0", "0.5", "1.0"]);
  assert.deepEqual(axisOf([1, 8], 9).ticks, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(axisOf([7.3, 161]).labels, ["0", "50", "100", "150", "200"]);
  assert.deepEqual(axisOf([-3, 12]).labels, ["−5", "0", "5", "10", "15"]);
  assert.deepEqual(axisOf([4]).ticks, [0, 1, 2, 3, 4]);
  const random = new Random(1, "axes");
  for (let i = 0; i < 500; i++) {
    const size = 10 ** (12 * random.uniform() - 6);
    const values = [0, 1, 2].map(() => size * random.normal());
    const { ticks } = axisOf(values);
    const step = ticks[1] - ticks[0];
    const lead = step / 10 ** Math.floor(Math.log10(step) + 1e-6);
    assert.ok(
      [1, 2, 5].some((nice) => Math.abs(lead - nice) < 1e-6),
      `${values}: step ${step}`,
    );
    assert.ok(ticks.length >= 2 && ticks.length <= 8, String(ticks));
    assert.ok(ticks[0] <= Math.min(...values) + 1e-9 * size && ticks.at(-1)! >= Math.max(...values) - 1e-9 * size);
  }
});

test("a logarithmic axis has powers of ten", () => {
  assert.deepEqual(logarithmicAxisOf([203_264, 9_408_000_000]).labels, ["100,000", "10⁶", "10⁷", "10⁸", "10⁹", "10¹⁰"]);
  assert.deepEqual(logarithmicAxisOf([0.00018, 8.9]).labels, ["10⁻⁴", "0.001", "0.01", "0.1", "1", "10"]);
  const { ticks } = logarithmicAxisOf([1e-30, 1e30]);
  assert.ok(ticks.length <= 7 && ticks[0] <= 1e-30 && ticks.at(-1)! >= 1e30);
  assert.deepEqual(logarithmicAxisOf([10]).ticks, [10, 100]);
});

test("bars stand on an axis, from 0 unless it is logarithmic", () => {
  const labels = (svg: string): string[] => [...svg.matchAll(/font-size="11">([^<]*)</g)].map(([, words]) => words);
  assert.deepEqual(labels(figure([bars("GB", { one: 4, two: 48 })])!), ["0", "10", "20", "30", "40", "50"]);
  const all = labels(figure([bars("weights", { one: 9, two: 4096 }, { logarithmic: true })])!);
  assert.deepEqual(all, ["1", "10", "100", "1,000", "10,000"]);
});

test("coloured pictures are in colours, gray ones in shades with their scale", () => {
  const data = drawn({ name: "dots", count: 1, channels: 3, size: 2, classes: ["a", "b"], seed: 0 }, (pixel) => {
    pixel(0, 0, 0, 1);
    pixel(1, 1, 1, 1);
    return 0;
  });
  const svg = figure([pictures({ dots: pictureOf(data, 0) })])!;
  for (const ink of ["#ff0000", "#00ff00", "#000000"]) assert.ok(svg.includes(ink), ink);
  const shades = figure([pictures({ map: ndarray([1, 3], [-1, 0, 2.5]) })])!;
  assert.match(shades, />−2\.5</);
  assert.match(shades, />2\.5</);
});

test("long names of curves go to a second line, and no words leave any figure", async () => {
  const long = Object.fromEntries(
    Array.from({ length: 5 }, (_, i) => [
      `a curve with a long name, number ${i}`,
      [[0, i] as const, [1, 2 * i] as const],
    ]),
  );
  const figures = [figure([curve("x", "y", long)])!];
  for (const { id, trained } of exhibits) {
    if (trained) continue;
    const svg = figure((await lab.run(id)).parts);
    if (svg) figures.push(svg);
  }
  assert.ok(figures.length > 25);
  for (const svg of figures) {
    for (const [, x, more, words] of svg.matchAll(/<text x="([-\d.]+)"([^>]*)>([^<]*)</g)) {
      const wide = 5.2 * words.length;
      const anchor = /text-anchor="(\w+)"/.exec(more)?.[1];
      const right = Number(x) + (anchor === "middle" ? wide / 2 : anchor === "end" ? 0 : wide);
      assert.ok(right < 704, `${words} ends at ${right}`);
    }
  }
});

test("the padding modes show what stands outside: no two panels are alike", async () => {
  const { parts } = await lab.run("padding-modes");
  const shown = parts.flatMap((part) => (part.kind === "pictures" ? part.items : []));
  assert.equal(new Set(shown.map(({ array }) => array.data.join(" "))).size, shown.length);
  assert.ok(shown.length >= 7);
});
