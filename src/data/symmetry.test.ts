// Whether a mirror changes the class, asked of pictures that are drawn so that the answer is known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import type { Dataset } from "./dataset.ts";
import { digits } from "./digits.ts";
import { symmetries } from "./symmetry.ts";

const side = 24;
/** What is seen at a place relative to the middle, in units of a radius. */
type Seen = (x: number, y: number) => boolean;

const wedge: Seen = (x, y) => Math.abs(y) < (x + 1) / 2 && x < 1;
const drawings = {
  "left or right": [wedge, (x, y) => wedge(-x, y)],
  "up or down": [(x, y) => wedge(y, x), (x, y) => wedge(-y, x)],
  "lying or upright": [(x, y) => Math.abs(x) < 1 && Math.abs(y) < 0.3, (x, y) => Math.abs(x) < 0.3 && Math.abs(y) < 1],
  "disc or cross": [
    (x, y) => x * x + y * y < 1,
    (x, y) => (Math.abs(x) < 0.25 || Math.abs(y) < 0.25) && Math.max(Math.abs(x), Math.abs(y)) < 1,
  ],
} as const satisfies Readonly<Record<string, readonly Seen[]>>;

function drawnSet(name: keyof typeof drawings, each: number, seed: number): Dataset {
  const random = new Random(seed, name);
  const kinds: readonly Seen[] = drawings[name];
  const labels = Int32Array.from({ length: each * kinds.length }, (_, i) => i % kinds.length);
  const pixels = new Uint8Array(labels.length * side * side);
  for (const [i, label] of labels.entries()) {
    const r = 4 + 5 * random.uniform();
    const [x, y] = [r + (side - 2 * r) * random.uniform(), r + (side - 2 * r) * random.uniform()];
    const [ink, paper] = random.uniform() < 0.5 ? [200, 40] : [50, 220];
    for (let p = 0; p < side * side; p++) {
      const seen = kinds[label](((p % side) - x) / r, (Math.floor(p / side) - y) / r);
      pixels[i * side * side + p] = (seen ? ink : paper) + random.below(20);
    }
  }
  return {
    name,
    images: ndarray([labels.length, 1, side, side], pixels, "uint8"),
    labels,
    classes: kinds.map((_, k) => `${k}`),
  };
}

// A quarter turn of what lies left or right stands up: neither class is taken for the other by that alone.
const kept: Readonly<
  Record<keyof typeof drawings, readonly [mirrored: boolean, upsideDown: boolean, turned: boolean]>
> = {
  "left or right": [false, true, true],
  "up or down": [true, false, true],
  "lying or upright": [true, true, false],
  "disc or cross": [true, true, true],
};

for (const [name, wanted] of Object.entries(kept)) {
  for (const [each, seed] of [
    [100, 1],
    [100, 2],
    [20, 3],
  ] as const) {
    test(`${name}, ${each} pictures a class, seed ${seed}`, async () => {
      const found = await symmetries(drawnSet(name as keyof typeof drawings, each, seed));
      assert.ok(found.mirrored.known, JSON.stringify(found));
      assert.deepEqual([found.mirrored.kept, found.upsideDown.kept, found.turned.kept], wanted, JSON.stringify(found));
    });
  }
}

test("digits are not to be mirrored", async () => {
  const { mirrored, upsideDown } = await symmetries((await digits()).train);
  assert.deepEqual([mirrored.kept, upsideDown.kept, mirrored.known], [false, false, true]);
});

test("where outlines tell nothing, that is said", async () => {
  const set = drawnSet("disc or cross", 40, 4);
  const random = new Random(4, "labels");
  const { mirrored } = await symmetries({ ...set, labels: set.labels.map(() => random.below(2)) });
  assert.equal(mirrored.known, false);
});
