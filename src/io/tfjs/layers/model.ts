// Keras models of layers: Sequential (a list) and Functional (a graph whose edges stand in "inbound_nodes"), one inside the
// other as deep as the file likes. A layer may be applied several times; node k of a layer is its k-th application.
import type { NdArray } from "../../../base/array.ts";
import { DataError, NeocogError, nearest, within } from "../../../base/errors.ts";
import { atMost, limits } from "../../../base/limits.ts";
import { withPath } from "../../../graph/graph.ts";
import type { Json } from "../../json.ts";
import { type Border, type Network, refused, type Start } from "../border.ts";
import { type Fields, fieldsOf, isList, isWhole } from "../fields.ts";
import { openSizes } from "../model.ts";
import { type Value, type Weight, weightOf } from "../value.ts";
import { layerHints, layerNames, layerRow } from "./list.ts";

interface Stack {
  readonly kind: "Sequential" | "Functional";
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
}

interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: Fields;
  readonly stack?: Stack;
  /** What each application reads. */
  readonly nodes: readonly (readonly Reference[])[];
}

/** Output `tensor` of the application `node` of a layer. */
interface Reference {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

const networkNames = ["Sequential", "Functional", "Model"];

/** Reads a layers model. Layers that are not supported are refused here, all at once. */
export function readLayers(topology: Json): Network {
  const top = fieldsOf(topology, "modelTopology");
  const model = top.has("model_config") ? top.object("model_config") : top;
  const className = model.text("class_name");
  if (!networkNames.includes(className))
    throw new DataError(`The model is a ${className}; models can be Sequential or Functional.`);
  const stack = stackOf(className, model.raw("config"));
  refuseUnknown(stack);
  const inputs = startsOf(stack);
  const last = stack.layers.at(-1)?.name ?? "output";
  const outputs =
    stack.kind === "Sequential"
      ? [last]
      : stack.outputs.map(({ layer, tensor }) => (tensor === 0 ? layer : `${layer}:${tensor}`));
  return {
    inputs,
    outputs,
    sequences: some(stack, ({ className: name }) => name.includes("1D")),
    build(weights, border) {
      const starts = inputs.map(({ name, shape, dtype }) => border.input(name, shape, dtype));
      const answers = new Builder(weights, border).stack(stack, starts);
      answers.forEach((value, i) => {
        border.output(outputs[i] ?? `${last}:${i}`, value);
      });
    },
  };
}

// ---- reading ------------------------------------------------------------------------------------------------------------

function stackOf(className: string, raw: Json | undefined): Stack {
  // The oldest Sequential is a bare list of layers.
  const config = isList(raw) ? undefined : fieldsOf(raw, `The config of the ${className} model`);
  const list = config ? config.list("layers") : (raw as readonly Json[]);
  const layers = list.map((entry, i) => layerOf(entry, `layer ${i + 1}`));
  const name = config?.text("name", "") ?? "";
  if (className === "Sequential") return { kind: "Sequential", name, layers, inputs: [], outputs: [] };
  const ends = (field: string): Reference[] => {
    const refs = config!.list(field);
    return (typeof refs[0] === "string" ? [refs] : refs).map((ref) => referenceOf(ref, `"${field}"`));
  };
  return { kind: "Functional", name, layers, inputs: ends("input_layers"), outputs: ends("output_layers") };
}

function layerOf(entry: Json, what: string): Layer {
  const fields = fieldsOf(entry, `The description of ${what}`);
  const className = fields.text("class_name");
  const inner = networkNames.includes(className) ? stackOf(className, fields.raw("config")) : undefined;
  const rawConfig = fields.raw("config");
  const config = fieldsOf(isList(rawConfig) ? new Map() : rawConfig, `the config of ${className}`);
  const name = fields.text("name", config.text("name", className));
  const nodes = fields.has("inbound_nodes") ? fields.list("inbound_nodes") : [];
  return { name, className, config, stack: inner, nodes: nodes.map((node) => nodeOf(node, name)) };
}

/** Keras 2: a list of [layer, node, tensor, arguments]. Keras 3: { args } with tensors that tell their history. */
function nodeOf(node: Json, layer: string): Reference[] {
  const what = `inbound_nodes of layer "${layer}"`;
  if (isList(node)) {
    const list = typeof node[0] === "string" ? [node] : node;
    return list.map((ref) => referenceOf(ref, what));
  }
  const references: Reference[] = [];
  const visit = (value: Json): void => {
    if (isList(value)) value.forEach(visit);
    if (!(value instanceof Map)) return;
    const tensor = fieldsOf(value, what);
    if (tensor.raw("class_name") === "__keras_tensor__")
      references.push(referenceOf(tensor.object("config").raw("keras_history"), what));
  };
  visit(fieldsOf(node, what).raw("args") ?? null);
  return references;
}

function referenceOf(value: Json | undefined, what: string): Reference {
  const [layer, node, tensor] = isList(value) ? value : [];
  if (typeof layer !== "string" || !isWhole(node) || !isWhole(tensor) || node < 0 || tensor < 0)
    throw new DataError(`An entry of ${what} is not [layer, node, tensor].`);
  return { layer, node, tensor };
}

function some(stack: Stack, test: (layer: Layer) => boolean): boolean {
  return stack.layers.some((layer) => (layer.stack ? some(layer.stack, test) : test(layer)));
}

/** Every layer without a row, all at once, with the names that the file gives them. */
function refuseUnknown(stack: Stack): void {
  const missing: (readonly [string, string])[] = [];
  some(stack, ({ className, name }) => {
    if (className !== "InputLayer" && !layerRow(className)) missing.push([className, name]);
    return false;
  });
  refused("layer", missing, (name) => {
    const near = nearest(name, layerNames);
    return Object.hasOwn(layerHints, name)
      ? layerHints[name]
      : near
        ? `did you mean ${near}?`
        : "replace it by supported layers before saving.";
  });
}

/** Names and shapes of the model's inputs. */
function startsOf(stack: Stack): Start[] {
  if (stack.kind === "Functional") {
    const layers = new Map(stack.layers.map((one) => [one.name, one]));
    return stack.inputs.map(({ layer }) => {
      const found = layers.get(layer);
      if (!found) throw new DataError(`The model's input "${layer}" is none of its layers.`);
      return found.stack ? firstStart(found.stack) : startOf(found);
    });
  }
  return [firstStart(stack)];
}

function firstStart(stack: Stack): Start {
  const [first] = stack.layers;
  if (!first) throw new DataError("The Sequential model has no layers.");
  if (stack.kind === "Functional") {
    const [start] = startsOf(stack);
    if (!start) throw new DataError(`The model "${stack.name}" has no inputs.`);
    return start;
  }
  if (first.stack) return firstStart(first.stack);
  const start = startOf(first);
  // A Sequential without an input layer names its input after its first layer, as Keras does.
  return first.className === "InputLayer" ? start : { ...start, name: `${first.name}_input` };
}

function startOf({ name, config }: Layer): Start {
  const field = ["batch_input_shape", "batch_shape", "batchInputShape"].find((one) => config.has(one));
  if (!field)
    throw new DataError(`The first layer "${name}" does not tell the shape of its input (no batch_input_shape).`);
  const shape = openSizes(config.raw(field), `The ${field} of layer "${name}"`);
  const dtype = config.raw("dtype");
  return { name, shape, dtype: typeof dtype === "string" ? dtype : "float32" };
}

// ---- building -----------------------------------------------------------------------------------------------------------

const otherNames: Readonly<Record<string, readonly string[]>> = { depthwise_kernel: ["depthwise_kernel", "kernel"] };

class Builder {
  readonly #weights: ReadonlyMap<string, NdArray>;
  readonly #border: Border;
  readonly #taken = new Map<string, Weight>();
  #count = 0;

