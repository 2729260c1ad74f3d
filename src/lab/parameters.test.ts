// Other parameters, other numbers: what the closed formulas say.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Lab, openLab } from "./run.ts";
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

test("other parameters give what the closed formulas say", async () => {
  const [, colour] = await tableOf("dense-parameters", 0, { height: 7, width: 11, hidden: 13, channels: 5 });
  assert.deepEqual(colour.slice(1, 3), [5005, 5018]);
  assert.equal((await tableOf("conv-parameters", 0, { kernel: 4, channels: 6, filters: 9 }))[0][2], 9 * 6 * 16 + 9);
  assert.deepEqual(
    (await tableOf("dense-to-conv", 0, { size: 5, radius: 2 })).map((row) => row[1]),
    [625, 81, 25],
  );
  const output = await tableOf("output-size", 0, { size: 31, kernel: 4, padding: 3, stride: 5, dilation: 2 });
  assert.deepEqual(
    output.map((row) => row.slice(1)),
    [6, 3].map((p) => [p, Math.floor((31 + p - 7) / 5) + 1, (31 + p - 7) % 5]),
  );
  const fields = await tableOf("receptive-field", 0, { layers: 3, kernel: 5, stride: 3, dilation: 2, padding: 4 });
  assert.deepEqual(
    fields.map((row) => row.slice(1, 4)),
    [
      [9, 3, 4],
      [33, 9, 16],
      [105, 27, 52],
    ],
  );
  const effective = await tableOf("effective-receptive-field", 0, { kernel: 4, layers: 12, random: 1 });
  assert.deepEqual([effective.at(-1)![0], effective.at(-1)![1]], [12, 37]);
  near(effective.at(-1)![2], Math.sqrt((12 * 15) / 12), 6);
  const learnt = await tableOf("kernel-learning", 0, { rate: 0.02, height: 4, steps: 4 });
  learnt.forEach(([t, loss]) => {
    near(loss, 8 * (1 - 8 * 0.02) ** (2 * Number(t)), 5);
  });
  near(await numberOf("kernel-learning", "stable below η =", { height: 3 }), 2 / (3 * 10), 6);
  assert.equal(await numberOf("pixel-usage", "valid", { size: 9, kernel: 2 }), "1 / 2 / 4");
  assert.deepEqual(
    (await tableOf("zero-padding-position", 0, { size: 9, averaging: 5, pictures: 4 })).map((row) => row[1]),
    [7, 5, 3, 1, 0],
  );
  assert.equal(
    await numberOf("channel-and-unit", "units of the layer", { filters: 3, kernel: 3, size: 12 }),
    3 * 12 * 12,
  );
  const pixel = await tableOf("one-by-one", 0, { channels: 24, filters: 10, middle: 4, kernel: 3, size: 6 });
  assert.deepEqual([pixel[0][1], pixel[1][1]], [36 * 9 * 24 * 10, 36 * (24 * 4 + 9 * 4 * 10)]);
});

test("a size that the stride does not divide breaks equivariance, and the verdict says so", async () => {
  const { checks, verdict } = await lab.run("shift-equivariance", { size: 30 });
  assert.equal(checks[0].found, 4);
  const rows = await tableOf("shift-equivariance", 0, { size: 30 });
  assert.ok(Number(rows.find(([shift]) => shift === 4)![3]) > 0.1);
  assert.equal(verdict, true);
  assert.match(String((await tableOf("shift-equivariance", 1, { size: 30 }))[2][2]), /30 does not divide/);
});
