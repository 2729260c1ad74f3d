// Numbers of findings in words that stay the same from machine to machine: what is only rounding is told as a bound.
import type { Cell } from "./parts.ts";

/** Whole numbers with commas; others to five digits; traces as the power of ten that they stay below. */
export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "infinite" : "−infinite";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (Number.isInteger(value) && size < 1e15) return sign + size.toLocaleString("en-US");
  if (size >= 1e9) return sign + size.toExponential(1).replace("e+", "e");
  if (size < 1e-4) return `below 1e${Math.floor(Math.log10(size)) + 1}`;
  return sign + Number(size.toPrecision(5)).toLocaleString("en-US", { maximumFractionDigits: 8 });
}

export const cellWords = (cell: Cell): string => (typeof cell === "number" ? numberWords(cell) : cell);
