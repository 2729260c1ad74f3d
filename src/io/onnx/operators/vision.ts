// Boxes of maps, moved taps, grids and columns: what detectors and spatial transformers carry; and attention.
import { DataError } from "../../../base/errors.ts";
import { formatShape, normalizeAxis } from "../../../base/shape.ts";
import { splitPadding } from "../../../base/window.ts";
import { apply1, type Tensor } from "../../../graph/graph.ts";
import { add } from "../../../ops/arithmetic.ts";
import { scaledDotProductAttention } from "../../../ops/attention.ts";
import { deformConvolutionOp } from "../../../ops/cards/deform.ts";
import { perChannel } from "../../../ops/cards/reshape.ts";
import { pad, permute, slice } from "../../../ops/copy.ts";
import { folded } from "../../../ops/fold.ts";
import { affineGrid } from "../../../ops/grid.ts";
import { matmul } from "../../../ops/matmul.ts";
import { reshape } from "../../../ops/reshape.ts";
import { alignedBoxes } from "../../../ops/roiAlign.ts";
import { broadcastTo } from "../../../ops/sum.ts";
import {
  type Attributes,
  type Context,
  type Inputs,
  optional,
  type Results,
  row,
  type Table,
  unsupported,
} from "../row.ts";

function boxes([x, rois, batch]: Inputs, attributes: Attributes, { opset }: Context): Tensor {
  const mode = attributes.text("mode", "avg");
  if (mode !== "avg") throw unsupported(`RoiAlign with mode "${mode}"`);
  // Before operator set 16 cells were counted from their corners.
  const how = attributes.text("coordinate_transformation_mode", opset >= 16 ? "half_pixel" : "output_half_pixel");
  const outputSize = [attributes.int("output_height", 1), attributes.int("output_width", 1)] as const;
  const [spatialScale, samplingRatio] = [attributes.float("spatial_scale", 1), attributes.int("sampling_ratio", 0)];
  return alignedBoxes(x, rois, batch, {
    ...{ outputSize, spatialScale, samplingRatio, aligned: how === "half_pixel" },
  });
}

function deformed(inputs: Inputs, attributes: Attributes): Tensor {
  const [x, weight, offset] = inputs;
  const [bias, mask] = [optional(inputs, 3), optional(inputs, 4)];
  if (x.shape.length !== 4) throw unsupported(`DeformConv of an input ${formatShape(x.shape)}`);
  attributes.ints("kernel_shape");
  const pads = attributes.ints("pads") ?? [0, 0, 0, 0];
  const y = apply1(deformConvolutionOp, [x, weight, offset, ...(mask ? [mask] : [])], {
    ...{ stride: attributes.ints("strides") ?? [1, 1], dilation: attributes.ints("dilations") ?? [1, 1] },
    ...{ padBefore: pads.slice(0, 2), padAfter: pads.slice(2) },
    ...{ groups: attributes.int("group", 1), offsetGroups: attributes.int("offset_group", 1) },
  });
  return bias ? add(y, perChannel(bias, y.shape)) : y;
}

function columns([x, image, block]: Inputs, attributes: Attributes, context: Context): Tensor {
  const cells = context.integers(image, "its image shape");
  const kernel = context.integers(block, "its block shape");
  const ones = cells.map(() => 1);
  const pads = attributes.ints("pads") ?? cells.flatMap(() => [0, 0]);
  if (kernel.length !== cells.length || pads.length !== 2 * cells.length)
    throw new DataError(`its block ${formatShape(kernel)} does not fit an image ${formatShape(cells)}.`);
  return folded(x, cells, kernel, {
    ...{ stride: attributes.ints("strides") ?? ones, dilation: attributes.ints("dilations") ?? ones },
    ...{ padBefore: pads.slice(0, cells.length), padAfter: pads.slice(cells.length) },
  });
}

/** Each axis to its size around the middle: cut where it is longer, filled with zeros where it is shorter. */
function centred([x, shape]: Inputs, attributes: Attributes, context: Context): Tensor {
  const wanted = context.integers(shape, "its shape");
  const axes = (attributes.ints("axes") ?? x.shape.map((_, i) => i)).map((axis) => normalizeAxis(axis, x.shape.length));
  if (wanted.length !== axes.length) throw new DataError(`it names ${axes.length} axes and ${wanted.length} sizes.`);
  const [before, after] = [x.shape.map(() => 0), x.shape.map(() => 0)];
  axes.forEach((axis, i) => {
    const more = wanted[i] - x.shape[axis];
    // The odd cell is cut from the end, and added there.
    const [small, large] = splitPadding(Math.abs(more));
    [before[axis], after[axis]] = more < 0 ? [-small, -large] : [small, large];
  });
  return pad(x, before, after, "constant");
}

/** [N, T, heads · E] to [N, heads, T, E]. */
function inHeads(x: Tensor, heads: number): Tensor {
  if (x.shape.length !== 3 || heads < 1 || x.shape[2] % heads !== 0)
    throw new DataError(`${heads} heads do not fit ${formatShape(x.shape)}.`);
  return permute(reshape(x, [x.shape[0], x.shape[1], heads, x.shape[2] / heads]), [0, 2, 1, 3]);
}

