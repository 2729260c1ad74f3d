// Prints a kernel's scalar expressions as code on four float32 lanes (scalar.ts: on one float64). Common parts of several
// expressions are computed once. Tails of a row use the vector code too, so that an element's bits never depend on
// the lane that it fell into.
import type { Expression, UnaryName } from "../../../kernel/expression.ts";
import { constF32x4, constI32x4, f32x4, i32x4, type Local, type Value, v128 } from "../code/assembler.ts";
import {
  constantPower,
  type Emitter,
  eachLane,
  erf,
  erfc,
  exp,
  expm1,
  log,
  log1p,
  modulo,
  multiplyAdd,
  sigmoid,
  softplus,
  tanh,
} from "./math.ts";
import { Parts } from "./parts.ts";

/** Where the leaves of an expression come from; each is asked for once per call of vectorExpressions. */
export interface VectorLeaves {
  /** Operand i as four float32. */
  operand(index: number): Value;
  /** Operand i as one 32-bit integer (seed and step of random numbers). */
  integer(index: number): Value;
  /** Places along an axis, as four float32. */
  axisIndex(axis: number): Value;
  /** Row-major places in the kernel's shape, as four 32-bit integers. */
  linearIndex(): Value;
}

/** Values of all `expressions` for four places; every one is kept in a local before this returns. */
export function vectorExpressions(e: Emitter, expressions: readonly Expression[], leaves: VectorLeaves): Local[] {
  const parts = new Parts(expressions);
  const done = new Map<number, Value>();
  const value = (node: Expression): Value => {
    const id = parts.id(node);
    const known = done.get(id);
    if (known) return known;
    let result = vectorNode(e, node, value, leaves, (part) => parts.shared(part));
    if (node.kind !== "constant" && parts.shared(node)) {
      result = e.f.define(result);
      done.set(id, result);
    }
    return result;
  };
  return expressions.map((expression) => e.f.define(value(expression)));
}

const one = constF32x4(1);

function vectorNode(
  e: Emitter,
  node: Expression,
  value: (node: Expression) => Value,
  leaves: VectorLeaves,
  shared: (node: Expression) => boolean,
): Value {
  switch (node.kind) {
    case "operand":
      return leaves.operand(node.index);
    case "constant":
      return constF32x4(node.value);
    case "axisIndex":
      return leaves.axisIndex(node.axis);
    case "uniform":
      return uniformVector(e, node.stream, leaves.integer(node.seed), leaves.integer(node.step), leaves.linearIndex());
    case "unary":
      return vectorUnary(e, node.name, value(node.a));
    case "select":
      return v128.bitselect(value(node.a), value(node.b), maskOf(node.condition, value));
    case "binary": {
      if (node.name === "less" || node.name === "lessEqual" || node.name === "equal")
        return v128.and(maskOf(node, value), one);
      if (node.name === "power" && node.b.kind === "constant") {
        const power = constantPower(e, value(node.a), node.b.value);
        if (power) return power;
      }
      if (node.name === "add") {
        // a b + c in one instruction, where the product has no other use
        for (const [product, other] of [
          [node.a, node.b],
          [node.b, node.a],
        ]) {
          if (product.kind === "binary" && product.name === "multiply" && !shared(product))
            return multiplyAdd(e, value(product.a), value(product.b), value(other));
        }
      }
      return vectorBinary(e, node, value);
    }
  }
}

/** All ones where the condition holds. */
function maskOf(node: Expression, value: (node: Expression) => Value): Value {
  if (node.kind === "binary") {
    if (node.name === "less") return f32x4.lt(value(node.a), value(node.b));
    if (node.name === "lessEqual") return f32x4.le(value(node.a), value(node.b));
    if (node.name === "equal") return f32x4.eq(value(node.a), value(node.b));
  }
  return f32x4.ne(value(node), 0);
}

