// Matrix product with batches: out[…, i, j] = Σ_k a[…, i, k] b[…, k, j]. Batch axes broadcast; a transposed factor is a
// flag, so that both gradients are matrix products of the same op:  da = dy bᵀ,  db = aᵀ dy.
import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf, stridesOf } from "../../base/shape.ts";
import { apply1, type Tensor } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import type { MatmulForm } from "../../kernel/kernel.ts";
import { sumTo } from "./sum.ts";

export interface MatmulAttributes {
  /** Read the last two axes of a factor in the other order. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function formOf(a: Shape, b: Shape, { transposeA, transposeB }: MatmulAttributes): MatmulForm {
  if (a.length < 2 || b.length < 2)
    throw new ShapeError(
      `matmul needs two axes or more on either side; it got ${formatShape(a)} and ${formatShape(b)}.`,
    );
  const [aRows, aColumns] = a.slice(-2);
  const [bRows, bColumns] = b.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [kb, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
  if (k !== kb || !batch) {
    throw new ShapeError(
      `matmul of ${formatShape(a)}${transposeA ? " (transposed)" : ""} and ${formatShape(b)}${transposeB ? " (transposed)" : ""}: ${
        batch ? `the inner sizes ${k} and ${kb} must be equal` : "the batch axes must be equal or 1"
      }.`,
    );
  }
  const batchStrides = (shape: Shape): number[] => {
    const own = stridesOf(shape);
    const lead = batch.length - (shape.length - 2);
    return batch.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : own[axis - lead]));
  };
  return {
    kind: "matmul",
    batch,
    m,
    n,
    k,
    a: { batchStrides: batchStrides(a), row: transposeA ? 1 : aColumns, column: transposeA ? aColumns : 1 },
    b: { batchStrides: batchStrides(b), row: transposeB ? 1 : bColumns, column: transposeB ? bColumns : 1 },
  };
}

export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  infer([a, b], attributes) {
    const { batch, m, n } = formOf(a.shape, b.shape, attributes);
    return [{ shape: [...batch, m, n], dtype: a.dtype }];
  },
  reference([a, b], attributes, [type]) {
    const form = formOf(a.shape, b.shape, attributes);
    const out = zeros64(type.shape, type.dtype);
    const batches = sizeOf(form.batch);
    const strides = stridesOf(form.batch);
    for (let batch = 0; batch < batches; batch++) {
      let aBase = 0;
      let bBase = 0;
      form.batch.forEach((size, axis) => {
        const at = Math.floor(batch / strides[axis]) % size;
        aBase += at * form.a.batchStrides[axis];
        bBase += at * form.b.batchStrides[axis];
      });
      for (let i = 0; i < form.m; i++) {
        for (let j = 0; j < form.n; j++) {
          let total = 0;
          for (let k = 0; k < form.k; k++) {
            total +=
              a.data[aBase + i * form.a.row + k * form.a.column] * b.data[bBase + k * form.b.row + j * form.b.column];
          }
          out.data[(batch * form.m + i) * form.n + j] = total;
        }
      }
    }
    return [out];
  },
  lower: ([a, b], attributes) => ({ kind: "contract", form: formOf(a.shape, b.shape, attributes) }),
  gradient(node, [dy], { transposeA, transposeB }) {
    const [a, b] = node.inputs;
    if (!dy) return [undefined, undefined];
    const da = transposeA ? product(b, dy, transposeB, true) : product(dy, b, false, !transposeB);
    const db = transposeB ? product(dy, a, true, transposeA) : product(a, dy, !transposeA, false);
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  },
  macs: ([a, b], attributes) => {
    const { batch, m, n, k } = formOf(a.shape, b.shape, attributes);
    return sizeOf(batch) * m * n * k;
  },
  spatial: () => ["everything", "everything"],
};

export function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return apply1(matmulOp, [a, b], { transposeA, transposeB });
}
