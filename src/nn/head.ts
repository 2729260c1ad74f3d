// The head of a network of layers: its last layer with weights, which says the classes; and the network with another one.
import { NeocogError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { build } from "./build.ts";
import { createLayer, type Layer } from "./layer.ts";
import { Identity } from "./layers/containers.ts";

/** Where a layer type keeps the number of its outputs. */
const outputsOf: Readonly<Record<string, string>> = {
  Linear: "outFeatures",
  Conv1d: "outChannels",
  Conv2d: "outChannels",
  Conv3d: "outChannels",
};

const softmaxes = ["Softmax", "LogSoftmax"];

/**
 * The path of the head: the last layer with weights, which must have so many outputs. `told`: its path, where that is not clear.
 * Throws a sentence that names what could be meant.
 */
export function headOf(model: Layer, inputShape: Shape, classes: number, told?: string): string {
  const { layers, variables } = build(model, inputShape);
  const owners = new Set(
    variables.map(({ node }) => (node.attributes as { readonly name: string }).name.replace(/\.?[^.]*$/, "")),
  );
  const able = layers.filter(({ layer }) => layer.type.name in outputsOf);
  const list = able
    .slice(-4)
    .map(({ path }) => `"${path}"`)
    .join(", ");
  if (told !== undefined) {
    if (able.some(({ path }) => path === told)) return told;
    throw new NeocogError(
      (name) => `${name("head")}: there is no Linear or convolution "${told}"; the last ones are ${list}.`,
    );
  }
  // Two layers may share a path where one has no name: only one of them has weights.
  const last = layers.filter(({ path, layer }) => owners.has(path) && layer.children.length === 0).at(-1);
  const head = able.find((record) => record === last);
  const outputs = head && (head.layer.options as Readonly<Record<string, unknown>>)[outputsOf[head.layer.type.name]];
  if (head && outputs === classes) return head.path;
  throw new NeocogError(
    (name) =>
      `It is not clear which layer says the ${classes} classes; name it with ${name("head")}: the last ones with outputs are ${list}.`,
  );
}

/** The network with so many outputs of its head, and without a softmax after it. */
export function withOutputs(model: Layer, head: string, outputs: number): Layer {
  let found = false;
  const changed = (layer: Layer, path: string): Layer => {
    const option = path === head ? outputsOf[layer.type.name] : undefined;
    if (option !== undefined && !found) {
      found = true;
      return createLayer(layer.type, { ...layer.options, [option]: outputs });
    }
    if (found && softmaxes.includes(layer.type.name)) return Identity();
    if (layer.children.length === 0) return layer;
    const children = layer.children.map(({ name, layer: child }) => {
      const below = name === "" ? path : path === "" ? name : `${path}.${name}`;
      return { name, layer: changed(child, below) };
    });
    return createLayer(layer.type, layer.options, children);
  };
  return changed(model, "");
}
