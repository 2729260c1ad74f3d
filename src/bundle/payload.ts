// The bytes of a bundle: parts one after the other, compressed together. Numbers are laid out by planes (all first bytes, all second
// ones, …), whose last, signs and exponents, then compresses well.
import type { NdArray, Numbers } from "../base/array.ts";
import { fromFloat16, toFloat16 } from "../io/half.ts";
import type { Part } from "./contents.ts";

export class Payload {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  add(bytes: Uint8Array): Part {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return [this.#length - bytes.length, bytes.length];
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** A constant as it is stored: in halves where those hold every number as it is. */
export function stored({ data, dtype }: NdArray): { readonly kind: "f32" | "f16" | "raw"; readonly bytes: Uint8Array } {
  if (dtype === "float32") {
    const floats = Float32Array.from(data);
    if (floats.every((value) => Object.is(fromFloat16(toFloat16(value)), value)))
      return { kind: "f16", bytes: planes(Uint16Array.from(floats, toFloat16)) };
    return { kind: "f32", bytes: planes(floats) };
  }
  const wide = dtype === "float64" || dtype === "int64";
  return { kind: "raw", bytes: bytesOf(wide ? Float64Array.from(data) : Int32Array.from(data)) };
}

/** Numbers rounded to those that halves hold. */
export const rounded = (data: Numbers): Float32Array =>
  Float32Array.from(data, (value) => fromFloat16(toFloat16(value)));

const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers | Uint16Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function planes(numbers: Float32Array | Uint16Array): Uint8Array {
  const bytes = bytesOf(numbers);
  const width = numbers.BYTES_PER_ELEMENT;
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[(i % width) * numbers.length + Math.floor(i / width)] = bytes[i];
  return result;
}

/** A module without its section of names, which only profilers read. */
export function withoutNames(module: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [module.subarray(0, 8)];
  for (let at = 8; at < module.length; ) {
    const start = at;
    const id = module[at++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      length += (module[at] & 0x7f) * 2 ** shift;
      if (module[at++] < 0x80) break;
    }
    at += length;
    if (id !== 0) kept.push(module.subarray(start, at));
  }
  const result = new Uint8Array(kept.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of kept) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
