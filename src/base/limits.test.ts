// Every limit of the table: what is just inside is read, what is just outside is refused in a sentence that names the limit,
// and both within a time that is generous for two cores that others use too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { zipSync } from "fflate";
import { floats, graphAttribute, graphOf, info, modelOf, node, wholes } from "../../test/onnx/graphs.ts";
import { readNpy } from "../io/npy.ts";
import { onnxGraph } from "../io/onnx/import.ts";
import { readModel, writeModel } from "../io/onnx/model.ts";
import type { OnnxFunction, OnnxGraph, OnnxModel, OnnxNode } from "../io/onnx/schema.ts";
import { readSafetensors } from "../io/safetensors.ts";
import { tfjsGraph } from "../io/tfjs/import.ts";
import { openModel as openTfjs } from "../io/tfjs/model.ts";
import { unzip } from "../io/zip.ts";
import { fromJSON, type LayerJson, toJSON } from "../nn/json.ts";
import type { Layer } from "../nn/layer.ts";
import { Identity, Sequential } from "../nn/layers/containers.ts";
import { NeocogError } from "./errors.ts";
import { limits } from "./limits.ts";

/** Milliseconds that reading or refusing may take. */
const GENEROUS = 20_000;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const model = (nodes: OnnxNode[], ...parts: Parameters<typeof graphOf>[3] & object): OnnxModel =>
  modelOf(graphOf([info("x", [2])], nodes, ["y"], parts));

function onnxMessages(count: number): unknown {
  const small = writeModel(model([node("Relu", "x", "y")]));
  // Empty notes: field 14, length 0.
  const notes = new Uint8Array(2 * count).map((_, i) => (i % 2 === 0 ? 0x72 : 0));
  return readModel(joined(small, notes));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/** A model, its graph, and graph, node and attribute for each level: 2 + 3 levels, and a node at the bottom. */
function onnxDepth(depth: number): unknown {
  let graph: OnnxGraph = graphOf([], depth % 3 === 0 ? [node("Relu", "x", "y")] : [], []);
  for (let level = 0; level < Math.floor((depth - 2) / 3); level++)
    graph = graphOf([], [{ ...node("If", "c", "y"), attributes: [graphAttribute("then_branch", graph)] }], []);
  return readModel(writeModel(modelOf(graph)));
}

const onnxNodes = (count: number): unknown =>
  onnxGraph(
    model(
      Array.from({ length: count }, (_, i) =>
        node("Relu", i === 0 ? "x" : `t${i}`, i === count - 1 ? "y" : `t${i + 1}`),
      ),
    ),
  );

function functionDepth(count: number): unknown {
  const call = (i: number, from: string, to: string): OnnxNode => ({ ...node(`F${i}`, from, to), domain: "own" });
  const functions = Array.from(
    { length: count },
    (_, i): OnnxFunction => ({
      name: `F${i}`,
      inputs: ["a"],
      outputs: ["b"],
      attributes: [],
      nodes: [i === count - 1 ? node("Relu", "a", "b") : call(i + 1, "a", "b")],
      docString: undefined,
      opsetImport: [{ domain: "", version: 13 }],
      domain: "own",
      attributeDefaults: [],
    }),
  );
  return onnxGraph({ ...model([call(0, "x", "y")]), functions });
}

function loopTurns(count: number): unknown {
  const nodes = [node("Identity", "go", "goes"), node("Neg", "v", "w")];
  const body = graphOf([info("i", [], 7), info("go", [], 9), info("v", [2])], nodes, ["goes", "w"]);
  return onnxGraph(
    model([{ ...node("Loop", "m _ x", "y"), attributes: [graphAttribute("body", body)] }], {
      ...wholes("m", count),
      dims: [],
    }),
  );
}

const tfjs = (group: object, layers?: object[]): Promise<unknown> => {
  const topology = { class_name: "Sequential", config: { name: "s", layers: layers ?? [] } };
  const file = JSON.stringify({ modelTopology: topology, weightsManifest: [group] });
  return openTfjs(bytesOf(file), async () => new Uint8Array(0)).then((read) => (layers ? tfjsGraph(read) : read));
};
const list = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));

function nested(depth: number): LayerJson {
  let json: LayerJson = { type: "Identity" };
  for (let level = 1; level < depth; level++) json = { type: "Sequential", children: [["0", json]] };
  return json;
}

