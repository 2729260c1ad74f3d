// Graph models: a small network, and one with an end for every kind of node.
import { GraphFile, int, ints, pool, shapeOf, text, window } from "./file.mjs";
import { tensor } from "./write.mjs";

{
  const g = new GraphFile();
  g.node("picture", "Placeholder", [], { dtype: { type: "DT_FLOAT" }, shape: shapeOf(-1, 15, 13, 3) });
  const stem = g.node("stem", "Conv2D", ["picture", g.weight("stem/w", [3, 3, 3, 8])], window(2, "SAME"));
  const variance = g.weight("stem/variance", [8], (x) => 0.6 + 0.5 * x);
  const norm = g.node(
    "norm",
    "FusedBatchNormV3",
    [stem, g.weight("stem/gamma", [8]), g.weight("stem/beta", [8]), g.weight("stem/mean", [8]), variance],
    { epsilon: { f: 0.001 }, is_training: { b: false }, data_format: text("NHWC") },
  );
  const six = g.node("six", "Relu6", [norm]);
  const deep = g.node("deep", "DepthwiseConv2dNative", [six, g.weight("deep/w", [3, 3, 8, 1])], window(1, "SAME"));
  const biased = g.node("biased", "BiasAdd", [deep, g.weight("deep/b", [8])], { data_format: text("NHWC") });
  const fused = g.node(
    "fused",
    "_FusedConv2D",
    [biased, g.weight("fused/w", [1, 1, 8, 12]), g.weight("fused/b", [12])],
    window(1, "VALID", { fused_ops: { list: { s: [text("BiasAdd").s, text("Relu").s] } }, num_args: int(1) }),
  );
  const padded = g.node("padded", "Pad", [fused, g.whole("widths", [0, 0, 1, 0, 0, 1, 0, 0], [4, 2])]);
  const largest = g.node("largest", "MaxPool", [padded], pool(3, 2, "SAME"));
  const averaged = g.node("averaged", "AvgPool", [padded], pool(2, 2, "SAME"));
  // A size computed from the shape of another tensor.
  const shape = g.node("shape", "Shape", [largest]);
  const slice = g.node(
    "slice",
    "StridedSlice",
    [shape, g.whole("one", [1]), g.whole("three", [3]), g.whole("step", [1])],
    { begin_mask: int(0), end_mask: int(0), shrink_axis_mask: int(0), new_axis_mask: int(0), ellipsis_mask: int(0) },
  );
  const resized = g.node("resized", "ResizeBilinear", [averaged, slice], {
    align_corners: { b: false },
    half_pixel_centers: { b: true },
  });
  const joined = g.node("joined", "ConcatV2", [largest, resized, g.whole("axis", [3], [])]);
  const nearest = g.node("nearest", "ResizeNearestNeighbor", [joined, g.whole("size", [10, 7])], {
    align_corners: { b: false },
    half_pixel_centers: { b: false },
  });
  const scaled = g.node("scaled", "Mul", [nearest, g.weight("scale", [24])]);
  const shifted = g.node("shifted", "AddV2", [scaled, g.constant("half", [], Float32Array.of(0.5), "float32")]);
  g.node("map", "Sub", [shifted, g.node("sigmoid", "Sigmoid", [nearest])]);
  const mean = g.node("mean", "Mean", [joined, g.whole("places", [1, 2])], { keep_dims: { b: true } });
  const squeezed = g.node("squeezed", "Squeeze", [mean], { squeeze_dims: ints(1, 2) });
  const batch = g.node("batch", "StridedSlice", [shape, g.whole("zero", [0]), g.whole("first", [1]), "step"], {
    shrink_axis_mask: int(1),
    begin_mask: int(0),
    end_mask: int(0),
    new_axis_mask: int(0),
    ellipsis_mask: int(0),
  });
  const sizes = g.node("sizes", "Pack", [batch, g.whole("features", [-1], [])], { axis: int(0), N: int(2) });
  const flat = g.node("flat", "Reshape", [joined, sizes]);
  const hidden = g.node(
    "hidden",
    "_FusedMatMul",
    [flat, g.weight("hidden/w", [5 * 4 * 24, 10]), g.weight("hidden/b", [10])],
    {
      transpose_a: { b: false },
      transpose_b: { b: false },
      fused_ops: { list: { s: [text("BiasAdd").s, text("Elu").s] } },
      num_args: int(1),
    },
  );
  const side = g.node("side", "MatMul", [squeezed, g.weight("side/w", [24, 10])], {
    transpose_a: { b: false },
    transpose_b: { b: false },
  });
  const sum = g.node("sum", "Add", [hidden, side]);
  g.node("scores", "Softmax", [sum]);
  g.node("answer", "Identity", ["scores"]);
  await g.write("graph", { picture: tensor([2, 15, 13, 3]) }, ["answer", "map"]);
}

