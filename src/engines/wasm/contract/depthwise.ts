// contract.depthwise: convolutions (and input gradients of stride 1) that see one channel each. There is next to nothing to
// compute for each number that is read, so a plane is padded into a small buffer of the thread, where it stays in the nearest
// cache, and its outputs are summed a few vectors at a time, tap after tap:
//
//   tile of `rows` x `vectors` groups of four outputs:   sum_j += w[tap] · plane[place + offset[tap] + offset_j]
//
// All distances within a tile are constants of the code; a table holds those of the taps.

import { stridesOf } from "../../../base/shape.ts";
import type { ContractKernel } from "../../../kernel/kernel.ts";
import { constF32x4, type FunctionBuilder, i32, type Local, load, loadLane, type Value } from "../assembler.ts";
import { multiplyAdd } from "../math.ts";
import { buffer, type Emission, input, output, type PhaseFunction, type Strategy } from "../strategy.ts";
import { type Product, problemOf } from "./product.ts";
import { applyEpilogue, hasSimpleEpilogue, operandKind } from "./simple.ts";
import { emitStaging, type Staging } from "./staging.ts";
import { byteOffset, keep, lengthOf, plus, times } from "./walk.ts";

const plane = buffer("plane");
const taps = buffer("taps");

/** Vectors of sums in registers. */
const mostVectors = 7;

interface Plan {
  readonly product: Product;
  readonly staging: Staging;
  readonly outputShape: readonly number[];
  readonly images: number;
  readonly groups: number;
  readonly filters: number;
  readonly height: number;
  readonly width: number;
  /** Byte distances (plane, weights) of the taps. */
  readonly table: Int32Array;
}

function planOf(kernel: ContractKernel): Plan | undefined {
  const { form } = kernel;
  if (form.kind !== "convolution" || form.role === "filterGradient" || !hasSimpleEpilogue(kernel)) return undefined;
  const { geometry } = form;
  if (geometry.kernel.length !== 2) return undefined;
  if (form.role === "inputGradient" && geometry.stride.some((s) => s !== 1)) return undefined;
  const { staging, products, outputShape } = problemOf(form);
  const [product] = products;
  const { a, b } = product;
  if (!staging || product.outer !== 1 || "count" in a.inner || "count" in b.inner) return undefined;
  const table = new Int32Array(a.inner.length * 2);
  for (const [i, offset] of b.inner.entries()) {
    table[i * 2] = offset * 4;
    table[i * 2 + 1] = a.inner[i] * 4;
  }
  const [images, height, width] = product.columns.map(({ count }) => count);
  return {
    ...{ product, staging, outputShape, images, height, width, table },
    ...{ groups: lengthOf(product.batch), filters: lengthOf(product.rows) },
  };
}

export const depthwiseStrategy: Strategy<ContractKernel> = {
  name: "contract.depthwise",
  fits: (kernel) => planOf(kernel) !== undefined,
  estimate(kernel) {
    const plan = planOf(kernel);
    return plan ? estimate(plan) : Number.POSITIVE_INFINITY;
  },
  emit(kernel): Emission {
    const plan = planOf(kernel);
    if (!plan) throw new Error("The depthwise strategy was asked for a contraction that it does not fit.");
    const operands = (kernel.epilogue?.operands ?? []).map((_, i) => input(i + 2));
    return {
      buffers: [
        { name: "plane", bytes: plan.staging.planeSize * 4 + 64, scope: "thread" },
        { name: "taps", bytes: plan.table.byteLength + 64, scope: "step", data: new Uint8Array(plan.table.buffer) },
      ],
      phases: [
        {
          ...{ name: "depthwise", items: plan.images * plan.groups, work: estimate(plan) },
          ...{ reads: [input(0), input(1), plane, taps, ...operands], writes: [output(0)] },
          emit: (k) => emitPlanes(k, kernel, plan),
        },
      ],
    };
  },
};

function estimate({ images, groups, filters, height, width, table, staging }: Plan): number {
  const { rows, vectors } = tileOf(width);
  const tiles = Math.ceil(height / rows) * Math.ceil(width / 4 / vectors);
  const copies = staging.needed ? staging.planeSize * (staging.stride[1] === 1 ? 0.1 : 0.27) + 30 : 0;
  const perTile = (table.length / 2) * (0.3 + rows * vectors * 0.19) + rows * vectors * 0.4 + 1;
  return images * groups * (copies + filters * tiles * perTile);
}

/** Rows and vectors of a tile: a whole row of outputs, or an even part of it; several rows where they are short. */
function tileOf(width: number): { readonly rows: number; readonly vectors: number } {
  const across = Math.ceil(width / 4);
  const parts = Math.ceil(across / mostVectors);
  const vectors = Math.ceil(across / parts);
  return { rows: parts > 1 ? 1 : Math.floor(mostVectors / vectors), vectors };
}

