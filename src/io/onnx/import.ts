// ONNX to a Neocog graph. All shapes are static here, so the user's sizes stand for the names that a file gives to sizes
// (batch, height, width), and arithmetic on shapes is computed while the graph is built:
//
//   Shape → Gather → Unsqueeze → Concat → Reshape     becomes     reshape(x, [2, 512])
//
// Weights become variables under their own names; integers and constants become constants. What a row needs to know but
// only an input tells (the `shape` of a Reshape that the caller gives) ends in a NeedsValueError that names the input.
import type { NdArray } from "../../base/array.ts";
import { isFloat } from "../../base/dtype.ts";
import { DataError, NeocogError, nearest } from "../../base/errors.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import {
  attributesIf,
  constantOp,
  constantTensor,
  input,
  inputOp,
  type Node,
  type Tensor,
  variable,
  variableOp,
  withPath,
} from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";
import { evaluateNow } from "./evaluate.ts";
import { withoutFunctions } from "./functions.ts";
import { opsetOf } from "./model.ts";
import { hints, rowOf, tableNames } from "./operators/list.ts";
import { attributesOf, type Context, type Row } from "./row.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from "./schema.ts";
import { dimsOf, dtypeOf, readTensor } from "./tensor.ts";

export interface ImportOptions {
  /** Sizes for the names that the file uses: `{ batch: 8, height: 320 }`. An unnamed or unset first axis counts as 1. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Whole shapes of inputs, by their names. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Inputs whose numbers are fixed when the graph is built. */
  readonly values?: Readonly<Record<string, NdArray>>;
}

export interface ImportedGraph {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** What the file's own nodes give (their first outputs), in order; without what was computed while building. */
  readonly layers: readonly ImportedLayer[];
}

interface ImportedLayer {
  readonly path: string;
  readonly type: string;
  readonly output: Tensor;
  /** The output's name in the file. */
  readonly value: string;
}

/** The graph cannot be built before the numbers of some inputs are known: give them as `values`. */
export class NeedsValueError extends NeocogError {
  override name = "NeedsValueError";
  readonly inputs: readonly string[];
  constructor(message: string, inputs: readonly string[]) {
    super(message);
    this.inputs = inputs;
  }
}

/** Larger tensors cannot be addressed by any engine. */
const LARGEST = 2 ** 31 - 1;
/** Results of more elements are not computed while building, only when the network runs. */
const LARGEST_FOLDED = 1 << 20;
const NEWEST_OPSET = 25;
/** Attributes of old files that change nothing in an answer. */
const harmless = new Set(["consumed_inputs", "is_test", "seed", "spatial"]);

/** Builds the graph of a model for given input sizes. */
export function buildGraph(model: OnnxModel, options: ImportOptions = {}): ImportedGraph {
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
  return new Builder(opset).build(flat, options);
}

/** Every operator without a row, all at once, with the nodes that use it. */
function refuseUnknown(graph: OnnxGraph): void {
  const missing = new Map<string, string[]>();
  const visit = ({ nodes }: OnnxGraph): void => {
    nodes.forEach((node, i) => {
      const name = operatorName(node);
      if (!rowOf(name)) missing.set(name, [...(missing.get(name) ?? []), nodeName(node, i)]);
      for (const attribute of node.attributes) if (attribute.graph) visit(attribute.graph);
    });
  };
  visit(graph);
  if (missing.size === 0) return;
  const lines = [...missing].map(([name, nodes]) => {
    const shown = nodes.slice(0, 3).join(", ") + (nodes.length > 3 ? `, and ${nodes.length - 3} more` : "");
    const near = nearest(name, tableNames);
    const way = hints[name] ?? (near ? `did you mean ${near}?` : "replace it by supported operators before exporting.");
    return `${name} (${shown}): ${way}`;
  });
  throw new NeocogError(
    `${missing.size === 1 ? "One operator is" : `${missing.size} operators are`} not supported. ${lines.join(" ")}`,
  );
}

const isOwnDomain = (domain: string | undefined): boolean =>
  domain === undefined || domain === "" || domain === "ai.onnx";
