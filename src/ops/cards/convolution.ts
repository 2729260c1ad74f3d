// Convolution and its two adjoints, for any number of spatial axes. The operation is cross-correlation (no flip):
//
//   y[n, k, p] = Σ_c Σ_r x[n, c, p·stride + r·dilation − padBefore] · w[k, c, r]
//
//   convolution(x, w) → y      inputGradient(dy, w) → dx  (= transposed convolution)      filterGradient(x, dy) → dw
//
// The three are one trilinear form seen from three sides, so each one's gradients are the other two.
// Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning" (1603.07285).
import { zeros64 } from "../../base/array.ts";
import { ShapeError } from "../../base/errors.ts";
import { formatShape, type Shape, sizeOf } from "../../base/shape.ts";
import { type Slides, sightBack, sightOf, slideAlong, tapCells } from "../../base/window.ts";
import { apply1, type Tensor } from "../../graph/graph.ts";
import type { Op, TensorType } from "../../graph/op.ts";
import type { ConvolutionGeometry } from "../../kernel/kernel.ts";
import { windowOutput } from "./geometry.ts";

export interface ConvolutionAttributes extends Slides {
  readonly groups: number;
}

/** For the adjoints: also the shape of what they give, which the geometry alone does not determine. */
export interface AdjointAttributes extends ConvolutionAttributes {
  readonly shape: Shape;
}

function geometryOf(x: Shape, w: Shape, y: Shape, attributes: ConvolutionAttributes): ConvolutionGeometry {
  return {
    batch: x[0],
    groups: attributes.groups,
    inChannels: x[1],
    outChannels: w[0],
    input: x.slice(2),
    kernel: w.slice(2),
    output: y.slice(2),
    stride: attributes.stride,
    dilation: attributes.dilation,
    padBefore: attributes.padBefore,
  };
}

/** Shape of convolution(x, w), or an error in words. */
function outputShape(x: Shape, w: Shape, attributes: ConvolutionAttributes): number[] {
  const { groups } = attributes;
  if (x.length < 3 || w.length !== x.length) {
    throw new ShapeError(
      `a convolution needs an input [batch, channels, …sizes] and a weight [out, in / groups, …kernel] with as many axes; it got ${formatShape(x)} and ${formatShape(w)}.`,
    );
  }
  if (x[1] % groups !== 0 || w[0] % groups !== 0) {
    throw new ShapeError(
      `groups = ${groups} must divide both the ${x[1]} input channels and the ${w[0]} output channels.`,
    );
  }
  if (w[1] !== x[1] / groups) {
    throw new ShapeError(
      `the input ${formatShape(x)} has ${x[1]} channels${groups > 1 ? ` in ${groups} groups` : ""}, but the weight ${formatShape(w)} expects ${w[1] * groups}.`,
    );
  }
  const spatial = x.slice(2).map((size, axis) =>
    windowOutput({
      what: "convolution",
      axis,
      rank: x.length - 2,
      size,
      kernel: w[axis + 2],
      ...slideAlong(attributes, axis),
    }),
  );
  return [x[0], w[0], ...spatial];
}

/** Multiply-accumulates of the form: every weight once per output place and image (padding counted, as usual). */
const macsOf = (w: Shape, y: Shape): number => sizeOf(w) * y[0] * sizeOf(y.slice(2));

/**
 * Runs over every product of the form and hands out the three flat places x, w, y. The definition of all three roles.
 */
function forEachProduct(g: ConvolutionGeometry, visit: (x: number, w: number, y: number) => void): void {
  const perGroupIn = g.inChannels / g.groups;
  const perGroupOut = g.outChannels / g.groups;
  const inputSize = sizeOf(g.input);
  const kernelSize = sizeOf(g.kernel);
  const outputSize = sizeOf(g.output);
  const places = tapCells(g);
  for (let n = 0; n < g.batch; n++) {
    for (let k = 0; k < g.outChannels; k++) {
      const firstIn = Math.floor(k / perGroupOut) * perGroupIn;
      for (let c = 0; c < perGroupIn; c++) {
        const xBase = (n * g.inChannels + firstIn + c) * inputSize;
        const wBase = (k * perGroupIn + c) * kernelSize;
        const yBase = (n * g.outChannels + k) * outputSize;
        for (let p = 0; p < outputSize; p++) {
          for (let r = 0; r < kernelSize; r++) {
            const place = places[p * kernelSize + r];
            if (place >= 0) visit(xBase + place, wBase + r, yBase + p);
          }
        }
      }
    }
  }
}