{
  const g = new GraphFile();
  const f = (values) => g.constant(`n${g.nodes.length}`, [], Float32Array.of(values), "float32");
  const w = (...values) => g.whole(`n${g.nodes.length}`, values);
  const i = (value) => g.whole(`n${g.nodes.length}`, [value], []);
  const pairs = (...values) => g.whole(`n${g.nodes.length}`, values, [values.length / 2, 2]);
  const ends = [];
  const end = (name, op, input, attr) => {
    g.node(name, op, input, attr);
    ends.push(name);
    return name;
  };
  const masks = (more) =>
    Object.fromEntries(
      ["begin_mask", "end_mask", "shrink_axis_mask", "new_axis_mask", "ellipsis_mask"].map((name) => [
        name,
        int(more[name] ?? 0),
      ]),
    );
  g.node("x", "Placeholder", [], { dtype: { type: "DT_FLOAT" }, shape: shapeOf(-1, 8, 6, 4) });
  const x = g.node("conv", "Conv2D", ["x", g.weight("w", [1, 1, 4, 4])], window(1, "SAME"));
  end("transposed", "Transpose", [x, w(0, 3, 1, 2)]);
  end("back", "Relu", [g.node("nhwc", "Transpose", ["transposed", w(0, 2, 3, 1)])]);
  end("blocks", "DepthToSpace", [x], { block_size: int(2), data_format: text("NHWC") });
  const batched = g.node("batched", "SpaceToBatchND", [x, w(2, 2), pairs(1, 1, 0, 2)]);
  const dilated = g.node("dilated", "Conv2D", [batched, g.weight("w2", [3, 3, 4, 2])], window(1, "SAME"));
  end("unbatched", "BatchToSpaceND", [dilated, w(2, 2), pairs(1, 1, 0, 2)]);
  end("up", "Conv2DBackpropInput", [w(2, 16, 12, 3), g.weight("w3", [3, 3, 3, 4]), x], window(2, "SAME"));
  end("corners", "ResizeBilinear", [x, w(5, 11)], { align_corners: { b: true }, half_pixel_centers: { b: false } });
  end("old", "ResizeBilinear", [x, w(5, 11)], { align_corners: { b: false }, half_pixel_centers: { b: false } });
  end("cells", "ResizeNearestNeighbor", [x, w(11, 13)], {
    align_corners: { b: false },
    half_pixel_centers: { b: true },
  });
  end("slopes", "Prelu", [x, g.weight("alpha", [1, 1, 4])]);
  end("leaky", "LeakyRelu", [x], { alpha: { f: 0.3 } });
  g.node("parts", "Split", [i(3), x], { num_split: int(2) });
  end("second", "Mul", ["parts:1", "parts"]);
  g.node("rows", "Unpack", [x], { axis: int(1), num: int(8) });
  end("row", "Neg", ["rows:3"]);
  g.node("uneven", "SplitV", [x, w(3, -1, 4), i(1)], { num_split: int(3) });
  end("middle", "Exp", ["uneven:1"]);
  end("cut", "Slice", [x, w(0, 2, 1, 0), w(-1, 3, -1, 2)]);
  end(
    "every_other",
    "StridedSlice",
    [x, w(0, 7, 0, 0), w(0, 0, 6, 0), w(1, -2, 2, 1)],
    masks({ begin_mask: 9, end_mask: 9 }),
  );
  end("dots", "StridedSlice", [x, w(0, 0, 1), w(0, 0, 3), w(1, 1, 1)], masks({ ellipsis_mask: 1, new_axis_mask: 2 }));
  end("mirrored", "MirrorPad", [x, pairs(0, 0, 1, 2, 2, 0, 0, 0)], { mode: text("REFLECT") });
  end("filled", "PadV2", [x, pairs(0, 0, 1, 0, 0, 1, 0, 0), f(0.25)]);
  end("tiled", "Tile", [x, w(1, 2, 1, 1)]);
  end("clipped", "ClipByValue", [x, f(-0.3), f(0.4)]);
  end("chosen", "SelectV2", [g.node("above", "Greater", [x, f(0)]), x, f(0)]);
  end("counted", "Cast", [g.node("test", "LessEqual", [x, f(0.1)])], {
    SrcT: { type: "DT_BOOL" },
    DstT: { type: "DT_FLOAT" },
  });
  end("range", "Mul", [
    x,
    g.node("numbers", "Cast", [g.node("upto", "Range", [i(0), i(4), i(1)])], {
      SrcT: { type: "DT_INT32" },
      DstT: { type: "DT_FLOAT" },
    }),
  ]);
  end("sums", "Sum", [x, w(-1)], { keep_dims: { b: false } });
  end("tops", "Max", [x, w(1)], { keep_dims: { b: true } });
  end("place", "ArgMax", [x, i(3)], {});
  end("gathered", "GatherV2", [x, w(3, 0, 5), i(1)], {});
  end("places", "GatherNd", [x, g.whole("indices", [0, 7, 1, 0, 1, 5], [3, 2])], {});
  end("response", "LRN", [x], { depth_radius: int(1), bias: { f: 1.5 }, alpha: { f: 0.3 }, beta: { f: 0.6 } });
  end("distance", "SquaredDifference", [x, g.weight("w4", [8, 6, 1])]);
  end("total", "AddN", [x, "leaky", "slopes"], { N: int(3) });
  end("stack", "Pack", ["parts", "parts:1"], { axis: int(-1), N: int(2) });
  end("wider", "ExpandDims", [x, i(-1)]);
  g.node("best", "TopKV2", [g.node("lines", "Reshape", [x, w(2, 48, 4)]), i(2)], { sorted: { b: true } });
  end("best_values", "Identity", ["best"]);
  end("products", "BatchMatMulV2", ["lines", "lines"], { adj_x: { b: true }, adj_y: { b: false } });
  end("quotient", "RealDiv", [x, f(3)]);
  end("root", "Rsqrt", [g.node("positive", "AddV2", [g.node("squares", "Square", [x]), f(0.5)])]);
  await g.write("graph-ops", { x: tensor([2, 8, 6, 4]) }, ends);
}