  constructor(weights: ReadonlyMap<string, NdArray>, border: Border) {
    this.#weights = weights;
    this.#border = border;
  }

  stack(stack: Stack, inputs: readonly Value[]): readonly Value[] {
    if (stack.kind === "Functional") return this.#functional(stack, inputs);
    if (inputs.length !== 1) throw new DataError(`The Sequential model "${stack.name}" takes one input.`);
    let values = inputs;
    for (const layer of stack.layers) if (layer.className !== "InputLayer") values = this.#layer(layer, values);
    return values;
  }

  #functional(stack: Stack, inputs: readonly Value[]): readonly Value[] {
    const layers = new Map(stack.layers.map((layer) => [layer.name, layer]));
    if (layers.size !== stack.layers.length)
      throw new DataError(`Two layers of the model "${stack.name}" have one name.`);
    if (stack.inputs.length !== inputs.length)
      throw new DataError(`The model "${stack.name}" takes ${stack.inputs.length} inputs, not ${inputs.length}.`);
    const firstNode = firstNodes(stack);
    const done = new Map<string, readonly Value[]>();
    const key = ({ layer, node }: Reference): string => `${node} ${layer}`;
    for (const [i, ref] of stack.inputs.entries()) done.set(key(ref), [inputs[i]]);
    // No recursion: a network may be thousands of layers deep. `open` are the applications that wait for others.
    const open = new Set<string>();
    const waiting = [...stack.outputs];
    while (waiting.length > 0) {
      const ref = waiting[waiting.length - 1];
      const layer = layers.get(ref.layer);
      const reads = layer?.nodes[ref.node - (firstNode.get(ref.layer) ?? 0)];
      if (done.has(key(ref))) {
        waiting.pop();
        continue;
      }
      if (!layer || !reads)
        throw new DataError(
          `The model "${stack.name}" reads node ${ref.node} of layer "${ref.layer}", which is not there.`,
        );
      const missing = reads.filter((from) => !done.has(key(from)));
      if (missing.length > 0) {
        if (open.has(key(ref)))
          throw new DataError(`The layers of the model "${stack.name}" go round in a circle at "${ref.layer}".`);
        open.add(key(ref));
        waiting.push(...missing);
        continue;
      }
      done.set(
        key(ref),
        this.#layer(
          layer,
          reads.map((from) => pick(done.get(key(from))!, from)),
        ),
      );
      waiting.pop();
    }
    return stack.outputs.map((ref) => pick(done.get(key(ref))!, ref));
  }

  #layer(layer: Layer, inputs: readonly Value[]): readonly Value[] {
    // A file that nests shared models could ask for any number.
    if (++this.#count > limits.tfjsLayers.most)
      throw new DataError(`The model applies more layers than any network: ${atMost(limits.tfjsLayers)}.`);
    if (inputs.length === 0)
      throw new DataError("reads nothing.", {
        where: [{ kind: "layer", name: layer.name, type: layer.className, asSubject: true }],
      });
    const { stack, name, className, config } = layer;
    if (stack) return this.stack(stack, inputs);
    const context = { weight: (local: string): Weight => this.#weight(name, local) };
    return withPath(name, () =>
      within({ kind: "layer", name, type: className }, () => {
        const value = layerRow(className)!(inputs, config, context);
        this.#border.made(name, className, value);
        return [value];
      }),
    );
  }

  /** `layer/kernel`, which converters sometimes lengthen to `model/layer/kernel` or `layer/layer/kernel`. */
  #weight(layer: string, local: string): Weight {
    for (const alias of otherNames[local] ?? [local]) {
      const exact = `${layer}/${alias}`;
      const name = this.#weights.has(exact) ? exact : this.#longName(layer, alias);
      if (name === undefined) continue;
      const known = this.#taken.get(name) ?? weightOf(name, this.#weights.get(name)!);
      this.#taken.set(name, known);
      return known;
    }
    throw new NeocogError(`its weight "${layer}/${local}" is not in weightsManifest.`);
  }

  #longName(layer: string, local: string): string | undefined {
    const found = this.#longNames().get(`${layer}/${local}`) ?? [];
    if (found.length > 1)
      throw new DataError(`its weight "${layer}/${local}" could be ${found.slice(0, 3).join(" or ")}.`);
    return found[0];
  }

  /** Names of weights by each of their parts before the last, with the last: `a/b/kernel` as a/kernel and b/kernel. */
  #longNames(): ReadonlyMap<string, readonly string[]> {
    if (this.#long) return this.#long;
    const long = new Map<string, string[]>();
    for (const name of this.#weights.keys()) {
      const parts = name.replace(/:0$/, "").split("/");
      for (const part of new Set(parts.slice(0, -1))) {
        const key = `${part}/${parts.at(-1)}`;
        const names = long.get(key);
        if (names) names.push(name);
        else long.set(key, [name]);
      }
    }
    this.#long = long;
    return long;
  }
  #long: Map<string, string[]> | undefined;
}

/**
 * Number of the first application of each layer: a model inside a model counts its own making as node 0, so that its
 * first use is node 1. Newer writers do not; what others read of it tells.
 */
function firstNodes(stack: Stack): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  const counts = new Map(stack.layers.flatMap((l) => (l.stack ? [[l.name, l.nodes.length] as const] : [])));
  for (const { layer, node } of [...stack.outputs, ...stack.layers.flatMap(({ nodes }) => nodes.flat())]) {
    const count = counts.get(layer);
    if (count !== undefined && node >= count) first.set(layer, 1);
  }
  return first;
}

function pick(values: readonly Value[], { layer, tensor }: Reference): Value {
  const value = values[tensor];
  if (!value)
    throw new DataError(`has no output ${tensor}.`, { where: [{ kind: "layer", name: layer, asSubject: true }] });
  return value;
}
