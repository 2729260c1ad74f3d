// ONNX to a Neocog graph. All shapes are static here, so the user's sizes stand for the names that a file gives to sizes
// (batch, height, width), and arithmetic on shapes is computed while the graph is built:
//
//   Shape → Gather → Unsqueeze → Concat → Reshape     becomes     reshape(x, [2, 512])
//
// Weights become variables under their own names; integers and constants become constants. What a row needs to know but
// only an input tells (the `shape` of a Reshape that the caller gives) ends in a NeedsValueError that names the input.
import { understand } from "../../base/arguments.ts";
import type { NdArray } from "../../base/array.ts";
import { type DType, isFloat } from "../../base/dtype.ts";
import { DataError, NeocogError, within } from "../../base/errors.ts";
import { atMost, limits } from "../../base/limits.ts";
import { options as byName, type OptionsOf, record as recordRule } from "../../base/rules.ts";
import { formatShape } from "../../base/shape.ts";
import {
  attributesIf,
  constantOp,
  constantTensor,
  input,
  inputOp,
  type Node,
  type Tensor,
  variableOp,
  withPath,
} from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";
import { evaluateNow } from "./evaluate.ts";
import { withoutFunctions } from "./functions.ts";
import { checkNames, checkSize, type ImportOptions, type PartOptions, typeOf } from "./inputs.ts";
import { opsetOf } from "./model.ts";
import { nodeName, operatorName } from "./names.ts";
import { NeedsValueError } from "./needs.ts";
import { rowOf } from "./operators/list.ts";
import { orderOf } from "./order.ts";
import { attributesOf, type Context, type Row } from "./row.ts";
import { type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor, onnxModel } from "./schema.ts";
import { dimsOf, dtypeOf, readOnce } from "./tensor.ts";
import { refuseUnknown } from "./unknown.ts";
import { type Roles, rolesOf, Weights } from "./weights.ts";

export type { ImportOptions } from "./inputs.ts";
export { NeedsValueError } from "./needs.ts";

/** The graph of a file. */
export interface ImportedGraph {
  /** What must be given when it runs, by the names in the file: without weights, and without inputs that `values` fixed. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** What it gives, by the names in the file. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** What the file's own nodes give (their first outputs), in order; without what was computed while building. */
  readonly layers: readonly ImportedLayer[];
}

interface ImportedLayer {
  /** The node's name in the file. */
  readonly path: string;
  /** The operator's name: Conv, Relu, … */
  readonly type: string;
  /** The node's first output. */
  readonly output: Tensor;
  /** The output's name in the file. */
  readonly value: string;
}

/** Results of more elements are not computed while building, only when the network runs. */
const LARGEST_FOLDED = 1 << 20;
const NEWEST_OPSET = 25;
/** Attributes of old files that change nothing in an answer. */
const harmless = new Set(["consumed_inputs", "is_test", "seed", "spatial"]);

/**
 * The graph of an ONNX model (operator sets 1 to 25) for given input sizes: `onnxGraph(await openOnnx(bytes), {
 * sizes: { batch: 8 } })`. Weights become variables by their names. Throws one sentence for operators that are not
 * known (all at once), names that the file does not have and shapes that cannot be; a NeedsValueError where a shape
 * hangs on an input's numbers.
 */
export function onnxGraph(model: OnnxModel, options: ImportOptions = {}): ImportedGraph {
  understand("onnxGraph", arguments, {
    model: onnxModel,
    options: byName<OptionsOf<typeof onnxGraph>>({ sizes: recordRule, shapes: recordRule, values: recordRule }),
  });
  return graphPart(model, options);
}

/** `onnxGraph` as a part of a larger graph. */
export function graphPart(model: OnnxModel, options: PartOptions): ImportedGraph {
  const graph = model.graph;
  if (!graph) throw new DataError("This is not an ONNX model: it holds no graph.");
  const opset = opsetOf(model) ?? 0;
  if (!Number.isInteger(opset) || opset < 1 || opset > NEWEST_OPSET) {
    throw new DataError(
      `The model uses ONNX operator set ${opset}; sets 1 to ${NEWEST_OPSET} are known. Export it for set 17, say.`,
    );
  }
  const flat = withoutFunctions(model, graph);
  refuseUnknown(flat);
  return new Builder(opset, new Weights(model), options).build(flat, options);
}

/** The names that a graph can see: its own, then those of the graph around it. */
interface Scope {
  readonly values: Map<string, Tensor>;
  readonly roles: Roles;
  readonly outer?: Scope;
}

function find(scope: Scope | undefined, name: string): Tensor | undefined {
  for (; scope; scope = scope.outer) {
    const value = scope.values.get(name);
    if (value) return value;
  }
  return undefined;
}

