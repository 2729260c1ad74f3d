// contract.depthwise: convolutions and input gradients that see one channel each. There is next to nothing to
// compute for each number that is read, so a plane is padded into a small buffer of the thread, where it stays in the nearest
// cache, and its outputs are summed a few vectors at a time, tap after tap:
//
//   up to nine taps: their weights stay in registers, four outputs at a time, strip by strip down the plane
//   more: a tile of `rows` x `vectors` groups of four outputs:   sum_j += w[tap] · plane[place + offset[tap] + offset_j]
//
// All distances within a tile are constants of the code; a table holds those of the taps. The padding is written once, planes over it.

import { stridesOf } from "../../../../base/shape.ts";
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import { constF32x4, i32, load, type Value } from "../../code/assembler.ts";
import { multiplyAdd } from "../../scalar/math.ts";
import { buffer, input, output, type PhaseFunction, type StrategyContext } from "../../strategy.ts";
import { contraction, type Ranges, towardsImages } from "../contraction.ts";
import { epilogueStore, operandKind, operandPlace, operandPlaces, operandsOf } from "../epilogue.ts";
import { towardsPixels } from "../forms.ts";
import { spacedLanes } from "../lanes.ts";
import { problemOf } from "../product.ts";
import { emitPlane } from "../staging.ts";
import { byteOffset, keep, lengthOf, plus, times } from "../walk.ts";
import type { Part, Plan, PlaneParts } from "./parts.ts";
import { emitStrips } from "./strips.ts";

const plane = buffer("plane");
const taps = buffer("taps");

/** Vectors of sums in registers. */
const mostVectors = 7;
/** Weights that stay in registers. */
const mostTaps = 9;

/** Groups of one channel, or one filter, or both. */
const oneChannel: Ranges = {
  roles: towardsImages,
  axes: [2, 2],
  kernel: [1, 4],
  stride: [1, 3],
  dilation: [1, 2],
  size: [1, 35],
  channels: [1, 2],
  groups: [1, 3, 5],
};

function planOf(kernel: ContractKernel): Plan | undefined {
  const form = towardsPixels(kernel);
  if (form?.geometry.kernel.length !== 2) return undefined;
  const { staging, products, outputShape } = problemOf(form);
  if (!staging || products[0].outer !== 1) return undefined;
  const pairs: number[] = [];
  const parts = products.map((product): Part => {
    const [, rows, columns] = product.columns;
    const first = pairs.length / 2;
    const offsets = "count" in product.a.inner ? [] : product.a.inner;
    const looks = "count" in product.b.inner ? [] : product.b.inner;
    for (const [i, offset] of offsets.entries()) pairs.push(looks[i] * 4, offset * 4);
    return {
      product,
      height: rows.count,
      width: columns.count,
      step: [rows.step, columns.step],
      origin: product.origin[2] * outputShape[3] + product.origin[3],
      first,
      taps: offsets.length,
    };
  });
  const [product] = products;
  return {
    staging,
    outputShape,
    images: product.columns[0].count,
    parts,
    table: Int32Array.from(pairs),
    groups: lengthOf(product.batch),
    filters: lengthOf(product.rows),
  };
}

export const depthwiseStrategy = contraction<Plan>({
  name: "contract.depthwise",
  exact: true,
  cases: { convolutions: oneChannel },
  plan: planOf,
  estimate,
  emit(plan, kernel, context) {
    const operands = operandPlaces(kernel);
    return {
      buffers: [
        { name: "plane", bytes: plan.staging.planeSize * 4 + 64, scope: "thread" },
        { name: "taps", bytes: plan.table.byteLength + 64, scope: "step", data: new Uint8Array(plan.table.buffer) },
      ],
      phases: [
        {
          name: "depthwise",
          items: plan.images * plan.groups,
          work: estimate(plan, context),
          reads: [input(0), input(1), plane, taps, ...operands],
          writes: [output(0)],
          emit: (k) => emitPlanes(k, kernel, plan),
        },
      ],
    };
  },
});

