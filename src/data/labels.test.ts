import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import type { Augmentation } from "./augment.ts";
import { dataset, subset } from "./dataset.ts";
import type { PictureSet } from "./images.ts";
import {
  kindOfLabels,
  type Labels,
  type MaskLabels,
  type NumberLabels,
  type PictureLabels,
  strataOf,
} from "./labels.ts";
import { loader } from "./loader.ts";
import { split } from "./split.ts";

const images = (count: number) =>
  ndarray(
    [count, 1, 1, 2],
    Uint8Array.from({ length: 2 * count }, (_, i) => i),
    "uint8",
  );
const made = (labels: Labels, count: number, classes: readonly string[]) =>
  dataset<PictureSet<Labels, ReturnType<typeof images>>>({ name: "made", images: images(count), labels, classes });

/** 100 pictures: every second is bright, every tenth round, every hundredth rare. */
const tags = made(
  {
    kind: "tags",
    values: ndarray(
      [100, 3],
      Uint8Array.from({ length: 300 }, (_, i) => Number(Math.floor(i / 3) % [2, 10, 50][i % 3] === 0)),
      "uint8",
    ),
  },
  100,
  ["bright", "round", "rare"],
);
const random = new Random(1, "numbers");
const numbers = made(
  {
    kind: "numbers",
    values: ndarray(
      [100, 2],
      Float32Array.from({ length: 200 }, () => random.normal()),
    ),
  },
  100,
  ["age", "height"],
);

test("batches give tags and numbers as rows of float32, in the order of the pictures", () => {
  for (const set of [tags, numbers]) {
    const width = set.classes.length;
    assert.ok("kind" in set.labels);
    for (const { labels, indices } of loader(set, { batch: 33, shuffle: true, seed: 2 }).epoch(1)) {
      assert.deepEqual([labels.shape, labels.dtype], [[indices.length, width], "float32"]);
      for (let i = 0; i < labels.data.length; i++)
        assert.equal(labels.data[i], set.labels.values.data[indices[Math.floor(i / width)] * width + (i % width)]);
    }
    const { values } = subset(set, [7, 7, 3]).labels as typeof set.labels;
    assert.deepEqual(
      [...values.data],
      [7, 7, 3].flatMap((place) => [
        ...(set.labels as typeof tags.labels & { values: typeof values }).values.data.slice(
          place * width,
          (place + 1) * width,
        ),
      ]),
    );
  }
  assert.deepEqual(
    [tags, numbers].map(({ labels }) => kindOfLabels(labels)),
    ["tags", "numbers"],
  );
});

test("mixup blends tags as it blends their pictures", () => {
  const augment = [{ kind: "mixup", alpha: 1 }] as const;
  const [plain] = loader(numbers, { batch: 50 }).epoch(0);
  const [mixed] = loader(numbers, { batch: 50, augment }).epoch(0);
  assert.equal(mixed.targets, undefined);
  // The same share and partner for both: solved from the pixels, it must give the labels.
  for (let i = 0; i < 50; i++) {
    const [own, is] = [plain.images.data[2 * i], mixed.images.data[2 * i]];
    const share = Array.from({ length: 50 }, (_, j) => j).some((j) => {
      const other = plain.images.data[2 * j];
      if (j === i || other === own) return false;
      const part = (is - other) / (own - other);
      return [0, 1].every((n) => {
        const blend = part * plain.labels.data[2 * i + n] + (1 - part) * plain.labels.data[2 * j + n];
        return Math.abs(blend - mixed.labels.data[2 * i + n]) < 1e-4;
      });
    });
    assert.ok(share || is === own, `picture ${i} is blended as its numbers are`);
  }
});

test("a split gives every part its share of rare tags, and of small and large numbers", () => {
  const cut = split(tags, { testFraction: 0.5, seed: 3 });
  const rare = (set: typeof tags) => {
    assert.ok("kind" in set.labels);
    return set.labels.values.data.filter((value, i) => i % 3 === 2 && value === 1).length;
  };
  assert.deepEqual([rare(cut.train), rare(cut.test)], [1, 1]);
  const { train, test: held } = split(numbers, { testFraction: 0.2, seed: 3 });
  assert.deepEqual([train.images.shape[0], held.images.shape[0]], [80, 20]);
  const ages = (set: typeof numbers) => {
    assert.ok("kind" in set.labels);
    return set.labels.values.data.filter((_, i) => i % 2 === 0);
  };
  const sorted = [...ages(numbers)].sort((a, b) => a - b);
  for (let tenth = 0; tenth < 10; tenth++) {
    const [low, high] = [sorted[10 * tenth], sorted[10 * tenth + 9]];
    assert.equal(ages(held).filter((age) => age >= low && age <= high).length, 2, `tenth ${tenth}`);
  }
  assert.equal(strataOf(numbers.labels).count, 10);
});

