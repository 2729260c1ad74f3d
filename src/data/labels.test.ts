import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { dataset, subset } from "./dataset.ts";
import type { PictureSet } from "./images.ts";
import { kindOfLabels, type Labels, strataOf } from "./labels.ts";
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