function estimate({ images, groups, filters, parts, staging }: Plan, { features, profile }: StrategyContext): number {
  const { arithmetic, memory, calls, factors, sizes } = profile.depthwise;
  const far = staging.planeSize > sizes.nearPlane ? memory.farPlane : memory.plane;
  const copies = staging.needed ? staging.planeSize * far : 0;
  let time = 0;
  for (const { height, width, taps: count, step } of parts) {
    if (count <= mostTaps) {
      const perVector =
        (count * arithmetic.tap + arithmetic.vector) * (features.wide && width >= sizes.wideRow ? factors.wide : 1) +
        (step[1] === 1 ? 0 : memory.apartStore);
      time += height * Math.ceil(width / 4) * perVector + calls.part;
      continue;
    }
    const { rows, vectors } = tileOf(width);
    const tiles = Math.ceil(height / rows) * Math.ceil(width / 4 / vectors);
    const storing = step[1] === 1 ? memory.tileStore : memory.apartTileStore;
    time +=
      tiles *
      (count * (arithmetic.tileTap + rows * vectors * arithmetic.tileVector) + rows * vectors * storing + calls.tile);
  }
  return images * groups * (copies + filters * time);
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
  const { staging, outputShape, groups, filters, parts } = plan;
  const [{ product }] = parts;
  const sourceSize = staging.source.reduce((x, y) => x * y, 1);
  const strides = stridesOf(outputShape);
  const item = f.local("i32");
  if (staging.needed) f.memoryFill(k.address(plane), 0, staging.planeSize * 4);
  f.forRange(item, k.from, k.to, 1, () => {
    const image = f.define(i32.div_u(item, groups));
    const g = f.define(i32.rem_u(item, groups));
    const source = keep(f, plus(k.address(input(0)), times(item, sourceSize * 4)));
    if (staging.needed) emitPlane(f, staging, source, k.address(plane));
    const start = staging.needed ? k.address(plane) : source;
    const filter = f.local("i32");
    f.forRange(filter, 0, filters, 1, () => {
      const channel = f.define(i32.add(i32.mul(g, product.batch[0].step), filter));
      const weights = keep(
        f,
        plus(k.address(input(1)), byteOffset(f, product.a.batch, g), byteOffset(f, product.a.lines, filter)),
      );
      const place = f.define(i32.add(i32.mul(image, strides[0] * 4), i32.mul(channel, strides[1] * 4)));
      const finish = epilogueStore(k, kernel, (access, i) => {
        if (operandKind(access, outputShape) === "place") return undefined;
        const at = i32.add(k.address(operandPlace(i)), i32.mul(channel, access.strides[1] * 4));
        return f.define(load("v128.load32_splat", at, access.offset * 4));
      });
      for (const part of parts) {
        const at = { part, start, place, weights, finish };
        if (part.taps <= mostTaps) emitStrips(k, kernel, plan, at);
        else emitPart(k, kernel, plan, at);
      }
    });
  });
}

/** All outputs of a part, band by band. */
function emitPart(k: PhaseFunction, kernel: ContractKernel, plan: Plan, at: PlaneParts): void {
  const { f } = k;
  const { height, width, step, origin } = at.part;
  if (height === 0 || width === 0) return;
  const tile = tileOf(width);
  const across = Math.ceil(width / 4);
  const from = f.define(at.start);
  const to = f.define(i32.add(at.place, origin * 4));
  const band = (rows: number): void => {
    const x = f.local("i32");
    const whole = Math.floor((across - 1) / tile.vectors) * tile.vectors;
    const tileAt = (source: Value, target: Value, vectors: number, last: number): void =>
      emitTile(k, kernel, plan, { ...at, from: source, to: target, rows, vectors, last });
    if (whole > 0)
      f.forRange(x, 0, whole * 16, tile.vectors * 16, () =>
        tileAt(i32.add(from, x), i32.add(to, times(x, step[1])), tile.vectors, 4),
      );
    const place = whole * 16;
    tileAt(i32.add(from, place), i32.add(to, place * step[1]), across - whole, width - (across - 1) * 4);
    f.increase(from, rows * plan.staging.pitch[0] * 4);
    f.increase(to, rows * step[0] * plan.outputShape[3] * 4);
  };
  const y = f.local("i32");
  f.forRange(y, 0, Math.floor(height / tile.rows), 1, () => band(tile.rows));
  if (height % tile.rows > 0) band(height % tile.rows);
}

interface TileParts extends PlaneParts {
  /** Address in the plane, and byte offset in the output, of the tile's first place. */
  readonly from: Value;
  readonly to: Value;
  readonly rows: number;
  readonly vectors: number;
  /** Outputs that exist of the last vector of a row. */
  readonly last: number;
}

function emitTile(k: PhaseFunction, kernel: ContractKernel, plan: Plan, tile: TileParts): void {
  const { f } = k;
  const { rows, vectors, last, weights, finish, part } = tile;
  const { staging, outputShape } = plan;
  const from = f.define(tile.from);
  const sums = f.locals("v128", rows * vectors);
  for (const sum of sums) f.set(sum, constF32x4(0));
  const values = f.locals("v128", rows * vectors);
  const weight = f.local("v128");
  const at = f.local("i32");
  if (part.taps > 0) {
    const tap = f.define(i32.add(k.address(taps), part.first * 8));
    const end = f.define(i32.add(tap, part.taps * 8));
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
  }
  const to = f.define(tile.to);
  const bases = operandsOf(kernel).map((access, i) =>
    operandKind(access, outputShape) === "place"
      ? f.define(i32.add(i32.add(k.address(operandPlace(i)), to), access.offset * 4))
      : undefined,
  );
  const target = f.define(i32.add(k.address(output(0)), to));
  const [rowStep, step] = part.step;
  sums.forEach((sum, i) => {
    const offset = Math.floor(i / vectors) * rowStep * outputShape[3] * 4 + (i % vectors) * 16 * step;
    const count = i % vectors === vectors - 1 ? last : 4;
    finish(sum, { lanes: spacedLanes(k, offset, count, step), output: target, operand: (o) => bases[o] ?? to });
  });
}
