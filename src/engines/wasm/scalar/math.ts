// Elementary functions on four float32 lanes, errors of one or two units in the last place; NaN stays NaN, infinities go
// where they should. Polynomials after S. Moshier's Cephes library. Each function writes statements into `f` and gives
// a value; arguments are kept in locals first, so a caller may pass any tree.
//
// Rare functions (sine, arc tangent, general powers, …) are called lane by lane from the host's Math: slow and exact.
import {
  call,
  constF32x4,
  constI32x4,
  extractLane,
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  i32x4,
  type Local,
  type Operand,
  replaceLane,
  shuffle32,
  type Value,
  v128,
} from "../code/assembler.ts";
import type { Features } from "../code/features.ts";
import type { MathImports, MathName } from "./host.ts";

/** What code that computes needs to know. A PhaseFunction is one. */
export interface Emitter {
  readonly f: FunctionBuilder;
  readonly features: Features;
  readonly math: MathImports;
}

/** a * b + c, fused where the machine can. */
export function multiplyAdd({ features }: { readonly features: Features }, a: Operand, b: Operand, c: Operand): Value {
  return features.relaxedSimd ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, fused where the machine can. */
export function negativeMultiplyAdd(
  { features }: { readonly features: Features },
  a: Operand,
  b: Operand,
  c: Operand,
): Value {
  return features.relaxedSimd ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/** Horner's rule, highest coefficient first. */
function polynomial(e: Emitter, x: Value, coefficients: readonly number[]): Value {
  let sum: Value = constF32x4(coefficients[0]);
  for (const coefficient of coefficients.slice(1)) sum = multiplyAdd(e, sum, x, coefficient);
  return sum;
}

const select = (mask: Value, a: Operand, b: Operand): Value =>
  v128.bitselect(typeof a === "number" ? constF32x4(a) : a, typeof b === "number" ? constF32x4(b) : b, mask);

const ln2High = 0.693359375;
const ln2Low = -2.1219444005469057e-4;
const magic = 12582912; // 1.5 * 2^23: adding it rounds to a whole number that stands in the low bits

/** e^x = 2^n (1 + rest) with rest = e^r − 1, |r| <= ln(2) / 2; `whole` is n as an integer. */
function powerParts(e: Emitter, x: Value): { rest: Value; whole: Local } {
  const { f } = e;
  const shifted = f.define(multiplyAdd(e, x, 1 / Math.LN2, magic));
  const n = f.define(f32x4.sub(shifted, magic));
  const r = f.define(negativeMultiplyAdd(e, n, ln2Low, negativeMultiplyAdd(e, n, ln2High, x)));
  const p = polynomial(
    e,
    r,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  );
  const rest = multiplyAdd(e, f32x4.mul(r, r), p, r);
  return { rest, whole: f.define(i32x4.sub(shifted, constI32x4(0x4b400000))) };
}

/** 2^place for places from -126 to 127. */
const powerOfTwo = (place: Value): Value => i32x4.shl(i32x4.add(place, 127), 23);

/** The scaling in two steps reaches denormals and infinity. */
export function exp(e: Emitter, argument: Value): Value {
  const { f } = e;
  const x = f.define(f32x4.pmin(f32x4.pmax(argument, -104), 89));
  const { rest, whole } = powerParts(e, x);
  const half = f.define(i32x4.shr_s(whole, 1));
  return f32x4.mul(f32x4.mul(f32x4.add(rest, 1), powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** e^x − 1 = 2 (2^(n-1) rest + (2^(n-1) − 1/2)), and x itself where that is all that float32 holds. */
export function expm1(e: Emitter, argument: Value): Value {
  const { f } = e;
  const given = f.define(argument);
  const x = f.define(f32x4.pmin(f32x4.pmax(given, -30), 89));
  const { rest, whole } = powerParts(e, x);
  const power = f.define(powerOfTwo(i32x4.sub(whole, constI32x4(1))));
  const halved = f.define(multiplyAdd(e, rest, power, f32x4.sub(power, 0.5)));
  return select(f32x4.lt(f32x4.abs(given), 2 ** -25), given, f32x4.add(halved, halved));
}

/** log(1 + x) from the rounded sum u = 1 + x and what was lost in it: log(u) + (x − (u − 1)) / u. */
export function log1p(e: Emitter, argument: Value): Value {
  const { f } = e;
  const x = f.define(argument);
  const u = f.define(f32x4.add(x, 1));
  const lost = f.define(f32x4.div(f32x4.sub(x, f32x4.sub(u, 1)), u));
  // At the ends, −1 and infinity, what is lost has no number.
  const known = v128.and(lost, f32x4.lt(f32x4.abs(lost), 1));
  return select(f32x4.lt(f32x4.abs(x), 2 ** -25), x, f32x4.add(log(e, u), known));
}

/** log(1 + e^x) = max(x, 0) + log1p(e^-|x|). */
export function softplus(e: Emitter, argument: Value): Value {
  const { f } = e;
  const x = f.define(argument);
  const rest = f.define(log1p(e, exp(e, f32x4.neg(f32x4.abs(x)))));
  return f32x4.add(f32x4.pmax(x, 0), rest);
}

/** log(m 2^e) with m in [sqrt(1/2), sqrt(2)). */
export function log(e: Emitter, argument: Value): Value {
  const { f } = e;
  const given = f.define(argument);
  const small = f.define(f32x4.lt(given, 1.17549435e-38));
  const x = f.define(select(small, f32x4.mul(given, 8388608), given));
  const bits = f.define(i32x4.sub(x, constI32x4(0x3f3504f3)));
  const exponent = i32x4.sub(i32x4.shr_s(bits, 23), v128.and(small, constI32x4(23)));
  const n = f.define(f32x4.convert_i32x4_s(exponent));
  const mantissa = i32x4.add(v128.and(bits, constI32x4(0x7fffff)), constI32x4(0x3f3504f3));
  const z = f.define(f32x4.sub(mantissa, 1));
  const z2 = f.define(f32x4.mul(z, z));
  const p = polynomial(
    e,
    z,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  );
  const y = multiplyAdd(e, n, ln2Low, f32x4.mul(f32x4.mul(z, z2), p));
  const sum = f32x4.add(z, negativeMultiplyAdd(e, z2, 0.5, y));
  const result = f.define(multiplyAdd(e, n, ln2High, sum));
  const positive = f32x4.gt(given, 0);
  const finite = f32x4.lt(given, Number.POSITIVE_INFINITY);
  // infinity and NaN stay what they are; 0 gives -infinity; below 0 there is no logarithm
  const special = select(f32x4.eq(given, 0), Number.NEGATIVE_INFINITY, select(f32x4.lt(given, 0), Number.NaN, given));
  return select(v128.and(positive, finite), result, special);
}

export function sigmoid(e: Emitter, x: Value): Value {
  return f32x4.div(1, f32x4.add(exp(e, f32x4.neg(x)), 1));
}

/** A polynomial near 0, 1 - 2 / (e^2x + 1) elsewhere. */
export function tanh(e: Emitter, argument: Value): Value {
  const { f } = e;
  const x = f.define(argument);
  const size = f.define(f32x4.abs(x));
  const z = f.define(f32x4.mul(x, x));
  const p = polynomial(
    e,
    z,
    [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1],
  );
  const near = f.define(multiplyAdd(e, f32x4.mul(p, z), x, x));
  const far = f32x4.sub(1, f32x4.div(2, f32x4.add(exp(e, f32x4.add(size, size)), 1)));
  const signed = v128.or(far, v128.and(x, constI32x4(-0x80000000)));
  return select(f32x4.lt(size, 0.625), near, signed);
}

/** Taylor's series of the error function, for small x. */
function erfSeries(e: Emitter, x: Local): Value {
  const z = e.f.define(f32x4.mul(x, x));
  const terms: number[] = [];
  for (let n = 0, factorial = 1; n <= 11; n++, factorial *= n) {
    terms.unshift((((-1) ** n / (factorial * (2 * n + 1))) * 2) / Math.sqrt(Math.PI));
  }
  return e.f.define(f32x4.mul(x, polynomial(e, z, terms)));
}

/** 1 − erf(size) = t exp(P(t) − size²), t = 1 / (1 + size / 2), for sizes of 1/2 and more (Press et al., Numerical Recipes 6.2). */
function erfcFar(e: Emitter, size: Local): Value {
  const { f } = e;
  const t = f.define(f32x4.div(1, multiplyAdd(e, size, 0.5, 1)));
  const p = f.define(
    polynomial(
      e,
      t,
      [
        0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
        -1.26551223,
      ],
    ),
  );
  // The square is split in an exact part and a rest, and what each difference rounds off is kept: the exponent is large
  // where the answer is small.
  const high = f.define(v128.and(size, constI32x4(-0x1000)));
  const square = f.define(f32x4.mul(high, high));
  const low = f.define(f32x4.mul(f32x4.sub(size, high), f32x4.add(size, high)));
  const first = f.define(f32x4.sub(p, square));
  const exponent = f.define(f32x4.sub(first, low));
  const lost = f.define(f32x4.add(f32x4.sub(p, f32x4.add(first, square)), f32x4.sub(f32x4.sub(first, exponent), low)));
  const power = f.define(exp(e, exponent));
  return f32x4.mul(t, multiplyAdd(e, power, lost, power));
}

export function erf(e: Emitter, argument: Value): Value {
  const { f } = e;
  const x = f.define(argument);
  const size = f.define(f32x4.pmin(f32x4.abs(x), 10));
  const near = erfSeries(e, x);
  const signed = v128.or(f32x4.sub(1, erfcFar(e, size)), v128.and(x, constI32x4(-0x80000000)));
  return f.define(select(f32x4.lt(size, 1), near, signed));
}

/** 1 − erf(x), with its digits where it is small. */
export function erfc(e: Emitter, argument: Value): Value {
  const { f } = e;
  const x = f.define(argument);
  const size = f.define(f32x4.pmin(f32x4.abs(x), 15));
  const near = f32x4.sub(1, erfSeries(e, x));
  const tail = f.define(erfcFar(e, size));
  const far = select(f32x4.lt(x, 0), f32x4.sub(2, tail), tail);
  return f.define(select(f32x4.lt(size, 0.5), near, far));
}

/** A host function of each lane. */
export function eachLane(e: Emitter, name: MathName, ...operands: readonly Value[]): Value {
  const { f } = e;
  const given = operands.map((operand) => f.define(operand));
  const result = f.local("v128");
  for (let lane = 0; lane < 4; lane++) {
    const scalars = given.map((vector) => f64.promote_f32(extractLane("f32x4", vector, lane)));
    f.set(result, replaceLane("f32x4", result, lane, f32.demote_f64(call(e.math[name], ...scalars))));
  }
  return result;
}

/** a - floor(a / b) b, in float64 lanes. */
export function modulo(e: Emitter, a: Value, b: Value): Value {
  const { f } = e;
  const x = f.define(a);
  const y = f.define(b);
  const half = (upper: boolean): Value => {
    const part = (v: Value): Value => f64x2.promote_low_f32x4(upper ? shuffle32(v, v, [2, 3, 2, 3]) : v);
    const p = f.define(part(x));
    const q = f.define(part(y));
    return f32x4.demote_f64x2_zero(f64x2.sub(p, f64x2.mul(f64x2.floor(f64x2.div(p, q)), q)));
  };
  return shuffle32(half(false), half(true), [0, 1, 4, 5]);
}

/** x^p for p a multiple of 1/4 up to 8 in size, by products and square roots; undefined for others. */
export function constantPower(e: Emitter, argument: Value, power: number): Value | undefined {
  const quarters = Math.abs(power) * 4;
  if (!Number.isInteger(quarters) || quarters > 32) return undefined;
  const { f } = e;
  const x = f.define(argument);
  let result: Value | undefined;
  const times = (factor: Value): void => {
    result = result ? f.define(f32x4.mul(result, factor)) : factor;
  };
  let square: Value = x;
  for (let whole = quarters >> 2; whole > 0; whole >>= 1) {
    if (whole & 1) times(square);
    if (whole > 1) square = f.define(f32x4.mul(square, square));
  }
  if (quarters & 3) {
    // The root of -infinity to a fractional power is infinity; of -0 it is 0.
    const root = f.define(f32x4.sqrt(f32x4.add(x, 0)));
    if (quarters & 2) times(root);
    if (quarters & 1) times(f.define(f32x4.sqrt(root)));
  }
  const value = result ?? constF32x4(1);
  return power < 0 ? f32x4.div(1, value) : value;
}
