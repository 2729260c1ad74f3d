// Element-wise nodes: activations that ONNX names are written by name, all else operation by operation from the expression.
import type { DType } from "../../../base/dtype.ts";
import { isFloat } from "../../../base/dtype.ts";
import { broadcastShapes, type Shape, sameShape } from "../../../base/shape.ts";
import { attributesIf, type Node, type Tensor } from "../../../graph/graph.ts";
import { constant, type Expression, multiply, operand, type UnaryName } from "../../../kernel/expression.ts";
import { sameExpression, someNode } from "../../../kernel/walk.ts";
import * as activations from "../../../ops/activations.ts";
import * as arithmetic from "../../../ops/arithmetic.ts";
import { type MapAttributes, mapOp } from "../../../ops/cards/map.ts";
import { broadcastOp } from "../../../ops/cards/sum.ts";
import { type Row, rowsOf } from "../../../ops/row.ts";
import { type AttributeValue, cannotWrite, type Emitter, float, OPSET } from "../emitter.ts";
import { elementTypeOf } from "../tensor.ts";

/** The rows that are one ONNX operator, by name. */
const named: ReadonlyMap<string, Row> = new Map(
  [...rowsOf(activations), ...rowsOf(arithmetic)].flatMap(({ row }) => (row.onnx ? [[row.name, row] as const] : [])),
);

const unaries: Readonly<Record<Exclude<UnaryName, "isFinite" | "expm1" | "log1p" | "erfc">, string>> = {
  negate: "Neg",
  abs: "Abs",
  sign: "Sign",
  exp: "Exp",
  log: "Log",
  softplus: "Softplus",
  sqrt: "Sqrt",
  reciprocal: "Reciprocal",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  erf: "Erf",
  floor: "Floor",
  ceil: "Ceil",
  round: "Round",
  sin: "Sin",
  cos: "Cos",
  tan: "Tan",
  asin: "Asin",
  acos: "Acos",
  atan: "Atan",
  sinh: "Sinh",
  cosh: "Cosh",
  asinh: "Asinh",
  acosh: "Acosh",
  atanh: "Atanh",
  isNaN: "IsNaN",
};

const binaries: Readonly<Record<string, string>> = {
  add: "Add",
  subtract: "Sub",
  multiply: "Mul",
  divide: "Div",
  power: "Pow",
  minimum: "Min",
  maximum: "Max",
  less: "Less",
  lessEqual: "LessOrEqual",
  equal: "Equal",
};

/** The tensor itself, or what it was stretched from where ONNX's own broadcasting does the same. */
function unstretched(tensors: readonly Tensor[], shape: Shape): Tensor[] {
  const sources = tensors.map((t) => (attributesIf(t.node, broadcastOp) ? t.node.inputs[0] : t));
  const joint = sources.reduce<Shape | undefined>((all, t) => all && broadcastShapes(all, t.shape), []);
  return joint && sameShape(joint, shape) ? sources : [...tensors];
}

export function writeMap(node: Node, emitter: Emitter): string[] {
  const attributes = attributesIf(node, mapOp)!;
  return writeNamed(node, attributes, emitter) ?? [new Printer(node, attributes, emitter).result()];
}

