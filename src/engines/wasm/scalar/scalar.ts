// Prints expressions as code on one float64: for kernels that touch integers or float64, where float32 lanes would not hold
// every number. Transcendental functions are the host's.
import type { BinaryName, Expression, UnaryName } from "../../../kernel/expression.ts";
import { call, choose, constF64, extractLane, f64, i32x4, type Local, type Value } from "../code/assembler.ts";
import { uniformVector } from "./expressions.ts";
import type { Emitter } from "./math.ts";
import { Parts } from "./parts.ts";

export interface ScalarLeaves {
  /** Operand i as float64. */
  operand(index: number): Value;
  integer(index: number): Value;
  /** The place along an axis, as float64. */
  axisIndex(axis: number): Value;
  /** The row-major place, as i32. */
  linearIndex(): Value;
}

/** Values of all `expressions` for one place, kept in locals. */
export function scalarExpressions(e: Emitter, expressions: readonly Expression[], leaves: ScalarLeaves): Local[] {
  const parts = new Parts(expressions);
  const done = new Map<number, Local>();
  const value = (node: Expression): Local => {
    const id = parts.id(node);
    let result = done.get(id);
    if (!result) {
      result = e.f.define(scalarNode(e, node, value, leaves));
      done.set(id, result);
    }
    return result;
  };
  return expressions.map(value);
}

function scalarNode(e: Emitter, node: Expression, value: (node: Expression) => Local, leaves: ScalarLeaves): Value {
  switch (node.kind) {
    case "operand":
      return leaves.operand(node.index);
    case "constant":
      return constF64(node.value);
    case "axisIndex":
      return leaves.axisIndex(node.axis);
    case "uniform": {
      const places = i32x4.splat(leaves.linearIndex());
      const vector = uniformVector(e, node.stream, leaves.integer(node.seed), leaves.integer(node.step), places);
      return f64.promote_f32(extractLane("f32x4", vector, 0));
    }
    case "unary":
      return scalarUnary(e, node.name, value(node.a));
    case "select":
      return choose(f64.ne(value(node.condition), 0), value(node.a), value(node.b));
    case "binary":
      return scalarBinary(e, node.name, value(node.a), value(node.b));
  }
}

function scalarUnary(e: Emitter, name: UnaryName, x: Local): Value {
  switch (name) {
    case "negate":
      return f64.neg(x);
    case "abs":
      return f64.abs(x);
    case "sqrt":
      return f64.sqrt(x);
    case "reciprocal":
      return f64.div(1, x);
    case "floor":
      return f64.floor(x);
    case "ceil":
      return f64.ceil(x);
    case "round":
      return f64.nearest(x);
    case "sign":
      return choose(f64.gt(x, 0), constF64(1), choose(f64.lt(x, 0), constF64(-1), x));
    case "isNaN":
      return f64.convert_i32_u(f64.ne(x, x));
    case "isFinite":
      return f64.convert_i32_u(f64.lt(f64.abs(x), Number.POSITIVE_INFINITY));
    case "sigmoid":
      return f64.div(1, f64.add(1, call(e.math.exp, f64.neg(x))));
    default:
      return call(e.math[name], x);
  }
}

function scalarBinary(e: Emitter, name: BinaryName, a: Local, b: Local): Value {
  switch (name) {
    case "add":
      return f64.add(a, b);
    case "subtract":
      return f64.sub(a, b);
    case "multiply":
      return f64.mul(a, b);
    case "divide":
      return f64.div(a, b);
    case "minimum":
      return f64.min(a, b);
    case "maximum":
      return f64.max(a, b);
    case "modulo":
      return f64.sub(a, f64.mul(f64.floor(f64.div(a, b)), b));
    case "less":
      return f64.convert_i32_u(f64.lt(a, b));
    case "lessEqual":
      return f64.convert_i32_u(f64.le(a, b));
    case "equal":
      return f64.convert_i32_u(f64.eq(a, b));
    default:
      return call(e.math[name], a, b);
  }
}
