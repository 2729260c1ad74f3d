// Derivatives of scalar expressions, by the rules of the calculus. At kinks the subgradient is PyTorch's: relu and abs
// have 0 at 0, and where maximum and minimum tie the gradient is split evenly.
import {
  add,
  binary,
  constant,
  divide,
  type Expression,
  less,
  multiply,
  select,
  subtract,
  unary,
} from "./expression.ts";

const zero = constant(0);
const isZero = (e: Expression): boolean => e.kind === "constant" && e.value === 0;

/** Product that drops a factor of zero. */
const times = (a: Expression, b: Expression): Expression => (isZero(a) || isZero(b) ? zero : multiply(a, b));

/**
 * d expression / d operand `index`. `self`, where given, is an operand that already holds the value of the whole
 * expression, so that exp, tanh, sigmoid and sqrt need not be computed again.
 */
export function differentiate(expression: Expression, index: number, self?: Expression): Expression {
  switch (expression.kind) {
    case "operand":
      return constant(expression.index === index ? 1 : 0);
    case "constant":
    case "axisIndex":
    case "uniform":
      return zero;
    case "select": {
      const a = differentiate(expression.a, index);
      const b = differentiate(expression.b, index);
      return isZero(a) && isZero(b) ? zero : select(expression.condition, a, b);
    }
    case "unary": {
      const inner = differentiate(expression.a, index);
      return isZero(inner) ? zero : times(unaryDerivative(expression, self ?? expression), inner);
    }
    case "binary": {
      const da = differentiate(expression.a, index);
      const db = differentiate(expression.b, index);
      return isZero(da) && isZero(db) ? zero : binaryDerivative(expression, da, db, self);
    }
  }
}

/** Outer derivative of a unary at its argument; `value` stands for the unary's own value. */
function unaryDerivative({ name, a }: Extract<Expression, { kind: "unary" }>, value: Expression): Expression {
  const one = constant(1);
  const square = multiply(a, a);
  switch (name) {
    case "negate":
      return constant(-1);
    case "abs":
      return unary("sign", a);
    case "exp":
      return value;
    case "expm1":
      return unary("exp", a);
    case "log1p":
      return unary("reciprocal", add(one, a));
    case "softplus":
      return unary("sigmoid", a);
    case "log":
      return unary("reciprocal", a);
    case "sqrt":
      return divide(constant(0.5), value);
    case "reciprocal":
      return unary("negate", multiply(value, value));
    case "tanh":
      return subtract(one, multiply(value, value));
    case "sigmoid":
      return multiply(value, subtract(one, value));
    case "erf":
      return multiply(constant(2 / Math.sqrt(Math.PI)), unary("exp", unary("negate", square)));
    case "erfc":
      return multiply(constant(-2 / Math.sqrt(Math.PI)), unary("exp", unary("negate", square)));
    case "sin":
      return unary("cos", a);
    case "cos":
      return unary("negate", unary("sin", a));
    case "tan":
      return add(one, multiply(value, value));
    case "asin":
      return unary("reciprocal", unary("sqrt", subtract(one, square)));
    case "acos":
      return unary("negate", unary("reciprocal", unary("sqrt", subtract(one, square))));
    case "atan":
      return unary("reciprocal", add(one, square));
    case "sinh":
      return unary("cosh", a);
    case "cosh":
      return unary("sinh", a);
    case "asinh":
      return unary("reciprocal", unary("sqrt", add(square, one)));
    case "acosh":
      return unary("reciprocal", unary("sqrt", subtract(square, one)));
    case "atanh":
      return unary("reciprocal", subtract(one, square));
    case "sign":
    case "floor":
    case "ceil":
    case "round":
    case "isNaN":
    case "isFinite":
      return zero;
  }
}

function binaryDerivative(
  { name, a, b }: Extract<Expression, { kind: "binary" }>,
  da: Expression,
  db: Expression,
  self: Expression | undefined,
): Expression {
  switch (name) {
    case "add":
      return add(da, db);
    case "subtract":
      return isZero(db) ? da : subtract(da, db);
    case "multiply":
      return add(times(da, b), times(a, db));
    case "divide": {
      if (isZero(db)) return divide(da, b);
      // (da − (a / b) db) / b: the square of b could leave float32.
      const moved = times(self ?? divide(a, b), db);
      return divide(isZero(da) ? unary("negate", moved) : subtract(da, moved), b);
    }
    case "power": {
      // d(a^b) = b a^(b-1) da + a^b ln(a) db
      const byBase = isZero(da) ? zero : times(multiply(b, binary("power", a, subtract(b, constant(1)))), da);
      const value = self ?? binary("power", a, b);
      const byExponent = isZero(db)
        ? zero
        : times(select(less(constant(0), a), multiply(value, unary("log", a)), zero), db);
      return add(byBase, byExponent);
    }
    case "maximum":
    case "minimum": {
      if (b.kind === "constant" && (name === "maximum" || name === "minimum")) {
        // A clip: PyTorch passes nothing at the kink of relu.
        const inside = name === "maximum" ? less(b, self ?? a) : less(self ?? a, b);
        return select(inside, da, zero);
      }
      const half = multiply(constant(0.5), add(da, db));
      // The first operand wins where `low` is less than `high`.
      const [low, high] = name === "maximum" ? [b, a] : [a, b];
      return select(less(low, high), da, select(less(high, low), db, half));
    }
    case "modulo":
      return isZero(db) ? da : subtract(da, times(unary("floor", divide(a, b)), db));
    case "atan2": {
      const norm = add(multiply(a, a), multiply(b, b));
      return divide(subtract(times(da, b), times(a, db)), norm);
    }
    case "less":
    case "lessEqual":
    case "equal":
      return zero;
  }
}
