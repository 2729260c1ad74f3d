// A layer is plain frozen data: which type it is, its options, its named children. It holds no numbers; applying it to a
// symbolic tensor (build.ts) makes nodes and variables whose dotted names are PyTorch's. A child with the empty name adds
// nothing to the path, which is how every naming of torchvision can be written.
import { checkRecord, show, understand } from "../base/arguments.ts";
import { options as byName, type Rules, type RuleTable } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import type { Tensor } from "../graph/graph.ts";
import type { Initialiser } from "./init.ts";

/** A layer: plain frozen data that says which type it is, its options and its children. */
export interface Layer<O extends object = object> {
  /** Its kind: the name, the rules of its options, and how it is built. */
  readonly type: LayerType<O>;
  /** The options that were given, without those left out. */
  readonly options: Readonly<O>;
  /** The layers in it, in order, each with its name. */
  readonly children: readonly Child[];
}

export interface Child {
  /** Part of the dotted path; "" adds nothing to it. */
  readonly name: string;
  /** The layer itself. */
  readonly layer: Layer;
}

/** A kind of layer: a constant object, one for each name. */
export interface LayerType<O extends object = object> {
  /** PyTorch's class name, such as "Conv2d". */
  readonly name: string;
  /** What each option may hold; also the list of known options. Required ones are given by place, in this order. */
  readonly rules: Rules<O>;
  /** PyTorch's order of arguments where it is another, names that do not exist here among them. */
  readonly torch?: string;
  /** Refuses options that do not go together. */
  check?(options: O): void;
  /** Applies the layer to a symbolic tensor. Throws a sentence for an input that does not fit. */
  build(x: Tensor, layer: Layer<O>, context: Context): Tensor;
}

/** The counters that a dropout layer's mask is made of (ops/random.ts). */
export interface RandomSource {
  /** The run's seed, an int32 scalar. */
  readonly seed: Tensor;
  /** The number of the training step, an int32 scalar. */
  readonly step: Tensor;
  /** Differs from layer to layer. */
  readonly stream: number;
}

/** Initialisers for all layers that do not name their own. */
export interface InitRule {
  /** How weights start. */
  readonly weight?: Initialiser;
  /** How biases start. */
  readonly bias?: Initialiser;
}

/** What a layer may ask for while it is built. */
export interface Context {
  /** Whether this is for training: dropout drops, and batch norm uses the batch's statistics. */
  readonly training: boolean;
  /** Initialisers for what names none of its own. */
  readonly init: InitRule;
  /** A variable named `<path>.<name>`; `trainable` is false for running statistics. */
  parameter(name: string, shape: Shape, initialiser: Initialiser, trainable?: boolean): Tensor;
  /** The value that a variable has by now within this step: its last update, or itself. */
  latest(variable: Tensor): Tensor;
  /** The value that a variable gets when the step ends (running statistics). */
  update(variable: Tensor, value: Tensor): void;
  /** Seed and step of this run, and a stream for this layer. */
  random(): RandomSource;
  /** Applies the named child of the layer being built. */
  child(name: string, x: Tensor): Tensor;
  /** Applies any layer under a name of the caller's choice. */
  apply(name: string, layer: Layer, x: Tensor): Tensor;
}

/** A layer as it is written, with its children a line each: what `console.log(model)` and `String(model)` give. */
function layerText({ type, options, children }: Layer): string {
  const rules = type.rules as RuleTable;
  const given = Object.entries(options);
  const placed = given.filter(([name]) => rules[name]?.required).map(([, value]) => show(value));
  const named = given.filter(([name]) => !rules[name]?.required).map(([name, value]) => `${name}: ${show(value)}`);
  const own = [...placed, ...(named.length > 0 ? [`{ ${named.join(", ")} }`] : [])].join(", ");
  if (children.length === 0) return `${type.name}(${own})`;
  const lines = children.map(({ name, layer }) => `${name === "" ? "" : `${name}: `}${layerText(layer)}`);
  return `${type.name}(\n${lines.join(",\n").replaceAll(/^/gm, "  ")}\n)`;
}

/** Writes down a layer, checking its options. Options that are undefined count as left out. */
export function createLayer<O extends object>(
  type: LayerType<O>,
  options: O,
  children: readonly Child[] = [],
): Layer<O> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O;
  checkRecord(type.name, given as Readonly<Record<string, unknown>>, type.rules as RuleTable);
  type.check?.(given);
  const layer = { type, options: Object.freeze(given), children: Object.freeze([...children]) };
  const print = (): string => layerText(layer);
  // Not listed among its parts: a layer stays plain data for whoever copies or compares it.
  Object.defineProperties(layer, {
    toString: { value: print },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: print },
  });
  return Object.freeze(layer);
}

/** The function that writes a layer down: required options by place, the others by name; its type says what it is given. */
export function layerOf<Call>(type: LayerType): Call {
  const rules = Object.entries(type.rules as RuleTable);
  const places = rules.filter(([, rule]) => rule.required);
  const others = rules.filter(([, rule]) => !rule.required);
  const parameters = Object.fromEntries([
    ...places,
    ...(others.length > 0 ? [["options", byName(Object.fromEntries(others))] as const] : []),
  ]);
  const call = (...given: readonly unknown[]): Layer => {
    understand(type.name, given, parameters, type.torch);
    const placed = Object.fromEntries(places.map(([name], place) => [name, given[place]]));
    return createLayer(type, { ...placed, ...(given[places.length] as object | undefined) });
  };
  return call as unknown as Call;
}

/** The types of a family for 1, 2 and 3 spatial axes. */
export const ofRanks = <T>(make: (rank: 1 | 2 | 3) => T): readonly [T, T, T] => [make(1), make(2), make(3)];

/** Whether a value is a layer. */
export function isLayer(value: unknown): value is Layer {
  return typeof value === "object" && value !== null && "type" in value && "options" in value && "children" in value;
}
