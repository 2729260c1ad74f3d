// One node of a GraphDef as JSON: its operator, what it reads, and its attributes, each of the kind that is asked for.
//
//   { name, op, input: ["a", "b:1", "^control"], attr: { strides: { list: { i: ["1", "2", "2", "1"] } }, … } }
//
// Whole numbers may be texts (64 bits do not fit JSON), texts are base64 or lists of character codes.
import { DataError } from "../../../base/errors.ts";
import type { Json } from "../../json.ts";
import { type Fields, fieldsOf, isList } from "../fields.ts";

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Source[];
  readonly attributes: Attributes;
}

/** Output `output` of a node. */
export interface Source {
  readonly node: string;
  readonly output: number;
}

export interface Attributes {
  has(name: string): boolean;
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  flag(name: string, otherwise: boolean): boolean;
  text(name: string, otherwise: string): string;
  ints(name: string): number[] | undefined;
  texts(name: string): string[];
  /** "float32", "int32", … for TensorFlow's DT_FLOAT, DT_INT32, … */
  type(name: string): string | undefined;
  /** An attribute as it stands, such as `shape` or `tensor`. */
  part(name: string, kind: string): Fields | undefined;
}

/** TensorFlow's names and numbers of element types. */
const typeNames: Readonly<Record<string, string>> = {
  DT_FLOAT: "float32",
  DT_DOUBLE: "float32",
  DT_HALF: "float32",
  DT_INT32: "int32",
  DT_INT64: "int32",
  DT_INT16: "int32",
  DT_INT8: "int32",
  DT_UINT8: "int32",
  DT_BOOL: "bool",
  DT_STRING: "string",
  1: "float32",
  2: "float32",
  3: "int32",
  4: "int32",
  7: "string",
  9: "int32",
  10: "bool",
  19: "float32",
};

/** The library's name of a TensorFlow type; its own name where there is none. */
export function typeName(value: Json | undefined): string {
  const key = String(value);
  return Object.hasOwn(typeNames, key) ? typeNames[key] : key.slice(0, 40);
}

export function nodeOf(value: Json, i: number): GraphNode {
  const fields = fieldsOf(value, `Node ${i + 1} of the graph`);
  const name = fields.text("name");
  const inputs = fields.has("input") ? fields.list("input") : [];
  return {
    name,
    op: fields.text("op"),
    inputs: inputs.flatMap((text) => {
      if (typeof text !== "string") throw new DataError(`Node "${name}" reads something that is no name.`);
      return text.startsWith("^") ? [] : [sourceOf(text)];
    }),
    attributes: attributesOf(fields.has("attr") ? fields.object("attr") : undefined),
  };
}

/** `name` or `name:1`. */
export function sourceOf(text: string): Source {
  const [, node, output] = /^(.*?)(?::(\d{1,4}))?$/s.exec(text) as RegExpExecArray;
  return { node, output: Number(output ?? 0) };
}

function attributesOf(all: Fields | undefined): Attributes {
  const one = (name: string): Fields | undefined => (all?.has(name) ? all.object(name) : undefined);
  const part = (name: string, kind: string): Fields | undefined => {
    const found = one(name);
    return found?.has(kind) ? found.object(kind) : undefined;
  };
  function get<T>(name: string, kind: string, otherwise: T, read: (value: Json) => T | undefined): T {
    const found = one(name);
    if (!found) return otherwise;
    // A field with its default value is left out by some writers.
    const value = found.raw(kind);
    if (value === undefined) {
      if (found.names.length === 0) return otherwise;
      throw new DataError(`its attribute "${name}" should have "${kind}" and has "${found.names[0]}".`);
    }
    const result = read(value);
    if (result === undefined) throw new DataError(`its attribute "${name}" cannot be read.`);
    return result;
  }
  const list = (name: string, kind: string): readonly Json[] | undefined => {
    const found = part(name, "list")?.raw(kind);
    return isList(found) ? found : undefined;
  };
  return {
    has: (name) => all?.has(name) ?? false,
    int: (name, otherwise) => get(name, "i", otherwise, wholeOf),
    float: (name, otherwise) => get(name, "f", otherwise, numberOf),
    flag: (name, otherwise) => get(name, "b", otherwise, (v) => (typeof v === "boolean" ? v : undefined)),
    text: (name, otherwise) => get(name, "s", otherwise, textOf),
    ints: (name) =>
      list(name, "i")?.map((value) => {
        const n = wholeOf(value);
        if (n === undefined) throw new DataError(`its attribute "${name}" holds something that is no whole number.`);
        return n;
      }),
    texts: (name) => list(name, "s")?.map((value) => textOf(value) ?? "") ?? [],
    type: (name) => {
      const value = one(name)?.raw("type");
      return value === undefined ? undefined : typeName(value);
    },
    part,
  };
}

export function wholeOf(value: Json | undefined): number | undefined {
  const n = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(n) ? (n as number) : undefined;
}

function numberOf(value: Json): number | undefined {
  if (typeof value === "number") return value;
  // Infinities and NaN are texts in JSON.
  if (value === "Infinity" || value === "-Infinity" || value === "NaN") return Number(value);
  return undefined;
}

function textOf(value: Json): string | undefined {
  if (isList(value))
    return value.every((n) => wholeOf(n) !== undefined)
      ? String.fromCharCode(...(value.slice(0, 1000) as number[]))
      : undefined;
  if (typeof value !== "string" || value.length > 10_000) return undefined;
  try {
    return atob(value);
  } catch {
    return undefined;
  }
}
