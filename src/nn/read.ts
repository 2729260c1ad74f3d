// Layers from plain JSON. `loadJSON` loads the layers that few networks have with the first that has one, so it stands apart from
// `fromJSON` (json.ts), which has them all at once: a page that only opens models never imports that file.
import { NeocogError, nearest } from "../base/errors.ts";
import { atMost, limits } from "../base/limits.ts";
import { createLayer, type Layer, type LayerType } from "./layer.ts";
import { type BlockFunction, block } from "./layers/containers.ts";
import { usualTypes } from "./layers/usual.ts";

export interface FromJsonOptions {
  /** Functions of own blocks, by name. */
  readonly blocks?: Readonly<Record<string, BlockFunction>>;
}

export function checkDepth(depth: number, where: string): void {
  if (depth > limits.layerDepth.most)
    throw new NeocogError(`${where} has layers too deep in each other: ${atMost(limits.layerDepth)}.`);
}

/**
 * As `fromJSON`, for files: the layers that few networks have are loaded with the first that has one. `foreign`: types that do not
 * lie among the layers, by name.
 */
export async function loadJSON(
  json: unknown,
  options: FromJsonOptions,
  where: string,
  foreign: Readonly<Record<string, () => Promise<LayerType>>> = {},
): Promise<Layer> {
  const found = new Set(typesIn(json));
  const others = Object.entries(foreign).filter(([name]) => found.has(name));
  const known = new Set([
    ...[...usualTypes.map(({ name }) => name), ...Object.keys(options.blocks ?? {})],
    ...others.map(([name]) => name),
  ]);
  const usual = [...found].every((name) => known.has(name));
  const types = usual ? usualTypes : (await import("./layers/list.ts")).layerTypes;
  const loaded = await Promise.all(others.map(([, load]) => load()));
  return readLayer(json, { ...options, types: [...types, ...loaded] }, where, 1);
}

/** Every "type" in a file, whatever else is wrong with it. */
function typesIn(json: unknown): string[] {
  const found: string[] = [];
  const open = [json];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    if ("type" in value && typeof value.type === "string") found.push(value.type);
    for (const part of Object.values(value)) open.push(part);
  }
  return found;
}

export type Known = FromJsonOptions & { readonly types: readonly LayerType[] };

export function readLayer(json: unknown, { blocks = {}, types }: Known, where: string, depth: number): Layer {
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
    return {
      name: pair[0],
      layer: readLayer(pair[1], { blocks, types }, `${place}, child "${pair[0]}" of ${name}`, depth + 1),
    };
  });
  if (Object.hasOwn(blocks, name))
    return block(
      name,
      blocks[name],
      named.map((child) => [child.name, child.layer] as const),
    );
  const type: LayerType | undefined = types.find((known) => known.name === name);
  if (!type) {
    const near = nearest(
      name,
      types.map((known) => known.name),
    );
    throw new NeocogError(
      `In ${place}: there is no layer "${name}"${near ? `; did you mean "${near}"?` : ""} If it is a block of your own, give its function: { blocks: { ${JSON.stringify(name)}: (x, context) => … } }.`,
    );
  }
  return createLayer(type, options, named);
}
