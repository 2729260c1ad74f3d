// Models to and from plain JSON, as they stand in model.json. Own blocks are functions and cannot be written down: a file
// holds their names, and the reader brings the functions.

import { understand } from "../base/arguments.ts";
import { NeocogError, nearest } from "../base/errors.ts";
import { atMost, limits } from "../base/limits.ts";
import { options as byName, optional, record, text } from "../base/rules.ts";
import { createLayer, type Layer, type LayerType } from "./layer.ts";
import { type BlockFunction, block } from "./layers/containers.ts";
import { layerTypes } from "./layers/list.ts";
import { layer as layerRule } from "./rules.ts";

/** A layer as JSON. */
export interface LayerJson {
  /** The layer's type, such as "Conv2d", or the name of an own block. */
  readonly type: string;
  /** The options that were given, by name; left out where there are none. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** [name, layer] pairs, in order. */
  readonly children?: readonly (readonly [string, LayerJson])[];
}

/** The plain form of a model. Throws where layers lie deeper in each other than `fromJSON` reads. */
export function toJSON(layer: Layer): LayerJson {
  understand("toJSON", arguments, { layer: layerRule });
  return written(layer, 1);
}

function written({ type, options, children }: Layer, depth: number): LayerJson {
  checkDepth(depth, "The model");
  return {
    type: type.name,
    ...(Object.keys(options).length > 0 ? { options: { ...options } } : {}),
    ...(children.length > 0
      ? { children: children.map(({ name, layer: child }) => [name, written(child, depth + 1)] as const) }
      : {}),
  };
}

export interface FromJsonOptions {
  /** Functions of own blocks, by name. */
  readonly blocks?: Readonly<Record<string, BlockFunction>>;
}

function checkDepth(depth: number, where: string): void {
  if (depth > limits.layerDepth.most)
    throw new NeocogError(`${where} has layers too deep in each other: ${atMost(limits.layerDepth)}.`);
}

/**
 * Reads a model from plain JSON; types, options and values are checked as if it were written by hand. Own blocks are
 * given by name under `blocks`; `where` names the place in messages. Throws one sentence for what is unknown, missing
 * or too deep.
 */
export function fromJSON(json: unknown, options: FromJsonOptions = {}, where = "the model"): Layer {
  understand("fromJSON", arguments, { json: record, options: byName({ blocks: record }), where: optional(text) });
  return read(json, options, where, 1);
}

function read(json: unknown, { blocks = {} }: FromJsonOptions, where: string, depth: number): Layer {
  // Only the last names of a deep place are told, so that the place does not grow with the square of the depth.
  const place = where.length > 300 ? `… ${where.slice(-300)}` : where;
  checkDepth(depth, `In ${place}: it`);
  if (typeof json !== "object" || json === null || !("type" in json) || typeof json.type !== "string") {
    throw new NeocogError(`In ${place}: a layer must be an object with a "type", not ${JSON.stringify(json)}.`);
  }
  const { type: name, options = {}, children = [] } = json as { type: string; options?: unknown; children?: unknown };
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new NeocogError(`In ${place}: the options of ${name} must be an object.`);
  }
  if (!Array.isArray(children))
    throw new NeocogError(`In ${place}: the children of ${name} must be a list of [name, layer] pairs.`);
  const named = children.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== "string") {
      throw new NeocogError(
        `In ${place}: a child of ${name} must be a pair [name, layer], not ${JSON.stringify(pair)}.`,
      );
    }
    return { name: pair[0], layer: read(pair[1], { blocks }, `${place}, child "${pair[0]}" of ${name}`, depth + 1) };
  });
  if (Object.hasOwn(blocks, name))
    return block(
      name,
      blocks[name],
      named.map((child) => [child.name, child.layer] as const),
    );
  const type: LayerType | undefined = layerTypes.find((known) => known.name === name);
  if (!type) {
    const near = nearest(
      name,
      layerTypes.map((known) => known.name),
    );
    throw new NeocogError(
      `In ${place}: there is no layer "${name}"${near ? `; did you mean "${near}"?` : ""} If it is a block of your own, give its function: { blocks: { ${JSON.stringify(name)}: (x, context) => … } }.`,
    );
  }
  return createLayer(type, options, named);
}