test("labels that cannot be are refused by the picture that has them", () => {
  const bad = ndarray([2, 1], [0.5, Number.NaN]);
  assert.throws(() => made({ kind: "numbers", values: bad }, 2, ["age"]), {
    name: "DataError",
    message: "made gives image 1 the age NaN; it must be a finite number.",
  });
  assert.throws(() => made({ kind: "tags", values: bad }, 2, ["old"]), {
    message: "made gives image 0 the old 0.5; a tag is 0 or 1.",
  });
  assert.throws(() => made({ kind: "tags", values: bad }, 2, ["old", "new"]), {
    message: "The labels are tags of shape [2, 1], but 2 have a name; they must be [count, tags].",
  });
});

/** Pictures of 8x8 of the same numbers as their masks: half of each shows class 1, and the last column of the mask is not known. */
function halves(count: number, ignoreIndex?: number): PictureSet<MaskLabels, NdArray> {
  const values = new Uint8Array(count * 64);
  const pixels = new Float32Array(count * 64);
  for (let i = 0; i < values.length; i++) {
    const [x, y, picture] = [i % 8, Math.floor(i / 8) % 8, Math.floor(i / 64)];
    pixels[i] = Number(picture % 2 === 0 ? x + y > 7 : x > y);
    values[i] = x === 7 ? 255 : pixels[i];
  }
  const labels = { kind: "masks", values: ndarray([count, 8, 8], values, "uint8"), ignoreIndex } as const;
  return dataset<PictureSet<MaskLabels, NdArray>>({
    ...{ name: "halves", images: ndarray([count, 1, 8, 8], pixels), classes: ["low", "high"] },
    labels: ignoreIndex === undefined ? { kind: labels.kind, values: labels.values } : labels,
    origins: Array.from({ length: count }, (_, i) => `${i}.png`),
  });
}

test("a mask moves with its picture: exactly where pixels keep their numbers, to the nearest where they are mixed", () => {
  const set = halves(40);
  const lists: readonly (readonly Augmentation[])[] = [
    [{ kind: "flip" }, { kind: "flip", axis: "vertical" }],
    [{ kind: "shift", pixels: 3 }],
    [
      { kind: "shift", pixels: 3, padding: "reflect" },
      { kind: "noise", deviation: 0.2 },
      { kind: "cutout", size: 2 },
    ],
    [{ kind: "affine", degrees: 20, translate: 0.1, scale: [0.8, 1.2], shear: 5 }],
    [{ kind: "resizedCrop", area: [0.5, 1] }, { kind: "flip" }],
    [{ kind: "rotate", degrees: 45 }],
  ];
  for (const [place, augment] of lists.entries()) {
    const [batch] = loader(set, { batch: 40, seed: 3, augment }).epoch(2);
    assert.deepEqual([batch.labels.dtype, batch.labels.shape], ["int32", [40, 8, 8]]);
    const counts = { known: 0, unknown: 0, right: 0 };
    batch.labels.data.forEach((label, i) => {
      assert.ok([0, 1, 255].includes(label), `no mixture of classes, but ${label}`);
      counts[label === 255 ? "unknown" : "known"]++;
      if (label !== 255 && batch.images.data[i] > 0.5 === (label === 1)) counts.right++;
    });
    assert.ok(counts.unknown >= (place > 1 ? 100 : 320) && counts.known > 1300, JSON.stringify(counts));
    // Noise and cutout touch the picture alone; nearest and mixed pixels part on the border between the classes only.
    const least = [1, 1, 0.85, 0.93, 0.93, 0.93][place];
    assert.ok(counts.right >= least * counts.known, `list ${place}: ${JSON.stringify(counts)}`);
  }
});

