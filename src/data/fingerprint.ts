// Whether two pictures have the same pixels, in 64 bits: quick enough for every picture of a set, and made for one picture at a
// time, so that a set that streams and one in memory have the same. It guards against mistakes, not against malice.

import type { NdArray } from "../base/array.ts";
import { type Images, isStreamed } from "./images.ts";

/** FNV-1a, and beside it the mixing step of MurmurHash2 byte by byte. */
export function fingerprint(bytes: Uint8Array, target: Uint32Array, at: number): void {
  let one = 0x811c9dc5;
  let other = bytes.length;
  for (let i = 0; i < bytes.length; i++) {
    one = Math.imul(one ^ bytes[i], 0x01000193);
    other = Math.imul(other ^ bytes[i], 0x5bd1e995);
    other ^= other >>> 15;
  }
  target[at] = one;
  target[at + 1] = other;
}

/** Two numbers for each picture, in the order of the set. */
export function fingerprintsOf(images: Images): Uint32Array {
  const [count] = images.shape;
  const found = new Uint32Array(2 * count);
  if (isStreamed(images)) {
    const { places, store } = images;
    for (let i = 0; i < count; i++) found.set(store.fingerprints.subarray(2 * places[i], 2 * places[i] + 2), 2 * i);
    return found;
  }
  const all = bytesOf(images);
  const size = all.length / count;
  for (let i = 0; i < count; i++) fingerprint(all.subarray(i * size, (i + 1) * size), found, 2 * i);
  return found;
}

const bytesOf = ({ data: { buffer, byteOffset, byteLength } }: NdArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
