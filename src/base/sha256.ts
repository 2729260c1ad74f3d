// SHA-256 (FIPS 180-4) as hexadecimal text. The platform's own where there is one; a page that did not come over https has
// none, and must be able to open a model all the same.

const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32);

/** The first 64 primes: round constants are bits of their cube roots, the start is of the square roots of the first eight. */
const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const start = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/** SHA-256 of bytes: 64 hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // A view of memory that threads share is not taken by the platform's digest.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  return hexadecimal(subtle ? new Uint8Array(await subtle.digest("SHA-256", own)) : digest(own));
}

const hexadecimal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The 32 bytes, computed here. */
export function digest(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.from(start);
  const whole = bytes.length - (bytes.length % 64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset < whole; offset += 64) absorb(state, view, offset);
  // The rest, a one bit, zeros, and the number of bits in eight bytes.
  const last = new Uint8Array(bytes.length - whole < 56 ? 64 : 128);
  last.set(bytes.subarray(whole));
  last[bytes.length - whole] = 0x80;
  const end = new DataView(last.buffer);
  end.setBigUint64(last.length - 8, BigInt(bytes.length) * 8n);
  for (let offset = 0; offset < last.length; offset += 64) absorb(state, end, offset);
  const result = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => {
    result.setInt32(4 * i, word);
  });
  return new Uint8Array(result.buffer);
}

const words = new Int32Array(64);
const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** Works one block of 64 bytes into the state. */
function absorb(state: Int32Array, view: DataView, offset: number): void {
  for (let t = 0; t < 16; t++) words[t] = view.getInt32(offset + 4 * t);
  for (let t = 16; t < 64; t++) {
    const near = words[t - 15];
    const far = words[t - 2];
    const sigma0 = turn(near, 7) ^ turn(near, 18) ^ (near >>> 3);
    const sigma1 = turn(far, 17) ^ turn(far, 19) ^ (far >>> 10);
    words[t] = (words[t - 16] + sigma0 + words[t - 7] + sigma1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + constants[t] + words[t]) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] += word;
  });
}
