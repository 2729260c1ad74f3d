// How a row becomes a function: an element-wise function is its name, a scalar expression, and what else is known of it, said in
// one place. Value, derivative and machine code are made from the expression; ONNX reads and writes it by its operator; a layer
// of torch's class name applies it.
import { understand } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { anyNumber, options as byName, either, type Rule, real } from "../base/rules.ts";
import { floatTensor, type Tensor, tensor } from "../graph/graph.ts";
import { type Expression, operand } from "../kernel/expression.ts";
import { broadcastMap, type Operand } from "./cards/arithmetic.ts";
import { elementwise } from "./cards/map.ts";

/** The ONNX operator that a row is, read and written alike. */
export interface OnnxOperator {
  readonly op: string;
  /** Its float attributes: the option that each one is, or the number that it must be. */
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** The operator set that it came with, where that is younger than the one that is written. */
  readonly since?: number;
}

type Numbers = Readonly<Record<string, number>>;

/** What is known of an element-wise function. */
export interface Row {
  /** As in torch.nn.functional, what follows an underscore with a capital. */
  readonly name: string;
  /** Its options with the numbers that they are unless told. */
  readonly defaults: Numbers;
  /** The value of one element. */
  readonly expression: (x: Expression, options: Numbers) => Expression;
  /** The type of the result, where it is not that of x. */
  readonly dtype?: DType;
  /** The ONNX operator, where one means the same. */
  readonly onnx?: OnnxOperator;
  /** Torch's class, where it is not the name with a capital. */
  readonly layer?: string;
}

type None = Readonly<Record<never, never>>;

/** An element-wise function of x, and of options where it has any, that knows its row. */
export type Pointwise<Options extends object = None> = (keyof Options extends never
  ? (x: Tensor) => Tensor
  : (x: Tensor, options?: Options) => Tensor) &
  OfRow;

/** A function that knows its row. */
export interface OfRow {
  /** What is known of it. */
  readonly row: Row;
}

/** A row as it is written: every option has its default. */
interface Written<Options extends object> {
  readonly name: string;
  readonly expression: (x: Expression, options: Required<Options>) => Expression;
  readonly dtype?: DType;
  readonly onnx?:
    | string
    | {
        readonly op: string;
        readonly attributes?: Readonly<Record<string, keyof Options | number>>;
        readonly since?: number;
      };
  readonly layer?: string;
  /** Whole numbers have it too; unless told, only floats do. */
  readonly ofWhole?: true;
}

/** The function of a row: with options where it has defaults. */
export function row(written: Written<None>): Pointwise;
export function row<Options extends object>(
  written: Written<Options> & { readonly defaults: Required<Options> },
): Pointwise<Options>;
export function row(written: Written<never> & { readonly defaults?: Numbers }): unknown {
  const { name, dtype, defaults = {}, onnx } = written;
  const expression = written.expression as Row["expression"];
  const fields = Object.fromEntries(Object.keys(defaults).map((option) => [option, real()]));
  const parameters = {
    x: written.ofWhole ? tensor : floatTensor,
    ...(written.defaults ? { options: byName(fields) } : {}),
  };
  function pointwise(x: Tensor, options: Numbers = {}): Tensor {
    understand(name, arguments, parameters);
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const full = { ...defaults, ...given };
    return elementwise(name, expression(operand(0), full), [x], dtype ?? x.dtype, full);
  }
  const own = { ...written, defaults, expression, onnx: typeof onnx === "string" ? { op: onnx } : onnx };
  return Object.assign(pointwise, { row: own });
}

export const operandRule: Rule = { ...either(tensor, anyNumber), must: "a tensor or a number" };

/** An element-wise function of two operands, broadcast against each other, that knows its row. */
export type Pair = ((a: Operand, b: Operand) => Tensor) & {
  /** What is known of it. */
  readonly pair: PairRow;
};

/** What is known of an element-wise function of two. */
export interface PairRow {
  /** As in torch. */
  readonly name: string;
  /** The value of one element. */
  readonly expression: (a: Expression, b: Expression) => Expression;
  /** The type of the result, where it is not the wider of both. */
  readonly dtype?: DType;
  /** The ONNX operator, where one means the same. */
  readonly onnx?: string;
}

/** The function of a row of two. */
export function pair(known: PairRow): Pair {
  function pointwise(a: Operand, b: Operand): Tensor {
    understand(known.name, arguments, { a: operandRule, b: operandRule });
    return broadcastMap(known.name, [a, b], known.expression, known.dtype);
  }
  return Object.assign(pointwise, { pair: known });
}

/** The rows of one operand that a file of functions exports. */
export const rowsOf = (functions: Readonly<Record<string, unknown>>): Pointwise[] =>
  Object.values(functions).filter((one): one is Pointwise => typeof one === "function" && "row" in one);

/** The rows of two operands that a file of functions exports. */
export const pairsOf = (functions: Readonly<Record<string, unknown>>): Pair[] =>
  Object.values(functions).filter((one): one is Pair => typeof one === "function" && "pair" in one);
