// Known numbers as the exhibits find them, to the digits given.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { NdArray } from "../base/array.ts";
import { toNested } from "../base/array.ts";
import type { Cell } from "./parts.ts";
import { type GivenValues, type Lab, openLab } from "./run.ts";
import { near, numbersOf, tablesOf } from "./testing.ts";

let lab: Lab;
before(async () => {
  lab = await openLab();
});
after(async () => {
  await lab.close();
});

const tableOf = tablesOf(() => lab);
const numberOf = numbersOf(() => lab);

/** The pictures of an exhibit by their titles. */
async function picturesOf(id: string, given: GivenValues = {}): Promise<Record<string, NdArray>> {
  const { parts } = await lab.run(id, given);
  return Object.fromEntries(
    parts.flatMap((part) => (part.kind === "pictures" ? part.items.map(({ title, array }) => [title, array]) : [])),
  );
}

const nearAll = (found: NdArray, wanted: readonly (readonly number[])[], digits: number): void => {
  assert.deepEqual(found.shape, [wanted.length, wanted[0].length]);
  wanted.flat().forEach((value, i) => {
    near(found.data[i], value, digits);
  });
};

test("a dense layer on a megapixel", async () => {
  assert.deepEqual(await tableOf("dense-parameters"), [
    ["1 x 1000 x 1000", 1e9, 1_000_001_000, 4, 16],
    ["3 x 1000 x 1000", 3e9, 3_000_001_000, 12, 48],
  ]);
});

test("a convolution on it", async () => {
  const rows = await tableOf("conv-parameters");
  assert.deepEqual(
    rows.map((row) => row[2]),
    [9472, 640, 1792, 28_000],
  );
  near(await numberOf("conv-parameters", "times as many"), 316_723, 0);
});

test("parameters and work", async () => {
  const rows = await tableOf("fewer-parameters-more-work");
  assert.deepEqual(
    rows.map((row) => [row[1], row[2]]),
    [
      [9472, 9_408_000_000],
      [3_000_001_000, 3_000_000_000],
      [61_706, 416_520],
      [203_530, 203_264],
    ],
  );
});

test("4,096, 225, 9 weights", async () => {
  assert.deepEqual(
    (await tableOf("dense-to-conv")).map((row) => row[1]),
    [4096, 225, 9],
  );
});

test("side, units, links", async () => {
  assert.deepEqual(await tableOf("radius-and-side"), [
    [0, 1],
    [1, 3],
    [2, 5],
    [3, 7],
  ]);
  assert.equal(await numberOf("channel-and-unit", "units of the layer"), 4704);
  const [tied, untied] = await tableOf("sharing-and-locality");
  assert.deepEqual(
    [tied.slice(1, 4), untied.slice(1, 4)],
    [
      [27, 9720, 270],
      [27, 9720, 9720],
    ],
  );
  assert.deepEqual(
    (await tableOf("sharing-and-locality", 1)).map((row) => row[2]),
    [576, 144],
  );
});

test("correlation and convolution", async () => {
  const { correlation, convolution } = await picturesOf("correlation-or-convolution");
  assert.deepEqual(toNested(correlation), [
    [19, 25],
    [37, 43],
  ]);
  assert.deepEqual(toNested(convolution), [
    [5, 11],
    [23, 29],
  ]);
});

test("receptive fields of networks", async () => {
  const rows = new Map((await tableOf("receptive-field-networks")).map(([name, ...row]) => [name, row]));
  const field = (name: string) => {
    const [, map, size, step, padding, , , centre] = rows.get(name)!;
    return [size, step, padding, centre, map];
  };
  assert.deepEqual(field("lenet"), [16, 4, 2, 5.5, 5]);
  assert.deepEqual(field("alexnet"), [195, 32, 66, 31, 6]);
  assert.deepEqual(field("vgg11"), [150, 32, 59, 15.5, 7]);
  assert.deepEqual(field("vgg16"), [212, 32, 90, 15.5, 7]);
  assert.deepEqual(field("googlenet-book").slice(0, 4), [715, 32, 357, 0]);
  assert.deepEqual(field("resnet18"), [435, 32, 217, 0, 7]);
  assert.deepEqual(field("resnet50"), [427, 32, 213, 0, 7]);
  assert.deepEqual(field("resnet50-paper"), [483, 32, 241, 0, 7]);
  assert.equal(rows.get("resnet50-paper")![6], 239);
});

