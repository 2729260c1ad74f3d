// Reading maps between their cells, at places that are computed: which cells and with what weights is arithmetic, the reading itself
// is a gather of rows, so that all of it runs in loops. A place reads one cell or more along each axis.
import { sizeOf } from "../../base/shape.ts";
import { constantTensor, type Tensor } from "../../graph/graph.ts";
import {
  add,
  binary,
  constant,
  type Expression,
  multiply,
  operand,
  select,
  subtract,
  unary,
} from "../../kernel/expression.ts";
import { substitute } from "../../kernel/walk.ts";
import { plus } from "./arithmetic.ts";
import { transposed } from "./copy.ts";
import { gathered } from "./gather.ts";
import { elementwise } from "./map.ts";
import { reshaped } from "./reshape.ts";
import { stretched } from "./sum.ts";

/** A cell that is read along one axis: its place and its weight, of the coordinate that is operand 0. */
export interface Tap {
  readonly place: Expression;
  readonly weight: Expression;
}

const x = operand(0);

/** A value where a place lies among the cells, else 0; so for NaN. */
const among = (size: number, place: Expression, value: Expression): Expression =>
  select(
    binary("lessEqual", constant(0), place),
    select(binary("lessEqual", place, constant(size - 1)), value, constant(0)),
    constant(0),
  );

/** A tap that counts for nothing where it lies outside. */
export const tapAt = (size: number, place: Expression, weight: Expression): Tap => ({
  place: among(size, place, place),
  weight: among(size, place, weight),
});

/** The two cells beside a coordinate, weighed by how near they are. */
export function linearTaps(size: number, at: Expression = x): Tap[] {
  const low = unary("floor", at);
  const rest = subtract(at, low);
  return [tapAt(size, low, subtract(constant(1), rest)), tapAt(size, add(low, constant(1)), rest)];
}

/** `at` held between 0 and the last cell. */
export const clamped = (size: number, at: Expression): Expression =>
  select(
    binary("less", at, constant(0)),
    constant(0),
    select(binary("less", constant(size - 1), at), constant(size - 1), at),
  );

/** Four pairs of a value and its weight are added in one loop. */
const PAIRS = 4;

/**
 * Maps [N, C, H, W] at M times P places: `batch` says which map, int32 [M] (no range is checked here), rows and columns are the
 * coordinates [M, P] that the taps are of. Gives [M, P, C].
 */
export function sampledRows(
  maps: Tensor,
  batch: Tensor,
  [rows, columns]: readonly [Tensor, Tensor],
  [rowTaps, columnTaps]: readonly [readonly Tap[], readonly Tap[]],
): Tensor {
  const [n, channels, height, width] = maps.shape;
  const [m, p] = rows.shape;
  const shape = [m, p, channels];
  if (sizeOf(maps.shape) === 0 || sizeOf(shape) === 0)
    return stretched(constantTensor({ shape: [1, 1, 1], dtype: maps.dtype, data: new Float64Array(1) }), shape);
  const table = reshaped(transposed(maps, [0, 2, 3, 1]), [n * height * width, channels]);
  const own = stretched(reshaped(batch, [m, 1]), [m, p]);
  const int = (name: string, expression: Expression, inputs: readonly Tensor[]): Tensor =>
    elementwise(name, expression, inputs, "int32");
  const places = (taps: readonly Tap[], coordinate: Tensor): Tensor[] =>
    taps.map(({ place }) => int("cell", place, [coordinate]));
  const [rowPlaces, columnPlaces] = [places(rowTaps, rows), places(columnTaps, columns)];
  const flat = add(multiply(add(multiply(operand(0), constant(height)), operand(1)), constant(width)), operand(2));
  const pairs = rowTaps.flatMap((rowTap, r) =>
    columnTaps.map((columnTap, c): readonly [Tensor, Tensor] => {
      const index = int("row of cell", flat, [own, rowPlaces[r], columnPlaces[c]]);
      const value = reshaped(gathered(table, reshaped(index, [m * p])), shape);
      const both = elementwise("weight of cell", multiply(rowTap.weight, shifted(columnTap.weight)), [rows, columns]);
      return [value, stretched(reshaped(both, [m, p, 1]), shape)];
    }),
  );
  let total: Tensor | undefined;
  for (let i = 0; i < pairs.length; i += PAIRS) {
    const some = pairs.slice(i, i + PAIRS);
    const sum = some
      .map((_, k) => multiply(operand(2 * k), operand(2 * k + 1)))
      .reduce((before, product) => add(before, product));
    const part = elementwise("weighed cells", sum, some.flat());
    total = total ? plus(total, part) : part;
  }
  return total!;
}

/** The expression of operand 0 as one of operand 1. */
const shifted = (expression: Expression): Expression => substitute(expression, () => operand(1));