function nestedLayer(depth: number): Layer {
  let layer: Layer = Identity();
  for (let level = 1; level < depth; level++) layer = Sequential([layer]);
  return layer;
}

/** A header that is padded to a length. */
function safetensors(header: string, length = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(bytesOf(header), 8);
  return bytes;
}

function npy(shape: string, length: number): Uint8Array {
  const bytes = new Uint8Array(12 + length + 1).fill(0x20);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0]);
  new DataView(bytes.buffer).setUint32(8, length, true);
  bytes.set(bytesOf(`{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }`), 12);
  return bytes;
}

function zipMembers(count: number): unknown {
  if (count < 0xffff)
    return unzip(zipSync(Object.fromEntries(list(count, (i) => [String(i), new Uint8Array(0)])), { level: 0 }), "f");
  // The end record says 65,535, which stands for a larger archive.
  const bytes = zipSync({ a: new Uint8Array(0) });
  bytes.fill(0xff, bytes.length - 12, bytes.length - 10);
  return unzip(bytes, "f");
}

/** Zeros that pack to a thousandth, in an archive whose other members make it of a given size. */
function zipExpansion(times: number): unknown {
  const packed = 100_000;
  const noise = Uint8Array.from(list(packed, (i) => (i * 2654435761) >>> 24));
  return unzip(zipSync({ noise: [noise, { level: 0 }], zeros: new Uint8Array(times * packed) }), "f");
}

/** For each limit what reads as much as it allows (`true`), or one more. */
const cases: Readonly<Record<keyof typeof limits, (inside: boolean) => unknown>> = {
  onnxMessages: (inside) => onnxMessages(limits.onnxMessages.most - (inside ? 100 : 0)),
  onnxDepth: (inside) => onnxDepth(limits.onnxDepth.most + (inside ? 0 : 3)),
  onnxNodes: (inside) => onnxNodes(limits.onnxNodes.most + (inside ? 0 : 1)),
  functionDepth: (inside) => functionDepth(limits.functionDepth.most + (inside ? 0 : 1)),
  loopTurns: (inside) => loopTurns(limits.loopTurns.most + (inside ? 0 : 1)),
  madeElements: (inside) =>
    onnxGraph(model([node("ConstantOfShape", "n", "y")], wholes("n", limits.madeElements.most + (inside ? 0 : 1)))),
  jsonDepth: (inside) => {
    const depth = limits.jsonDepth.most + (inside ? 0 : 1);
    return tfjsFile(`${"[".repeat(depth - 1)}0${"]".repeat(depth - 1)}`);
  },
  jsonValues: (inside) => tfjsFile(`[${"0,".repeat(limits.jsonValues.most - (inside ? 10 : 0))}0]`),
  tfjsWeights: (inside) =>
    tfjs({
      paths: [],
      weights: list(limits.tfjsWeights.most + (inside ? 0 : 1), (i) => ({
        name: `w${i}`,
        shape: [0],
        dtype: "float32",
      })),
    }),
  tfjsShards: (inside) => tfjs({ paths: list(limits.tfjsShards.most + (inside ? 0 : 1), (i) => `s${i}`), weights: [] }),
  tfjsLayers: (inside) =>
    tfjs(
      { paths: [], weights: [] },
      list(limits.tfjsLayers.most + (inside ? 0 : 1), (i) => ({
        class_name: "Activation",
        config: { name: `a${i}`, activation: "relu", ...(i === 0 ? { batch_input_shape: [null, 2] } : {}) },
      })),
    ),
  layerDepth: (inside) => {
    const depth = limits.layerDepth.most + (inside ? 0 : 1);
    if (inside) toJSON(nestedLayer(depth));
    else assert.throws(() => toJSON(nestedLayer(depth)), /layers too deep in each other/);
    return fromJSON(nested(depth));
  },
  safetensorsHeader: (inside) =>
    readSafetensors(safetensors("{}", limits.safetensorsHeader.most + (inside ? 0 : 1)), "f"),
  safetensorsTensors: (inside) => {
    const entry = (i: number): string => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
    return readSafetensors(
      safetensors(`{${list(limits.safetensorsTensors.most + (inside ? 0 : 2), entry).join()}}`),
      "f",
    );
  },
  npyHeader: (inside) => readNpy(npy("1,", limits.npyHeader.most + (inside ? 0 : 1)), "f"),
  npyAxes: (inside) => readNpy(npy("1,".repeat(limits.npyAxes.most + (inside ? 0 : 1)), 500), "f"),
  zipMembers: (inside) => zipMembers(limits.zipMembers.most + (inside ? 0 : 1)),
  zipExpansion: (inside) => zipExpansion(limits.zipExpansion.most + (inside ? 0 : 100)),
};

