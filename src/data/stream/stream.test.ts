import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { Random } from "../../base/random.ts";
import type { Augmentation } from "../augment.ts";
import type { Batch } from "../batch.ts";
import type { Split } from "../dataset.ts";
import { fingerprintsOf } from "../fingerprint.ts";
import { type ClassSet, isStreamed, type PictureSet, picturesAt, type StreamedImages } from "../images.ts";
import { loader } from "../loader.ts";
import { measure } from "../normalize.ts";
import { type DataOptions, openData } from "../source.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-stream-"));
const photos = join(root, "photos");
after(() => rmSync(root, { recursive: true }));

before(async () => {
  const random = new Random(1, "stream");
  for (const name of ["cat", "dog"]) {
    mkdirSync(join(photos, name), { recursive: true });
    for (let i = 0; i < 30; i++) {
      const [width, height] = [20 + random.below(20), 20 + random.below(20)];
      const noise = Uint8Array.from({ length: 3 * width * height }, () => random.below(256));
      const format = (["png", "jpeg", "webp"] as const)[i % 3];
      const picture = sharp(noise, { raw: { width, height, channels: 3 } }).toFormat(format);
      writeFileSync(join(photos, name, `${String(i).padStart(2, "0")}.${format}`), await picture.toBuffer());
    }
  }
});

const form = { size: 16, channels: 3 } as const;
const streamed = (options: Partial<DataOptions> = {}): Promise<Split<ClassSet>> =>
  openData(photos, { ...form, ...options, stream: true });
const imagesOf = ({ images }: ClassSet): StreamedImages => {
  assert.ok(isStreamed(images));
  return images;
};
const augment: Augmentation[] = [
  { kind: "shift", pixels: 2 },
  { kind: "rotate", degrees: 20 },
  { kind: "noise", deviation: 0.1 },
  { kind: "mixup", alpha: 0.4 },
];
const plain = ({ images, labels, targets, indices, ...rest }: Batch) => ({
  ...rest,
  images: [...images.data],
  labels: [...labels.data],
  targets: [...targets!.data],
  indices: [...indices],
});

/** Two epochs of a set, batch by batch. */
async function twoEpochs(set: PictureSet): Promise<ReturnType<typeof plain>[]> {
  const made = loader(set, {
    batch: 7,
    shuffle: true,
    seed: 5,
    augment,
    epochs: 2,
    normalization: measure(set.images),
  });
  const found: Batch[] = [];
  for (const epoch of [0, 1]) for await (const batch of made.epoch(epoch)) found.push(batch);
  if ("close" in made) await made.close();
  return found.map(plain);
}

test("the same batches, bit for bit: in memory or streamed, by any number of threads, with a cache or without", async () => {
  const inMemory = await openData(photos, form);
  const wanted = await twoEpochs(inMemory.train);
  assert.ok(wanted.length > 10);
  for (const options of [{ workers: 0 }, { workers: 1 }, { workers: 3 }, { cache: join(root, "cache") }]) {
    for (const _ of "cache" in options ? ["cold", "warm"] : ["once"]) {
      const set = await streamed(options);
      assert.deepEqual(measure(set.train.images), measure(inMemory.train.images));
      assert.deepEqual(fingerprintsOf(set.train.images), fingerprintsOf(inMemory.train.images));
      for (const part of ["train", "validation", "test"] as const) {
        assert.deepEqual(set[part]!.labels, inMemory[part]!.labels);
        const { places, store } = imagesOf(set[part]!);
        assert.deepEqual(
          Array.from(places, (place) => store.files[place]),
          inMemory[part]!.origins,
        );
      }
      assert.deepEqual(await twoEpochs(set.train), wanted);
      const some = await picturesAt(set.train.images, [3, 0, 3]);
      assert.deepEqual(some, await picturesAt(inMemory.train.images, [3, 0, 3]));
    }
  }
});

test("batches can be asked for in any order and again, and from any place of an epoch on", async () => {
  const { train } = await streamed();
  const wanted = await twoEpochs(train);
  const made = loader(train as PictureSet<Int32Array, StreamedImages>, {
    ...{ batch: 7, shuffle: true, seed: 5, augment, normalization: measure(train.images) },
  });
  for (const [epoch, index] of [
    [1, 2],
    [0, 0],
    [1, 2],
    [0, 4],
    [0, 5],
  ])
    assert.deepEqual(plain(await made.batch(epoch, index)), wanted[epoch * made.batches + index]);
  const rest: Batch[] = [];
  for await (const batch of made.epoch(1, 3)) rest.push(batch);
  assert.deepEqual(rest.map(plain), wanted.slice(made.batches + 3));
  await assert.rejects(made.batch(0, made.batches), {
    message: /^There is no batch \d+: an epoch has the batches 0 to \d+\.$/,
  });
  await made.close();
});

