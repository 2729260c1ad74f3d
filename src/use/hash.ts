// Fingerprints: SHA-256 as hexadecimal text. Two runs with one hash have the same weights, bit for bit.

import { understand } from "../base/arguments.ts";
import { type NdArray, stateRule } from "../base/array.ts";
import { sha256 } from "../base/sha256.ts";
import { datasetRule } from "../data/dataset.ts";
import { fingerprintsOf } from "../data/fingerprint.ts";
import type { PictureSet } from "../data/images.ts";
import { ignoredIn, kindOfLabels } from "../data/labels.ts";
import type { State } from "../run/session.ts";

/**
 * SHA-256 over the names (sorted), shapes and float32 bytes (little-endian) of weights, as 64 hexadecimal digits: two
 * runs with one hash have the same weights, bit for bit.
 */
export async function weightsHash(weights: State): Promise<string> {
  understand("weightsHash", arguments, { weights: stateRule });
  const parts: Uint8Array[] = [];
  for (const [name, { shape, data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push(new TextEncoder().encode(`${name}${JSON.stringify(shape)}\n`));
    parts.push(bytesOf(data instanceof Float32Array ? data : Float32Array.from(data)));
  }
  return hashOf(parts);
}

/** Over pixels, labels and classes: whether two data sets are the same, in memory or streamed. */
export async function dataHash(set: PictureSet): Promise<string> {
  understand("dataHash", arguments, { set: datasetRule });
  const { images, labels, classes } = set;
  const header = JSON.stringify({
    shape: images.shape,
    dtype: images.dtype,
    classes,
    labels: kindOfLabels(labels),
    ignored: ignoredIn(labels),
  });
  const rows = "kind" in labels ? labels.values.data : labels;
  const pixels = new Uint8Array(fingerprintsOf(images).buffer);
  return hashOf([new TextEncoder().encode(header), pixels, bytesOf(rows)]);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NdArray["data"]): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

async function hashOf(parts: readonly Uint8Array[]): Promise<string> {
  const all = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return sha256(all);
}
