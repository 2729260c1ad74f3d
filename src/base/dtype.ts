// Element types. The float64 reference holds every element as a JavaScript number whatever its type says;
// the type tells how an array is stored at the borders (files, engines) and what arithmetic means (integer division).
import { oneOf, type Rule } from "./rules.ts";

/** Element types. */
export type DType = "float32" | "float64" | "int32" | "int64" | "uint8" | "bool";

/** An element type as an argument. */
export const dtypeRule: Rule = oneOf(["float32", "float64", "int32", "int64", "uint8", "bool"]);

export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** Bytes of one element in an engine's memory. */
export function bytesOf(dtype: DType): number {
  switch (dtype) {
    case "float64":
    case "int64":
      return 8;
    case "float32":
    case "int32":
    case "bool":
    case "uint8":
      return 4;
  }
}