const operatorName = ({ opType, domain }: OnnxNode): string =>
  isOwnDomain(domain) ? (opType ?? "") : `${domain}.${opType}`;
const nodeName = ({ name, opType, outputs }: OnnxNode, i: number): string =>
  name || outputs.find((o) => o !== "") || `${opType}_${i}`;

/** The names that a graph can see: its own, then those of the graph around it. */
interface Scope {
  readonly values: Map<string, Tensor>;
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
  readonly #layers: ImportedLayer[] = [];
  readonly #elementTypes = new WeakMap<Tensor, number>();
  readonly #evaluated = new WeakMap<Tensor, NdArray>();
  readonly #depends = new WeakMap<Node, boolean>();

  constructor(opset: number) {
    this.#opset = opset;
  }

  build(graph: OnnxGraph, options: ImportOptions): ImportedGraph {
    const scope: Scope = { values: new Map() };
    const inputs: Record<string, Tensor> = {};
    const preset = new Set(graph.initializers.map(({ name }) => name));
    checkNames(options, graph, preset);
    for (const info of graph.inputs) {
      const name = info.name ?? "";
      if (preset.has(name)) continue;
      const given = options.values?.[name];
      const type = typeOf(info, options, given?.shape);
      const tensor = given ? constantTensor({ ...given, dtype: type.dtype }) : input(name, type.shape, type.dtype);
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
    const statistics = new Set(
      graph.nodes.flatMap(({ opType, inputs }) => (opType === "BatchNormalization" ? inputs.slice(3) : [])),
    );
    for (const tensor of graph.initializers) {
      const name = tensor.name ?? "";
      const shape = dimsOf(tensor);
      const dtype = dtypeOf(tensor.dataType, `Tensor "${name}"`);
      if (scope.values.has(name)) throw new DataError(`The name "${name}" is given to two tensors.`);
      const value = isFloat(dtype)
        ? // Read at once, so that a broken file is refused here and not in the middle of a run.
          weight(name, numbersOf(tensor), !statistics.has(name))
        : constantTensor(numbersOf(tensor));
      checkSize(shape, `Tensor "${name}"`);
      this.#elementTypes.set(value, tensor.dataType!);
      scope.values.set(name, value);
    }
  }

  #addNodes(graph: OnnxGraph, scope: Scope): void {
    graph.nodes.forEach((node, i) => {
      const label = nodeName(node, i);
      const build = (): readonly (Tensor | undefined)[] => this.#buildNode(node, label, scope);
      const outputs = withPath(label, () => explain(node, label, build));
      const [first] = outputs;
      if (!scope.outer && first && first.node.op !== constantOp)
        this.#layers.push({ path: label, type: node.opType ?? "", output: first, value: node.outputs[0] });
      node.outputs.forEach((name, k) => {
        if (name === "") return;
        const tensor = outputs[k];
        if (!tensor)
          throw new NeocogError(`${node.opType} "${label}": its output ${k + 1} ("${name}") is not supported.`);
        if (scope.values.has(name)) throw new DataError(`The name "${name}" is given to two tensors.`);
        scope.values.set(name, tensor);
      });
    });
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
      const names = inputsBelow(tensor);
      throw new NeedsValueError(
        names.length > 0
          ? `${what} depends on the ${names.length === 1 ? `input "${names[0]}"` : `inputs ${names.join(", ")}`}, but must be known when the graph is built; give its value.`
          : `${what} must be known when the graph is built, and is too large to be computed then.`,
        names,
      );
    };
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
      inline: (graph) => {
        const inner: Scope = { values: new Map(), outer: scope };
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
      `The tensor "${name}", which ${where} reads, is not made before it: the file lacks a node, or its nodes go round in a circle.`,
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
    const direct = attributesIf(tensor.node, constantOp)?.value ?? attributesIf(tensor.node, variableOp)?.initial();
    if (direct) return direct;
    let value = this.#evaluated.get(tensor);
    if (!value && !this.#dependsOnInput(tensor)) {
      value = evaluateNow(tensor, LARGEST_FOLDED);
      if (value) this.#evaluated.set(tensor, value);
    }
    return value;
  }
}

