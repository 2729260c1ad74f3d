import assert from "node:assert/strict";
import { test } from "node:test";
import { type Augmentation, augmenter } from "./augment.ts";
import { cards } from "./augmentations/list.ts";
import { affineAbout, type Picture, shift, warp } from "./warp.ts";

const picture = (rows: number[][]): Picture => ({
  pixels: Float32Array.from(rows.flat()),
  channels: 1,
  height: rows.length,
  width: rows[0].length,
});
const rowsOf = (pixels: Float32Array, width: number): number[][] =>
  Array.from({ length: pixels.length / width }, (_, y) =>
    Array.from(pixels.subarray(y * width, (y + 1) * width), (v) => Math.round(v * 1000) / 1000 + 0),
  );
const nine = () =>
  picture([
    [0.1, 0.2, 0.3],
    [0.4, 0.5, 0.6],
    [0.7, 0.8, 0.9],
  ]);

test("shift fills the gap by each padding", () => {
  const moved = (padding: "zeros" | "reflect" | "replicate") => rowsOf(shift(nine(), 1, -1, padding, 0), 3);
  assert.deepEqual(moved("zeros"), [
    [0, 0.4, 0.5],
    [0, 0.7, 0.8],
    [0, 0, 0],
  ]);
  assert.deepEqual(moved("replicate"), [
    [0.4, 0.4, 0.5],
    [0.7, 0.7, 0.8],
    [0.7, 0.7, 0.8],
  ]);
  assert.deepEqual(moved("reflect"), [
    [0.5, 0.4, 0.5],
    [0.8, 0.7, 0.8],
    [0.5, 0.4, 0.5],
  ]);
});

test("a quarter turn is counter-clockwise, about the centre", () => {
  const turned = warp(nine(), affineAbout(nine(), { degrees: 90 }), 0);
  assert.deepEqual(rowsOf(turned, 3), [
    [0.3, 0.6, 0.9],
    [0.2, 0.5, 0.8],
    [0.1, 0.4, 0.7],
  ]);
});

test("moving, enlarging and shearing look up the right places", () => {
  const seen = (change: Parameters<typeof affineAbout>[1]) => rowsOf(warp(nine(), affineAbout(nine(), change), 0), 3);
  assert.deepEqual(seen({}), rowsOf(nine().pixels, 3));
  assert.deepEqual(seen({ dx: 1 }), [
    [0, 0.1, 0.2],
    [0, 0.4, 0.5],
    [0, 0.7, 0.8],
  ]);
  assert.deepEqual(seen({ dx: 0.5 }), [
    [0.05, 0.15, 0.25],
    [0.2, 0.45, 0.55],
    [0.35, 0.75, 0.85],
  ]);
  assert.deepEqual(seen({ scale: 2 }), [
    [0.3, 0.35, 0.4],
    [0.45, 0.5, 0.55],
    [0.6, 0.65, 0.7],
  ]);
  assert.deepEqual(seen({ shear: 45 }), [
    [0.2, 0.3, 0],
    [0.4, 0.5, 0.6],
    [0, 0.7, 0.8],
  ]);
});

test("every augmentation changes what it should, the same way every time", () => {
  const ramp = () =>
    picture(
      Array.from({ length: 16 }, (_, y) => Array.from({ length: 16 }, (_, x) => 0.1 + ((16 * y + x) / 256) ** 2 / 2)),
    );
  const list: Augmentation[] = [
    { kind: "shift", pixels: 3, padding: "reflect" },
    { kind: "flip" },
    { kind: "flip", axis: "vertical" },
    { kind: "rotate", degrees: 15 },
    { kind: "affine", degrees: 10, translate: 0.1, scale: [0.9, 1.1], shear: 5 },
    { kind: "shear", degrees: 20 },
    { kind: "shear", degrees: 20, axis: "vertical", interpolation: "nearest" },
    { kind: "perspective", fill: 0.5 },
    { kind: "resizedCrop" },
    { kind: "erase", probability: 1 },
    { kind: "cutout", size: 4, fill: 1 },
    { kind: "jitter", brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 },
    { kind: "noise", deviation: 0.05 },
    { kind: "autocontrast" },
    { kind: "equalize" },
    { kind: "posterize", bits: 2 },
    { kind: "solarize", threshold: 0.5 },
    { kind: "invert" },
    { kind: "sharpness", factor: 3 },
    { kind: "randAugment" },
    { kind: "trivialAugmentWide" },
  ];
  const blends = Object.entries(cards).flatMap(([kind, card]) => (card.blends ? [kind] : []));
  assert.deepEqual([...new Set(list.map(({ kind }) => kind)), ...blends].sort(), Object.keys(cards).sort());
  for (const step of list) {
    const { apply } = augmenter([step]);
    const outcomes = new Set<string>();
    for (let image = 0; image < 20; image++) {
      const once = apply(ramp(), 1, 2, image);
      assert.deepEqual(apply(ramp(), 1, 2, image), once, step.kind);
      assert.ok(once.length === 256 && once.every((v) => v >= 0 && v <= 1), step.kind);
      outcomes.add(once.join());
    }
    assert.equal(outcomes.size > 1, true, `${step.kind} never varies`);
    if ("probability" in cards[step.kind].rules && !["erase", "perspective"].includes(step.kind))
      assert.equal(outcomes.size, 2);
    assert.notDeepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((image) => apply(ramp(), 1, 3, image).join()),
      [0, 1, 2, 3, 4, 5, 6, 7].map((image) => apply(ramp(), 1, 2, image).join()),
    );
  }
});