for (const network of ["lenet", "alexnet-book", "nin", "googlenet-book", "resnet18-book", "densenet-book"]) {
  test(`11: ${network}: what is measured is what was computed`, async () => {
    const { checks, verdict } = await lab.run("receptive-field-measured", { network, layers: 2 });
    assert.deepEqual(
      checks.filter(({ holds }) => !holds),
      [],
    );
    assert.ok(verdict && checks.length >= 4);
  });
}

test("three 3x3, and with dilations", async () => {
  assert.deepEqual(
    (await tableOf("receptive-field", 3)).map((row) => row[1]),
    [7, 15],
  );
});

test("the effective receptive field", async () => {
  const rows = await tableOf("effective-receptive-field");
  [1.8257, 2.582, 3.6515, 5.164, 7.303].forEach((wanted, i) => {
    near(rows[i][2], wanted, 4);
  });
  assert.deepEqual(
    rows.map((row) => [row[0], row[1], row[4]]),
    [
      [5, 11, 69],
      [10, 21, 137],
      [20, 41, 261],
      [40, 81, 517],
      [80, 161, 1041],
    ],
  );
});

test("28 cells, k 5, p 2 in both readings", async () => {
  assert.deepEqual(
    (await tableOf("output-size")).map((row) => row[2]),
    [28, 26],
  );
});

test("224, k 11, s 4", async () => {
  const rows = await tableOf("impossible-windows");
  const output = (n: number, p: number): Cell => rows.find((row) => row[0] === n && row[3] === p)![4];
  assert.deepEqual([output(224, 2), output(224, 4), output(227, 0)], [54, 55, 55]);
  const refused = await tableOf("impossible-windows", 1);
  assert.deepEqual(
    refused.map(([n, k, s, p, formula]) => [n, k, p, s, formula]),
    [
      [3, 5, 0, 3, 0],
      [4, 5, 0, 2, 0],
      [2, 5, 0, 4, 0],
      [1, 5, 0, 1, -3],
    ],
  );
});

test("padded and strided", async () => {
  const maps = await picturesOf("padding-and-stride");
  assert.deepEqual(toNested(maps["padding 1"]), [
    [0, 3, 8, 4],
    [9, 19, 25, 10],
    [21, 37, 43, 16],
    [6, 7, 8, 0],
  ]);
  assert.deepEqual(toNested(maps["and stride (3, 2)"]), [
    [0, 8],
    [6, 8],
  ]);
});

test("padding modes at corner, edge and inside", async () => {
  const rows = new Map((await tableOf("padding-modes")).map(([name, ...row]) => [name, row]));
  assert.deepEqual(rows.get("zeros"), [4, 6, 9]);
  for (const mode of ["reflect", "replicate", "circular"]) assert.deepEqual(rows.get(mode), [9, 9, 9]);
  assert.deepEqual(
    (await tableOf("padding-modes", 1)).map((row) => row[2]),
    [9 / 4, 9 / 6],
  );
});

test("how often each pixel is used", async () => {
  assert.equal(await numberOf("pixel-usage", "valid"), "1 / 3 / 9");
  assert.equal(await numberOf("pixel-usage", "same"), "4 / 6 / 9");
  assert.equal(await numberOf("pixel-usage", "full"), "9 / 9 / 9");
});

test("the untouched square, and what a read-out tells", async () => {
  assert.deepEqual(
    (await tableOf("zero-padding-position")).map((row) => row[1]),
    [10, 8, 6, 4],
  );
});