function writeNamed(
  node: Node,
  { name, expression, parameters, dtype }: MapAttributes,
  emitter: Emitter,
): string[] | undefined {
  const [x] = node.inputs;
  const all = node.inputs.every((t) => t.dtype === dtype);
  if (name === "cast") return emitter.node("Cast", [emitter.nameOf(x)], { to: elementTypeOf[dtype] });
  if (name === "div" && all && !isFloat(dtype) && node.inputs.length === 2) {
    return emitter.node(
      "Div",
      unstretched(node.inputs, node.outputs[0].shape).map((t) => emitter.nameOf(t)),
    );
  }
  if (!isFloat(dtype) || !all) return undefined;
  if (name === "prelu" && node.inputs.length === 2) {
    const [, slope] = unstretched(node.inputs, node.outputs[0].shape);
    return emitter.node("PRelu", [emitter.nameOf(x), emitter.nameOf(slope)]);
  }
  if (node.inputs.length !== 1) return undefined;
  if (name === "relu6") return clip(x, 0, 6, emitter);
  if (name === "clamp") return clip(x, parameters.low, parameters.high, emitter);
  if (name === "hardtanh") return clip(x, parameters.minVal, parameters.maxVal, emitter);
  const row = named.get(name);
  if (!row?.onnx || (row.onnx.since ?? 1) > OPSET) return undefined;
  if (!sameExpression(expression, row.expression(operand(0), parameters))) return undefined;
  const attributes = Object.entries(row.onnx.attributes ?? {});
  // What the operator has no attribute for must be what it is without.
  const told = attributes.map(([, option]) => option);
  const fixed = Object.entries(row.defaults).filter(([option]) => !told.includes(option));
  if (fixed.some(([option, value]) => parameters[option] !== value)) return undefined;
  const numbers = attributes.map(([key, option]): [string, AttributeValue] => [
    key,
    float(typeof option === "string" ? parameters[option] : option),
  ]);
  return emitter.node(row.onnx.op, [emitter.nameOf(x)], Object.fromEntries(numbers));
}

function clip(x: Tensor, low: number, high: number, emitter: Emitter): string[] {
  const limit = (value: number): string =>
    Number.isFinite(value) ? emitter.constant({ shape: [], dtype: x.dtype, data: Float64Array.of(value) }) : "";
  const limits = [limit(low), limit(high)];
  if (limits[1] === "") limits.pop();
  return emitter.node("Clip", [emitter.nameOf(x), ...limits]);
}

/** A value while an expression is printed. */
interface Value {
  readonly name: string;
  readonly dtype: DType;
}

/** Prints one expression as ONNX nodes. Numbers are computed in one type; comparisons give bools. */
class Printer {
  readonly #node: Node;
  readonly #attributes: MapAttributes;
  readonly #emitter: Emitter;
  readonly #inputs: readonly Tensor[];
  readonly #computed: DType;
  readonly #done = new Map<Expression, Value>();

  constructor(node: Node, attributes: MapAttributes, emitter: Emitter) {
    this.#node = node;
    this.#attributes = attributes;
    this.#emitter = emitter;
    this.#inputs = unstretched(node.inputs, node.outputs[0].shape);
    const types = [attributes.dtype, ...node.inputs.map(({ dtype }) => dtype)].filter((type) => type !== "bool");
    const float64 = types.includes("float64");
    const whole = types.length > 0 && types.every((type) => !isFloat(type)) && isWhole(attributes.expression);
    const widest = types.includes("int64") ? "int64" : "int32";
    this.#computed = float64 ? "float64" : whole ? widest : "float32";
  }

  result(): string {
    const { dtype, expression } = this.#attributes;
    const wanted = this.#cast(this.#print(expression), dtype);
    // A lone operand would leave the node without an output of its own.
    return wanted.name;
  }

  #number(value: number): Value {
    const name = this.#emitter.constant({ shape: [], dtype: this.#computed, data: Float64Array.of(value) });
    return { name, dtype: this.#computed };
  }

  #cast(value: Value, dtype: DType): Value {
    if (value.dtype === dtype) return value;
    return { name: this.#emitter.node("Cast", [value.name], { to: elementTypeOf[dtype] })[0], dtype };
  }

