// Writing at places that a tensor of indices names. Negative indices count from the end; one outside is an error.
//
//   scatterElements  y = x, then y[index[i][j]][j] = updates[i][j], or combined with what is there    (axis 0; torch.scatter)
//
// No loop of the waist writes at a place per element: it runs by its definition on the host.
import type { NdArray } from "../../base/array.ts";
import { NeocogError, ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sameShape, stridesOf } from "../../base/shape.ts";
import { apply1, constantTensor, type Tensor } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { placeAlong } from "../../kernel/places.ts";
import { taken } from "./gather.ts";
import { stretched } from "./sum.ts";

/** How a written value is combined with what is there. */
export type Combination = "none" | "add" | "mul" | "max" | "min";

const combine: Readonly<Record<Combination, (old: number, now: number) => number>> = {
  none: (_old, now) => now,
  add: (old, now) => old + now,
  mul: (old, now) => old * now,
  max: Math.max,
  min: Math.min,
};

/** Visits every element of the indices: its own flat place, and the place in x with the index along the axis. */
function eachPlace(x: Shape, indices: NdArray, axis: number, visit: (at: number, place: number) => void): void {
  const own = stridesOf(indices.shape);
  const strides = stridesOf(x);
  for (let at = 0; at < indices.data.length; at++) {
    let place = placeAlong("scatterElements", indices.data, at, x[axis]) * strides[axis];
    for (let k = 0; k < x.length; k++) {
      if (k !== axis) place += (Math.floor(at / own[k]) % indices.shape[k]) * strides[k];
    }
    visit(at, place);
  }
}

export interface ScatterAttributes {
  /** From the front. */
  readonly axis: number;
  readonly combination: Combination;
}

export const scatterElementsOp: Op<ScatterAttributes> = {
  name: "scatterElements",
  infer([x, indices, updates], { axis }) {
    if (x.shape.length !== indices.shape.length || indices.shape.some((n, k) => k !== axis && n > x.shape[k])) {
      throw new ShapeError(
        `scatterElements along axis ${axis}: the indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)}; they need as many axes, and no other axis may be longer.`,
      );
    }
    if (!sameShape(indices.shape, updates.shape)) {
      throw new ShapeError(
        `scatterElements: the updates ${formatShape(updates.shape)} must have the shape of the indices, ${formatShape(indices.shape)}.`,
      );
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference([x, indices, updates], { axis, combination }, [type]) {
    const y = { ...type, data: Float64Array.from(x.data) };
    eachPlace(x.shape, indices, axis, (at, place) => {
      y.data[place] = combine[combination](y.data[place], updates.data[at]);
    });
    return [y];
  },
  gradient(node, [dy], { axis, combination }) {
    if (!dy) return [undefined, undefined, undefined];
    const [, indices] = node.inputs;
    const written = taken(dy, indices, axis);
    if (combination === "add") return [dy, undefined, written];
    if (combination !== "none") throw new NeocogError(`scatterElements with "${combination}" has no gradient.`);
    // What was overwritten gets nothing. Of several writers of one place all get its gradient, as in PyTorch.
    return [apply1(scatterElementsOp, [dy, indices, zeros(indices.shape)], { axis, combination }), undefined, written];
  },
  spatial: () => ["everything", "everything", "everything"],
};

const zeros = (shape: Shape): Tensor =>
  stretched(constantTensor({ shape: shape.map(() => 1), dtype: "float32", data: new Float64Array(1) }), shape);
