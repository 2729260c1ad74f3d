// Two-byte floating point numbers, as files store them.
//
//   float16   s eeeee mmmmmmmmmm     IEEE 754 half: 5 bits of exponent, largest 65504
//   bfloat16  s eeeeeeee mmmmmmm     the upper half of a float32

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The value of 16 bits (a whole number of 0 to 65535) read as an IEEE 754 half; exact. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** The IEEE 754 half nearest to a number, ties to even, as 16 bits (0 to 65535); infinite from 65520 on. */
export function toFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Below 2^-14 the steps are 2^-24 wide, above they are 2^-10 of the power of two below the value.
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1)));
  const power = size < 2 ** exponent ? exponent - 1 : size >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  const base = Math.max(-14, size < 2 ** -14 ? -14 : power);
  const steps = roundToEven(size / 2 ** (base - 10));
  return sign | (base === -14 && steps < 1024 ? steps : ((base + 14) << 10) + steps);
}

/** The value of 16 bits read as bfloat16; exact. */
export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return floats[0];
}

/** The bfloat16 nearest to a number, ties to even, as 16 bits. */
export function toBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  floats[0] = value;
  return (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16;
}

function roundToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}