test("what moves pixels moves a map with them, and colours stay", () => {
  const side = 24;
  // A picture of its own places, whose mask says in which quarter each pixel lies.
  const pixels = Float32Array.from(
    { length: side * side },
    (_, i) => ((i % side < 12 ? 0 : 1) + (i < 288 ? 0 : 2)) / 4 + 0.1,
  );
  const names = Float32Array.from(pixels, (v) => Math.round(4 * (v - 0.1)));
  const form = { channels: 1, height: side, width: side };
  const list: Augmentation[] = [
    { kind: "shear", degrees: 30, interpolation: "nearest", fill: 1 },
    { kind: "perspective", probability: 1, interpolation: "nearest", fill: 1 },
    { kind: "trivialAugmentWide", fill: 1 },
    { kind: "randAugment", fill: 1 },
  ];
  for (const step of list) {
    const { apply, move } = augmenter([step]);
    let moved = 0;
    for (let image = 0; image < 60; image++) {
      const seen = apply({ ...form, pixels: pixels.slice() }, 3, 0, image);
      const map = move({ ...form, pixels: names.slice(), outside: 255 }, 3, 0, image);
      assert.ok(
        map.every((name) => [0, 1, 2, 3, 255].includes(name)),
        step.kind,
      );
      if (map.some((name, i) => name !== names[i])) moved++;
      // Where no colour changes, each pixel is that of its mask, or the fill.
      if (step.kind === "shear" || step.kind === "perspective") {
        for (const [i, name] of map.entries()) assert.equal(seen[i], name === 255 ? 1 : pixels[names.indexOf(name)]);
      }
      const other = move({ ...form, pixels: pixels.slice() }, 3, 0, image);
      const kept = new Set([...pixels, 1].map(Math.fround));
      assert.ok(
        other.every((value) => kept.has(value)),
        `${step.kind} changes the colours of a picture to be made`,
      );
    }
    assert.ok(
      moved > 15 && (step.kind !== "trivialAugmentWide" || moved < 40),
      `${step.kind} moves ${moved} masks of 60`,
    );
  }
});

test("cutout paints its square, erase its share", () => {
  const white = () => picture(Array.from({ length: 20 }, () => new Array(20).fill(1)));
  const zeros = (pixels: Float32Array) => pixels.filter((v) => v === 0).length;
  const cut = Array.from({ length: 50 }, (_, i) =>
    zeros(augmenter([{ kind: "cutout", size: 6 }]).apply(white(), 0, 0, i)),
  );
  assert.equal(Math.max(...cut), 36);
  assert.ok(Math.min(...cut) >= 9);
  const erased = augmenter([{ kind: "erase", probability: 1, area: [0.25, 0.25], ratio: [1, 1] }]);
  assert.equal(zeros(erased.apply(white(), 0, 0, 0)), 100);
});

test("options are completed; wrong ones are refused with one sentence", () => {
  assert.deepEqual(augmenter([{ kind: "flip" }]).list, [{ kind: "flip", axis: "horizontal", probability: 0.5 }]);
  const cases: [unknown, string][] = [
    [[{ kind: "shfit", pixels: 2 }], 'Unknown augmentation "shfit"; did you mean "shift"?'],
    [[{ kind: "shift", pixel: 2 }], 'Augmentation shift has no option "pixel"; did you mean "pixels"?'],
    [[{ kind: "shift" }], "Augmentation shift: pixels must be a whole number from 0 to 4096, not nothing."],
    [[{ kind: "shift", pixels: 1.5 }], "Augmentation shift: pixels must be a whole number from 0 to 4096, not 1.5."],
    [
      [{ kind: "flip", axis: "diagonal" }],
      'Augmentation flip: axis must be one of horizontal, vertical, not "diagonal".',
    ],
    [
      [{ kind: "affine", scale: [2, 1] }],
      "Augmentation affine: scale must be a rising pair of numbers from 0.01 to 100, not [2,1].",
    ],
    [
      [{ kind: "randAugment", magnitude: 10, numMagnitudeBins: 10 }],
      "Augmentation randAugment: magnitude must be below numMagnitudeBins, which is 10, not 10.",
    ],
    [[{ kind: "rotate", degrees: "10" }], 'Augmentation rotate: degrees must be a number from 0 to 180, not "10".'],
    [
      [
        { kind: "mixup", alpha: 1 },
        { kind: "mixup", alpha: 1 },
      ],
      "Augmentation mixup stands in the list more than once.",
    ],
    [
      [null],
      'Unknown augmentation "undefined"; there are: shift, flip, rotate, affine, shear, perspective, resizedCrop, erase, cutout, jitter, noise, autocontrast, equalize, posterize, solarize, invert, sharpness, randAugment, trivialAugmentWide, mixup, cutmix.',
    ],
    [{ kind: "flip" }, 'Augmentations are a list, such as [{ kind: "flip" }].'],
  ];
  for (const [list, message] of cases) {
    assert.throws(() => augmenter(list as Augmentation[]), { name: "NeocogError", message });
  }
});
