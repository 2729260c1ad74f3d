// Ops that move numbers: reshape, broadcast, transpose, slice, pad, concat, tile, gather, resize, sort and their like.
import { ndarray } from "../../../base/array.ts";
import { attributesIf, type Node, type Tensor } from "../../../graph/graph.ts";
import { type CopyAttributes, copyOp } from "../../../ops/cards/copy.ts";
import { gatherOp, takeAlongAxisOp } from "../../../ops/cards/gather.ts";
import { gridSampleOp } from "../../../ops/cards/grid.ts";
import { cumulativeSumOp, sortOp } from "../../../ops/cards/order.ts";
import { reshapeOp } from "../../../ops/cards/reshape.ts";
import { resizeOp } from "../../../ops/cards/resize.ts";
import { scatterElementsOp } from "../../../ops/cards/scatter.ts";
import { broadcastOp } from "../../../ops/cards/sum.ts";
import { type Table, tableOp } from "../../../ops/cards/table.ts";
import { cannotWrite, type Emitter, type Writer } from "../emitter.ts";
import { writeResize } from "./resize.ts";

const names = (tensors: readonly Tensor[], emitter: Emitter): string[] => tensors.map((t) => emitter.nameOf(t));

const writeReshape: Writer = (node, emitter) => {
  const [x] = node.inputs;
  return emitter.node("Reshape", [emitter.nameOf(x), emitter.shape(node.outputs[0].shape, x, "inferred")]);
};

const writeBroadcast: Writer = (node, emitter) => {
  const { shape } = attributesIf(node, broadcastOp)!;
  const [x] = node.inputs;
  const keeps = emitter.openBatch && x.shape.length === shape.length && x.shape[0] === shape[0];
  // 1 keeps the axis as it is, whatever its size; numbers that no input decides are stretched over the batch.
  const wanted = keeps ? emitter.integers([1, ...shape.slice(1)]) : emitter.shape(shape, x, "stretched");
  return emitter.node("Expand", [emitter.nameOf(x), wanted]);
};

/** Names of what stands beside data: numbers that no input decides are stretched along an open batch axis. */
const besideData = (tensors: readonly Tensor[], emitter: Emitter): string[] => {
  if (!emitter.openBatch || !tensors.some((t) => emitter.isData(t))) return names(tensors, emitter);
  return tensors.map((t) => {
    const name = emitter.nameOf(t);
    if (emitter.isData(t) || t.node.op.name === broadcastOp.name) return name;
    return emitter.node("Expand", [name, emitter.shape(t.shape, t, "stretched")])[0];
  });
};

const list = (attributes: CopyAttributes, key: string): readonly number[] =>
  attributes.parameters[key] as readonly number[];

/** The modes that ONNX's Pad knows in operator set 17; circular padding is written as slices. */
const padModes: Readonly<Record<string, string>> = {
  zeros: "constant",
  constant: "constant",
  reflect: "reflect",
  replicate: "edge",
};

const copyWriters: Readonly<Record<string, (node: Node, attributes: CopyAttributes, emitter: Emitter) => string[]>> = {
  transpose: (node, attributes, emitter) =>
    emitter.node("Transpose", names(node.inputs, emitter), { perm: list(attributes, "axes") }),
  slice: writeSlice,
  flip: writeSlice,
  concat: (node, attributes, emitter) =>
    emitter.node("Concat", besideData(node.inputs, emitter), { axis: attributes.parameters.axis as number }),
  tile: (node, attributes, emitter) =>
    emitter.node("Tile", [...names(node.inputs, emitter), emitter.integers(list(attributes, "repeats"))]),
  pad: writePad,
};

function writeSlice(node: Node, attributes: CopyAttributes, emitter: Emitter): string[] {
  const [x] = node.inputs;
  const [starts, counts, steps] = ["starts", "counts", "steps"].map((key) => list(attributes, key));
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => starts[axis] !== 0 || steps[axis] !== 1 || counts[axis] !== x.shape[axis]);
  const ends = axes.map((axis) => {
    const end = starts[axis] + counts[axis] * steps[axis];
    // Before the first place: there is no number for it but one far below.
    return end < 0 ? -(2 ** 31) : end;
  });
  const chosen = [axes.map((axis) => starts[axis]), ends, axes, axes.map((axis) => steps[axis])];
  return emitter.node("Slice", [emitter.nameOf(x), ...chosen.map((numbers) => emitter.integers(numbers))]);
}

function writePad(node: Node, attributes: CopyAttributes, emitter: Emitter): string[] {
  const [x] = node.inputs;
  const before = list(attributes, "before");
  const after = list(attributes, "after");
  const { mode, value } = attributes.parameters as { mode: string; value: number };
  if (mode === "circular") return writeCircular(x, before, after, emitter);
  if (!padModes[mode]) throw cannotWrite(node, `Padding of mode "${mode}"`);
  const inputs = [emitter.nameOf(x), emitter.integers([...before, ...after])];
  if (padModes[mode] === "constant")
    inputs.push(emitter.constant({ shape: [], dtype: x.dtype, data: Float64Array.of(value) }));
  return emitter.node("Pad", inputs, { mode: padModes[mode] });
}

