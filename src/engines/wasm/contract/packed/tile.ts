// One packed panel of a against packed panels of b, from the first product to the numbers that are stored: the epilogue is
// applied to the sums while they are in registers.
//
// Where the columns of a tile lie evenly in the output (its `offset` says where they begin), a row takes a vector store or
// two, operands of the epilogue that are one number a row are spread once, and others are read like the output. Any other
// tile goes through memory, four columns at a time (store.ts).
import { exactText } from "../../../../base/exact.ts";
import { stridesOf } from "../../../../base/shape.ts";
import type { Access, ContractKernel } from "../../../../kernel/kernel.ts";
import { usesPlace } from "../../../../kernel/walk.ts";
import {
  type Callable,
  constF32x4,
  type FunctionBuilder,
  i32,
  type Local,
  load,
  type Value,
} from "../../code/assembler.ts";
import type { Profile } from "../../profile.ts";
import type { Emitter } from "../../scalar/math.ts";
import type { PhaseFunction } from "../../strategy.ts";
import { epilogueStore, operandsOf } from "../epilogue.ts";
import { spacedLanes } from "../lanes.ts";
import { emitDepth, type Tile } from "../microkernel.ts";
import { depthStep } from "../packing.ts";
import type { Product } from "../product.ts";
import { Store, told, walkOf } from "../store.ts";
import { byteOffset, joined, keep, lengthOf, spacingOf } from "../walk.ts";

/** What is computed, and how it is cut. */
export interface Tiled {
  readonly kernel: ContractKernel;
  readonly product: Product;
  readonly outputShape: readonly number[];
  readonly tile: Tile;
  /** Whether the depth is cut into slices, so that sums are kept in memory from one to the next. */
  readonly sliced: boolean;
}

/** How an operand of the epilogue is read along the columns of an even tile: one number, or like the output. */
type Reach = "row" | "place";

function reachOf(access: Access, { product, outputShape }: Tiled): Reach | undefined {
  const columns = walkOf(access, product.columns);
  if (joined(columns).every(({ stride }) => stride === 0)) return "row";
  const target = walkOf(outputAccess(outputShape), product.columns);
  return columns.every(({ stride }, axis) => stride === target[axis].stride || target[axis].count === 1)
    ? "place"
    : undefined;
}

const outputAccess = (outputShape: readonly number[]): Access => ({ strides: stridesOf(outputShape), offset: 0 });

/** How the operands are reached where tiles can be stored from registers; undefined where none can. */
function reachesOf(tiled: Tiled): readonly Reach[] | undefined {
  const { epilogue } = tiled.kernel;
  if (spacing(tiled) === 0) return undefined;
  if (!epilogue) return [];
  if (usesPlace(epilogue.expression)) return undefined;
  const reaches = epilogue.operands.map((access) => reachOf(access, tiled));
  return reaches.every((reach) => reach !== undefined) ? reaches : undefined;
}

/** Distance of neighbouring columns in the output. */
const spacing = ({ product, outputShape }: Tiled): number =>
  spacingOf(walkOf(outputAccess(outputShape), product.columns));

/** Nanoseconds from a sum to the stored number, as measured. */
export function storeTime(tiled: Tiled, { gemm: { memory, factors } }: Profile): number {
  const reaches = reachesOf(tiled);
  const apart = spacing(tiled) > 1 ? factors.apartStore : 1;
  const slow = tiled.sliced ? memory.slicedStore : 0;
  if (!reaches) return memory.anyStore * apart + slow;
  return (memory.store + memory.operand * reaches.filter((reach) => reach === "place").length) * apart + slow;
}

/**
 * Where panels of b may be read as they lie for the first panel of a, and packed on the way: bytes from one place of the depth
 * to the next. Not with wide tiles, for V8 joins pairs of 128-bit operations only where sums come from a single loop.
 */
export const readingStep = ({ product, tile }: Pick<Tiled, "product" | "tile">): number | undefined =>
  tile.vectors > 2 ? undefined : depthStep(product.b);

// An entry of the list of tiles: byte offset of the first column in the output, whether the columns lie evenly, where the
// tile's panel of b lies if it can be read without packing, and, for uneven tiles, the entries of store.ts for each four.
const header = 16;

/** Writes down where the panel of b of a tile lies. */
export const emitSource = (f: FunctionBuilder, entry: Local, address: Value): void =>
  f.store("i32.store", entry, address, 8);

export const tileEntryBytes = (fourBytes: number, { vectors }: Tile): number => header + vectors * fourBytes;

/** Lists the tile that begins at column `column`. */
export function emitTileEntry(f: FunctionBuilder, tiled: Tiled, store: Store, column: Local, entry: Local): void {
  const { product, outputShape, tile } = tiled;
  const width = tile.vectors * 4;
  const count = lengthOf(product.columns);
  const walk = walkOf(outputAccess(outputShape), product.columns);
  const even = f.local("i32");
  f.set(even, 0);
  if (reachesOf(tiled))
    f.if(i32.le_s(i32.add(column, width), count), () => {
      const first = keep(f, byteOffset(f, walk, column));
      const last = byteOffset(f, walk, f.define(i32.add(column, width - 1)));
      f.store("i32.store", entry, first);
      f.set(even, i32.eq(i32.sub(last as Value, first), (width - 1) * spacing(tiled) * 4));
    });
  f.store("i32.store", entry, even, 4);
  f.if(i32.eqz(even), () => {
    const place = f.define(column);
    const four = f.define(i32.add(entry, header));
    const j = f.local("i32");
    f.forRange(j, 0, tile.vectors, 1, () => {
      store.list(place, four);
      f.increase(place, 4);
      f.increase(four, store.listStep);
    });
  });
}