export const convolutionOp: Op<ConvolutionAttributes> = {
  name: "convolution",
  infer: ([x, w], attributes) => [{ shape: outputShape(x.shape, w.shape, attributes), dtype: x.dtype }],
  reference([x, w], attributes, [type]) {
    const y = zeros64(type.shape);
    forEachProduct(geometryOf(x.shape, w.shape, type.shape, attributes), (i, j, o) => {
      y.data[o] += x.data[i] * w.data[j];
    });
    return [y];
  },
  lower: ([x, w], attributes, [y]) => contract("forward", x.shape, w.shape, y.shape, attributes),
  gradient(node, [dy], attributes) {
    const [x, w] = node.inputs;
    if (!dy) return [undefined, undefined];
    return [
      apply1(inputGradientOp, [dy, w], { ...attributes, shape: x.shape }),
      apply1(filterGradientOp, [x, dy], { ...attributes, shape: w.shape }),
    ];
  },
  macs: ([, w], _attributes, [y]) => macsOf(w.shape, y.shape),
  spatial: ([, w], attributes) => [sightOf(w.shape.slice(2), attributes), "nothing"],
};

export const inputGradientOp: Op<AdjointAttributes> = {
  name: "convolutionInputGradient",
  infer([dy, w], attributes) {
    const expected = outputShape(attributes.shape, w.shape, attributes);
    checkSame("gradient", dy, expected);
    return [{ shape: attributes.shape, dtype: dy.dtype }];
  },
  reference([dy, w], attributes, [type]) {
    const dx = zeros64(type.shape);
    forEachProduct(geometryOf(type.shape, w.shape, dy.shape, attributes), (i, j, o) => {
      dx.data[i] += dy.data[o] * w.data[j];
    });
    return [dx];
  },
  lower: ([dy, w], attributes, [dx]) => contract("inputGradient", dx.shape, w.shape, dy.shape, attributes),
  gradient(node, [g], attributes) {
    const [dy, w] = node.inputs;
    if (!g) return [undefined, undefined];
    return [
      apply1(convolutionOp, [g, w], plain(attributes)),
      apply1(filterGradientOp, [g, dy], { ...attributes, shape: w.shape }),
    ];
  },
  macs: ([dy, w]) => macsOf(w.shape, dy.shape),
  spatial: ([, w], attributes) => [sightBack(w.shape.slice(2), attributes), "nothing"],
};

export const filterGradientOp: Op<AdjointAttributes> = {
  name: "convolutionFilterGradient",
  infer([x, dy], attributes) {
    checkSame("gradient", dy, outputShape(x.shape, attributes.shape, attributes));
    return [{ shape: attributes.shape, dtype: x.dtype }];
  },
  reference([x, dy], attributes, [type]) {
    const dw = zeros64(type.shape);
    forEachProduct(geometryOf(x.shape, type.shape, dy.shape, attributes), (i, j, o) => {
      dw.data[j] += x.data[i] * dy.data[o];
    });
    return [dw];
  },
  lower: ([x, dy], attributes, [dw]) => contract("filterGradient", x.shape, dw.shape, dy.shape, attributes),
  gradient(node, [g], attributes) {
    const [x, dy] = node.inputs;
    if (!g) return [undefined, undefined];
    return [
      apply1(inputGradientOp, [dy, g], { ...attributes, shape: x.shape }),
      apply1(convolutionOp, [x, g], plain(attributes)),
    ];
  },
  macs: ([, dy], { shape }) => macsOf(shape, dy.shape),
  spatial: () => ["everything", "everything"],
};

function contract(
  role: "forward" | "inputGradient" | "filterGradient",
  x: Shape,
  w: Shape,
  y: Shape,
  attributes: ConvolutionAttributes,
): ReturnType<NonNullable<Op["lower"]>> {
  return { kind: "contract", form: { kind: "convolution", role, geometry: geometryOf(x, w, y, attributes) } };
}

function checkSame(what: string, { shape }: TensorType, expected: Shape): void {
  if (formatShape(shape) !== formatShape(expected)) {
    throw new ShapeError(`the ${what} is ${formatShape(shape)}, but this geometry gives ${formatShape(expected)}.`);
  }
}

function plain({ stride, dilation, padBefore, padAfter, groups }: ConvolutionAttributes): ConvolutionAttributes {
  return { stride, dilation, padBefore, padAfter, groups };
}

/** A convolution with every geometry given; the words of ops/convolution.ts fill it in from the user's words. */
export function convolution(x: Tensor, w: Tensor, attributes: ConvolutionAttributes): Tensor {
  return apply1(convolutionOp, [x, w], attributes);
}

/** The transposed convolution: the adjoint of `convolution`, given the shape of its result. */
export function inputGradient(dy: Tensor, w: Tensor, attributes: AdjointAttributes): Tensor {
  return apply1(inputGradientOp, [dy, w], attributes);
}
