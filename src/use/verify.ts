// Does a network answer the same wherever it runs? Two engines get the same numbers, and what every layer gives is compared.
//
//   difference of a layer = largest |a - b| of its numbers / largest |b| of its numbers
//
// To look at every layer an engine must keep what it would otherwise fuse away, so the answer is also computed by the program
// as it is used, and compared as the last row: a layer-wise agreement with a differing answer points to the fusion.
import { understand } from "../base/arguments.ts";
import { type NdArray, ndarrayRule, stateRule } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { isRecord, like, listOf, optional, type Rule, real, recordOf } from "../base/rules.ts";
import type { Shape } from "../base/shape.ts";
import { type Engine, engineRule } from "../engines/engine.ts";
import { attributesIf, inputOp, type Tensor } from "../graph/graph.ts";
import type { Layer } from "../nn/layer.ts";
import { type BuiltSource, type ModelSource, modelRule, type SourceLayer, sourceOf } from "../nn/source.ts";
import { openSession, type State } from "../run/session.ts";

const subjectRule: Rule = {
  must: "{ model, weights }, such as a trained model",
  accepts: (value) => isRecord(value) && modelRule.accepts(value.model) && stateRule.accepts(value.weights),
};
const othersRule = optional(recordOf(ndarrayRule, "arrays by the names of the inputs"));
const traceRule: Rule = like("a trace, as traceLayers() gives it", "layers");

/** What each layer of a network gave for one input. */
export interface Trace {
  /** Who computed it. */
  readonly name: string;
  /** What every layer gave, in the order of computation. */
  readonly layers: readonly TracedLayer[];
  /** The answer by the program as it is used. */
  readonly answer: NdArray;
}

/** A layer with what it gave. */
export interface TracedLayer {
  /** Dotted path, or the node's name in a file. */
  readonly path: string;
  /** Conv2d, ReLU, …; in a file the operator's name. */
  readonly type: string;
  /** What it gave, the batch first. */
  readonly value: NdArray;
}

/** How far two traces are apart at one layer. */
export interface LayerDifference {
  /** Dotted path, or the node's name in a file; "answer" for the last row. */
  readonly path: string;
  /** Conv2d, ReLU, …; in a file the operator's name. */
  readonly type: string;
  /** Shape of what it gives. */
  readonly shape: Shape;
  /** The largest magnitude in the second trace. */
  readonly scale: number;
  /** The largest difference as a share of the scale; Infinity where one has a number and the other has none. */
  readonly difference: number;
}

/** How far two traces are apart, layer by layer. */
export interface Verification {
  /** Names of the engine that is tested and of the one that is taken as the truth. */
  readonly engines: readonly [string, string];
  /** The largest difference that is let pass, as a share. */
  readonly tolerance: number;
  /** Every layer that both traces have, in the order of computation. */
  readonly layers: readonly LayerDifference[];
  /** The answer by the program as it is used. */
  readonly answer: LayerDifference;
  /** The first layer that differs by more than the tolerance, or the answer. */
  readonly first: LayerDifference | undefined;
}

/**
 * The layers whose outputs are tensors of their own, in the order of computation, each under the path of the layer that
 * computes it; a layer that is applied again gets a number.
 */
export function distinctLayers(built: Pick<BuiltSource, "layers">): SourceLayer[] {
  understand("distinctLayers", arguments, { built: like("a built network", "layers") });
  const { layers } = built;
  const byTensor = new Map<Tensor, SourceLayer>();
  for (const layer of layers) {
    const known = byTensor.get(layer.output);
    if (!known || layer.path === layer.output.node.path) byTensor.set(layer.output, layer);
  }
  const uses = new Map<string, number>();
  return [...byTensor.values()]
    .sort((a, b) => a.output.node.id - b.output.node.id)
    .map((layer) => {
      const use = (uses.get(layer.path) ?? 0) + 1;
      uses.set(layer.path, use);
      return use === 1 ? layer : { ...layer, path: `${layer.path} #${use}` };
    });
}

/**
 * What every layer of a network gives for an input [batch, …] on an engine: it is run once keeping every layer, once
 * as it is used. `others`: the numbers of further inputs, by their names. Throws for an input that does not fit, and for one
 * that is missing.
 */
