// Numbers of the lab for people: whole ones with commas, others with as many digits as tell something.
import type { Cell } from "../../src/doors/lab.ts";

export function cell(value: Cell): string {
  if (typeof value === "string") return value;
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : "−infinite";
  if (value === 0) return "0";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return minus(value.toLocaleString("en-US"));
  const size = Math.abs(value);
  if (size >= 1e9) return minus(value.toExponential(3));
  if (size < 1e-4) return minus(value.toExponential(1).replace(".0e", "e"));
  const digits = size >= 1000 ? 1 : size >= 100 ? 2 : size >= 10 ? 3 : size >= 0.1 ? 5 : 6;
  const shown = value.toLocaleString("en-US", { maximumFractionDigits: digits });
  return minus(shown);
}

/** The number for a cell of a small matrix: four digits at most behind the point. */
export const matrixCell = (value: number): string => minus(String(Math.round(value * 1e4) / 1e4 + 0));

const minus = (text: string): string => text.replace("-", "−");
