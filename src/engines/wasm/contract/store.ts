// What happens to a sum before it is stored: the kernel's epilogue on four columns of a row, and where they go.
import { stridesOf } from "../../../base/shape.ts";
import type { Access, ContractKernel } from "../../../kernel/kernel.ts";
import { constI32, f32x4, i32, type Local, load, loadLane, replaceLane, type Value } from "../code/assembler.ts";
import { vectorExpressions } from "../scalar/expressions.ts";
import type { Emitter } from "../scalar/math.ts";
import { output, type PhaseFunction } from "../strategy.ts";
import { operandPlace, operandsOf } from "./epilogue.ts";
import type { OutputDimension, Product } from "./product.ts";
import { byteOffset, isAdjacent, joined, keep, lengthOf, plus, spacingOf, type Walk } from "./walk.ts";

/** Where the output and the operands of the epilogue lie: a phase, or a helper that is told. */
export type Addressing = Emitter & Pick<PhaseFunction, "address">;

/** Of a helper: its parameters for the output and for each operand of the epilogue. */
export const told =
  (target: Local, operands: readonly Local[]): Addressing["address"] =>
  (place) =>
    place.kind === "input" ? operands[place.index - 2] : target;

/** The walk of an access along output dimensions. */
export function walkOf(access: Access, dimensions: readonly OutputDimension[]): Walk {
  return dimensions.map(({ count, axis, step }) => ({ count, stride: access.strides[axis] * step }));
}

/** One thing that is addressed by output place: the output itself or an operand of the epilogue. */
interface Addressed {
  readonly access: Access;
  /** Byte address of (g, i = 0, j = 0), set when a batch begins. */
  readonly base: Local;
  /** Byte offset of the row. */
  readonly row: Local;
  /** Where its entry lies in a list of columns: the byte offsets of four columns, and whether they lie evenly. */
  readonly entry: number;
}

const entryBytes = 32;

/** Bytes that a list of `count` fours of columns takes. */
export const listBytes = (kernel: ContractKernel, count: number): number =>
  count * entryBytes * (1 + operandsOf(kernel).length);

/**
 * Writes rows of four columns. Call `batch`, list the fours of columns by `list`, then for each row `row`, and `store` for each
 * entry of the list: rows outside, so that what is written lies side by side.
 */
export class Store {
  readonly #k: Addressing;
  readonly #kernel: ContractKernel;
  readonly #product: Product;
  readonly #target: Addressed;
  readonly #operands: readonly Addressed[];
  readonly #listed: Local;

  constructor(k: Addressing, kernel: ContractKernel, product: Product, outputShape: readonly number[]) {
    this.#k = k;
    this.#kernel = kernel;
    this.#product = product;
    this.#listed = k.f.local("i32");
    const addressed = (access: Access, place: number): Addressed => ({
      access,
      entry: place * entryBytes,
      base: k.f.local("i32"),
      row: k.f.local("i32"),
    });
    this.#target = addressed({ strides: stridesOf(outputShape), offset: 0 }, 0);
    this.#operands = operandsOf(kernel).map((access, i) => addressed(access, i + 1));
  }