class Builder {
  readonly #opset: number;
  readonly #weights: Weights;
  /** Nodes that may still be built: inner graphs count each time they are written out. */
  #budget: number = limits.onnxNodes.most;
  readonly #names = new WeakMap<Tensor, string>();
  readonly #layers: ImportedLayer[] = [];
  readonly #elementTypes = new WeakMap<Tensor, number>();
  readonly #evaluated = new WeakMap<Tensor, NdArray>();
  readonly #depends = new WeakMap<Node, boolean>();

  readonly #options: PartOptions;

  constructor(opset: number, weights: Weights, options: PartOptions) {
    this.#opset = opset;
    this.#weights = weights;
    this.#options = options;
  }

  build(graph: OnnxGraph, options: PartOptions): ImportedGraph {
    const scope: Scope = { values: new Map(), roles: rolesOf(graph) };
    const inputs: Record<string, Tensor> = {};
    const preset = new Set(graph.initializers.map(({ name }) => name));
    checkNames(options, graph, preset);
    for (const info of graph.inputs) {
      const name = info.name ?? "";
      if (preset.has(name)) continue;
      const given = options.values?.[name];
      const part = options.given?.[name];
      const type = typeOf(info, options, given?.shape ?? part?.shape);
      const tensor =
        part ?? (given ? constantTensor({ ...given, dtype: type.dtype }) : input(name, type.shape, type.dtype));
      this.#elementTypes.set(tensor, type.elementType);
      if (!given) inputs[name] = tensor;
      scope.values.set(name, tensor);
    }
    this.#addInitializers(graph, scope);
    this.#addNodes(graph, scope);
    const outputs: Record<string, Tensor> = {};
    for (const { name } of graph.outputs) outputs[name ?? ""] = this.#need(scope, name ?? "", "the list of outputs");
    if (Object.keys(outputs).length === 0) throw new DataError("The ONNX graph has no outputs.");
    return { inputs, outputs, layers: this.#layers };
  }

  #addInitializers(graph: OnnxGraph, scope: Scope): void {
    for (const tensor of graph.initializers) {
      const name = tensor.name ?? "";
      const shape = dimsOf(tensor);
      const dtype = dtypeOf(tensor.dataType, `Tensor "${name}"`);
      if (scope.values.has(name)) throw new DataError(`The name "${name}" is given to two tensors.`);
      const parameter = scope.outer ? undefined : this.#options.parameters?.get(name);
      const value = parameter ?? this.#numbers(tensor, name, dtype, scope);
      checkSize(shape, `Tensor "${name}"`);
      this.#elementTypes.set(value, tensor.dataType!);
      this.#names.set(value, name);
      scope.values.set(name, value);
    }
  }

  #numbers(tensor: OnnxTensor, name: string, dtype: DType, scope: Scope): Tensor {
    // The weights of a part are told; what else the file holds stays as it is.
    if (!isFloat(dtype) || this.#options.parameters) return constantTensor(readOnce(tensor));
    // Read at once, so that a broken file is refused here and not in the middle of a run.
    return this.#weights.of(tensor, name, readOnce(tensor), !scope.roles.statistics.has(name));
  }