/**
 * (a, aEnd, b, count, entries, sums, row, g, stage, moved, output, operands of the epilogue…): the panel of a that begins at
 * `row` of batch `g` with `count` panels of b. Stage: 1 where sums begin at zero, 2 where they are complete. `sums` has room
 * for one tile, or, where the depth is sliced, for all. With `packing` the panels of b are read where they lie, `moved` bytes
 * behind what the entries say, and packed to `b` on the way.
 */
export function tileKernel(k: PhaseFunction, tiled: Tiled, packing: boolean): Callable {
  const { kernel, product, outputShape, tile, sliced } = tiled;
  const { rows, vectors } = tile;
  const operands = operandsOf(kernel);
  const { batch, columns, origin } = product;
  const key = `tiles ${rows} ${vectors} ${sliced} ${packing ? readingStep(tiled) : ""} ${exactText([kernel.epilogue, outputShape, batch, product.rows, columns, origin])}`;
  return k.helper(key, new Array<"i32">(11 + operands.length).fill("i32"), undefined, (e) => {
    const { f } = e;
    const [panel, end, b, count, entry, sums, row, g, stage, moved, target, ...sources] = f.parameters;
    const store = new Store({ ...e, address: told(target, sources) }, kernel, product, outputShape);
    store.batch(g);
    store.row(row);
    const starts = store.rowAddresses.map((start) => f.define(start));
    const totals = f.locals("v128", rows * vectors);
    const a = f.local("i32");
    const source = f.local("i32");
    const step = packing ? readingStep(tiled) : undefined;
    f.loop((next) => {
      const begin = (): void => {
        for (const total of totals) f.set(total, constF32x4(0));
      };
      const goOn = (): void =>
        totals.forEach((total, i) => {
          f.set(total, load("v128.load", sums, i * 16));
        });
      if (sliced) f.if(i32.and(stage, 1), begin, goOn);
      else begin();
      f.set(a, panel);
      if (step !== undefined) f.set(source, i32.add(load("i32.load", entry, 8), moved));
      const read = step === undefined ? undefined : { at: source, step };
      const multiply = (): void => emitDepth(e, tile, totals, { a, end, b }, read);
      // In 128 bits sums that come out of an `if` would not stay in registers; V8 joins pairs of operations only with it.
      if (vectors > 2) f.if(i32.lt_u(a, end), multiply);
      else if (product.outer * product.inner > 0) multiply();
      const spill = (): void =>
        totals.forEach((total, i) => {
          f.store("v128.store", sums, total, i * 16);
        });
      const finish = (): void => {
        const anyhow = (): void => {
          spill();
          emitTile(f, tiled, store, { sums, row, entry });
        };
        const reaches = reachesOf(tiled);
        if (reaches)
          f.if(load("i32.load", entry, 4), () => emitEven(e, tiled, reaches, { totals, starts, row, entry }), anyhow);
        else anyhow();
      };
      if (sliced) {
        f.if(i32.and(stage, 2), finish, spill);
        f.increase(sums, rows * vectors * 16);
      } else finish();
      f.increase(entry, tileEntryBytes(store.listStep, tile));
      f.increase(count, -1);
      f.branchIf(next, count);
    });
  });
}

/** A tile whose columns lie evenly: from registers. */
function emitEven(
  e: Emitter,
  tiled: Tiled,
  reaches: readonly Reach[],
  place: { totals: readonly Local[]; starts: readonly Local[]; row: Local; entry: Local },
): void {
  const { f } = e;
  const { kernel, product, outputShape, tile } = tiled;
  const { rows, vectors } = tile;
  const step = spacing(tiled);
  const rowCount = lengthOf(product.rows);
  const accesses = [outputAccess(outputShape), ...operandsOf(kernel)];
  const strides = accesses.map((access) => walkOf(access, product.rows)[0].stride * 4);
  const offset = f.define(load("i32.load", place.entry));
  for (let i = 0; i < rows; i++) {
    const finishRow = (): void => {
      const addresses = place.starts.map((start, o) => {
        const begin = i32.add(start, i * strides[o]);
        return f.define(o > 0 && reaches[o - 1] === "row" ? begin : i32.add(begin, offset));
      });
      const finish = epilogueStore(e, kernel, (_, o) =>
        reaches[o] === "row" ? f.define(load("v128.load32_splat", addresses[o + 1])) : undefined,
      );
      for (let j = 0; j < vectors; j++)
        finish(place.totals[i * vectors + j], {
          lanes: spacedLanes(e, j * 16 * step, 4, step),
          output: addresses[0],
          operand: (o) => addresses[o + 1],
        });
    };
    if (i === 0 || rowCount % rows === 0) finishRow();
    else f.if(i32.lt_s(i32.add(place.row, i), rowCount), finishRow);
  }
}

/** Any tile: its sums from memory. */
function emitTile(
  f: FunctionBuilder,
  { product, tile }: Tiled,
  store: Store,
  place: { sums: Local; row: Local; entry: Local },
): void {
  const { rows, vectors } = tile;
  const i = f.local("i32");
  const j = f.local("i32");
  const row = f.define(place.row);
  const at = f.define(place.sums);
  f.forRange(i, 0, rows, 1, () => {
    f.if(i32.lt_s(row, lengthOf(product.rows)), () => {
      store.row(row);
      const four = f.define(i32.add(place.entry, header));
      f.forRange(j, 0, vectors, 1, () => {
        f.if(i32.gt_s(load("i32.load", four, 20), 0), () => store.store(load("v128.load", at), four));
        f.increase(four, store.listStep);
        f.increase(at, 16);
      });
    });
    f.increase(row, 1);
  });
}
