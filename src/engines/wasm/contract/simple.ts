// Epilogues as almost all networks have them: operands that are one number for each channel, or place by place like the
// output. Strategies that store whole rows of pixels ask for these; the packed matrix product takes any.
import { stridesOf } from "../../../base/shape.ts";
import type { Access, ContractKernel } from "../../../kernel/kernel.ts";
import { usesPlace } from "../../../kernel/walk.ts";
import { i32, type Local, load, loadLane, type Value } from "../code/assembler.ts";
import { vectorExpressions } from "../scalar/expressions.ts";
import type { Emitter } from "../scalar/math.ts";

export type OperandKind = "channel" | "place";

/** How an operand is reached: by the output's axis 1 alone, or like the output; undefined for any other way. */
export function operandKind({ strides }: Access, shape: readonly number[]): OperandKind | undefined {
  const whole = stridesOf(shape);
  if (strides.every((stride, axis) => stride === whole[axis] || shape[axis] === 1)) return "place";
  return strides.every((stride, axis) => axis === 1 || stride === 0 || shape[axis] === 1) ? "channel" : undefined;
}

export function hasSimpleEpilogue({ epilogue }: ContractKernel): boolean {
  if (!epilogue) return true;
  return epilogue.operands.every((access) => operandKind(access, epilogue.shape)) && !usesPlace(epilogue.expression);
}

/** The epilogue of `value`; `operand(i)` gives four numbers of the i-th operand. */
export function applyEpilogue(e: Emitter, kernel: ContractKernel, value: Local, operand: (i: number) => Value): Local {
  if (!kernel.epilogue) return value;
  const [result] = vectorExpressions(e, [kernel.epilogue.expression], {
    operand: (index) => (index === 0 ? value : operand(index - 1)),
    integer: () => e.f.define(i32.add(0, 0)),
    axisIndex: () => value,
    linearIndex: () => value,
  });
  return result;
}

/** Up to four adjacent numbers: `count` (a local) of them exist. */
export function loadSome(e: Emitter, address: Value, count: Local): Local {
  const { f } = e;
  const at = f.define(address);
  const result = f.local("v128");
  f.if(
    i32.ge_s(count, 4),
    () => f.set(result, load("v128.load", at)),
    () => {
      f.set(result, load("v128.load32_zero", at));
      for (let lane = 1; lane < 3; lane++)
        f.if(i32.gt_s(count, lane), () => f.set(result, loadLane("v128.load32_lane", at, result, lane, lane * 4)));
    },
  );
  return result;
}

export function storeSome(e: Emitter, address: Value, value: Local, count: Local): void {
  const { f } = e;
  const at = f.define(address);
  f.if(
    i32.ge_s(count, 4),
    () => f.store("v128.store", at, value),
    () => {
      f.store("v128.store32_lane", at, value, 0, 0);
      for (let lane = 1; lane < 3; lane++)
        f.if(i32.gt_s(count, lane), () => f.store("v128.store32_lane", at, value, lane * 4, lane));
    },
  );
}