/** The entries of a cache. */
const entries = (folder: string): string[] =>
  readdirSync(folder).flatMap((sub) => readdirSync(join(folder, sub)).map((name) => join(folder, sub, name)));

test("a cache holds every picture once a form, and what is broken or deleted in it is made again", async () => {
  const cache = join(root, "mended");
  const wanted = await twoEpochs((await streamed({ cache })).train);
  const files = entries(cache);
  assert.equal(files.length, 60);
  for (const file of files) {
    assert.match(file, /[0-9a-f]{64}-3x16x16-squash-1$/);
    assert.equal(statSync(file).size, 12 + 3 * 16 * 16);
  }
  const set = await streamed({ cache });
  truncateSync(files[0], 100);
  writeFileSync(files[1], Buffer.alloc(12 + 3 * 16 * 16, 7));
  rmSync(files[2]);
  assert.deepEqual(await twoEpochs(set.train), wanted);
  rmSync(cache, { recursive: true });
  assert.deepEqual(await twoEpochs(set.train), wanted, "the whole folder may go");
  const made = entries(cache);
  assert.ok(made.length >= 40 && made.every((file) => files.includes(file)), "and nothing half-written stands in it");
  await streamed({ cache, size: 8 });
  assert.equal(entries(cache).filter((file) => file.includes("-3x8x8-")).length, 60);
});

test("a picture that changes or goes in the middle is named", async () => {
  const file = join(photos, "cat", "00.png");
  for (const workers of [0, 2]) {
    const { train, validation, test: held } = await streamed({ workers });
    const set = [train, validation!, held!].find(({ images }) => {
      const { places, store } = images as StreamedImages;
      return places.some((place) => store.files[place] === file);
    })!;
    const read = async () => {
      const made = loader(set, { batch: 100 });
      try {
        await made.batch(0, 0);
      } finally {
        if ("close" in made) await made.close();
      }
    };
    renameSync(file, `${file}.away`);
    await assert.rejects(read(), {
      name: "DataError",
      message: `${file} was there when the pictures were looked through, and cannot be read any more; put it back, or start anew.`,
    });
    writeFileSync(file, "another");
    await assert.rejects(read(), {
      message: `${file} has changed since the pictures were looked through; put back what it was, or start anew.`,
    });
    renameSync(`${file}.away`, file);
    await read();
  }
});

test("a signal ends looking through and reading at once", async () => {
  const stop = new AbortController();
  const why = new Error("enough");
  await assert.rejects(
    streamed({
      workers: 2,
      signal: stop.signal,
      onProgress: (what, done) => what === photos && done > 0 && stop.abort(why),
    }),
    why,
  );
  const { train } = await streamed();
  const other = new AbortController();
  const made = loader(train, { batch: 7, signal: other.signal });
  const first = made.batch(0, 0);
  other.abort(why);
  await assert.rejects(async () => first, why);
  await assert.rejects(async () => made.batch(0, 1), why);
  if ("close" in made) await made.close();
});

test("more than 5 % broken stops with a sentence, unless so many are allowed", async () => {
  const broken = ["a.png", "b.jpg", "c.webp", "d.gif"].map((name) => join(photos, "dog", name));
  for (const file of broken) writeFileSync(file, "");
  for (const stream of [true, false] as const) {
    await assert.rejects(openData(photos, { ...form, stream: stream as true }), {
      name: "DataError",
      message: `${photos}: 4 of 64 pictures cannot be read (6.3 %), such as ${broken[0]}; mend or remove them, or allow so many with mostBroken 0.07.`,
    });
    const {
      train,
      validation,
      test: held,
      skipped,
    } = await openData(photos, { ...form, stream: stream as true, mostBroken: 0.07 });
    assert.equal(train.labels.length + validation!.labels.length + held!.labels.length, 60);
    assert.deepEqual(
      skipped.map(({ file, reason }) => [file, reason]),
      broken.map((file) => [file, `${file} is not a picture that can be read: it is empty.`]),
    );
  }
  rmSync(broken[3]);
  assert.equal((await streamed()).skipped.length, 3, "up to 5 % are skipped and listed");
  for (const file of broken) rmSync(file, { force: true });
});