export async function traceLayers(
  subject: { readonly model: Layer | ModelSource; readonly weights: State },
  input: NdArray,
  engine: Engine,
  others: Readonly<Record<string, NdArray>> = {},
): Promise<Trace> {
  understand("traceLayers", arguments, {
    subject: subjectRule,
    input: ndarrayRule,
    engine: engineRule,
    others: othersRule,
  });
  const { model, weights } = subject;
  const built = sourceOf(model).build(input.shape);
  const layers = distinctLayers(built);
  const { name } = attributesIf(built.input.node, inputOp)!;
  const compute = async (outputs: Readonly<Record<string, Tensor>>): Promise<Record<string, NdArray>> => {
    const options = { state: weights, frozen: true, inputs: [built.input, ...(built.others ?? [])] };
    const session = await openSession({ outputs, updates: [] }, engine, options);
    try {
      return await session.run({ ...others, [name]: input });
    } finally {
      session.release();
    }
  };
  const { answer } = await compute({ answer: built.output });
  const values = await compute(Object.fromEntries(layers.map(({ output }, i) => [String(i), output])));
  return {
    name: engine.name,
    layers: layers.map(({ path, type }, i) => ({ path, type, value: values[i] })),
    answer,
  };
}

/**
 * Compares two traces of one network, the second of which is taken as the truth: the largest |a − b| of each layer
 * over the largest |b|, against a tolerance (1e-4 unless told). Layers that only one has are left out. Throws where
 * the traces are of different networks.
 */
export function compareTraces(trace: Trace, truth: Trace, tolerance = 1e-4): Verification {
  understand("compareTraces", arguments, { trace: traceRule, truth: traceRule, tolerance: optional(real(0)) });
  if (!(tolerance > 0)) throw new NeocogError(`The tolerance must be a number above 0, not ${tolerance}.`);
  const known = new Map(truth.layers.map((layer) => [layer.path, layer]));
  const layers = trace.layers.flatMap((layer): LayerDifference[] => {
    const other = known.get(layer.path);
    return other ? [difference(layer, other.value)] : [];
  });
  const answer = difference({ path: "answer", type: "as it is used", value: trace.answer }, truth.answer);
  const first = [...layers, answer].find((layer) => layer.difference > tolerance);
  return { engines: [trace.name, truth.name], tolerance, layers, answer, first };
}

function difference({ path, type, value }: TracedLayer, truth: NdArray): LayerDifference {
  if (value.data.length !== truth.data.length) {
    throw new NeocogError(
      `Layer "${path}" gives ${value.data.length} numbers in one engine and ${truth.data.length} in the other; they do not run the same network.`,
    );
  }
  let scale = 0;
  let most = 0;
  for (let i = 0; i < value.data.length; i++) {
    const [a, b] = [value.data[i], truth.data[i]];
    if (Number.isFinite(b)) scale = Math.max(scale, Math.abs(b));
    if (Object.is(a, b) || a === b) continue;
    const apart = Math.abs(a - b);
    most = Math.max(most, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  }
  return { path, type, shape: value.shape, scale, difference: most === 0 ? 0 : most / (scale || 1) };
}

/**
 * Whether two engines give the same for an input [batch, …], layer by layer, the second being taken as the truth:
 * `verify(trained, input, [wasm, reference])`. The tolerance is 1e-4 of a layer's largest number unless told. `others`: the numbers of
 * further inputs, by their names.
 */
export async function verify(
  subject: { readonly model: Layer | ModelSource; readonly weights: State },
  input: NdArray,
  engines: readonly [Engine, Engine],
  tolerance?: number,
  others: Readonly<Record<string, NdArray>> = {},
): Promise<Verification> {
  understand("verify", arguments, {
    subject: subjectRule,
    input: ndarrayRule,
    engines: listOf(engineRule, "two engines", 2, 2),
    tolerance: optional(real(0)),
    others: othersRule,
  });
  const [engine, truth] = engines;
  const trace = await traceLayers(subject, input, engine, others);
  return compareTraces(trace, await traceLayers(subject, input, truth, others), tolerance);
}
