// Winograd's transform on the way from the products: Aᵀ M A of four filters at once, epilogue, store.
//
//   M[point][quad][panel][tile][filter]     a tile's points, four filters in a vector
//   → columns of outputs, four filters in a vector → transposed: four columns of one filter
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { i32, type Local, load, loadLane } from "../../code/assembler.ts";
import { output, type PhaseFunction } from "../../strategy.ts";
import { epilogueStore, operandKind, operandPlace, operandsOf } from "../epilogue.ts";
import type { Lanes } from "../lanes.ts";
import { transposed } from "../transforms.ts";
import { keep, plus, times } from "../walk.ts";
import { patch, placeBytes, placeField, places } from "./parts.ts";
import { byteStrides, sumBytes, tileBytes, type WinogradPlan } from "./plan.ts";

export interface GroupOutputs {
  readonly g: Local;
  /** First filter of the group (within g), and its number of panels. */
  readonly firstRow: Local;
  readonly panelCount: Local;
  readonly quadCount: Local;
  /** Where the products begin. */
  readonly sums: Local;
}

/** From the products of a group of panels with the listed tiles to outputs. */
export function emitOutputs(k: PhaseFunction, kernel: ContractKernel, plan: WinogradPlan, at: GroupOutputs): void {
  const { f } = k;
  const { rows, scheme, vectors, groupPanels, target, width } = plan;
  const [down, along] = scheme.axes;
  const { points, outputs: m } = along;
  const strides = byteStrides(plan).target;
  const operands = operandsOf(kernel);
  const kinds = operands.map((access) => operandKind(access, plan.outputShape));
  const step = sumBytes(plan);
  const strip = f.local("i32");
  const tile = f.local("i32");
  const i = f.local("i32");
  f.forRange(strip, 0, i32.mul(at.panelCount, vectors), 1, () => {
    const row = f.define(i32.add(at.firstRow, i32.mul(strip, 4)));
    f.if(i32.lt_s(row, rows), () => {
      const groupRow = keep(f, plus(row, times(at.g, rows)));
      const bases = [
        f.define(i32.add(k.address(output(0)), i32.mul(groupRow, strides[1]))),
        ...operands.map((access, o) => {
          const rowBytes = kinds[o] === "place" ? strides[1] : access.strides[1] * 4;
          return keep(f, plus(k.address(operandPlace(o)), access.offset * 4, times(groupRow, rowBytes)));
        }),
      ];
      const place = f.define(k.address(places));
      const inPanel = i32.mul(i32.rem_u(strip, vectors), 16);
      const start = f.define(i32.add(at.sums, i32.add(i32.mul(i32.div_u(strip, vectors), tileBytes(plan)), inPanel)));
      f.forRange(tile, 0, i32.mul(at.quadCount, 4), 1, () => {
        const left = f.define(load("i32.load", place, placeField.rows));
        f.if(i32.gt_s(left, down.outputs), () => f.set(left, down.outputs));
        const quadStart = i32.mul(i32.shr_u(tile, 2), groupPanels * tileBytes(plan));
        const from = f.define(i32.add(start, i32.add(quadStart, i32.mul(i32.and(tile, 3), width * 4))));
        // Aᵀ along columns of points, into the patch
        const to = f.define(k.address(patch));
        f.forRange(i, 0, points, 1, () => {
          const values = Array.from({ length: down.points }, (_, p) =>
            f.define(load("v128.load", from, p * points * step)),
          );
          down.output(k, values).forEach((value, p) => {
            f.store("v128.store", to, value, p * points * 16);
          });
          f.increase(from, step);
          f.increase(to, 16);
        });
        f.set(to, k.address(patch));
        const offset = f.define(load("i32.load", place, placeField.target));
        const line = (columns: number): void =>
          f.forRange(i, 0, left, 1, () => {
            const values = Array.from({ length: points }, (_, p) => f.define(load("v128.load", to, p * 16)));
            const y = along.output(k, values).map((value) => f.define(value));
            for (let first = 0; first < columns; first += 4) {
              const lines = transposed(f, m === 2 ? [...y, ...y] : y.slice(first, first + 4));
              const count = Math.min(4, columns - first);
              emitLines(k, kernel, plan, { lines, columns: count, first, bases, offset, row });
            }
            f.increase(offset, strides[2]);
            f.increase(to, points * 16);
          });
        const rest = target[1] % m;
        if (rest === 0) line(m);
        else
          f.if(
            i32.ge_s(load("i32.load", place, placeField.columns), m),
            () => line(m),
            () => line(rest),
          );
        f.increase(place, placeBytes(plan));
      });
    });
  });
}

interface Lines {
  /** Four outputs of each of four filters, of which the first `columns` exist; column `first` and on of the tile's row. */
  readonly lines: readonly Local[];
  readonly columns: number;
  readonly first: number;
  /** Where the first filter's plane begins in the output and in the operands. */
  readonly bases: readonly Local[];
  readonly offset: Local;
  readonly row: Local;
}

/** Epilogue and store of a row of four filters. */
function emitLines(k: PhaseFunction, kernel: ContractKernel, plan: WinogradPlan, at: Lines): void {
  const { f } = k;
  const { bases, columns, first, offset, row } = at;
  const operands = operandsOf(kernel);
  const planeBytes = byteStrides(plan).target[1];
  const addresses = bases.map((base, b) => {
    const channel = b > 0 && operandKind(operands[b - 1], plan.outputShape) === "channel";
    return channel ? base : f.define(i32.add(base, offset));
  });
  at.lines.forEach((value, lane) => {
    const one = (): void => {
      const finish = epilogueStore(k, kernel, (access, o) =>
        operandKind(access, plan.outputShape) === "channel"
          ? load("v128.load32_splat", addresses[o + 1], lane * access.strides[1] * 4)
          : undefined,
      );
      finish(value, {
        lanes: pairLanes(k, columns, lane * planeBytes + first * 4),
        output: addresses[0],
        operand: (o) => addresses[o + 1],
      });
    };
    if (lane > 0 && plan.rows % 4 !== 0) f.if(i32.lt_s(i32.add(row, lane), plan.rows), one);
    else one();
  });
}

/** The first `columns` of four neighbours, two at a time where there are two. */
const pairLanes = ({ f }: PhaseFunction, columns: number, offset: number): Lanes => ({
  load(address) {
    if (columns === 4) return load("v128.load", address, offset);
    if (columns === 1) return load("v128.load32_zero", address, offset);
    const two = load("v128.load64_zero", address, offset);
    return columns === 2 ? two : loadLane("v128.load32_lane", address, two, 2, offset + 8);
  },
  store(address, value) {
    if (columns === 4) f.store("v128.store", address, value, offset);
    if (columns === 2 || columns === 3) f.store("v128.store64_lane", address, value, offset, 0);
    if (columns === 3) f.store("v128.store32_lane", address, value, offset + 8, 2);
    if (columns === 1) f.store("v128.store32_lane", address, value, offset, 0);
  },
});
