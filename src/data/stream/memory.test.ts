// Pictures in memory that other threads change: the same batches as without them, in any order, and threads that end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import type { Augmentation } from "../augment.ts";
import type { Batch } from "../batch.ts";
import type { PictureSet } from "../images.ts";
import { loaderAhead } from "../loader.ts";

const [count, side] = [20, 40];
const size = 3 * side * side;
const random = new Random(4);
const bytes = Uint8Array.from({ length: count * size }, () => random.below(256));
const shape = [count, 3, side, side];
const sets = {
  bytes: ndarray(shape, bytes, "uint8"),
  floats: ndarray(
    shape,
    Float32Array.from(bytes, (byte) => byte / 300),
  ),
};
const augment: Augmentation[] = [
  { kind: "flip" },
  { kind: "resizedCrop", area: [0.5, 1] },
  { kind: "trivialAugmentWide" },
  { kind: "noise", deviation: 0.1 },
  { kind: "cutmix", alpha: 1 },
];
const normalization = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] };
const plain = ({ images, labels, targets, indices, ...rest }: Batch) => ({
  ...{ ...rest, images: [...images.data], labels: [...labels.data], indices: [...indices] },
  targets: targets && [...targets.data],
});

for (const [form, images] of Object.entries(sets)) {
  const set: PictureSet = {
    name: form,
    images,
    labels: Int32Array.from({ length: count }, (_, i) => i % 3),
    classes: ["a", "b", "c"],
  };
  test(`batches of ${form} are the same made by any number of threads, in any order`, async () => {
    const made = async (workers: number, places: readonly (readonly [number, number])[]) => {
      const from = loaderAhead(set, { batch: 6, shuffle: true, seed: 5, augment, normalization, epochs: 3 }, workers);
      assert.equal("close" in from, workers > 0, "threads are used where they are told");
      const found: [string, unknown][] = [];
      for (const [epoch, index] of places) found.push([`${epoch} ${index}`, plain(await from.batch(epoch, index))]);
      if ("close" in from) await from.close();
      return found.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, batch]) => batch);
    };
    const places = [0, 1, 2].flatMap((epoch) => [0, 1, 2, 3].map((index) => [epoch, index] as const));
    const wanted = await made(0, places);
    assert.deepEqual(await made(1, places), wanted);
    assert.deepEqual(await made(3, [...places].reverse()), wanted);
  });
}

test("small pictures, and pictures that nothing changes, are not handed to threads; a signal ends the waiting", async () => {
  const labels = new Int32Array(count);
  const large: PictureSet = { name: "large", images: sets.bytes, labels, classes: ["a", "b"] };
  const small: PictureSet = { ...large, images: ndarray([count, 1, 8, 8], bytes.slice(0, count * 64), "uint8") };
  assert.ok(!("close" in loaderAhead(small, { batch: 5, augment }, 2)));
  assert.ok(!("close" in loaderAhead(large, { batch: 5 }, 2)));
  const stop = new AbortController();
  const from = loaderAhead(large, { batch: 5, augment, signal: stop.signal }, 2);
  const first = from.batch(0, 0);
  stop.abort(new Error("enough"));
  await assert.rejects(async () => first, /enough/);
  if ("close" in from) await from.close();
});