const together = (x: Tensor): Tensor =>
  reshape(permute(x, [0, 2, 1, 3]), [x.shape[0], x.shape[2], x.shape[1] * x.shape[3]]);

function refuseInputs(inputs: Inputs, places: Readonly<Record<number, string>>): void {
  for (const [place, what] of Object.entries(places))
    if (optional(inputs, Number(place))) throw unsupported(`attention with ${what}`);
}

/** ONNX's own, from operator set 23: with [N, heads, T, E] or [N, T, heads · E]; fewer heads of keys serve several of queries. */
function attention(inputs: Inputs, attributes: Attributes): Tensor {
  refuseInputs(inputs, { 4: "keys of the past", 5: "values of the past", 6: "lengths of its own" });
  if (attributes.float("softcap", 0) !== 0) throw unsupported("attention with softcap");
  if (attributes.int("qk_matmul_output_mode", 0) !== 0) throw unsupported("attention that gives its scores");
  attributes.int("softmax_precision", 1);
  const flat = inputs[0].shape.length === 3;
  const [heads, keyHeads] = [attributes.int("q_num_heads", 0), attributes.int("kv_num_heads", 0)];
  const [query, ...rest] = inputs.slice(0, 3).map((t, i) => (flat ? inHeads(t, i === 0 ? heads : keyHeads) : t));
  const [key, value] = rest.map((t) => repeated(t, query.shape[1]));
  const y = scaledDotProductAttention(query, key, value, {
    ...{ mask: optional(inputs, 3), isCausal: attributes.int("is_causal", 0) === 1 },
    ...(attributes.has("scale") ? { scale: attributes.float("scale", 1) } : {}),
  });
  return flat ? together(y) : y;
}

/** Each head of keys or values for as many heads of queries as it serves. */
function repeated(x: Tensor, heads: number): Tensor {
  const [n, own, steps, width] = x.shape;
  if (own === heads) return x;
  if (own < 1 || heads % own !== 0) throw new DataError(`${own} heads of keys do not serve ${heads} of queries.`);
  const spread = broadcastTo(reshape(x, [n, own, 1, steps, width]), [n, own, heads / own, steps, width]);
  return reshape(spread, [n, heads, steps, width]);
}

/** onnxruntime's MultiHeadAttention: query, key, value [N, T, heads · E], a bias for the three in a row. */
function multiHead(inputs: Inputs, attributes: Attributes): Tensor {
  refuseInputs(inputs, { 4: "a mask of padding", 6: "keys of the past", 7: "values of the past" });
  const [query, key, value] = inputs;
  if (!key || !value) throw unsupported("MultiHeadAttention with query, key and value packed into one");
  const heads = attributes.int("num_heads", 0);
  const bias = optional(inputs, 3);
  let start = 0;
  const [q, k, v] = [query, key, value].map((t) => {
    const width = t.shape[2];
    const own = bias && slice(bias, [{ start, stop: start + width }]);
    start += width;
    return inHeads(own ? add(t, own) : t, heads);
  });
  attributes.float("mask_filter_value", -10000);
  const y = scaledDotProductAttention(q, k, v, {
    ...{ mask: optional(inputs, 5), isCausal: attributes.int("unidirectional", 0) === 1 },
    ...(attributes.float("scale", 0) > 0 ? { scale: attributes.float("scale", 0) } : {}),
  });
  return together(y);
}

/** onnxruntime's Attention: one input [N, T, in] and one weight for queries, keys and values. */
function packedAttention(inputs: Inputs, attributes: Attributes): Results {
  refuseInputs(inputs, { 3: "a mask of padding", 4: "a past" });
  const [x, weight] = inputs;
  const bias = optional(inputs, 2);
  const sizes = attributes.ints("qkv_hidden_sizes");
  if (sizes?.some((n) => n !== sizes[0])) throw unsupported("Attention with qkv_hidden_sizes that differ");
  attributes.float("mask_filter_value", -10000);
  const all = matmul(x, weight);
  const projected = bias ? add(all, bias) : all;
  const width = weight.shape[1] / 3;
  const heads = attributes.int("num_heads", 0);
  const [q, k, v] = [0, 1, 2].map((i) =>
    inHeads(slice(projected, [undefined, undefined, { start: i * width, stop: (i + 1) * width }]), heads),
  );
  const y = scaledDotProductAttention(q, k, v, {
    ...{ mask: optional(inputs, 5), isCausal: attributes.int("unidirectional", 0) === 1 },
    ...(attributes.float("scale", 0) > 0 ? { scale: attributes.float("scale", 0) } : {}),
  });
  return together(y);
}

export const visionTable: Table = {
  RoiAlign: row(3, boxes),
  DeformConv: row(3, deformed),
  Col2Im: row(3, columns),
  CenterCropPad: row(2, centred),
  AffineGrid: row(2, ([theta, size], attributes, context) =>
    affineGrid(theta, context.integers(size, "its size"), { alignCorners: attributes.int("align_corners", 0) === 1 }),
  ),
  Attention: row(3, attention),
  "com.microsoft.MultiHeadAttention": row(1, multiHead),
  "com.microsoft.Attention": row(2, packedAttention),
};
