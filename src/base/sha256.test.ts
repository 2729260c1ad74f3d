import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { digest, sha256 } from "./sha256.ts";

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 151 + (i >> 7)) & 255);

test("SHA-256 agrees with the platform's at every length around a block's end", async () => {
  for (const length of [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 127, 128, 1000, 100_003]) {
    const bytes = bytesOf(length + 3).subarray(3);
    const expected = createHash("sha256").update(bytes).digest("hex");
    assert.equal(Buffer.from(digest(bytes)).toString("hex"), expected, `${length} bytes`);
    assert.equal(await sha256(bytes), expected);
  }
});

test("a page without the platform's digest gets the same", async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto")!;
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    assert.equal(
      await sha256(new TextEncoder().encode("abc")),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  } finally {
    Object.defineProperty(globalThis, "crypto", own);
  }
});

test("memory that threads share is taken too", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(5));
  shared.set([1, 2, 3, 4, 5]);
  assert.equal(
    await sha256(shared),
    createHash("sha256")
      .update(Uint8Array.of(1, 2, 3, 4, 5))
      .digest("hex"),
  );
});