/** The end of each axis before it and its start after it. */
function writeCircular(x: Tensor, before: readonly number[], after: readonly number[], emitter: Emitter): string[] {
  const cut = (name: string, axis: number, start: number, end: number): string =>
    emitter.node("Slice", [name, ...[[start], [end], [axis]].map((numbers) => emitter.integers(numbers))])[0];
  let name = emitter.nameOf(x);
  x.shape.forEach((size, axis) => {
    if (before[axis] === 0 && after[axis] === 0) return;
    const parts = [name];
    if (before[axis] > 0) parts.unshift(cut(name, axis, size - before[axis], size));
    if (after[axis] > 0) parts.push(cut(name, axis, 0, after[axis]));
    [name] = emitter.node("Concat", parts, { axis });
  });
  return [name];
}

const writeCopy: Writer = (node, emitter) => {
  const attributes = attributesIf(node, copyOp)!;
  const write = copyWriters[attributes.name];
  if (!write) throw cannotWrite(node, `"${attributes.name}"`);
  return write(node, attributes, emitter);
};

/** A sparse map along an axis, as the product with its matrix: the axis goes last, is multiplied, and goes back. */
const writeTable: Writer = (node, emitter) => {
  const { axis, table } = attributesIf(node, tableOp)!;
  const [x] = node.inputs;
  const rank = x.shape.length;
  const matrix = emitter.constant(matrixOf(table));
  if (axis === rank - 1) return emitter.node("MatMul", [emitter.nameOf(x), matrix]);
  const swapped = x.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const [turned] = emitter.node("Transpose", [emitter.nameOf(x)], { perm: swapped });
  const [product] = emitter.node("MatMul", [turned, matrix]);
  return emitter.node("Transpose", [product], { perm: swapped });
};

/** [length read, length made]: column i holds the weights of output place i. */
function matrixOf({ size, start, source, weight }: Table): ReturnType<typeof ndarray> {
  const count = start.length - 1;
  const data = new Float32Array(size * count);
  for (let i = 0; i < count; i++)
    for (let t = start[i]; t < start[i + 1]; t++) data[source[t] * count + i] += weight[t];
  return ndarray([size, count], data);
}

const writeSort: Writer = (node, emitter) => {
  const { axis, descending } = attributesIf(node, sortOp)!;
  const [x] = node.inputs;
  const [values, places] = emitter.node(
    "TopK",
    [emitter.nameOf(x), emitter.integers([x.shape[axis]])],
    { axis, largest: descending ? 1 : 0 },
    2,
  );
  return emitter.isWanted(node.outputs[1]) ? [values, emitter.node("Cast", [places], { to: 6 })[0]] : [values];
};

export const movementWriters: Readonly<Record<string, Writer>> = {
  [reshapeOp.name]: writeReshape,
  [broadcastOp.name]: writeBroadcast,
  [copyOp.name]: writeCopy,
  [resizeOp.name]: writeResize,
  [tableOp.name]: writeTable,
  [sortOp.name]: writeSort,
  [gatherOp.name]: (node, emitter) =>
    emitter.node("Gather", names(node.inputs, emitter), { axis: attributesIf(node, gatherOp)!.axis }),
  [takeAlongAxisOp.name]: (node, emitter) =>
    emitter.node("GatherElements", besideData(node.inputs, emitter), {
      axis: attributesIf(node, takeAlongAxisOp)!.axis,
    }),
  [scatterElementsOp.name]: (node, emitter) => {
    const { axis, combination } = attributesIf(node, scatterElementsOp)!;
    if (combination === "max" || combination === "min") throw cannotWrite(node, `Scattering by "${combination}"`);
    return emitter.node("ScatterElements", besideData(node.inputs, emitter), {
      axis,
      ...(combination === "none" ? {} : { reduction: combination }),
    });
  },
  [cumulativeSumOp.name]: (node, emitter) => {
    const { axis, exclusive, reverse } = attributesIf(node, cumulativeSumOp)!;
    const inputs = [...names(node.inputs, emitter), emitter.integers([axis], [])];
    return emitter.node("CumSum", inputs, { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 });
  },
  [gridSampleOp.name]: (node, emitter) => {
    const { mode, paddingMode, alignCorners } = attributesIf(node, gridSampleOp)!;
    return emitter.node("GridSample", besideData(node.inputs, emitter), {
      mode,
      padding_mode: paddingMode,
      align_corners: alignCorners ? 1 : 0,
    });
  },
};
