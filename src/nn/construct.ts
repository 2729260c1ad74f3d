// How a graph is made of a model (build.ts): applies layers to symbolic tensors, makes their variables, and records what each
// layer read and gave.
import { NeocogError, ShapeError } from "../base/errors.ts";
import { hashText } from "../base/random.ts";
import { formatShape, type Shape, sameShape } from "../base/shape.ts";
import { currentPath, input, type Tensor, variable, withPath } from "../graph/graph.ts";
import { initialise } from "./draw.ts";
import type { Context, InitRule, Layer } from "./layer.ts";

/** What a layer read and gave. */
export interface LayerRecord {
  /** Dotted path; several layers share one where children have no name. Empty for the model itself. */
  readonly path: string;
  /** The layer as it was written. */
  readonly layer: Layer;
  /** What it read. */
  readonly input: Tensor;
  /** What it gave. */
  readonly output: Tensor;
  /** Number of layers around it. */
  readonly depth: number;
}

export interface Update {
  /** The variable that changes. */
  readonly variable: Tensor;
  /** What it becomes when the step ends. */
  readonly value: Tensor;
}

/** A model applied to an input: its graph, its variables and its layers. */
export interface BuiltModel {
  /** What goes in, [batch, channels, …sizes]. */
  readonly input: Tensor;
  /** What comes out of the last layer. */
  readonly output: Tensor;
  /** Parameters and running statistics, in the order of PyTorch's state dict. */
  readonly variables: readonly Tensor[];
  /** New values of running statistics; empty unless training. */
  readonly updates: readonly Update[];
  /** Every layer, containers before their children. */
  readonly layers: readonly LayerRecord[];
  /** The scalars that random layers read (int32), if there are any. */
  readonly random:
    | {
        /** The run's seed. */
        readonly seed: Tensor;
        /** The number of the training step, so that every step drops something else. */
        readonly step: Tensor;
      }
    | undefined;
}

/** Options of build. */
export interface BuildOptions {
  /** Dropout drops and batch norm uses the batch's statistics; false unless told. */
  readonly training?: boolean;
  /** Layers, by their dotted paths, that are built as in evaluation though the others train: frozen batch norms; none unless told. */
  readonly evaluating?: (path: string) => boolean;
  /** Seed of the parameters at the start; 0 unless told. */
  readonly seed?: number;
  /** Initialisers for layers that do not name their own. */
  readonly init?: InitRule;
  /** Scalars (int32) for random layers; without them, inputs named "seed" and "step" are made when a layer asks. */
  readonly random?: {
    /** The run's seed. */
    readonly seed: Tensor;
    /** The number of the training step. */
    readonly step: Tensor;
  };
}

interface Builder extends Context {
  readonly records: LayerRecord[];
}

/** `build` without its look at the arguments and without its help where a picture is too small. */
export function construct(model: Layer, x: Shape | Tensor, options: BuildOptions = {}): BuiltModel {
  const start = "node" in x ? x : input("input", x);
  const { context, variables, updates, records, random } = createContext(options);
  const output = context.apply("", model, start);
  return {
    input: start,
    output,
    variables,
    updates: [...updates].map(([from, value]) => ({ variable: from, value })),
    layers: records,
    random: random(),
  };
}

interface Opened {
  readonly context: Context;
  readonly variables: Tensor[];
  readonly updates: Map<Tensor, Tensor>;
  readonly records: LayerRecord[];
  readonly random: () => BuiltModel["random"];
}

function createContext(options: BuildOptions): Opened {
  const { training = false, evaluating, seed = 0 } = options;
  const variables: Tensor[] = [];
  const owners = new Map<string, { variable: Tensor; layer: Layer | undefined }>();
  const updates = new Map<Tensor, Tensor>();
  const records: LayerRecord[] = [];
  const streams = new Map<string, number>();
  let random = options.random;
  const open: Layer[] = [];

  const context: Builder = {
    get training() {
      return training && !evaluating?.(currentPath());
    },
    init: options.init ?? {},
    records,
    parameter(name, shape, initialiser, trainable = true) {
      const path = currentPath();
      const full = path === "" ? name : `${path}.${name}`;
      const layer = open.at(-1);
      const known = owners.get(full);
      if (known) {
        // The same layer applied twice under the same path shares its parameters; two layers must not.
        if (known.layer === layer && sameShape(known.variable.shape, shape)) return known.variable;
        throw new NeocogError(
          `Two parameters are called "${full}" (${formatShape(known.variable.shape)} and ${formatShape(shape)}); give one of the layers another name.`,
        );
      }
      const made = withPath("", () =>
        variable(full, shape, () => initialise(initialiser, shape, seed, full), trainable),
      );
      owners.set(full, { variable: made, layer });
      variables.push(made);
      return made;
    },
    latest: (of) => updates.get(of) ?? of,
    update(of, value) {
      updates.set(of, value);
    },
    random() {
      random ??= { seed: input("seed", [], "int32"), step: input("step", [], "int32") };
      const path = currentPath();
      const count = streams.get(path) ?? 0;
      streams.set(path, count + 1);
      return { ...random, stream: hashText(`${path}#${count}`) };
    },
    child(name, x) {
      const found = open.at(-1)?.children.find((child) => child.name === name);
      if (!found) {
        const names = open.at(-1)?.children.map((child) => `"${child.name}"`) ?? [];
        throw new NeocogError(
          `${open.at(-1)?.type.name} has no child "${name}"; it has ${names.join(", ") || "none"}.`,
        );
      }
      return context.apply(name, found.layer, x);
    },
    apply(name, layer, x) {
      return withPath(name, () => {
        const place = records.length;
        const record = { path: currentPath(), layer, input: x, output: x, depth: open.length };
        records.push(record);
        open.push(layer);
        try {
          const output = layer.type.build(x, layer, context);
          records[place] = { ...record, output };
          return output;
        } catch (error) {
          throw named(error, layer, x);
        } finally {
          open.pop();
        }
      });
    },
  };
  return { context, variables, updates, records, random: () => random };
}

/** Adds to a layer's error what the op below could not know: the layer's path and type, and what came into it. */
function named(error: unknown, layer: Layer, x: Tensor): unknown {
  if (!(error instanceof NeocogError)) return error;
  const { what, where, mend, notes, cause } = error;
  // Already told by a layer further inside.
  if (where.some(({ kind, type }) => kind === "layer" && type !== undefined)) return error;
  const shape = formatShape(x.shape);
  const fields = {
    where: [
      { kind: "layer", name: currentPath(), type: layer.type.name },
      ...where.filter(({ kind }) => kind !== "layer"),
    ],
    notes: what.includes(shape) ? notes : [...notes, `Its input is ${shape}.`],
  } as const;
  if (error instanceof ShapeError) return error.tell(fields);
  return new ShapeError(what, { ...fields, ...(mend === undefined ? {} : { mend }), cause: cause ?? error });
}
