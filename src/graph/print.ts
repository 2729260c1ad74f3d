// A graph as text, one node a line, in an order that depends only on the graph; numbers are places in this list.
//
//   %0  input x  float32 [1, 1, 28, 28]
//   %1  variable conv1.weight  float32 [6, 1, 5, 5]
//   %2  convolution(%0, %1) stride=[1, 1] dilation=[1, 1] …  → float32 [1, 6, 28, 28]   # conv1
import { understand } from "../base/arguments.ts";
import { oneLine } from "../base/line.ts";
import { recordOf } from "../base/rules.ts";
import { formatShape } from "../base/shape.ts";
import { type Expression, formatExpression } from "../kernel/expression.ts";
import { attributesIf, constantOp, inputOp, type Node, type Tensor, tensor, variableOp } from "./graph.ts";
import type { TensorType } from "./op.ts";
import { walk } from "./walk.ts";

export function formatType({ dtype, shape }: TensorType): string {
  return `${dtype} ${formatShape(shape)}`;
}

/** The graph below named tensors; the last lines say which node each name is. */
export function printGraph(outputs: Readonly<Record<string, Tensor>>): string {
  understand("printGraph", arguments, { outputs: recordOf(tensor, "tensors by name") });
  const nodes = walk(Object.values(outputs));
  const places = new Map(nodes.map((node, place) => [node, place]));
  const width = `%${Math.max(0, nodes.length - 1)}`.length;
  const refer = ({ node, output }: Tensor): string =>
    `%${places.get(node)}${node.outputs.length > 1 ? `.${output}` : ""}`;
  const lines = nodes.map((node, place) => `${`%${place}`.padEnd(width)}  ${formatNode(node, refer)}`);
  const ends = Object.entries(outputs).map(([name, tensor]) => `return ${name} = ${refer(tensor)}`);
  return [...lines, ...ends].map(oneLine).join("\n");
}

function formatNode(node: Node, refer: (tensor: Tensor) => string): string {
  const type = node.outputs.map(formatType).join(", ");
  const leaf = attributesIf(node, inputOp) ?? attributesIf(node, variableOp);
  if (leaf) return `${node.op.name} ${leaf.name}  ${type}`;
  const constant = attributesIf(node, constantOp);
  if (constant) return `constant ${formatValue(constant.value)}  ${type}`;
  const name = "name" in node.attributes && typeof node.attributes.name === "string" ? node.attributes.name : undefined;
  const attributes = Object.entries(node.attributes)
    .filter(([key, value]) => key !== "name" && !isPlain(value))
    .map(
      ([key, value]) => ` ${key}=${key === "expression" ? formatExpression(value as Expression) : formatValue(value)}`,
    )
    .join("");
  const path = node.path === "" ? "" : `   # ${node.path}`;
  return `${name ?? node.op.name}(${node.inputs.map(refer).join(", ")})${attributes}  → ${type}${path}`;
}

/** Not worth a word. */
function isPlain(value: unknown): boolean {
  if (value === undefined || value === "float32" || typeof value === "function") return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Attributes are plain data; what is long is cut. */
function formatValue(value: unknown): string {
  if (isArrayLike(value)) return formatNumbers(value);
  if (typeof value === "object" && value !== null && "data" in value && isArrayLike(value.data)) {
    return formatNumbers(value.data);
  }
  if (Array.isArray(value)) return `[${value.map(formatValue).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value).map(([key, part]) => `${key}: ${formatValue(part)}`);
    return `{${parts.join(", ")}}`;
  }
  return typeof value === "string" ? `"${value}"` : String(value);
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  return ArrayBuffer.isView(value) && "length" in value;
}

function formatNumbers(numbers: ArrayLike<number>): string {
  const first = Array.from({ length: Math.min(4, numbers.length) }, (_, i) => Number(numbers[i].toPrecision(6)));
  if (numbers.length === 1) return String(first[0]);
  return `[${first.join(", ")}${numbers.length > first.length ? `, … ${numbers.length} numbers` : ""}]`;
}
