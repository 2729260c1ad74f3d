// contract.matvec: matrix products whose factors both run along the depth: a linear layer for one image or two, x · Wᵀ. Every
// weight is used once, so it is read where it lies and nothing is packed: four outputs at a time, a vector of partial sums for
// each. More rows are taken two by two, each summed as if it were alone: for batches whose sums are to be those of single images.
import type { ContractKernel } from "../../../../kernel/kernel.ts";
import {
  type Callable,
  constF32x4,
  f32x4,
  i32,
  type Local,
  load,
  loadLane,
  type Operand,
  type Value,
} from "../../code/assembler.ts";
import { multiplyAdd } from "../../scalar/math.ts";
import { buffer, input, output, type PhaseFunction, type StrategyContext } from "../../strategy.ts";
import { contraction } from "../contraction.ts";
import { operandPlaces } from "../epilogue.ts";
import { type Problem, type Product, problemOf } from "../product.ts";
import { listBytes, Store } from "../store.ts";
import { transposed } from "../transforms.ts";
import { byteOffset, keep, lengthOf, plus } from "../walk.ts";

const sums = buffer("sums");
const columnList = buffer("columns");
/** Outputs of an item. */
const itemColumns = 32;

function problemFor({ form }: ContractKernel): Problem | undefined {
  if (form.kind !== "matmul" || form.k < 8) return undefined;
  return form.a.column === 1 && form.b.row === 1 ? problemOf(form) : undefined;
}

const itemsOf = (product: Product): number =>
  lengthOf(product.batch) * Math.ceil(lengthOf(product.columns) / itemColumns);

/**
 * With more than two rows it is reckoned so many times dearer than it is: up to eight it would be the fastest, but by little of a
 * run, and plans keep the sums that they are known by.
 */
const dearer = 20;

/** Nanoseconds: the weights come from memory, 4 bytes each. */
function estimate({ products: [product] }: Problem, { profile }: StrategyContext): number {
  const { arithmetic, memory, calls } = profile.matvec;
  const weights = lengthOf(product.batch) * lengthOf(product.columns) * product.outer;
  const rows = lengthOf(product.rows);
  const each = memory.weight + arithmetic.row * rows * (rows <= 2 ? 1 : dearer);
  return weights * each + itemsOf(product) * itemColumns * calls.output * Math.ceil(rows / 2);
}

export const matvecStrategy = contraction<Problem>({
  name: "contract.matvec",
  exact: true,
  cases: { rows: 7 },
  plan: problemFor,
  estimate,
  emit(problem, kernel, context) {
    const operands = operandPlaces(kernel);
    return {
      buffers: [
        { name: "sums", bytes: 32, scope: "thread" },
        { name: "columns", bytes: listBytes(kernel, 1), scope: "thread" },
      ],
      phases: [
        {
          name: "matvec",
          items: itemsOf(problem.products[0]),
          work: estimate(problem, context),
          reads: [input(0), input(1), sums, columnList, ...operands],
          writes: [output(0)],
          emit: (k) => emitItems(k, kernel, problem),
        },
      ],
    };
  },
});

/** (sums, a first row, a second row, four columns of b…): four outputs of each row. */
function dotKernel(k: PhaseFunction, rows: number, depth: number): Callable {
  const parameters = new Array<"i32">(7).fill("i32");
  return k.helper(`matvec ${rows} ${depth}`, parameters, undefined, (e) => {
    const { f } = e;
    const [target, ...lines] = f.parameters;
    const left = lines.slice(0, rows);
    const right = lines.slice(2);
    const totals = f.locals("v128", rows * 4);
    for (const total of totals) f.set(total, constF32x4(0));
    const a = f.locals("v128", rows);
    const b = f.local("v128");
    const step = (read: (line: Local) => Value): void => {
      a.forEach((vector, i) => {
        f.set(vector, read(left[i]));
      });
      right.forEach((line, j) => {
        f.set(b, read(line));
        a.forEach((vector, i) => {
          f.set(totals[i * 4 + j], multiplyAdd(e, vector, b, totals[i * 4 + j]));
        });
      });
    };
    const end = f.define(i32.add(left[0], (depth >> 2) * 16));
    f.loop((again) => {
      step((line) => load("v128.load", line));
      for (const line of [...left, ...right]) f.increase(line, 16);
      f.branchIf(again, i32.lt_u(left[0], end));
    });
    const rest = depth % 4;
    if (rest > 0)
      step((line) => {
        let vector = load("v128.load32_zero", line);
        for (let lane = 1; lane < rest; lane++) vector = loadLane("v128.load32_lane", line, vector, lane, lane * 4);
        return vector;
      });
    for (let i = 0; i < rows; i++) {
      const [p, q, r, s] = transposed(f, totals.slice(i * 4, i * 4 + 4));
      f.store("v128.store", target, f32x4.add(f32x4.add(p, q), f32x4.add(r, s)), i * 16);
    }
  });
}

/** Item: (batch, block of columns). */
function emitItems(k: PhaseFunction, kernel: ContractKernel, { products: [product], outputShape }: Problem): void {
  const { f } = k;
  const rows = lengthOf(product.rows);
  const count = lengthOf(product.columns);
  const blocks = Math.ceil(count / itemColumns);
  const pitch = rows > 1 ? product.a.lines[0].stride * 4 : 0;
  const pairs = Math.floor(rows / 2);
  const store = new Store(k, kernel, product, outputShape);
  const item = f.local("i32");
  f.forRange(item, k.from, k.to, 1, () => {
    const g = f.define(i32.div_u(item, blocks));
    const from = f.define(i32.mul(i32.rem_u(item, blocks), itemColumns));
    const to = f.define(i32.add(from, itemColumns));
    f.if(i32.gt_s(to, count), () => f.set(to, count));
    const a = keep(f, plus(k.address(input(0)), byteOffset(f, product.a.batch, g)));
    const b = keep(f, plus(k.address(input(1)), byteOffset(f, product.b.batch, g)));
    store.batch(g);
    const column = f.local("i32");
    const row = f.local("i32");
    const list = f.define(k.address(columnList));
    f.forRange(column, from, to, 4, () => {
      const lines = [0, 1, 2, 3].map((lane) => {
        const index = f.define(i32.add(column, lane));
        f.if(i32.ge_s(index, count), () => f.set(index, count - 1));
        return i32.add(b, i32.mul(index, product.b.lines[0].stride * 4));
      });
      const right = lines.map((line) => f.define(line));
      store.list(column, list);
      const answer = (first: Operand, count: number): void => {
        const left = first === 0 ? a : f.define(i32.add(a, i32.mul(first, pitch)));
        f.call(dotKernel(k, count, product.outer), k.address(sums), left, i32.add(left, pitch), ...right);
        for (let i = 0; i < count; i++) {
          f.set(row, i32.add(first, i));
          store.row(row);
          store.store(load("v128.load", k.address(sums), i * 16), list);
        }
      };
      const pair = f.local("i32");
      if (pairs > 1) f.forRange(pair, 0, pairs * 2, 2, () => answer(pair, 2));
      else if (pairs === 1) answer(0, 2);
      if (rows % 2 === 1) answer(rows - 1, 1);
    });
  });
}
