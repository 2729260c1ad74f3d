// From a sum to the stored number, with the kernel's epilogue between, as almost all networks have it: operands that are one number
// for all that is stored at a time (a bias along a channel), or place by place like the output. Strategies that store rows of pixels
// ask for these; the packed matrix product takes any (store.ts).
import { stridesOf } from "../../../base/shape.ts";
import type { Access, ContractKernel } from "../../../kernel/kernel.ts";
import { usesPlace } from "../../../kernel/walk.ts";
import { i32, type Local, type Value } from "../code/assembler.ts";
import { vectorExpressions } from "../scalar/expressions.ts";
import type { Emitter } from "../scalar/math.ts";
import { input, type Place } from "../strategy.ts";
import type { Lanes } from "./lanes.ts";

export type OperandKind = "channel" | "place";

/**
 * How an operand is reached: by the output's axis `channels` alone (-1: one number for all), or like the output; undefined for any
 * other way.
 */
export function operandKind(
  { strides }: Access,
  shape: readonly number[],
  channels: 1 | -1 = 1,
): OperandKind | undefined {
  const whole = stridesOf(shape);
  if (strides.every((stride, axis) => stride === whole[axis] || shape[axis] === 1)) return "place";
  return strides.every((stride, axis) => axis === channels || stride === 0 || shape[axis] === 1)
    ? "channel"
    : undefined;
}

/** Whether all operands are reached so, and the expression asks for no places. */
export function hasSimpleEpilogue({ epilogue }: ContractKernel, channels: 1 | -1 = 1): boolean {
  if (!epilogue) return true;
  const known = epilogue.operands.every((access) => operandKind(access, epilogue.shape, channels));
  return known && !usesPlace(epilogue.expression);
}

/** The operands of the epilogue, and where they come from: inputs behind the two factors. */
export const operandsOf = ({ epilogue }: ContractKernel): readonly Access[] => epilogue?.operands ?? [];
export const operandPlace = (index: number): Place => input(index + 2);
export const operandPlaces = (kernel: ContractKernel): Place[] => operandsOf(kernel).map((_, i) => operandPlace(i));

/** Where a vector goes, and where operands that are read like the output have theirs. */
export interface Target {
  readonly lanes: Lanes;
  readonly output: Value;
  operand(index: number): Value;
}

/**
 * Applies the epilogue to vectors of sums and stores them. `spread(access, i)` gives operand i where one number (spread to four
 * lanes), or numbers that are there already, serve all vectors; those for which it gives nothing are read like the output.
 */
export function epilogueStore(
  e: Emitter,
  kernel: ContractKernel,
  spread: (access: Access, index: number) => Value | undefined,
): (sums: Local, target: Target) => void {
  const values = operandsOf(kernel).map(spread);
  return (sums, { lanes, output, operand }) => {
    const result = applied(e, kernel, sums, (i) => values[i] ?? lanes.load(operand(i)));
    lanes.store(output, result);
  };
}

function applied(e: Emitter, { epilogue }: ContractKernel, sums: Local, operand: (i: number) => Value): Local {
  if (!epilogue) return sums;
  const [result] = vectorExpressions(e, [epilogue.expression], {
    operand: (index) => (index === 0 ? sums : operand(index - 1)),
    integer: () => e.f.define(i32.add(0, 0)),
    axisIndex: () => sums,
    linearIndex: () => sums,
  });
  return result;
}
