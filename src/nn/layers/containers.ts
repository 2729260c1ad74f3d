// Layers made of layers: one after another, a shortcut around, side by side, and a function of your own.
import { understand } from "../../base/arguments.ts";
import { NeocogError } from "../../base/errors.ts";
import { options as byName, callback, type Rule, required, text } from "../../base/rules.ts";
import { formatShape, sameShape } from "../../base/shape.ts";
import type { Tensor } from "../../graph/graph.ts";
import { add } from "../../ops/arithmetic.ts";
import { concat } from "../../ops/copy.ts";
import { type Child, type Context, createLayer, isLayer, type Layer, type LayerType, layerOf } from "../layer.ts";
import { layer as layerRule } from "../rules.ts";
import type { KeepCall, Only } from "../shapes/calls.ts";
import type { Chain, Shaped, SideBySide, Sum } from "../shapes/kinds.ts";
import type { Given } from "../shapes/rules.ts";

/**
 * Children as a user writes them: a list (named "0", "1", … as torch does), a record of names, or a list of
 * [name, layer] pairs where several have the empty name.
 */
export type Children = readonly Layer[] | readonly (readonly [string, Layer])[] | Readonly<Record<string, Layer>>;

const childrenRule: Rule = {
  must: "layers: a list, a record of names, or a list of [name, layer] pairs",
  accepts: (value) => typeof value === "object" && value !== null && !isLayer(value) && !ArrayBuffer.isView(value),
};

export function namedChildren(what: string, children: Children): Child[] {
  const pairs = Array.isArray(children)
    ? children.map((entry: Layer | readonly [string, Layer], i): readonly [string, unknown] =>
        Array.isArray(entry) ? (entry as readonly [string, Layer]) : [String(i), entry],
      )
    : Object.entries(children);
  return pairs.map(([name, layer]) => {
    if (!isLayer(layer))
      throw new NeocogError(`${what}: the child "${name}" is not a layer; did you forget to call it, as in ReLU()?`);
    if (name.includes("."))
      throw new NeocogError(`${what}: the name "${name}" must not contain a dot: dots separate the layers of a path.`);
    return { name, layer };
  });
}

const sequential: LayerType = {
  name: "Sequential",
  rules: {},
  build: (x, { children }, context) => children.reduce((y, { name, layer }) => context.apply(name, layer, y), x),
};

/** Layers one after another: `Sequential([Conv2d(16, 3), ReLU()])`, or a record of names. Throws for what is not a layer. */
export function Sequential<const C extends Children>(children: C): Shaped<Chain<C>>;
export function Sequential(children: Children): Layer;
export function Sequential(children: Children): Layer {
  understand("Sequential", arguments, { children: childrenRule });
  return createLayer(sequential, {}, namedChildren("Sequential", children));
}

const identity: LayerType = { name: "Identity", rules: {}, build: (x) => x };

/** Hands its input on, of any shape. */
export const Identity: KeepCall<"Identity", []> = layerOf(identity);

/** Options of Residual. */
export interface ResidualOptions {
  /** What the input goes through beside the body; without it, the input itself is added. */
  readonly shortcut?: Layer;
  /** What the sum goes through, usually ReLU(). */
  readonly after?: Layer;
  /** Name of the shortcut in paths; torchvision's, "downsample", unless told. */
  readonly shortcutName?: string;
}

interface ResidualData {
  /** Which child is what, in order: a file holds children only. */
  readonly parts: readonly string[];
}

const partNames: readonly unknown[] = ["body", "shortcut", "after"];
const partList: Rule = {
  must: 'a list of "body" and perhaps "shortcut" and "after", one for each child',
  accepts: (value) => Array.isArray(value) && value.includes("body") && value.every((part) => partNames.includes(part)),
};

const residual: LayerType<ResidualData> = {
  name: "Residual",
  rules: { parts: required(partList) },
  build(x, { options, children }, context) {
    const part = (what: string): Child | undefined => children[options.parts.indexOf(what)];
    const through = (child: Child | undefined, y: Tensor): Tensor =>
      child ? context.apply(child.name, child.layer, y) : y;
    const inner = through(part("body"), x);
    const around = through(part("shortcut"), x);
    if (!sameShape(inner.shape, around.shape)) {
      throw new NeocogError(
        `the body gives ${formatShape(inner.shape)}, but the shortcut gives ${formatShape(around.shape)}; give Residual a shortcut such as Conv2d(${inner.shape[1]}, 1, { stride: … }) that makes them equal.`,
      );
    }
    return through(part("after"), add(inner, around));
  },
};

const residualCall = {
  body: layerRule,
  options: byName({ shortcut: layerRule, after: layerRule, shortcutName: text }),
};

/** body(x) + shortcut(x), then `after` (He et al. 2015, "Deep residual learning for image recognition"). */
export function Residual<const B extends Layer, const O extends ResidualOptions = Readonly<Record<never, never>>>(
  body: B,
  options?: Only<O, ResidualOptions>,
): Shaped<Sum<B, Given<O, "shortcut">, Given<O, "after">>>;
export function Residual(body: Layer, options: ResidualOptions = {}): Layer {
  understand("Residual", arguments, residualCall);
  const { shortcut, after, shortcutName = "downsample" } = options;
  const parts: [string, string, Layer | undefined][] = [
    ["body", "", body],
    ["shortcut", shortcutName, shortcut],
    ["after", "", after],
  ];
  const present = parts.filter((part): part is [string, string, Layer] => part[2] !== undefined);
  return createLayer(
    residual,
    { parts: present.map(([what]) => what) },
    namedChildren(
      "Residual",
      present.map(([, name, layer]) => [name, layer] as const),
    ),
  );
}

const branches: LayerType = {
  name: "Branches",
  rules: {},
  build: (x, { children }, context) =>
    concat(
      children.map(({ name, layer }) => context.apply(name, layer, x)),
      1,
    ),
};

/** Layers side by side, all on the same input; their outputs are joined along the channels. */
export function Branches<const C extends Children>(children: C): Shaped<SideBySide<C>>;
export function Branches(children: Children): Layer;
export function Branches(children: Children): Layer {
  understand("Branches", arguments, { children: childrenRule });
  const named = namedChildren("Branches", children);
  if (named.length === 0) throw new NeocogError("Branches needs at least one branch.");
  return createLayer(branches, {}, named);
}

/** Your own block: any function of ops; `context.child(name, x)` applies a child, `context.parameter` makes a variable. */
export type BlockFunction = (x: Tensor, context: Context) => Tensor;

/**
 * A layer of your own: any function of ops from a tensor to a tensor, with children and parameters by its context.
 * Its name is what messages, tables and files call it; a file holds the name alone, and fromJSON is given the
 * function.
 */
export function block(name: string, apply: BlockFunction, children: Children = {}): Layer {
  understand("block", arguments, { name: text, apply: callback, children: { ...childrenRule, optional: true } });
  const type: LayerType = { name, rules: {}, build: (x, _layer, context) => apply(x, context) };
  return createLayer(type, {}, namedChildren(name, children));
}

export const containerTypes = [sequential, identity, residual, branches] as const;