  #each(visit: (thing: Addressed, address: Local) => void): void {
    visit(this.#target, this.#k.address(output(0)));
    this.#operands.forEach((operand, i) => {
      visit(operand, this.#k.address(operandPlace(i)));
    });
  }

  /** Begins batch `g` of the product. */
  batch(g: Local): void {
    const { f } = this.#k;
    const { origin, batch } = this.#product;
    this.#each(({ access, base }, address) => {
      const start = origin.reduce((sum, place, axis) => sum + place * access.strides[axis], access.offset);
      f.set(base, plus(address, start * 4, byteOffset(f, walkOf(access, batch), g)));
    });
  }

  /** Bytes from one entry of the list to the next. */
  get listStep(): number {
    return listBytes(this.#kernel, 1);
  }

  /** Writes the entry of the four columns from `column` on to `list`; those beyond the last are not stored. */
  list(column: Local, list: Local): void {
    const { f } = this.#k;
    const count = lengthOf(this.#product.columns);
    const places = [0, 1, 2, 3].map((lane) => {
      const place = f.define(i32.add(column, lane));
      f.if(i32.ge_s(place, count), () => f.set(place, count - 1));
      return place;
    });
    this.#each(({ access, entry }) => {
      const walk = walkOf(access, this.#product.columns);
      const offsets = places.map((place) => keep(f, byteOffset(f, walk, place)));
      offsets.forEach((offset, lane) => {
        f.store("i32.store", list, offset, entry + lane * 4);
      });
      const spacing = spacingOf(walk);
      const even = spacing > 0 ? i32.eq(i32.sub(offsets[3], offsets[0]), 12 * spacing) : 0;
      f.store("i32.store", list, even, entry + 16);
    });
    f.store("i32.store", list, i32.sub(count, column), 20);
  }

  /** Begins row `row` (a local below the number of rows). */
  row(row: Local): void {
    const { f } = this.#k;
    this.#each(({ access, base, row: place }) => {
      f.set(place, plus(base, byteOffset(f, walkOf(access, this.#product.rows), row)));
    });
  }

  /** Addresses of the row that was begun, in the output and in each operand. */
  get rowAddresses(): readonly Local[] {
    return [this.#target, ...this.#operands].map(({ row }) => row);
  }

  /** Address of column `lane` of the entry's four in the row. */
  #address({ row, entry }: Addressed, lane: number): Value {
    return i32.add(row, load("i32.load", this.#listed, entry + lane * 4));
  }

  #even({ entry }: Addressed): Value {
    return load("i32.load", this.#listed, entry + 16);
  }

  /** Applies the epilogue to the four sums of the entry at `list` and stores those that exist. */
  store(sums: Value, list: Local): void {
    const { f } = this.#k;
    f.set(this.#listed, list);
    const value = this.#epilogue(f.define(sums));
    const target = this.#target;
    const { access } = target;
    const spacing = spacingOf(walkOf(access, this.#product.columns));
    f.if(
      this.#even(target),
      () => {
        const start = this.#address(target, 0);
        if (spacing === 1) f.store("v128.store", start, value);
        else {
          const at = f.define(start);
          for (let lane = 0; lane < 4; lane++) f.store("v128.store32_lane", at, value, lane * spacing * 4, lane);
        }
      },
      () => {
        for (let lane = 0; lane < 4; lane++) {
          const one = (): void => f.store("v128.store32_lane", this.#address(target, lane), value, 0, lane);
          if (lane === 0) one();
          else f.if(i32.gt_s(load("i32.load", list, 20), lane), one);
        }
      },
    );
  }

  #epilogue(sums: Local): Local {
    const { epilogue } = this.#kernel;
    if (!epilogue) return sums;
    const k = this.#k;
    const [result] = vectorExpressions(k, [epilogue.expression], {
      operand: (index) => (index === 0 ? sums : this.#load(this.#operands[index - 1])),
      integer: (index) => load("i32.load", this.#operands[index - 1].base),
      axisIndex: (axis) =>
        f32x4.convert_i32x4_s(this.#places(epilogue.shape.map((_, other) => (other === axis ? 1 : 0)))),
      linearIndex: () => this.#places(stridesOf(epilogue.shape)),
    });
    return result;
  }

  #load(operand: Addressed): Local {
    const { f } = this.#k;
    const { access, row } = operand;
    const walk = walkOf(access, this.#product.columns);
    if (joined(walk).every(({ stride }) => stride === 0)) return f.define(load("v128.load32_splat", row));
    const result = f.local("v128");
    const gather = (): void => {
      let vector = load("v128.load32_zero", this.#address(operand, 0));
      for (let lane = 1; lane < 4; lane++)
        vector = loadLane("v128.load32_lane", this.#address(operand, lane), vector, lane);
      f.set(result, vector);
    };
    if (!isAdjacent(walk)) gather();
    else f.if(this.#even(operand), () => f.set(result, load("v128.load", this.#address(operand, 0))), gather);
    return result;
  }

  /** Σ strides · place for the four columns of the row, from the output's own address. */
  #places(strides: readonly number[]): Local {
    const { f } = this.#k;
    const shape = this.#kernel.epilogue?.shape ?? [];
    const target = this.#target;
    const result = f.local("v128");
    for (let lane = 0; lane < 4; lane++) {
      const address = this.#address(target, lane);
      let rest = keep(f, i32.shr_u(i32.sub(address, this.#k.address(output(0))), 2));
      let sum: Value = constI32(0);
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        sum = i32.add(sum, i32.mul(i32.rem_u(rest, shape[axis]), strides[axis]));
        if (axis > 0) rest = f.define(i32.div_u(rest, shape[axis]));
      }
      f.set(result, replaceLane("i32x4", result, lane, sum));
    }
    return result;
  }
}
