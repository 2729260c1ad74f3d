// A growing byte buffer with the number formats of WebAssembly: LEB128 integers, little-endian floats, length-prefixed text.

export class Bytes {
  #data: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.#data = new Uint8Array(capacity);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#data.length) return;
    const larger = new Uint8Array(Math.max(this.#data.length * 2, this.length + count));
    larger.set(this.#data.subarray(0, this.length));
    this.#data = larger;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#data[this.length++] = value;
    return this;
  }

  bytes(values: ArrayLike<number>): this {
    const count = values.length;
    this.#reserve(count);
    if (count > 16) this.#data.set(values, this.length);
    else for (let i = 0; i < count; i++) this.#data[this.length + i] = values[i];
    this.length += count;
    return this;
  }

  /** Unsigned LEB128 of a whole number below 2^32. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit number. */
  signed(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  signed64(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  text(value: string): this {
    const encoded = new TextEncoder().encode(value);
    return this.unsigned(encoded.length).bytes(encoded);
  }

  /** A section or function body: its length, then its bytes. */
  sized(content: Bytes): this {
    return this.unsigned(content.length).bytes(content.view());
  }

  view(): Uint8Array {
    return this.#data.subarray(0, this.length);
  }

  copy(): Uint8Array<ArrayBuffer> {
    return this.#data.slice(0, this.length);
  }
}
