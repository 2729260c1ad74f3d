// A Neocog graph to ONNX: an inference graph, operator set 17, names kept. Works in a browser as in Node: bytes come out.
//
// Convolutions and matrix products take the bias that is added to them; broadcasting is left to ONNX where it does the same;
// ops without a counterpart are written as the ops that they are made of. Everything that cannot be written is listed at
// once. Importing the result gives the same ops back, so the answers have the same bits.
import { understand } from "../../base/arguments.ts";
import type { NdArray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { attributesIf, constantOp, inputOp, type Node, type Tensor, variableOp } from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";
import { convolutionOp, inputGradientOp } from "../../ops/cards/convolution.ts";
import { mapOp } from "../../ops/cards/map.ts";
import { matmulOp } from "../../ops/cards/matmul.ts";
import { recurrentOp } from "../../ops/cards/recurrent.ts";
import { broadcastOp } from "../../ops/cards/sum.ts";
import { type AttributeValue, attributeOf, cannotWrite, type Emitter, OPSET, type Writer } from "./emitter.ts";
import { writeModel } from "./model.ts";
import type { KeyValue, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from "./schema.ts";
import { checkSound } from "./sound.ts";
import { elementTypeOf, writeTensor } from "./tensor.ts";
import { checkExport, type ExportOptions, exportRules } from "./wanted.ts";
import { biasOf, loopWriters, writeExpansion } from "./writers/loops.ts";
import { writeMap } from "./writers/map.ts";
import { movementWriters } from "./writers/movement.ts";
import { writeRecurrent } from "./writers/recurrent.ts";

export type { ExportOptions } from "./wanted.ts";

/** The bytes of an ONNX file that computes `outputs`. */
export function exportOnnx(outputs: Readonly<Record<string, Tensor>>, options: ExportOptions = {}): Uint8Array {
  understand("exportOnnx", arguments, exportRules);
  return writeModel(toOnnx(outputs, options));
}

/** The same as a tree. */
export function toOnnx(outputs: Readonly<Record<string, Tensor>>, options: ExportOptions = {}): OnnxModel {
  checkExport(outputs, options);
  const { classes, preprocessing, metadata } = options;
  const notes: KeyValue[] = [
    ...(classes ? [{ key: "classes", value: JSON.stringify(classes) }] : []),
    ...(preprocessing ? [{ key: "preprocessing", value: JSON.stringify(preprocessing) }] : []),
    ...Object.entries(metadata ?? {}).map(([key, value]) => ({ key, value })),
  ];
  const writing = new Writing(outputs, options);
  writing.run();
  const graph = writing.graph(options.name ?? "network");
  checkSound(graph);
  return {
    irVersion: 8,
    opsetImport: [{ domain: "", version: OPSET }],
    producerName: "neocog",
    producerVersion: undefined,
    domain: undefined,
    modelVersion: undefined,
    docString: undefined,
    graph,
    metadata: notes,
    functions: [],
  };
}

const writers: Readonly<Record<string, Writer>> = {
  ...loopWriters,
  ...movementWriters,
  [mapOp.name]: writeMap,
  [recurrentOp.name]: writeRecurrent,
};

class Writing implements Emitter {
  readonly openBatch: boolean;
  readonly #options: ExportOptions;
  readonly #outputs: Readonly<Record<string, Tensor>>;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #names = new Map<Tensor, string>();
  readonly #taken = new Set<string>();
  /** The number that the next of a name gets. */
  readonly #numbers = new Map<string, number>();
  readonly #readers = new Map<Tensor, Node[]>();
  readonly #isOutput: Set<Tensor>;
  readonly #data = new Set<Node>();
  readonly #indexed = new Set<Node>();
  /** Equal numbers are written once. */
  readonly #constants = new Map<string, string>();
  /** The first input's batch, which stands for any where it is left open. */
  #batch: number | undefined;
  #current: Node | undefined;

  constructor(outputs: Readonly<Record<string, Tensor>>, options: ExportOptions) {
    this.#outputs = outputs;
    this.#options = options;
    this.openBatch = options.batch !== undefined;
    this.#isOutput = new Set(Object.values(outputs));
    for (const name of Object.keys(outputs)) this.#taken.add(name);
  }

  run(): void {
    const order = walk(Object.values(this.#outputs));
    this.#index(order);
    // Names of inputs and variables are the user's: they are taken before any name is made up.
    for (const node of order) {
      const leaf = attributesIf(node, inputOp) ?? attributesIf(node, variableOp);
      if (leaf) this.#taken.add(leaf.name);
    }
    const failures: string[] = [];
    for (const node of order) {
      if (this.#isDeferred(node)) continue;
      try {
        this.#write(node);
      } catch (error) {
        if (!(error instanceof NeocogError)) throw error;
        failures.push(error.message);
        // Give it names all the same, so that every failure is found in one go.
        node.outputs.forEach((t) => {
          if (!this.#names.has(t)) this.#names.set(t, "?");
        });
      }
    }
    if (failures.length > 0) throw new NeocogError([...new Set(failures)].join(" "));
    for (const [name, tensor] of Object.entries(this.#outputs)) this.#nameOutput(name, tensor);
  }

  #index(order: readonly Node[]): void {
    for (const node of order) {
      this.#indexed.add(node);
      for (const t of node.inputs) {
        const list = this.#readers.get(t) ?? [];
        if (!list.includes(node)) list.push(node);
        this.#readers.set(t, list);
      }
      if (node.op === inputOp || node.inputs.some((t) => this.#data.has(t.node))) this.#data.add(node);
    }
  }

  /** Written when somebody asks for them: stretched tensors (most readers stretch themselves), constants, absorbed additions. */
  #isDeferred(node: Node): boolean {
    return node.op.name === broadcastOp.name || node.op === constantOp;
  }

  #write(node: Node): void {
    if (node.outputs.some((t) => this.#names.has(t))) return;
    const outer = this.#current;
    this.#current = node;
    try {
      const names = this.#leaf(node) ?? this.#absorbed(node) ?? (writers[node.op.name] ?? writeExpansion)(node, this);
      names.forEach((name, i) => {
        if (name !== undefined) this.#names.set(node.outputs[i], name);
      });
    } finally {
      this.#current = outer;
    }
  }

  #leaf(node: Node): string[] | undefined {
    const input = attributesIf(node, inputOp);
    if (input) {
      this.#batch ??= node.outputs[0].shape[0];
      this.#inputs.push(this.#valueInfo(input.name, node.outputs[0]));
      return [input.name];
    }
    const variable = attributesIf(node, variableOp);
    if (variable) {
      const value = this.#options.state?.get(variable.name) ?? variable.initial();
      this.#initializers.push(writeTensor(variable.name, { ...value, dtype: variable.dtype }));
      return [variable.name];
    }
    const constant = attributesIf(node, constantOp);
    return constant && [this.constant(constant.value)];
  }

  /** The addition of a bias is part of the product that it follows. */
  #absorbed(node: Node): string[] | undefined {
    const product = node.op.name === mapOp.name ? node.inputs[0]?.node : undefined;
    if (!product || ![convolutionOp.name, inputGradientOp.name, matmulOp.name].includes(product.op.name))
      return undefined;
    return biasOf(product, this)?.add === node ? [this.nameOf(product.outputs[0])] : undefined;
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    outputs = 1,
  ): string[] {
    const place = this.#current?.path ?? "";
    const base = this.#unique(place === "" ? opType : `${place}.${opType}`);
    const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? base : this.#unique(`${base}.${i}`)));
    this.#nodes.push({
      inputs,
      outputs: names,
      name: base,
      opType,
      attributes: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      docString: undefined,
      domain: undefined,
    });
    return names;
  }

  #unique(wanted: string): string {
    let name = wanted;
    for (let n = this.#numbers.get(wanted) ?? 2; this.#taken.has(name); n++) {
      name = `${wanted}.${n}`;
      this.#numbers.set(wanted, n + 1);
    }
    this.#taken.add(name);
    return name;
  }

  nameOf(tensor: Tensor): string {
    this.#writeAll([tensor]);
    const name = this.#names.get(tensor);
    if (name === undefined) throw new Error(`the ONNX writer left out an output of the op "${tensor.node.op.name}"`);
    return name;
  }

  parts(tensors: readonly (Tensor | undefined)[]): (string | undefined)[] {
    const asked = tensors.filter((t) => t !== undefined);
    // They stand for outputs of a node that somebody reads.
    for (const t of asked) this.#isOutput.add(t);
    this.#writeAll(asked);
    return tensors.map((t) => t && this.nameOf(t));
  }

  #writeAll(tensors: readonly Tensor[]): void {
    const unnamed = tensors.filter((t) => !this.#names.has(t));
    if (unnamed.length === 0) return;
    const order = this.#unwritten(unnamed);
    // Parts of an expansion are new: who reads them must be known before the first is written.
    this.#index(order.filter((node) => !this.#indexed.has(node)));
    const targets = new Set(unnamed.map(({ node }) => node));
    for (const node of order) if (targets.has(node) || !this.#isDeferred(node)) this.#write(node);
  }

  /** What must be written before a tensor has a name, in order; no recursion, a graph may be deep. */
  #unwritten(tensors: readonly Tensor[]): Node[] {
    const isWritten = (node: Node): boolean => node.outputs.some((t) => this.#names.has(t));
    const order = new Set<Node>();
    const stack = tensors.map(({ node }) => node).reverse();
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const waiting = order.has(node) ? [] : node.inputs.filter((t) => !isWritten(t.node) && !order.has(t.node));
      for (const t of waiting) stack.push(t.node);
      if (waiting.length > 0) continue;
      order.add(node);
      stack.pop();
    }
    return [...order];
  }

  constant(value: NdArray): string {
    const key =
      sizeOf(value.shape) <= 16
        ? `${value.dtype} ${value.shape.join()} ${Array.from(value.data, (x) => (Object.is(x, -0) ? "-0" : x)).join()}`
        : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.node("Constant", [], { value })[0];
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }

  integers(list: readonly number[], shape: Shape = [list.length]): string {
    return this.constant({ shape, dtype: "int64", data: Float64Array.from(list) });
  }

  readers(tensor: Tensor): readonly Node[] {
    return this.#readers.get(tensor) ?? [];
  }

  isOutput(tensor: Tensor): boolean {
    return this.#isOutput.has(tensor);
  }

  isWanted(tensor: Tensor): boolean {
    return this.isOutput(tensor) || this.readers(tensor).length > 0;
  }

  shape(shape: Shape, from: Tensor, how?: "inferred" | "stretched"): string {
    const [first, ...rest] = shape;
    if (!this.openBatch || shape.length === 0 || (how !== "stretched" && !this.isData(from)))
      return this.integers(shape);
    if (how === "inferred") return this.integers([-1, ...rest]);
    const [input] = this.#inputs;
    if (!input || (how === "stretched" && first !== 1 && first !== this.#batch))
      throw cannotWrite(from.node, "A constant stretched along an open batch axis");
    const size = this.node("Shape", [input.name ?? ""], { start: 0, end: 1 })[0];
    return rest.length === 0 ? size : this.node("Concat", [size, this.integers(rest)], { axis: 0 })[0];
  }

  isData(tensor: Tensor): boolean {
    return this.#data.has(tensor.node);
  }

  /** The user's name for an output, by way of a copy that costs nothing. */
  #nameOutput(name: string, tensor: Tensor): void {
    this.#nodes.push({
      inputs: [this.nameOf(tensor)],
      outputs: [name],
      name: this.#unique(`${name}.Identity`),
      opType: "Identity",
      attributes: [],
      docString: undefined,
      domain: undefined,
    });
  }

  #valueInfo(name: string, { shape, dtype }: Tensor): ValueInfo {
    const dims = shape.map((value, axis) =>
      axis === 0 && this.openBatch ? { value: undefined, name: this.#options.batch } : { value, name: undefined },
    );
    const tensor = { elementType: elementTypeOf[dtype], shape: { dims } };
    return {
      name,
      type: { tensor, sequence: undefined, map: undefined, sparse: undefined, optional: undefined },
      docString: undefined,
    };
  }

  graph(name: string): OnnxGraph {
    return {
      nodes: this.#nodes,
      name,
      initializers: this.#initializers,
      docString: undefined,
      inputs: this.#inputs,
      outputs: Object.entries(this.#outputs).map(([key, tensor]) => this.#valueInfo(key, tensor)),
      valueInfos: [],
    };
  }
}
