// `neocog inspect resnet18`: what each layer gives, has, costs and sees, without running anything.

import { bytes, count, grouped, percent, short } from "../../src/base/amounts.ts";
import { type Footprint, footprint, type Summary, type SummaryRow, summary } from "../../src/doors/analyze.ts";
import { classCount, createModel, models } from "../../src/doors/neocog.ts";
import type { inspectCard } from "../cards/inspect.ts";
import { type Answer, type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { withEngine } from "../engine.ts";
import { wrap } from "../lines.ts";
import { checkBatch, contentOf, inputOf, layersOf, type ModelForm, type NamedModel } from "../model.ts";
import { type NetworkColumn, networkTable } from "../network.ts";
import { table } from "../table.ts";
import { viewOf } from "../tasks/list.ts";

export const run: Run<typeof inspectCard> = async ([name], { input, classes, batch }, context) => {
  if (name === undefined) {
    const given = Object.entries({ input, classes, batch }).find(([, value]) => value !== undefined);
    if (given) throw new UsageError(`--${given[0]} has no effect on the list of built-in models; name one.`);
    return listModels(context);
  }
  const [model, sum, takes] = await summed(name, { input, classes }, batch ?? 1, context);
  return {
    json: { model: name, ...sum, footprint: takes },
    lines: () => report(model, sum, takes, batch ?? 1, context),
  };
};

async function summed(
  name: string,
  form: ModelForm,
  batch: number,
  context: Context,
): Promise<[Pictured, Summary, Footprint | undefined]> {
  const content = await contentOf(name);
  if (content?.kind !== "network") {
    const model = layersOf(name, content, form);
    const input = [batch, ...model.input];
    const takes = await withEngine({}, context, async (engine) =>
      footprint(model.layer, input, { engine, ...(model.task ? { task: model.task } : {}) }),
    );
    const { holds } = viewOf(model.task);
    return [{ ...model, answer: holds(model.classes) }, summary(model.layer, input), takes];
  }
  const source = content.network;
  const { shape } = inputOf(name, source, form, batch);
  checkBatch(batch, source.fixedBatch, name);
  const built = source.build(shape);
  return [{ title: name, input: shape.slice(1), answer: answerOf(built.output.shape) }, summary(built), undefined];
}

interface Pictured extends Pick<NamedModel, "title" | "input"> {
  /** What comes out, in words. */
  readonly answer: string;
}

/** Classes where the answer is one number a class, else its sizes. */
function answerOf(shape: readonly number[]): string {
  const classes = classCount(shape);
  return classes > 0 ? count(classes, "class", "classes") : `output ${shape.slice(1).join(" x ") || "of one number"}`;
}

function listModels({ paint, width }: Context): Answer {
  const list = models.map(({ name, about }) => {
    const { layer, inputShape, classes } = createModel(name);
    const { parameters, macs } = summary(layer, [1, ...inputShape]);
    return { name, about, input: inputShape, classes, parameters, macs };
  });
  const columns = [
    { head: "model" },
    { head: "input", align: "right" },
    { head: "params", align: "right" },
    { head: "MACs", align: "right" },
    { head: "" },
  ] as const;
  return {
    json: { models: list },
    lines: () =>
      table(
        columns,
        list.map(({ name, about, input, parameters, macs }) => [
          name,
          input.join("x"),
          short(parameters),
          short(macs),
          cut(about, width - 48),
        ]),
        paint,
      ),
  };
}

const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

function report(
  model: Pictured,
  sum: Summary,
  takes: Footprint | undefined,
  batch: number,
  context: Context,
): string[] {
  const { paint, width } = context;
  const columns: NetworkColumn[] = ["layer", "type", "output", "parameters", "macs", "memory", "field"];
  return [
    `${paint.title(model.title)}`,
    `input ${model.input.join(" x ")}${batch > 1 ? `, ${batch} at a time` : ""}, ${model.answer}`,
    "",
    ...networkTable(sum, columns, width, paint),
    "",
    ...totals(model, sum, takes, batch, context),
    "",
    paint.title("Where the parameters and the work are"),
    "",
    ...shares(sum, context),
  ];
}

/** What the compiled plans really reserve. */
function planned(takes: Footprint | undefined, per: string): (readonly [string, string])[] {
  if (!takes) return [];
  const { inference, training } = takes;
  const kept = `${bytes(inference.activationBytes)} for what lies between (${bytes(inference.leastActivationBytes)} must be alive at once)`;
  return [
    [
      "peak",
      `${bytes(inference.bytes)} to answer for ${per}: ${bytes(inference.persistentBytes)} of weights and input, ${kept}`,
    ],
    [
      "",
      `beside it ${bytes(inference.packedBytes)} of weights once more, packed for the engine's loops, and ${bytes(inference.scratchBytes)} of scratch`,
    ],
    ["", `${bytes(training.bytes)} for a training step of ${per} by SGD with momentum`],
    [
      "",
      `beside it ${bytes(training.packedBytes)} of tables and ${bytes(training.scratchBytes)} of scratch, for weights that change are packed anew in each step`,
    ],
  ];
}

function totals(
  model: Pictured,
  sum: Summary,
  takes: Footprint | undefined,
  batch: number,
  { paint, width }: Context,
): string[] {
  const { parameters, buffers, macs, weightBytes, activationBytes, largestActivationBytes, trainingBytes } = sum;
  const per = batch === 1 ? "a picture" : `${batch} pictures`;
  const beside = buffers > 0 ? `, and ${grouped(buffers)} running statistics` : "";
  const lines: (readonly [string, string])[] = [
    ["parameters", `${paint.title(grouped(parameters))}: ${bytes(weightBytes)} in float32${beside}`],
    ["work", `${paint.title(grouped(macs))} MACs for ${per}, which is ${grouped(2 * macs)} FLOPs`],
    ["outputs", `${bytes(activationBytes)} of all layers together, ${bytes(largestActivationBytes)} the largest`],
    ["training", `at least ${bytes(trainingBytes)} with Adam: four copies of the parameters, and the outputs`],
    ...planned(takes, per),
    ...asDense(sum),
    ...seen(model, sum),
    ...unaligned(sum),
  ];
  return lines.flatMap(([name, text]) =>
    wrap(text, width - 12).map((line, i) => `${paint.faint((i === 0 ? name : "").padEnd(12))}${line}`),
  );
}

/** The convolutions as dense layers between the same maps: what sharing and locality save. */
function asDense({ rows }: Summary): (readonly [string, string])[] {
  const convolutions = rows.filter(({ output, macs }) => output.length > 2 && macs > 0);
  if (convolutions.length === 0) return [];
  const own = convolutions.reduce((total, row) => total + row.parameters, 0);
  const dense = convolutions.reduce((total, row) => total + row.denseParameters, 0);
  const times = own > 0 ? `, ${short(dense / own)} times as many` : "";
  const words = `its convolutions would have ${short(dense)} parameters as dense layers between the same maps${times}`;
  return [["as an MLP", words]];
}

/** Maps whose paths do not agree on the centre: one number would be wrong for them. */
function unaligned({ rows }: Summary): (readonly [string, string])[] {
  const apart = rows.filter(({ receptive }) => receptive.some(({ aligned, whole }) => !aligned && !whole));
  if (apart.length === 0) return [];
  const words = `the paths to ${apart[0].path || apart[0].type}${apart.length > 1 ? ` and ${count(apart.length - 1, "other layer")}` : ""} do not agree on a centre; their fields are the unions over all paths`;
  return [["paths", words]];
}

/** What a unit of the last map sees, beside the picture. */
function seen({ input }: Pictured, { rows }: Summary): (readonly [string, string])[] {
  const last = rows.findLast(({ output, receptive }) => output.length > 2 && receptive.some(({ whole }) => !whole));
  if (!last) return [];
  const size = last.receptive.map(({ size }) => size).join(" x ");
  const picture = input.slice(1);
  const beyond = last.receptive.every(({ size }, axis) => size >= picture[axis]);
  const beside = beyond ? "as much as the whole picture or more" : `of the picture's ${picture.join(" x ")}`;
  return [["sees", `a unit of ${last.path || last.type} sees ${size} pixels, ${beside}`]];
}

/** Layers of one type together. */
function shares(sum: Summary, { paint }: Context): string[] {
  const types = new Map<string, SummaryRow[]>();
  for (const row of sum.rows) types.set(row.type, [...(types.get(row.type) ?? []), row]);
  const total = (rows: readonly SummaryRow[], of: "parameters" | "macs"): number =>
    rows.reduce((all, row) => all + row[of], 0);
  const share = (part: number, all: number): string => (all === 0 ? "" : percent(part / all, 1));
  const rows = [...types]
    .map(([type, list]) => ({ type, list, parameters: total(list, "parameters"), macs: total(list, "macs") }))
    .filter(({ parameters, macs }) => parameters + macs > 0)
    .sort((a, b) => b.macs - a.macs);
  return table(
    [
      { head: "type" },
      { head: "layers", align: "right" },
      { head: "parameters", align: "right" },
      { head: "", align: "right" },
      { head: "MACs", align: "right" },
      { head: "", align: "right" },
    ],
    rows.map(({ type, list, parameters, macs }) => [
      type,
      String(list.length),
      grouped(parameters),
      share(parameters, sum.parameters),
      grouped(macs),
      share(macs, sum.macs),
    ]),
    paint,
  );
}