test("target pictures move with the pictures and take no noise; numbers change their sign only where that is told", () => {
  const { images } = halves(10);
  const pictures = dataset<PictureSet<PictureLabels, NdArray>>({
    ...{ name: "pairs", images, classes: [], labels: { kind: "pictures", values: images } },
  });
  const moved = { kind: "affine", degrees: 30, translate: 0.1 } as const;
  const [clean] = loader(pictures, { batch: 10, augment: [moved, { kind: "flip" }] }).epoch(1);
  assert.deepEqual(clean.labels, clean.images);
  const [noisy] = loader(pictures, {
    ...{ batch: 10, augment: [moved, { kind: "noise", deviation: 0.1 }, { kind: "flip" }] },
  }).epoch(1);
  assert.ok(noisy.images.data.some((pixel, i) => Math.abs(pixel - noisy.labels.data[i]) > 0.05));
  const rows = numbers.labels as NumberLabels;
  const plain = loader(numbers, { batch: 100, augment: [{ kind: "flip", probability: 1 }] }).batch(0, 0);
  assert.deepEqual(plain.labels.data, rows.values.data);
  const turned = loader(numbers, { batch: 100, augment: [{ kind: "flip", negates: [1] }] }).batch(0, 0);
  const mirrored = (i: number): boolean => turned.images.data[2 * i] > turned.images.data[2 * i + 1];
  const expected = rows.values.data.map((value, i) => (i % 2 === 1 && mirrored((i - 1) / 2) ? -value : value));
  assert.deepEqual(turned.labels.data, expected);
  assert.ok(turned.labels.data.some((value, i) => value !== rows.values.data[i]));
});

test("target pictures of another size go with a flip, and with nothing else that moves; mixup goes with neither", () => {
  const { images, ...rest } = halves(4);
  const large = Float32Array.from(
    { length: 4 * 256 },
    (_, i) => images.data[(i >> 8) * 64 + ((i >> 5) % 8) * 8 + ((i >> 1) % 8)],
  );
  const set: PictureSet<PictureLabels, NdArray> = {
    ...{ ...rest, images, classes: [] },
    labels: { kind: "pictures", values: ndarray([4, 1, 16, 16], large) },
  };
  const { labels, images: given } = loader(set, { batch: 4, augment: [{ kind: "flip" }] }).batch(0, 0);
  labels.data.forEach((pixel, i) => {
    assert.equal(pixel, given.data[(i >> 8) * 64 + ((i >> 5) % 8) * 8 + ((i >> 1) % 8)]);
  });
  const refused = (from: PictureSet<Labels, NdArray>, augment: readonly Augmentation[]): (() => unknown) => {
    return () => loader(from, { batch: 2, augment });
  };
  assert.throws(
    refused(set, [{ kind: "shift", pixels: 1 }]),
    /shift moves pixels, .* \(16 x 16 for 8 x 8\) cannot follow/,
  );
  assert.throws(refused(set, [{ kind: "mixup", alpha: 1 }]), /mixup blends labels, which pictures cannot follow/);
  assert.throws(refused(halves(4), [{ kind: "mixup", alpha: 1 }]), /mixup blends labels, which masks cannot follow/);
  assert.throws(refused(halves(4), [{ kind: "cutmix", alpha: 1 }]), /cutmix blends labels, which masks cannot follow/);
  assert.throws(refused(set, [{ kind: "randAugment" }]), /randAugment moves pixels, .* cannot follow/);
  assert.throws(refused(numbers, [{ kind: "cutmix", alpha: 1 }]), {
    message:
      "Augmentation cutmix pastes a part of another picture, and what numbers are true of both is not known; leave it out, or blend whole pictures with mixup.",
  });
});

test("a mask of another size, or with a value beyond the classes, is refused with its file; so is a target that is NaN", () => {
  const set = halves(3);
  const small = { kind: "masks", values: ndarray([3, 4, 4], new Uint8Array(48), "uint8") } as const;
  assert.throws(
    () => dataset({ ...set, labels: small }),
    /image 0 \(0\.png\) masks of shape \[3, 4, 4\]; .*\[count, 8, 8\]/,
  );
  const beyond = { ...set.labels, values: ndarray([3, 8, 8], set.labels.values.data.slice(), "uint8") };
  beyond.values.data[64 + 11] = 2;
  assert.throws(
    () => dataset({ ...set, labels: beyond }),
    /image 1 \(1\.png\) a mask with the value 2 in row 1, column 3 .* outside the 2 classes \(0 to 1\) and not 255/,
  );
  const ignored = { ...beyond, ignoreIndex: 2 };
  assert.throws(() => dataset({ ...set, labels: ignored }), /value 255 in row 0, column 7 .* and not 2/);
  const broken = { kind: "pictures", values: ndarray([3, 1, 1, 1], Float32Array.of(0, Number.NaN, 1)) } as const;
  assert.throws(
    () => dataset({ ...set, classes: [], labels: broken }),
    /image 1 \(1\.png\) a target picture that holds NaN/,
  );
});

test("masks are cut by the rarest class that a picture shows; ignored pixels are no class", () => {
  const values = Uint8Array.from([0, 255, 0, 1, 0, 1, 2, 0, 255, 255]);
  const { strata, count } = strataOf({ kind: "masks", values: ndarray([5, 1, 2], values, "uint8") });
  assert.deepEqual([...strata, count], [0, 1, 1, 2, 3, 4]);
});