/** Item: (image, group). */
function emitPlanes(k: PhaseFunction, kernel: ContractKernel, plan: Plan): void {
  const { f } = k;
  const { product, staging, outputShape, groups, filters, height, width } = plan;
  const sourceSize = staging.source.reduce((x, y) => x * y, 1);
  const strides = stridesOf(outputShape);
  const tile = tileOf(width);
  const across = Math.ceil(width / 4);
  const item = f.local("i32");
  const operands = kernel.epilogue?.operands ?? [];
  f.forRange(item, k.from, k.to, 1, () => {
    const image = f.define(i32.div_u(item, groups));
    const g = f.define(i32.rem_u(item, groups));
    const source = keep(f, plus(k.address(input(0)), times(item, sourceSize * 4)));
    if (staging.needed) emitStaging(f, staging, source, k.address(plane));
    const start = staging.needed ? k.address(plane) : source;
    const filter = f.local("i32");
    f.forRange(filter, 0, filters, 1, () => {
      const channel = f.define(i32.add(i32.mul(g, product.batch[0].step), filter));
      const weights = keep(
        f,
        plus(k.address(input(1)), byteOffset(f, product.a.batch, g), byteOffset(f, product.a.lines, filter)),
      );
      const place = f.define(i32.add(i32.mul(image, strides[0] * 4), i32.mul(channel, strides[1] * 4)));
      const channelValues = operands.map((access, i) =>
        operandKind(access, outputShape) === "channel"
          ? f.define(
              load(
                "v128.load32_splat",
                i32.add(k.address(input(i + 2)), i32.mul(channel, access.strides[1] * 4)),
                access.offset * 4,
              ),
            )
          : undefined,
      );
      const tileAt = (from: Value, to: Value, rows: number, vectors: number, last: number): void =>
        emitTile(k, kernel, plan, { from, to, rows, vectors, last, weights, channelValues });
      const y = f.local("i32");
      const from = f.define(start);
      const band = (rows: number): void => {
        const x = f.local("i32");
        const whole = Math.floor((across - 1) / tile.vectors) * tile.vectors;
        if (whole > 0)
          f.forRange(x, 0, whole * 16, tile.vectors * 16, () =>
            tileAt(i32.add(from, x), i32.add(place, x), rows, tile.vectors, 4),
          );
        const rest = across - whole;
        tileAt(i32.add(from, whole * 16), i32.add(place, whole * 16), rows, rest, width - (across - 1) * 4);
        f.increase(from, rows * staging.pitch[0] * 4);
        f.increase(place, rows * width * 4);
      };
      f.forRange(y, 0, Math.floor(height / tile.rows), 1, () => band(tile.rows));
      if (height % tile.rows > 0) band(height % tile.rows);
    });
  });
}

interface TileParts {
  /** Address in the plane, and byte offset in the output, of the tile's first place. */
  readonly from: Value;
  readonly to: Value;
  readonly rows: number;
  readonly vectors: number;
  /** Outputs that exist of the last vector of a row. */
  readonly last: number;
  readonly weights: Local;
  readonly channelValues: readonly (Local | undefined)[];
}

function emitTile(k: PhaseFunction, kernel: ContractKernel, plan: Plan, tile: TileParts): void {
  const { f } = k;
  const { rows, vectors, last, weights, channelValues } = tile;
  const { staging, width, table } = plan;
  const from = f.define(tile.from);
  const sums = f.locals("v128", rows * vectors);
  for (const sum of sums) f.set(sum, constF32x4(0));
  const tap = f.define(k.address(taps));
  const end = f.define(i32.add(tap, table.byteLength));
  const values = f.locals("v128", rows * vectors);
  const weight = f.local("v128");
  const at = f.local("i32");
  f.loop((again) => {
    f.set(at, i32.add(from, load("i32.load", tap)));
    values.forEach((value, i) => {
      const row = Math.floor(i / vectors);
      f.set(value, load("v128.load", at, row * staging.pitch[0] * 4 + (i % vectors) * 16));
    });
    f.set(weight, load("v128.load32_splat", i32.add(weights, load("i32.load", tap, 4))));
    sums.forEach((sum, i) => {
      f.set(sum, multiplyAdd(k, weight, values[i], sum));
    });
    f.increase(tap, 8);
    f.branchIf(again, i32.lt_u(tap, end));
  });
  const to = f.define(tile.to);
  const operands = kernel.epilogue?.operands ?? [];
  const bases = operands.map((access, i) =>
    channelValues[i] ? undefined : f.define(i32.add(i32.add(k.address(input(i + 2)), to), access.offset * 4)),
  );
  const target = f.define(i32.add(k.address(output(0)), to));
  sums.forEach((sum, i) => {
    const offset = Math.floor(i / vectors) * width * 4 + (i % vectors) * 16;
    const count = i % vectors === vectors - 1 ? last : 4;
    const result = applyEpilogue(k, kernel, sum, (o) => channelValues[o] ?? loadCount(bases[o] ?? to, offset, count));
    storeCount(f, target, offset, result, count);
  });
}

function loadCount(base: Local, offset: number, count: number): Value {
  if (count === 4) return load("v128.load", base, offset);
  const first = load(count === 1 ? "v128.load32_zero" : "v128.load64_zero", base, offset);
  return count === 3 ? loadLane("v128.load32_lane", base, first, 2, offset + 8) : first;
}

function storeCount(f: FunctionBuilder, base: Local, offset: number, value: Local, count: number): void {
  if (count === 4) f.store("v128.store", base, value, offset);
  else if (count === 1) f.store("v128.store32_lane", base, value, offset, 0);
  else f.store("v128.store64_lane", base, value, offset, 0);
  if (count === 3) f.store("v128.store32_lane", base, value, offset + 8, 2);
}