  #addNodes(graph: OnnxGraph, scope: Scope): void {
    for (const i of orderOf(graph.nodes)) {
      const node = graph.nodes[i];
      if (--this.#budget < 0)
        throw new DataError(`The graph has more nodes than any network: ${atMost(limits.onnxNodes)}.`);
      const label = nodeName(node, i);
      const build = (): readonly (Tensor | undefined)[] => this.#buildNode(node, label, scope);
      const outputs = withPath(label, () => within({ kind: "node", name: label, type: node.opType ?? "" }, build));
      const [first] = outputs;
      if (!scope.outer && first && ![constantOp, variableOp].includes(first.node.op))
        this.#layers.push({ path: label, type: node.opType ?? "", output: first, value: node.outputs[0] });
      node.outputs.forEach((name, k) => {
        if (name === "") return;
        const tensor = outputs[k];
        if (!tensor)
          throw new NeocogError(`${node.opType} "${label}": its output ${k + 1} ("${name}") is not supported.`);
        if (scope.values.has(name)) throw new DataError(`The name "${name}" is given to two tensors.`);
        scope.values.set(name, tensor);
        if (!this.#names.has(tensor)) this.#names.set(tensor, name);
      });
    }
  }

  #buildNode(node: OnnxNode, label: string, scope: Scope): readonly (Tensor | undefined)[] {
    const row = rowOf(operatorName(node)) as Row;
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.#need(scope, name, `node "${label}"`)));
    const required = row.required === Infinity ? Math.max(1, inputs.length) : row.required;
    for (let i = 0; i < required; i++) {
      if (!inputs[i]) throw new DataError(`it needs ${required} inputs, and input ${i + 1} is missing.`);
    }
    const attributes = attributesOf(node.attributes);
    const context = this.#context(node, scope);
    const result = row.build(inputs as readonly Tensor[], attributes, context);
    const outputs = Array.isArray(result) ? (result as readonly (Tensor | undefined)[]) : [result as Tensor];
    const unread = attributes.unread().filter((name) => !harmless.has(name));
    if (unread.length > 0) throw new DataError(`the attribute "${unread[0]}" is not one that ${node.opType} has.`);
    return outputs.map((tensor) => tensor && this.#folded(tensor, inputs));
  }

  #context(node: OnnxNode, scope: Scope): Context {
    const known = (tensor: Tensor): NdArray | undefined => this.#known(tensor);
    const constant = (tensor: Tensor, what: string): NdArray => {
      const value = known(tensor);
      if (value) return value;
      throw needs(tensor, what);
    };
    const name = node.outputs[0] ?? "";
    return {
      opset: this.#opset,
      outputCount: node.outputs.reduce((last, name, i) => (name === "" ? last : i + 1), 0),
      known,
      constant,
      integers: (tensor, what) => {
        const { data, dtype, shape } = constant(tensor, what);
        if (isFloat(dtype) || shape.length > 1)
          throw new DataError(`${what} must be a list of whole numbers, not ${dtype} ${formatShape(shape)}.`);
        return Array.from(data);
      },
      elementType: (tensor) => this.#elementTypes.get(tensor),
      setElementType: (tensor, type) => {
        this.#elementTypes.set(tensor, type);
      },
      needs,
      stored: (value) =>
        this.#options.parameters ? constantTensor(value) : this.#weights.constant(node, name, value, scope.roles),
      weight: (value, from) =>
        this.#options.parameters
          ? constantTensor(value)
          : this.#weights.of(node, this.#names.get(from) ?? name, value, true),
      ...(this.#options.norm ? { norm: this.#options.norm } : {}),
      inline: (graph, given = []) => {
        const values = new Map(given.map((tensor, i) => [graph.inputs[i]?.name ?? "", tensor]));
        const inner: Scope = { values, roles: rolesOf(graph), outer: scope };
        this.#addInitializers(graph, inner);
        this.#addNodes(graph, inner);
        return graph.outputs.map(({ name }) => this.#need(inner, name ?? "", "the outputs of an inner graph"));
      },
    };
  }

  #need(scope: Scope, name: string, where: string): Tensor {
    const tensor = find(scope, name);
    if (tensor) return tensor;
    throw new DataError(
      `The tensor "${name}", which ${where} reads, is no input, no initializer and no node's output: the file lacks a part.`,
    );
  }

  /** A constant in the place of what depends on constants alone; weights stay variables. */
  #folded(tensor: Tensor, inputs: readonly (Tensor | undefined)[]): Tensor {
    checkSize(tensor.shape, "A result");
    const { op } = tensor.node;
    if (op === constantOp || op === variableOp || op === inputOp) return tensor;
    if (inputs.length > 0 && !inputs.every((t) => !t || t.node.op === constantOp)) return tensor;
    const value = this.#known(tensor);
    if (!value) return tensor;
    const constant = constantTensor(value);
    const type = this.#elementTypes.get(tensor);
    if (type !== undefined) this.#elementTypes.set(constant, type);
    return constant;
  }

  /** Remembered per node, so that building stays linear in the size of the file. */
  #dependsOnInput(tensor: Tensor): boolean {
    const stack: Node[] = [tensor.node];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const waiting = node.inputs.filter((t) => !this.#depends.has(t.node));
      if (waiting.length > 0) {
        for (const t of waiting) stack.push(t.node);
        continue;
      }
      this.#depends.set(node, node.op === inputOp || node.inputs.some((t) => this.#depends.get(t.node)));
      stack.pop();
    }
    return this.#depends.get(tensor.node)!;
  }

  #known(tensor: Tensor): NdArray | undefined {
    const learned = attributesIf(tensor.node, variableOp);
    if (learned) this.#options.onRead?.(learned.name);
    const direct = attributesIf(tensor.node, constantOp)?.value ?? learned?.initial();
    if (direct) return direct;
    let value = this.#evaluated.get(tensor);
    if (!value && !this.#dependsOnInput(tensor)) {
      value = evaluateNow(tensor, LARGEST_FOLDED, this.#evaluated);
    }
    return value;
  }
}

/** The refusal of a graph whose form depends on numbers that come only when it runs. */
function needs(tensor: Tensor, what: string): NeedsValueError {
  const names = walk([tensor]).flatMap((node) => attributesIf(node, inputOp)?.name ?? []);
  if (names.length === 0)
    return new NeedsValueError(
      `${what} must be known when the graph is built, and is too large to be computed then.`,
      [],
    );
  const which = names.length === 1 ? `input "${names[0]}"` : `inputs ${names.map((name) => `"${name}"`).join(", ")}`;
  return new NeedsValueError(
    `${what} depends on the numbers of the ${which}, but must be known when the graph is built, for its shapes are fixed then; if that input is a setting and no data, give its value (values), else export the network without this.`,
    names,
  );
}