const tfjsFile = (value: string): Promise<unknown> =>
  openTfjs(
    bytesOf(`{"modelTopology":{"node":[]},"more":${value},"weightsManifest":[]}`),
    async () => new Uint8Array(0),
  );

for (const [name, read] of Object.entries(cases)) {
  const { most } = limits[name as keyof typeof limits];
  test(`${name}: ${most.toLocaleString("en-US")} are read, more are refused by name`, async (t) => {
    const start = performance.now();
    await read(true);
    const inside = performance.now();
    await assert.rejects(
      async () => read(false),
      (error) => error instanceof NeocogError && error.message.includes(String(most)) && error.message.length < 2000,
    );
    const outside = performance.now();
    t.diagnostic(`read in ${Math.round(inside - start)} ms, refused in ${Math.round(outside - inside)} ms`);
    assert.ok(inside - start < GENEROUS && outside - inside < GENEROUS);
  });
}

// ---- what once took minutes -------------------------------------------------------------------------------------------------

async function refusedSoon(read: () => unknown, message: RegExp): Promise<void> {
  const start = performance.now();
  await assert.rejects(
    async () => read(),
    (error) => error instanceof NeocogError && message.test(error.message) && error.message.length < 3000,
  );
  const took = performance.now() - start;
  assert.ok(took < GENEROUS, `it took ${Math.round(took)} ms`);
}

test("40,000 operators that are not known are refused within seconds, alike or all different", async () => {
  const unknown = (name: (i: number) => string): OnnxModel => model(list(40_000, (i) => node(name(i), "x", `t${i}`)));
  await refusedSoon(
    () => onnxGraph(readModel(writeModel(unknown((i) => `Unknown${i}`)))),
    /^40000 operators are not supported.*And 39988 more\.$/,
  );
  await refusedSoon(
    () => onnxGraph(readModel(writeModel(unknown(() => "Unknown")))),
    /^One operator is not supported. Unknown \(t0, t1, t2, and 39997 more\)/,
  );
});

test("40,000 layers that are not known are refused within seconds", async () => {
  const layers = list(40_000, (i) => ({
    class_name: `Unknown${i}`,
    config: { name: `a${i}`, batch_input_shape: [null, 2] },
  }));
  await refusedSoon(
    () => tfjs({ paths: [], weights: [] }, layers),
    /^40000 layers are not supported.*And 39988 more\.$/,
  );
});

test("a header of 1.2 million tensors is refused within seconds", async () => {
  const header = `{${list(1_200_000, (i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join()}}`;
  await refusedSoon(() => readSafetensors(safetensors(header), "f"), /more than 2000000 values/);
});

test("20,000 layers inside each other, and a million brackets, are refused in a sentence", async () => {
  await refusedSoon(() => fromJSON(nested(20_000)), /has layers too deep in each other: at most 256/);
  await refusedSoon(() => tfjsFile("[".repeat(1_000_000)), /nested more than 100 deep/);
});

test("numbers that a long chain of weights decides piece by piece are computed once", async () => {
  // Each of 4,000 reshapes asks for a shape that hangs on all that came before.
  const steps = list(4000, (i) => [
    node("Add", `${i === 0 ? "w" : `w${i}`} w`, `w${i + 1}`),
    node("Mul", `w${i + 1} zero`, `z${i}`),
    node("Add", `z${i} two`, `n${i}`),
    node("Cast", `n${i}`, `s${i}`, { to: 7 }),
    node("Reshape", `${i === 0 ? "x" : `x${i}`} s${i}`, i === 3999 ? "y" : `x${i + 1}`),
  ]).flat();
  const start = performance.now();
  onnxGraph(model(steps, floats("w", [1], 1), floats("zero", [1], 0), floats("two", [1], 2)));
  const took = performance.now() - start;
  assert.ok(took < GENEROUS, `it took ${Math.round(took)} ms`);
});
