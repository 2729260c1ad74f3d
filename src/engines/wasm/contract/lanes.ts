// Up to four neighbouring numbers of the output, or of an operand that is read like it: where they lie from an address on.
import { i32, type Local, load, loadLane, type Value } from "../code/assembler.ts";
import type { Emitter } from "../scalar/math.ts";

export interface Lanes {
  load(address: Value): Value;
  store(address: Value, value: Local): void;
}

/** Side by side at the address itself; `count` (a local) of them exist. */
export const someLanes = ({ f }: Pick<Emitter, "f">, count: Local): Lanes => ({
  load(address) {
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
  },
  store(address, value) {
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
  },
});

/** `count` of them, `step` elements apart, `offset` bytes behind the address (a local, unless they move as one vector). */
export const spacedLanes = ({ f }: Pick<Emitter, "f">, offset = 0, count = 4, step = 1): Lanes => ({
  load(address) {
    if (step === 1 && count === 4) return load("v128.load", address, offset);
    let vector = load("v128.load32_zero", address, offset);
    for (let lane = 1; lane < count; lane++)
      vector = loadLane("v128.load32_lane", address, vector, lane, offset + lane * step * 4);
    return vector;
  },
  store(address, value) {
    if (step === 1 && count === 4) f.store("v128.store", address, value, offset);
    else
      for (let lane = 0; lane < count; lane++)
        f.store("v128.store32_lane", address, value, offset + lane * step * 4, lane);
  },
});
