// Functions that modules import from the host, on float64: those of expressions that are not a few instructions.
import { type BinaryName, binaryValue, type UnaryName, unaryValue } from "../../../kernel/expression.ts";
import type { Callable } from "../code/assembler.ts";
import type { ModuleBuilder } from "../code/module.ts";

/** What scalar.ts writes as instructions. */
const instructions = [
  "negate",
  "abs",
  "sign",
  "sqrt",
  "reciprocal",
  "sigmoid",
  "floor",
  "ceil",
  "round",
  "isNaN",
  "isFinite",
  "add",
  "subtract",
  "multiply",
  "divide",
  "minimum",
  "maximum",
  "modulo",
  "less",
  "lessEqual",
  "equal",
] as const satisfies readonly (UnaryName | BinaryName)[];

export type MathName = Exclude<UnaryName | BinaryName, (typeof instructions)[number]>;
export type MathImports = Readonly<Record<MathName, Callable>>;

const written: ReadonlySet<string> = new Set(instructions);

/** What an instance is given as the imports of `math`. */
export const hostMath: Readonly<Record<string, (a: number, b: number) => number>> = Object.fromEntries(
  Object.entries({ ...unaryValue, ...binaryValue }).filter(([name]) => !written.has(name)),
);

/** Imports them all. */
export const importMath = (module: ModuleBuilder): MathImports =>
  Object.fromEntries(
    Object.keys(hostMath).map((name) => {
      const parameters = name in binaryValue ? (["f64", "f64"] as const) : (["f64"] as const);
      return [name, module.importFunction("math", name, parameters, "f64")];
    }),
  ) as MathImports;
