// When a loss is NaN or infinite: which op made the first such number, and from which batch. Nothing is watched while all
// is well. A batch is a function of (seed, epoch, index), so the epoch is run again from its start up to the batch before,
// and then one step is computed with every tensor of its graph as an output.
import type { NdArray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { rootsOf } from "../compile/program.ts";
import type { Engine } from "../engines/engine.ts";
import { attributesIf, type Node, type Tensor } from "../graph/graph.ts";
import { walk } from "../graph/walk.ts";
import { mapOp } from "../ops/cards/map.ts";
import { openSession, type State } from "../run/session.ts";
import type { TrainingStep } from "./step.ts";

/** The loss, or a weight, is NaN or infinite. */
export class NonFiniteLoss extends NeocogError {
  /** "NonFiniteLoss": tells the kind where `instanceof` cannot. */
  override name = "NonFiniteLoss";
  /** From 1; the batch that made the first NaN or infinite number. */
  readonly epoch: number;
  /** From 1. */
  readonly batch: number;
  /** The first op with such a number in its result, as `layer path · op`; undefined where it could not be found. */
  readonly op: string | undefined;

  /** An error of these words, with the place that it happened at. */
  constructor(
    message: string,
    place: {
      /** From 1. */
      readonly epoch: number;
      /** From 1. */
      readonly batch: number;
      /** The first op with such a number in its result. */
      readonly op?: string;
    },
  ) {
    super(message);
    this.epoch = place.epoch;
    this.batch = place.batch;
    this.op = place.op;
  }
}

/** One step of the epoch: its program and what goes in. */
export interface Replay {
  readonly step: TrainingStep;
  readonly inputs: Readonly<Record<string, NdArray>>;
}

export interface Incident {
  readonly engine: Engine;
  /** From 1. */
  readonly epoch: number;
  /** Index (from 0) of the batch whose loss is not finite; `batches` where a weight is not, after the whole epoch. */
  readonly index: number;
  readonly batches: number;
  /** Variables at the start of the epoch. */
  readonly start: State;
  readonly learningRate: number;
  /** What a batch of the epoch was given. */
  replay(index: number): Promise<Replay>;
  /** Runs the batches [0, count) from the start again and gives the variables then. */
  rerun(count: number): Promise<State>;
}

export async function explainNonFinite(incident: Incident): Promise<NonFiniteLoss> {
  const { epoch, index, batches, learningRate } = incident;
  const state = await incident.rerun(index);
  // A loss may be lost because the step before broke a weight.
  const earlier = index === batches || (index > 0 && firstNonFinite(state) !== undefined);
  const culprit = earlier ? index - 1 : index;
  const found = await probe(incident, await incident.replay(culprit), earlier ? await incident.rerun(culprit) : state);
  const batch = culprit + 1;
  const where = `batch ${batch} of epoch ${epoch}`;
  const place = { epoch, batch, op: found?.label };
  if (!found) {
    return new NonFiniteLoss(
      `The loss is not finite in ${where}; computed again op by op, every number is finite. Try a smaller learning rate (now ${format(learningRate)}) or gradient clipping.`,
      place,
    );
  }
  if (found.kind === "input") {
    return new NonFiniteLoss(
      `The input "${found.label}" of ${where} holds ${found.value}; look for broken numbers in the data.`,
      place,
    );
  }
  return new NonFiniteLoss(
    `Training broke down in ${where}: the first ${found.value} came out of ${found.label}. Try a smaller learning rate (now ${format(learningRate)}), a warm-up, or gradient clipping.`,
    place,
  );
}

const format = (value: number): string => String(Number(value.toPrecision(4)));

interface Found {
  readonly kind: "input" | "op";
  readonly label: string;
  readonly value: string;
}

/** The first variable that holds a NaN or an infinity. */
export function firstNonFinite(state: State): string | undefined {
  for (const [name, { data }] of state) if (badValue(data) !== undefined) return name;
  return undefined;
}

function badValue(data: NdArray["data"]): string | undefined {
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value - value !== 0) return Number.isNaN(value) ? "NaN" : value > 0 ? "infinity" : "minus infinity";
  }
  return undefined;
}

/** Computes a step with every tensor as an output, and looks at them in the order of the graph. */
async function probe({ engine }: Incident, { step, inputs }: Replay, state: State): Promise<Found | undefined> {
  for (const [name, { data }] of Object.entries(inputs)) {
    const value = badValue(data);
    if (value !== undefined) return { kind: "input", label: name, value };
  }
  const outputs: Record<string, Tensor> = {};
  const nodes = walk(rootsOf(step.program)).filter(
    ({ op, inputs: read }) => op.reference !== undefined && read.length > 0,
  );
  for (const node of nodes) for (const tensor of node.outputs) outputs[`${node.id}.${tensor.output}`] = tensor;
  const session = await openSession({ outputs, updates: [] }, engine, { state, inputs: step.inputs });
  try {
    const results = await session.run(inputs);
    for (const node of nodes) {
      for (const tensor of node.outputs) {
        const value = badValue(results[`${node.id}.${tensor.output}`].data);
        if (value !== undefined) return { kind: "op", label: labelOf(node), value };
      }
    }
    return undefined;
  } finally {
    session.release();
  }
}

function labelOf(node: Node): string {
  const name = attributesIf(node, mapOp)?.name ?? node.op.name;
  return node.path === "" ? name : `${node.path} · ${name}`;
}