/** Numbers that were read once are not read again for another input size. */
const read = new WeakMap<OnnxTensor, NdArray>();

function numbersOf(tensor: OnnxTensor): NdArray {
  const known = read.get(tensor);
  if (known) return known;
  const value = readTensor(tensor);
  read.set(tensor, value);
  return value;
}

const weight = (name: string, value: NdArray, trainable: boolean): Tensor =>
  variable(name, value.shape, () => value, trainable, value.dtype);

function inputsBelow(tensor: Tensor): string[] {
  return walk([tensor]).flatMap((node) => attributesIf(node, inputOp)?.name ?? []);
}

function checkSize(shape: Shape, what: string): void {
  if (sizeOf(shape) > LARGEST || shape.length > 12) {
    throw new NeocogError(
      `${what} would be ${formatShape(shape)}, which is larger than any engine can hold; use smaller inputs.`,
    );
  }
}

/** Errors name the node; those of shapes already do. */
function explain<T>(node: OnnxNode, label: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof NeocogError) || error.message.startsWith("Layer ")) throw error;
    const message = `${node.opType} "${label}": ${error.message}`;
    if (error instanceof NeedsValueError) throw new NeedsValueError(message, error.inputs);
    throw error instanceof DataError ? new DataError(message) : new NeocogError(message);
  }
}

function checkNames(
  { shapes, values }: ImportOptions,
  graph: OnnxGraph,
  preset: ReadonlySet<string | undefined>,
): void {
  const names = graph.inputs.map(({ name }) => name ?? "").filter((name) => !preset.has(name));
  for (const name of [...Object.keys(shapes ?? {}), ...Object.keys(values ?? {})]) {
    if (!names.includes(name))
      throw new NeocogError(`The model has no input "${name}"; its inputs are: ${names.join(", ")}.`);
  }
}

/** The type of an input, its open sizes filled in. */
function typeOf(
  info: ValueInfo,
  { sizes, shapes }: ImportOptions,
  given: Shape | undefined,
): { shape: Shape; dtype: NdArray["dtype"]; elementType: number } {
  const what = `Input "${info.name}"`;
  const tensor = info.type?.tensor;
  if (!tensor) throw new DataError(`${what} is not a tensor; sequences, maps and optional values are not supported.`);
  const dtype = dtypeOf(tensor.elementType, what);
  const wanted = given ?? shapes?.[info.name ?? ""];
  const dims = tensor.shape?.dims;
  if (!dims && !wanted)
    throw new NeocogError(`${what} has no shape in the file; give it as shapes: { "${info.name}": […] }.`);
  if (dims && wanted && dims.length !== wanted.length) {
    throw new NeocogError(`${what} has ${dims.length} axes in the file, not ${formatShape(wanted)}.`);
  }
  const open: string[] = [];
  const shape = (dims ?? wanted!.map(() => ({ value: undefined, name: undefined }))).map(({ value, name }, axis) => {
    // A size of 0 is how some exporters say "unknown".
    const fixed = value === 0 ? undefined : value;
    const size = wanted?.[axis] ?? fixed ?? (name ? sizes?.[name] : undefined);
    if (fixed !== undefined && size !== fixed) {
      throw new NeocogError(
        `${what} is fixed to ${fixed} along axis ${axis} by the file, not ${size}; export it with dynamic axes for other sizes.`,
      );
    }
    if (size !== undefined) return size;
    if (axis === 0) return 1;
    open.push(name ? `"${name}"` : `axis ${axis}`);
    return 0;
  });
  if (open.length > 0)
    throw new NeocogError(`${what} leaves ${open.join(", ")} open; give these sizes, or its whole shape.`);
  for (const n of shape)
    if (!Number.isSafeInteger(n) || n < 0)
      throw new DataError(`${what} has the impossible shape ${formatShape(shape)}.`);
  checkSize(shape, what);
  if (given && !sameShape(given, shape))
    throw new NeocogError(`${what} must be ${formatShape(shape)}, not ${formatShape(given)}.`);
  return { shape, dtype, elementType: tensor.elementType! };
}
