// The end of a filter gradient by Winograd's algorithm: the shares of the tiles are added in order, Aᵀ M A, epilogue, store.
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { f32x4, i32, type Local, load, loadLane } from "../../code/assembler.ts";
import { buffer, output, type PhaseFunction } from "../../strategy.ts";
import { epilogueStore, operandKind, operandPlace } from "../epilogue.ts";
import type { Lanes } from "../lanes.ts";
import { type FilterPlan, itemBytes, sumBytes } from "./filterPlan.ts";

export const partials = buffer("partials");
export const patch = buffer("patch");

/** Item: four filters of a group: adds the shares, transforms back, stores. */
export function emitGather(k: PhaseFunction, kernel: ContractKernel, plan: FilterPlan): void {
  const { f } = k;
  const { scheme, quads, filters, channels, filterPanels, filterBlocks, channelPanels, channelBlocks, shares } = plan;
  const side = scheme.sums;
  const bytes = itemBytes(plan);
  const allPanels = Math.ceil(filters / 4);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, allPanels));
    const panel = f.define(i32.rem_u(item, allPanels));
    const block = f.define(i32.add(i32.mul(g, filterBlocks), i32.div_u(panel, filterPanels)));
    const quad = f.local("i32");
    f.forRange(quad, 0, Math.ceil(channels / 4), 1, () => {
      const channelPanel = f.define(i32.div_u(quad, quads));
      const owner = i32.add(i32.mul(block, channelBlocks), i32.div_u(channelPanel, channelPanels));
      const tileOffset = i32.add(
        i32.mul(i32.rem_u(panel, filterPanels), channelPanels * quads * 64),
        i32.mul(i32.rem_u(channelPanel, channelPanels), quads * 64),
      );
      const base = f.define(
        i32.add(
          i32.add(k.address(partials), i32.mul(owner, shares * bytes)),
          i32.add(tileOffset, i32.mul(i32.rem_u(quad, quads), 16)),
        ),
      );
      const row = f.local("i32");
      f.forRange(row, 0, 4, 1, () => {
        const filter = f.define(i32.add(i32.mul(panel, 4), row));
        f.if(i32.lt_s(filter, filters), () => {
          const i = f.local("i32");
          const from = f.define(i32.add(base, i32.mul(row, quads * 16)));
          const to = f.define(k.address(patch));
          const pointBytes = sumBytes(plan);
          f.forRange(i, 0, side, 1, () => {
            const values = Array.from({ length: side }, (_, p) => {
              let sum = load("v128.load", from, p * side * pointBytes);
              for (let share = 1; share < shares; share++)
                sum = f32x4.add(sum, load("v128.load", from, p * side * pointBytes + share * bytes));
              return f.define(sum);
            });
            scheme.taps(k, values).forEach((value, p) => {
              f.store("v128.store", to, value, p * side * 16);
            });
            f.increase(from, pointBytes);
            f.increase(to, 16);
          });
          const groupFilter = i32.add(i32.mul(g, filters), filter);
          const place = f.define(i32.mul(i32.add(i32.mul(groupFilter, channels), i32.mul(quad, 4)), 36));
          const left = f.define(i32.sub(channels, i32.mul(quad, 4)));
          f.set(to, k.address(patch));
          f.forRange(i, 0, 3, 1, () => {
            const values = Array.from({ length: side }, (_, p) => f.define(load("v128.load", to, p * 16)));
            scheme.taps(k, values).forEach((value, j) => {
              emitTaps(k, kernel, { value: f.define(value), place, offset: j * 4, left });
            });
            f.increase(place, 12);
            f.increase(to, side * 16);
          });
        });
      });
    });
  });
}

interface Taps {
  readonly value: Local;
  /** Byte offset in the output of the first channel's row of taps. */
  readonly place: Local;
  readonly offset: number;
  /** Channels that exist from the first on. */
  readonly left: Local;
}

/** One tap of four channels: epilogue, then lane by lane, 36 bytes apart. */
function emitTaps(k: PhaseFunction, kernel: ContractKernel, { value, place, offset, left }: Taps): void {
  const { f } = k;
  const each = (visit: (lane: number) => void): void => {
    for (let lane = 0; lane < 4; lane++) {
      if (lane === 0) visit(lane);
      else f.if(i32.gt_s(left, lane), () => visit(lane));
    }
  };
  const tapLanes: Lanes = {
    load(address) {
      const vector = f.local("v128");
      each((lane) => f.set(vector, loadLane("v128.load32_lane", address, vector, lane, offset + lane * 36)));
      return vector;
    },
    store: (address, result) => each((lane) => f.store("v128.store32_lane", address, result, offset + lane * 36, lane)),
  };
  const finish = epilogueStore(k, kernel, (access, i) => {
    const base = f.define(i32.add(k.address(operandPlace(i)), access.offset * 4));
    const kind = operandKind(access, kernel.epilogue?.shape ?? [], -1);
    return kind === "channel" ? f.define(load("v128.load32_splat", base)) : tapLanes.load(i32.add(base, place));
  });
  finish(value, { lanes: tapLanes, output: f.define(i32.add(k.address(output(0)), place)), operand: () => place });
}