function vectorUnary(e: Emitter, name: UnaryName, argument: Value): Value {
  const { f } = e;
  switch (name) {
    case "negate":
      return f32x4.neg(argument);
    case "abs":
      return f32x4.abs(argument);
    case "sqrt":
      return f32x4.sqrt(argument);
    case "reciprocal":
      return f32x4.div(1, argument);
    case "floor":
      return f32x4.floor(argument);
    case "ceil":
      return f32x4.ceil(argument);
    case "round":
      return f32x4.nearest(argument);
    case "sign": {
      const x = f.define(argument);
      const signs = f32x4.sub(v128.and(f32x4.gt(x, 0), one), v128.and(f32x4.lt(x, 0), one));
      return v128.bitselect(signs, x, f32x4.eq(x, x));
    }
    case "isNaN": {
      const x = f.define(argument);
      return v128.and(f32x4.ne(x, x), one);
    }
    case "isFinite":
      return v128.and(f32x4.lt(f32x4.abs(argument), Number.POSITIVE_INFINITY), one);
    case "exp":
      return exp(e, argument);
    case "expm1":
      return expm1(e, argument);
    case "log":
      return log(e, argument);
    case "log1p":
      return log1p(e, argument);
    case "softplus":
      return softplus(e, argument);
    case "tanh":
      return tanh(e, argument);
    case "sigmoid":
      return sigmoid(e, argument);
    case "erf":
      return erf(e, argument);
    case "erfc":
      return erfc(e, argument);
    default:
      return eachLane(e, name, argument);
  }
}

function vectorBinary(
  e: Emitter,
  node: Extract<Expression, { kind: "binary" }>,
  value: (node: Expression) => Value,
): Value {
  const a = value(node.a);
  const b = value(node.b);
  const isNumber = (side: Expression): boolean => side.kind === "constant" && !Number.isNaN(side.value);
  switch (node.name) {
    case "add":
      return f32x4.add(a, b);
    case "subtract":
      return f32x4.sub(a, b);
    case "multiply":
      return f32x4.mul(a, b);
    case "divide":
      return f32x4.div(a, b);
    // With a constant on one side the one-instruction forms pass a NaN on; in general they would not.
    case "minimum":
      return isNumber(node.b) ? f32x4.pmin(a, b) : isNumber(node.a) ? f32x4.pmin(b, a) : f32x4.min(a, b);
    case "maximum":
      return isNumber(node.b) ? f32x4.pmax(a, b) : isNumber(node.a) ? f32x4.pmax(b, a) : f32x4.max(a, b);
    case "modulo":
      return modulo(e, a, b);
    case "power":
      return eachLane(e, "power", a, b);
    case "atan2":
      return eachLane(e, "atan2", a, b);
    default:
      throw new Error(`${node.name} is a comparison.`);
  }
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/** base/random.ts threefry on four counters: (place, step) under the key (seed, stream); the first word, 24 bits of it. */
export function uniformVector({ f }: Emitter, stream: number, seed: Value, step: Value, places: Value): Value {
  const keyOne = f.define(i32x4.splat(seed));
  const keyTwo = constI32x4(stream | 0);
  const keyThree = f.define(v128.xor(keyOne, constI32x4((stream ^ 0x1bd11bda) | 0)));
  const keys = [keyOne, keyTwo, keyThree];
  const x0 = f.define(i32x4.add(places, keyOne));
  const x1 = f.define(i32x4.add(i32x4.splat(step), keyTwo));
  for (let round = 0; round < 20; round++) {
    f.set(x0, i32x4.add(x0, x1));
    const r = rotations[round % 8];
    f.set(x1, v128.xor(v128.or(i32x4.shl(x1, r), i32x4.shr_u(x1, 32 - r)), x0));
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      f.set(x0, i32x4.add(x0, keys[s % 3]));
      f.set(x1, i32x4.add(i32x4.add(x1, keys[(s + 1) % 3]), constI32x4(s)));
    }
  }
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(x0, 8)), 2 ** -24);
}
