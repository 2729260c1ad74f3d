// A graph model as it is written down, node by node.
import { loadGraphModel, randoms, tf, write } from "./write.mjs";

export const text = (s) => ({ s: Buffer.from(s).toString("base64") });
export const ints = (...list) => ({ list: { i: list.map(String) } });
export const int = (i) => ({ i: String(i) });

export class GraphFile {
  nodes = [];
  weights = [];
  parts = [];
  node(name, op, input = [], attr = {}) {
    this.nodes.push({ name, op, input, attr: { T: { type: "DT_FLOAT" }, ...attr } });
    return name;
  }
  weight(name, shape, change) {
    return this.constant(name, shape, randoms(shape, change ?? ((x) => 0.5 * x)), "float32");
  }
  whole(name, values, shape = [values.length]) {
    return this.constant(name, shape, Int32Array.from(values), "int32");
  }
  constant(name, shape, data, dtype) {
    const type = dtype === "int32" ? "DT_INT32" : "DT_FLOAT";
    this.weights.push({ name, shape, dtype });
    this.parts.push(Buffer.from(data.buffer));
    return this.node(name, "Const", [], {
      dtype: { type },
      value: { tensor: { dtype: type, tensorShape: { dim: shape.map((n) => ({ size: String(n) })) } } },
    });
  }
  async write(name, inputs, ends) {
    const weightData = Buffer.concat(this.parts);
    const signature = {
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([key, t]) => [
          key,
          {
            name: `${key}:0`,
            dtype: "DT_FLOAT",
            tensorShape: { dim: t.shape.map((n, i) => ({ size: String(i === 0 ? -1 : n) })) },
          },
        ]),
      ),
      outputs: Object.fromEntries(ends.map((end) => [end, { name: `${end}:0`, dtype: "DT_FLOAT" }])),
    };
    // Nodes in no order: readers must find their own.
    const modelTopology = { node: [...this.nodes].reverse(), library: {}, versions: { producer: 1 } };
    const model = await loadGraphModel(
      tf.io.fromMemory({
        modelTopology,
        signature,
        weightSpecs: this.weights,
        weightData: weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.length),
      }),
    );
    const answers = model.execute(inputs, ends);
    write(
      name,
      {
        format: "graph-model",
        generatedBy: "test",
        signature,
        modelTopology,
        weightsManifest: [{ paths: ["weights.bin"], weights: this.weights }],
      },
      { "weights.bin": weightData },
      inputs,
      Object.fromEntries(ends.map((end, i) => [end, [answers].flat()[i]])),
    );
  }
}

export const window = (stride, padding, more = {}) => ({
  strides: ints(1, stride, stride, 1),
  padding: text(padding),
  data_format: text("NHWC"),
  dilations: ints(1, 1, 1, 1),
  ...more,
});
export const pool = (size, stride, padding) => ({
  ksize: ints(1, size, size, 1),
  strides: ints(1, stride, stride, 1),
  padding: text(padding),
  data_format: text("NHWC"),
});
export const shapeOf = (...sizes) => ({ shape: { dim: sizes.map((n) => ({ size: String(n) })) } });