test("channels", async () => {
  const sums = await picturesOf("channel-sum");
  assert.deepEqual(
    ["channel 0", "channel 1", "together"].map((name) => toNested(sums[name])),
    [
      [
        [19, 25],
        [37, 43],
      ],
      [
        [37, 47],
        [67, 77],
      ],
      [
        [56, 72],
        [104, 120],
      ],
    ],
  );
  const solid = await picturesOf("two-or-three-dimensions");
  assert.deepEqual(toNested(solid["3-D, as deep"]), [
    [56, 72],
    [104, 120],
  ]);
  assert.deepEqual(toNested(solid["3-D, depth flipped"]), [
    [52, 68],
    [100, 116],
  ]);
  const axes = await picturesOf("kernel-axes");
  assert.deepEqual(
    ["K", "K + 1", "K + 2"].map((name) => toNested(axes[name])),
    [
      [
        [56, 72],
        [104, 120],
      ],
      [
        [76, 100],
        [148, 172],
      ],
      [
        [96, 128],
        [192, 224],
      ],
    ],
  );
});

test("pooling", async () => {
  const maps = await picturesOf("pooling");
  assert.deepEqual(toNested(maps["max 3"]), [[10]]);
  assert.deepEqual(toNested(maps["max 3, stride 2, padding 1"]), [
    [5, 7],
    [13, 15],
  ]);
  nearAll(
    maps["average, padding counted"],
    [
      [1.1111, 2.6667],
      [5.6667, 10],
    ],
    4,
  );
  nearAll(
    maps["not counted"],
    [
      [2.5, 4],
      [8.5, 10],
    ],
    4,
  );
});

test("work saved by a 1x1", async () => {
  const rows = await tableOf("one-by-one");
  assert.deepEqual([rows[0][1], rows[1][1]], [120_422_400, 12_443_648]);
  near(rows[2][1], 9.68, 2);
});

test("J = 4, and its multiples are exact", async () => {
  const rows = await tableOf("shift-equivariance");
  for (const [shift, , , error] of rows) {
    if (Number(shift) % 4 === 0) assert.equal(error, 0);
    else assert.ok(Number(error) > 0.1);
  }
});

test("pooling by two", async () => {
  assert.deepEqual(await tableOf("aliasing"), [
    ["max pooling 2/2", "0 1 0 1", "1 1 1 1"],
    ["blurred before sub-sampling", "0.5 1 0.5 1", "0.75 0.75 0.75 0.75"],
  ]);
  assert.equal((await tableOf("aliasing", 1))[2][1], "100.0 %");
});

test("edges, and a kernel that finds them", async () => {
  const { edges } = await picturesOf("edge-detection");
  assert.deepEqual(
    toNested(edges),
    Array.from({ length: 6 }, () => [0, 1, 0, 0, 0, -1, 0]),
  );
  const losses = [12, 4.9152, 2.01327, 0.82463, 0.33777, 0.13835, 0.05667, 0.02321, 0.00951, 0.00389];
  const rows = await tableOf("kernel-learning");
  losses.forEach((loss, t) => {
    near(rows[t][1], loss, 5);
  });
  near(await numberOf("kernel-learning", "learnt w₀"), 0.98847, 5);
  near(await numberOf("kernel-learning", "learnt w₁"), -0.98847, 5);
  near(await numberOf("kernel-learning", "stable below η ="), 1 / 30, 6);
});

test("transposed convolution", async () => {
  const maps = await picturesOf("transposed-convolution");
  assert.deepEqual(toNested(maps["stride 1"]), [
    [0, 0, 1],
    [0, 4, 6],
    [4, 12, 9],
  ]);
  assert.deepEqual(toNested(maps["stride 2"]), [
    [0, 0, 0, 1],
    [0, 0, 2, 3],
    [0, 2, 0, 3],
    [4, 6, 6, 9],
  ]);
  assert.deepEqual(toNested(maps["padding 1"]), [[4]]);
});

test("multiplications saved", async () => {
  assert.deepEqual(
    (await tableOf("winograd")).map((row) => row[3]),
    [2.25, 4, 5.0625],
  );
});
