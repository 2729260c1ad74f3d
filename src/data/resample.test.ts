// Resizing against Pillow, byte by byte, and what must hold for any picture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixturesFolder } from "../../test/fixtures.ts";
import type { Pixels } from "../host/host.ts";
import { openImage } from "./picture.ts";
import { resample } from "./resample.ts";

interface Golden {
  readonly resized: readonly {
    readonly channels: number;
    readonly width: number;
    readonly height: number;
    readonly box: readonly [number, number, number, number];
    readonly target: readonly [number, number];
    readonly data: string;
  }[];
  readonly gray: { readonly width: number; readonly height: number; readonly data: string };
}

const golden = JSON.parse(readFileSync(join(fixturesFolder, "pillow", "pillow.json"), "utf8")) as Golden;

/** The formula of make_pillow.py. */
function picture(channels: number, height: number, width: number): Pixels {
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => (37 * i + ((i * i) % 251)) % 256);
  return { data, height, width, channels };
}

test("pictures are resized to the very bytes that Pillow gives", () => {
  assert.equal(golden.resized.length, 10);
  for (const { channels, width, height, box, target, data } of golden.resized) {
    const [left, top, right, bottom] = box;
    const made = resample(
      picture(channels, height, width),
      { left, top, width: right - left, height: bottom - top },
      { width: target[0], height: target[1] },
    );
    const what = `${width} x ${height} x ${channels}, ${box.join(" ")} to ${target.join(" x ")}`;
    assert.deepEqual([made.width, made.height, made.channels], [...target, channels], what);
    assert.deepEqual([...made.data], [...Buffer.from(data, "base64")], what);
  }
});

test("colours are weighed to gray as Pillow does, and gray stays what it is", async () => {
  const { width, height, data } = golden.gray;
  const { data: rgb } = picture(3, height, width);
  const planes = new Uint8Array(rgb.length);
  const plane = width * height;
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) planes[c * plane + i] = rgb[3 * i + c];
  const array = { shape: [3, height, width], dtype: "uint8" as const, data: planes };
  const gray = await openImage(array, { channels: 1, height, width });
  assert.deepEqual([...gray.data], [...Buffer.from(data, "base64")]);
  const levels = Uint8Array.from({ length: 256 * 3 }, (_, i) => i % 256);
  const same = { shape: [3, 16, 16], dtype: "uint8" as const, data: levels };
  const kept = await openImage(same, { channels: 1, height: 16, width: 16 });
  assert.deepEqual([...kept.data], [...levels.slice(0, 256)]);
});

test("a plain picture stays plain, and a picture of the right size is not touched", () => {
  for (const [height, width, tall, wide] of [
    [5, 7, 11, 3],
    [300, 200, 8, 8],
    [1, 1, 4, 9],
    [3, 1000, 2, 1],
  ]) {
    for (const level of [0, 1, 254, 255]) {
      const plain = { data: new Uint8Array(height * width * 3).fill(level), height, width, channels: 3 };
      const made = resample(plain, { left: 0, top: 0, height, width }, { height: tall, width: wide });
      assert.ok(
        made.data.every((value) => value === level),
        `${height} x ${width} of ${level}`,
      );
    }
  }
  const any = picture(3, 9, 8);
  const kept = resample(any, { left: 0, top: 0, height: 9, width: 8 }, { height: 9, width: 8 });
  assert.deepEqual(kept.data, any.data);
});
