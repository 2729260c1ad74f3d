// Resize, so that every runtime reads the same cells. ONNX keeps factors in float32 and runtimes compute places in float32,
// where 3 / (1/3) may be 8.999…; and given sizes, the factor is their quotient, which is not the 1.7 that was asked for.
//
//   the factor, where float32 says it exactly                   Resize by scales
//   the factor is the quotient of the sizes                     Resize by sizes
//   neither, but rounding changes no length                     Resize by scales (between cells a rounded factor is as good)
//   nearest cells that rounding would change                    Gather along each axis
//   anything else                                               the sums that it is made of
import { ndarray } from "../../../base/array.ts";
import { attributesIf, type Tensor } from "../../../graph/graph.ts";
import { cellsOf, type ResizeAttributes, type ResizeAxis, resizeOp } from "../../../ops/cards/resize.ts";
import { type Emitter, float, type Writer } from "../emitter.ts";
import { writeExpansion } from "./loops.ts";

export const writeResize: Writer = (node, emitter) => {
  const attributes = attributesIf(node, resizeOp)!;
  const [x] = node.inputs;
  const form = formOf(x, attributes);
  if (form === "gather") return [gathered(x, attributes, emitter)];
  if (form === "sums") return writeExpansion(node, emitter);
  const scales = x.shape.map((_, axis) => attributes.axes.find((along) => along.axis === axis)?.scale ?? 1);
  const told =
    form === "sizes"
      ? ["", emitter.shape(node.outputs[0].shape, x)]
      : [emitter.constant(ndarray([scales.length], Float32Array.from(scales)))];
  return emitter.node("Resize", [emitter.nameOf(x), "", ...told], {
    mode: attributes.mode,
    coordinate_transformation_mode: attributes.coordinates,
    nearest_mode: attributes.nearest,
    cubic_coeff_a: float(attributes.cubicCoefficient),
    exclude_outside: attributes.excludeOutside ? 1 : 0,
    extrapolation_value: float(attributes.extrapolation),
  });
};

type Form = "scales" | "sizes" | "gather" | "sums";

function formOf(x: Tensor, attributes: ResizeAttributes): Form {
  const { axes, mode, coordinates, antialias } = attributes;
  const all = (fits: (n: number, along: ResizeAxis) => boolean): boolean =>
    axes.every((along) => fits(x.shape[along.axis], along));
  const otherwise =
    mode === "nearest" && all((n, along) => cellsOf(n, along, attributes) !== undefined) ? "gather" : "sums";
  // Newer operator sets know the first two; the third reads nothing beyond an edge that rounding may move.
  if (antialias || coordinates === "half_pixel_symmetric" || coordinates === "tf_crop_and_resize") return otherwise;
  const same = (factor: (n: number, along: ResizeAxis) => number, wide: boolean): boolean =>
    mode !== "nearest" || all((n, along) => sameCells(n, along, attributes, factor(n, along), wide));
  const scale = (_: number, along: ResizeAxis): number => along.scale;
  const quotient = (n: number, { size }: ResizeAxis): number => size / n;
  const kept = all((n, along) => lengthOf(n, along.scale) === along.size);
  const corners = coordinates === "align_corners";
  if (!corners && kept && all((_, along) => Math.fround(along.scale) === along.scale) && same(scale, true))
    return "scales";
  if (all((n, { scale: s, size }) => Math.abs(s * n - size) < 1e-9 * size) && same(quotient, false)) return "sizes";
  return !corners && kept && same(scale, true) ? "scales" : otherwise;
}

/** The length that a factor in float32 gives, or undefined where runtimes may disagree. */
function lengthOf(n: number, scale: number): number | undefined {
  const product = n * Math.fround(scale);
  const length = Math.floor(product);
  return Math.floor(Math.fround(product)) === length ? length : undefined;
}

/** Whether a runtime that computes in float32 (and `wide`: in float64 from the rounded factor) reads the cells that are meant. */
function sameCells(n: number, along: ResizeAxis, attributes: ResizeAttributes, factor: number, wide: boolean): boolean {
  const meant = cellsOf(n, along, attributes);
  const rounded = cellsOf(n, { ...along, scale: Math.fround(factor) }, attributes, Math.fround);
  const widened = wide ? cellsOf(n, { ...along, scale: Math.fround(factor) }, attributes) : meant;
  return !!meant && !!rounded && !!widened && meant.every((cell, i) => cell === rounded[i] && cell === widened[i]);
}

/** Nearest cells, picked along one axis after the other. */
function gathered(x: Tensor, attributes: ResizeAttributes, emitter: Emitter): string {
  return attributes.axes.reduce((name, along) => {
    const cells = cellsOf(x.shape[along.axis], along, attributes) ?? [];
    return emitter.node("Gather", [name, emitter.integers(cells)], { axis: along.axis })[0];
  }, emitter.nameOf(x));
}