  #apply(opType: string, values: readonly Value[], dtype = this.#computed): Value {
    return {
      name: this.#emitter.node(
        opType,
        values.map(({ name }) => name),
      )[0],
      dtype,
    };
  }

  /** The value as a number of the type that is computed with. */
  #numeric(expression: Expression): Value {
    return this.#cast(this.#print(expression), this.#computed);
  }

  /** 1 − Erf(a), as 1 + Erf(−a) where the sign goes into a: so other programs know gelu. */
  #complement(a: Expression): Value {
    const one = this.#number(1);
    const negative =
      a.kind === "unary" && a.name === "negate"
        ? a.a
        : a.kind === "binary" && a.name === "multiply" && a.b.kind === "constant" && a.b.value < 0
          ? multiply(a.a, constant(-a.b.value))
          : undefined;
    if (negative) return this.#apply("Add", [one, this.#apply("Erf", [this.#numeric(negative)])]);
    return this.#apply("Sub", [one, this.#apply("Erf", [this.#numeric(a)])]);
  }

  #print(expression: Expression): Value {
    const known = this.#done.get(expression);
    if (known) return known;
    const value = this.#printNew(expression);
    this.#done.set(expression, value);
    return value;
  }

  #printNew(expression: Expression): Value {
    switch (expression.kind) {
      case "operand": {
        const tensor = this.#inputs[expression.index];
        return { name: this.#emitter.nameOf(tensor), dtype: tensor.dtype };
      }
      case "constant":
        return this.#number(expression.value);
      case "unary": {
        // ONNX has no names for three of them.
        if (expression.name === "erfc") return this.#complement(expression.a);
        const a = this.#numeric(expression.a);
        if (expression.name === "expm1") return this.#apply("Sub", [this.#apply("Exp", [a]), this.#number(1)]);
        if (expression.name === "log1p") return this.#apply("Log", [this.#apply("Add", [a, this.#number(1)])]);
        if (expression.name !== "isFinite") {
          return this.#apply(unaries[expression.name], [a], expression.name === "isNaN" ? "bool" : this.#computed);
        }
        const infinite = this.#apply(
          "Or",
          [this.#apply("IsNaN", [a], "bool"), this.#apply("IsInf", [a], "bool")],
          "bool",
        );
        return this.#apply("Not", [infinite], "bool");
      }
      case "binary":
        return this.#binary(expression);
      case "select": {
        const condition = this.#cast(this.#print(expression.condition), "bool");
        const [a, b] = [this.#print(expression.a), this.#print(expression.b)];
        const bools = a.dtype === "bool" && b.dtype === "bool";
        const branches = bools ? [a, b] : [this.#cast(a, this.#computed), this.#cast(b, this.#computed)];
        return this.#apply("Where", [condition, ...branches], bools ? "bool" : this.#computed);
      }
      case "axisIndex": {
        const { shape } = this.#node.outputs[0];
        if (expression.axis === 0 && this.#emitter.openBatch)
          throw cannotWrite(this.#node, "The place along an open batch axis");
        const data = Float64Array.from({ length: shape[expression.axis] }, (_, i) => i);
        const column = shape.map((n, axis) => (axis === expression.axis ? n : 1));
        return { name: this.#emitter.constant({ shape: column, dtype: this.#computed, data }), dtype: this.#computed };
      }
      case "uniform":
        throw cannotWrite(this.#node, "A random number");
    }
  }

  #binary(expression: Extract<Expression, { kind: "binary" }>): Value {
    const values = [this.#numeric(expression.a), this.#numeric(expression.b)];
    switch (expression.name) {
      case "modulo": {
        if (!isFloat(this.#computed)) return this.#apply("Mod", values);
        const [a, b] = values;
        const quotient = this.#apply("Floor", [this.#apply("Div", [a, b])]);
        return this.#apply("Sub", [a, this.#apply("Mul", [quotient, b])]);
      }
      case "atan2":
        throw cannotWrite(this.#node, "The angle of two numbers (atan2)");
      case "less":
      case "lessEqual":
      case "equal":
        return this.#apply(binaries[expression.name], values, "bool");
      default:
        return this.#apply(binaries[expression.name], values);
    }
  }
}

/** Whether an expression of whole numbers stays among them at every step. */
const isWhole = (expression: Expression): boolean => !someNode(expression, leavesWhole);

function leavesWhole(node: Expression): boolean {
  switch (node.kind) {
    case "operand":
    case "axisIndex":
    case "select":
      return false;
    case "constant":
      return !Number.isInteger(node.value);
    case "unary":
      return !["negate", "abs", "sign"].includes(node.name);
    case "binary":
      return ["divide", "power", "atan2"].includes(node.name);
    case "uniform":
      return true;
  }
}
