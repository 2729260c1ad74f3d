// Models to and from plain JSON, as they stand in model.json. Own blocks are functions and cannot be written down: a file
// holds their names, and the reader brings the functions.

import { understand } from "../base/arguments.ts";
import { options as byName, optional, record, text } from "../base/rules.ts";
import type { Layer } from "./layer.ts";
import { layerTypes } from "./layers/list.ts";
import { checkDepth, type FromJsonOptions, readLayer } from "./read.ts";
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

/**
 * Reads a model from plain JSON; types, options and values are checked as if it were written by hand. Own blocks are
 * given by name under `blocks`; `where` names the place in messages. Throws one sentence for what is unknown, missing
 * or too deep.
 */
export function fromJSON(json: unknown, options: FromJsonOptions = {}, where = "the model"): Layer {
  understand("fromJSON", arguments, {
    json: record,
    options: byName<FromJsonOptions>({ blocks: record }),
    where: optional(text),
  });
  return readLayer(json, { ...options, types: layerTypes }, where, 1);
}
