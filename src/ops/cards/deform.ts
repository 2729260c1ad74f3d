// Convolution whose taps are moved by another tensor: x [N, C, H, W], weight [K, C / groups, R, S], offset [N, 2 · D · R · S, P, Q]
// (row and column of each tap, for each of D groups of channels), perhaps a mask [N, D · R · S, P, Q] that weighs the taps.
// Dai et al. 2017, 1703.06211; Zhu et al. 2018, 1811.11168 (the mask). A gather of the taps, then a matrix product.
import { ndarray, zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, sameShape } from "../../base/shape.ts";
import { placesAlong, type Slides, slideAlong } from "../../base/window.ts";
import { constantTensor } from "../../graph/graph.ts";
import type { Op, Tensor, TensorType } from "../../graph/op.ts";
import { plus, times } from "./arithmetic.ts";
import { joined, sliced, transposed } from "./copy.ts";
import { product } from "./matmul.ts";
import { reshaped } from "./reshape.ts";
import { linearTaps, sampledRows } from "./sampling.ts";
import { stretched } from "./sum.ts";

export interface DeformAttributes extends Slides {
  readonly groups: number;
  /** Groups of channels that move together. */
  readonly offsetGroups: number;
}

/** Rows and columns of the result. */
const outputOf = (x: TensorType, weight: TensorType, attributes: DeformAttributes): number[] =>
  [0, 1].map((axis) => placesAlong(x.shape[axis + 2], weight.shape[axis + 2], slideAlong(attributes, axis)));

export const deformConvolutionOp: Op<DeformAttributes> = {
  name: "deformConvolution",
  ofFloats: true,
  infer([x, weight, offset, mask], attributes) {
    const { groups, offsetGroups } = attributes;
    const fits =
      x.shape.length === 4 &&
      weight.shape.length === 4 &&
      x.shape[1] === weight.shape[1] * groups &&
      weight.shape[0] % groups === 0 &&
      x.shape[1] % offsetGroups === 0;
    if (!fits)
      throw new ShapeError(
        `deformConv2d of ${formatShape(x.shape)} with a weight ${formatShape(weight.shape)}, ${groups} groups and ${offsetGroups} groups of offsets: the channels do not fit.`,
      );
    const [n] = x.shape;
    const output = outputOf(x, weight, attributes);
    const taps = offsetGroups * weight.shape[2] * weight.shape[3];
    for (const [what, given, count] of [["offset", offset, 2 * taps] as const, ["mask", mask, taps] as const]) {
      const wanted = [n, count, ...output];
      if (given && !sameShape(given.shape, wanted))
        throw new ShapeError(
          `deformConv2d needs an ${what} of ${formatShape(wanted)}, not ${formatShape(given.shape)}.`,
        );
    }
    return [{ shape: [n, weight.shape[0], ...output], dtype: x.dtype }];
  },
  reference([x, weight, offset, mask], { stride, dilation, padBefore, groups, offsetGroups }, [type]) {
    const y = zeros64(type.shape, type.dtype);
    const [batch, channels, height, width] = x.shape;
    const [kernels, own, r, s] = weight.shape;
    const [, , rows, columns] = type.shape;
    const plane = rows * columns;
    for (let n = 0; n < batch; n++) {
      for (let at = 0; at < plane; at++) {
        for (let c = 0; c < channels; c++) {
          const d = Math.floor((c * offsetGroups) / channels);
          for (let tap = 0; tap < r * s; tap++) {
            const moved = ((n * offsetGroups + d) * r * s + tap) * 2;
            const dy = offset.data[moved * plane + at];
            const dx = offset.data[(moved + 1) * plane + at];
            const v = Math.floor(at / columns) * stride[0] - padBefore[0] + Math.floor(tap / s) * dilation[0] + dy;
            const u = (at % columns) * stride[1] - padBefore[1] + (tap % s) * dilation[1] + dx;
            const [low, left] = [Math.floor(v), Math.floor(u)];
            let value = 0;
            for (const [row, a] of [[low, 1 - (v - low)] as const, [low + 1, v - low] as const]) {
              for (const [column, b] of [[left, 1 - (u - left)] as const, [left + 1, u - left] as const]) {
                if (row >= 0 && row < height && column >= 0 && column < width)
                  value += a * b * x.data[((n * channels + c) * height + row) * width + column];
              }
            }
            if (mask) value *= mask.data[((n * offsetGroups + d) * r * s + tap) * plane + at];
            const group = Math.floor(c / own);
            for (let k = 0; k < kernels / groups; k++) {
              const kernel = group * (kernels / groups) + k;
              y.data[(n * kernels + kernel) * plane + at] +=
                weight.data[(kernel * own + (c % own)) * r * s + tap] * value;
            }
          }
        }
      }
    }
    return [y];
  },
  expand([x, weight, offset, mask], attributes) {
    const { stride, dilation, padBefore, groups, offsetGroups } = attributes;
    const [batch, channels] = x.shape;
    const [kernels, own, r, s] = weight.shape;
    const [rows, columns] = outputOf(x, weight, attributes);
    const [plane, taps, share] = [rows * columns, r * s, channels / offsetGroups];
    /** Where the taps lie unmoved, [taps, plane]. */
    const still = (of: (tap: number, at: number) => number): Tensor =>
      constantTensor(
        ndarray(
          [1, taps, plane],
          Float32Array.from({ length: taps * plane }, (_, i) => of(Math.floor(i / plane), i % plane)),
        ),
      );
    const base = [
      still((tap, at) => Math.floor(at / columns) * stride[0] - padBefore[0] + Math.floor(tap / s) * dilation[0]),
      still((tap, at) => (at % columns) * stride[1] - padBefore[1] + (tap % s) * dilation[1]),
    ];
    const pairs = reshaped(offset, [batch, offsetGroups, taps, 2, plane]);
    const weights = mask && reshaped(mask, [batch, offsetGroups, taps * plane, 1]);
    const maps = constantTensor({
      shape: [batch],
      dtype: "int32",
      data: Float64Array.from({ length: batch }, (_, n) => n),
    });
    const parts = Array.from({ length: offsetGroups }, (_, d) => {
      const part = sliced(x, [undefined, { start: d * share, stop: (d + 1) * share }]);
      const [v, u] = base.map((place, i) => {
        const range = [undefined, { start: d, stop: d + 1 }, undefined, { start: i, stop: i + 1 }];
        const moved = reshaped(sliced(pairs, range), [batch, taps, plane]);
        return reshaped(plus(moved, stretched(place, moved.shape)), [batch, taps * plane]);
      });
      const read = sampledRows(part, maps, [v, u], [linearTaps(x.shape[2]), linearTaps(x.shape[3])]);
      if (!weights) return read;
      return times(read, reshaped(sliced(weights, [undefined, { start: d, stop: d + 1 }]), [batch, taps * plane, 1]));
    });
    const read = reshaped(joined(parts, 2), [batch, taps, plane, groups, own]);
    const window = reshaped(transposed(read, [0, 3, 4, 1, 2]), [batch, groups, own * taps, plane]);
    const filters = reshaped(weight, [1, groups, kernels / groups, own * taps]);
    return [reshaped(product(filters, window, false, false), [batch, kernels, rows, columns])];
  },
  macs: ([, weight], _attributes, [y]) =>
    y.shape.reduce((all, n) => all * n, 1) * weight.shape.slice(1).reduce((all, n) => all * n, 1),
  spatial: (inputs) => inputs.map(() => "everything"),
};
