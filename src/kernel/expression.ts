// Scalar expressions: what happens to one element. A tree is plain data; value (here), derivative (derivative.ts) and the
// WASM and WGSL code (in the engines) are all printed from it.

/** The functions of one number, and of two; what each computes says the table of its name. */
export type UnaryName = keyof typeof unaryValue;
export type BinaryName = keyof typeof binaryValue;

export type Expression =
  /** The element of the i-th operand that the kernel's access map names. */
  | { readonly kind: "operand"; readonly index: number }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "unary"; readonly name: UnaryName; readonly a: Expression }
  | { readonly kind: "binary"; readonly name: BinaryName; readonly a: Expression; readonly b: Expression }
  /** `a` where the condition is not zero, else `b`. */
  | { readonly kind: "select"; readonly condition: Expression; readonly a: Expression; readonly b: Expression }
  /** The place of the element along an axis of the kernel's shape. */
  | { readonly kind: "axisIndex"; readonly axis: number }
  /**
   * A uniform number in [0, 1) from Threefry: key (seed, stream), counter (element's linear index, step). `seed` and
   * `step` are operands of int32.
   */
  | { readonly kind: "uniform"; readonly seed: number; readonly step: number; readonly stream: number };

export const operand = (index: number): Expression => ({ kind: "operand", index });
export const constant = (value: number): Expression => ({ kind: "constant", value });

/** Unary application; constants fold, and a double negation cancels. */
export function unary(name: UnaryName, a: Expression): Expression {
  if (a.kind === "constant") return constant(unaryValue[name](a.value));
  if (name === "negate" && a.kind === "unary" && a.name === "negate") return a.a;
  return { kind: "unary", name, a };
}

/** Binary application; constants fold, and neutral elements vanish. */
export function binary(name: BinaryName, a: Expression, b: Expression): Expression {
  if (a.kind === "constant" && b.kind === "constant") return constant(binaryValue[name](a.value, b.value));
  const left = a.kind === "constant" ? a.value : undefined;
  const right = b.kind === "constant" ? b.value : undefined;
  if (name === "add") {
    if (left === 0) return b;
    if (right === 0) return a;
    // 1 + erf(z) is 1 − erf(−z), which keeps its digits where it is small (gelu, as other programs write it).
    if (left === 1 && b.kind === "unary" && b.name === "erf") return unary("erfc", unary("negate", b.a));
    if (right === 1 && a.kind === "unary" && a.name === "erf") return unary("erfc", unary("negate", a.a));
  }
  if (name === "subtract" && right === 0) return a;
  if (name === "multiply") {
    if (left === 1) return b;
    if (right === 1) return a;
    if (left === -1) return unary("negate", b);
    if (right === -1) return unary("negate", a);
  }
  if (name === "divide" && right === 1) return a;
  if (name === "power" && right === 1) return a;
  return { kind: "binary", name, a, b };
}

export const add = (a: Expression, b: Expression): Expression => binary("add", a, b);
export const subtract = (a: Expression, b: Expression): Expression => binary("subtract", a, b);
export const multiply = (a: Expression, b: Expression): Expression => binary("multiply", a, b);
export const divide = (a: Expression, b: Expression): Expression => binary("divide", a, b);
export const minimum = (a: Expression, b: Expression): Expression => binary("minimum", a, b);
export const maximum = (a: Expression, b: Expression): Expression => binary("maximum", a, b);
export const less = (a: Expression, b: Expression): Expression => binary("less", a, b);
export const select = (condition: Expression, a: Expression, b: Expression): Expression =>
  condition.kind === "constant" ? (condition.value !== 0 ? a : b) : { kind: "select", condition, a, b };

/** Error function to full double precision: series below 2.5, continued fraction above. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (!(z < 6)) return Number.isNaN(x) ? NaN : Math.sign(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-18 * sum && n < 200; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  return Math.sign(x) * (1 - erfcFraction(z));
}

/** 1 − erf(x), with its digits where it is small. */
export const erfc = (x: number): number => (x >= 1.5 ? erfcFraction(x) : 1 - erf(x));

/** exp(−x²) / √π divided by the continued fraction x + (1/2) / (x + (2/2) / (x + (3/2) / …)). */
function erfcFraction(x: number): number {
  if (x > 28) return 0;
  let fraction = 0;
  for (let n = x < 2.5 ? 200 : 60; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** Rounds halves to the even neighbour, as IEEE 754, NumPy and ONNX do. */
function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

export const unaryValue = {
  negate: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  /** e^a − 1 and ln(1 + a), with their digits where they are small. */
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  /** ln(1 + e^a): never overflows, and keeps its digits where it is small. */
  softplus: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
  sqrt: Math.sqrt,
  reciprocal: (a) => 1 / a,
  tanh: Math.tanh,
  sigmoid: (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a))),
  erf,
  erfc,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  isNaN: (a) => (Number.isNaN(a) ? 1 : 0),
  isFinite: (a) => (Number.isFinite(a) ? 1 : 0),
} satisfies Record<string, (a: number) => number>;

export const binaryValue = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: (a, b) => a ** b,
  minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b),
  modulo: (a, b) => a - Math.floor(a / b) * b,
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  atan2: Math.atan2,
} satisfies Record<string, (a: number, b: number) => number>;

/** Evaluates in float64. `value(i)` gives operand i; `index(axis)` and `random` serve the two position-dependent leaves. */
export function evaluate(
  expression: Expression,
  value: (index: number) => number,
  index: (axis: number) => number = () => 0,
  random: (leaf: Extract<Expression, { kind: "uniform" }>) => number = () => 0,
): number {
  switch (expression.kind) {
    case "operand":
      return value(expression.index);
    case "constant":
      return expression.value;
    case "unary":
      return unaryValue[expression.name](evaluate(expression.a, value, index, random));
    case "binary":
      return binaryValue[expression.name](
        evaluate(expression.a, value, index, random),
        evaluate(expression.b, value, index, random),
      );
    case "select":
      return evaluate(expression.condition, value, index, random) !== 0
        ? evaluate(expression.a, value, index, random)
        : evaluate(expression.b, value, index, random);
    case "axisIndex":
      return index(expression.axis);
    case "uniform":
      return random(expression);
  }
}

/** `max(x0, 0)`-like text, for dumps. */
export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case "operand":
      return `x${expression.index}`;
    case "constant":
      return String(expression.value);
    case "unary":
      return `${expression.name}(${formatExpression(expression.a)})`;
    case "binary":
      return `${expression.name}(${formatExpression(expression.a)}, ${formatExpression(expression.b)})`;
    case "select":
      return `select(${formatExpression(expression.condition)}, ${formatExpression(expression.a)}, ${formatExpression(expression.b)})`;
    case "axisIndex":
      return `index(${expression.axis})`;
    case "uniform":
      return `uniform(seed x${expression.seed}, step x${expression.step}, stream ${expression.stream})`;
  }
}
