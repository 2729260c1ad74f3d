// What the units of a network make of pictures: which ReLUs never open, and whether batch norms hold the statistics of what
// reaches them. One compiled pass; what is asked of each layer is reduced inside it, so that memory holds no maps.
import type { StopSignal } from "../../base/web.ts";
import type { Preprocessing } from "../../data/preprocessing.ts";
import { inputShape } from "../../data/preprocessing.ts";
import type { Engine } from "../../engines/engine.ts";
import { statisticsOf } from "../../explain/revive.ts";
import { attributesIf, inputOp, type Node, type Tensor } from "../../graph/graph.ts";
import { walk } from "../../graph/walk.ts";
import { sourceOf } from "../../nn/source.ts";
import { mapOp } from "../../ops/cards/map.ts";
import { amax } from "../../ops/reduce.ts";
import { openSession, type State } from "../../run/session.ts";
import type { TaskName } from "../../use/tasks/list.ts";
import type { ClassifierModel } from "../../use/trained.ts";
import { inputsOf, type Norm, type Sample, type Units } from "./pictures.ts";

/** Rectifiers, which are 0 and have no slope on one side. */
const rectifiers: ReadonlySet<string> = new Set(["relu", "relu6"]);

export interface Looked {
  readonly units: readonly Units[];
  readonly norms: readonly Norm[];
  readonly pictures: number;
  readonly scalesItself: boolean;
}

export async function lookAtUnits(
  { model }: ClassifierModel<TaskName>,
  weights: State,
  { set }: Sample,
  preprocessing: Preprocessing,
  engine: Engine,
  signal?: StopSignal,
): Promise<Looked> {
  const source = sourceOf(model);
  const batch = source.fixedBatch ?? Math.min(64, set.images.shape[0]);
  const built = source.build(inputShape(preprocessing, batch));
  const nodes = walk([built.output]);
  const opened = nodes.filter(isRectifier);
  const tops = opened.map(({ outputs: [y] }) => channelTops(y));
  const statistics = batch > 1 ? statisticsOf(built.output) : {};
  const outputs = {
    ...Object.fromEntries(tops.map((top, i) => [`top ${i}`, top])),
    ...Object.fromEntries(Object.entries(statistics).map(([name, value]) => [`norm ${name}`, value])),
  };
  const scalesItself = scalesInput(built.input, nodes);
  if (Object.keys(outputs).length === 0) return { units: [], norms: [], pictures: 0, scalesItself };
  const { name } = attributesIf(built.input.node, inputOp)!;
  const session = await openSession({ outputs, updates: [] }, engine, { state: weights, inputs: [built.input] });
  const highest = tops.map(({ shape }) => new Float64Array(shape[0]).fill(-Infinity));
  const sums = new Map<string, Float64Array>();
  let batches = 0;
  try {
    for await (const images of inputsOf(set, preprocessing, batch, signal)) {
      const found = await session.run({ [name]: images });
      highest.forEach((known, i) => {
        found[`top ${i}`].data.forEach((value, c) => {
          known[c] = Math.max(known[c], value);
        });
      });
      for (const key of Object.keys(statistics)) {
        const { data } = found[`norm ${key}`];
        const sum = sums.get(key) ?? new Float64Array(data.length);
        data.forEach((value, c) => {
          sum[c] += value;
        });
        sums.set(key, sum);
      }
      batches++;
    }
  } finally {
    session.release();
  }
  if (batches === 0) return { units: [], norms: [], pictures: 0, scalesItself };
  const units = opened.map(({ path }, i) => ({
    layer: path || "the network",
    units: highest[i].length,
    dead: highest[i].filter((top) => top <= 0).length,
  }));
  const means = new Map([...sums].map(([key, sum]) => [key, sum.map((value) => value / batches)]));
  return { units, norms: normsOf(means, weights), pictures: batches * batch, scalesItself };
}

const isRectifier = (node: Node): boolean => rectifiers.has(attributesIf(node, mapOp)?.name ?? "");

/** The largest value of each channel of [batch, channels, …sizes], over all else. */
const channelTops = (y: Tensor): Tensor => {
  const others = y.shape.map((_, axis) => axis).filter((axis) => axis !== 1 || y.shape.length < 2);
  return amax(y, others);
};

/** Whether what first reads the input is no layer with weights but arithmetic, a cast or a norm. */
function scalesInput(input: Tensor, nodes: readonly Node[]): boolean {
  const moving = new Set(["copy", "reshape"]);
  let seen: ReadonlySet<Node> = new Set([input.node]);
  for (;;) {
    const readers = nodes.filter((node) => !seen.has(node) && node.inputs.some(({ node: from }) => seen.has(from)));
    const first = readers[0];
    if (!first) return false;
    if (!moving.has(first.op.name)) return !/conv|matmul|contract|linear|pool/i.test(first.op.name);
    seen = new Set([...seen, first]);
  }
}

/** Running statistics beside those of the pictures, pair by pair. */
function normsOf(measured: ReadonlyMap<string, Float64Array>, weights: State): Norm[] {
  return [...measured.keys()].flatMap((name) => {
    if (!/running_mean$|mean$/.test(name)) return [];
    const other = name.replace(/mean$/, "var");
    const [mean, variance] = [measured.get(name), measured.get(other)];
    const [held, heldVariance] = [weights.get(name)?.data, weights.get(other)?.data];
    if (!mean || !variance || !held || !heldVariance) return [];
    let [off, impossible] = [0, 0];
    mean.forEach((value, c) => {
      const deviation = Math.sqrt(Math.max(variance[c], 1e-12));
      const ratio = (heldVariance[c] + 1e-5) / (variance[c] + 1e-5);
      if (!(heldVariance[c] >= 0) || !Number.isFinite(heldVariance[c] + held[c])) impossible++;
      else if (Math.abs(held[c] - value) > deviation + 1e-3 || ratio > 4 || ratio < 1 / 4) off++;
    });
    return [{ layer: name.replace(/\.?running_mean$/, "") || name, channels: mean.length, off, impossible }];
  });
}
