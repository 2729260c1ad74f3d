// Matrix products as a user calls them: vectors stand for rows and columns, and linear keeps leading axes.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { options as byName, flag, type OptionsOf } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { product } from "./cards/matmul.ts";
import { reshape } from "./reshape.ts";

/**
 * Matrix product over the last two axes, […, m, k] with […, k, n] to […, m, n]; batch axes broadcast, and vectors [k]
 * stand for a row or column (torch.matmul). transposeA and transposeB read [k, m] and [n, k] instead. Throws a
 * ShapeError where the inner sizes differ.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: {
    /** Read a as [k, m]; false unless told. */
    transposeA?: boolean;
    /** Read b as [n, k]; false unless told. */
    transposeB?: boolean;
  } = {},
): Tensor {
  understand("matmul", arguments, {
    a: tensor,
    b: tensor,
    options: byName<OptionsOf<typeof matmul>>({ transposeA: flag, transposeB: flag }),
  });
  if (a.shape.length === 1) {
    const y = matmul(reshape(a, [1, a.shape[0]]), b, { ...options, transposeA: false });
    return reshape(y, b.shape.length === 1 ? [] : [...y.shape.slice(0, -2), ...y.shape.slice(-1)]);
  }
  if (b.shape.length === 1) {
    const y = matmul(a, reshape(b, [b.shape[0], 1]), { ...options, transposeB: false });
    return reshape(y, y.shape.slice(0, -1));
  }
  return product(a, b, options.transposeA ?? false, options.transposeB ?? false);
}

/**
 * x wᵀ, x [N, in] with w [out, in] to [N, out]; more leading axes are kept (torch.nn.functional.linear without a
 * bias). Throws a ShapeError where `in` differs.
 */
export function linear(x: Tensor, w: Tensor): Tensor {
  understand("linear", arguments, { x: tensor, w: tensor });
  const features = x.shape[x.shape.length - 1];
  if (w.shape.length !== 2 || features !== w.shape[1]) {
    throw new ShapeError(
      `the input ${formatShape(x.shape)} has ${features} features, but the weight ${formatShape(w.shape)} expects ${w.shape[1]}.`,
    );
  }
  const rows = sizeOf(x.shape.slice(0, -1));
  const y = product(reshape(x, [rows, features]), w, false, true);
  return reshape(y, [...x.shape.slice(0, -1), w.shape[0]]);
}
