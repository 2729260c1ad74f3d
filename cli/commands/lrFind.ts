// `neocog lr-find digits`: the loss over a rising learning rate, and the rate to take.
import { files } from "#host";
import { count } from "../../src/base/amounts.ts";
import { figure, type Part } from "../../src/doors/lab.ts";
import { lrFind, type RateRange } from "../../src/doors/tune.ts";
import type { lrFindCard } from "../cards/lrFind.ts";
import { type Run, UsageError } from "../command.ts";
import { optionsOf, withEngine } from "../engine.ts";
import { openPlan } from "../from.ts";
import { drawCurve } from "../lab/plots.ts";
import { wrap } from "../lines.ts";
import { viewOf } from "../tasks/list.ts";
import { working } from "../working.ts";

const rate = (value: number): string => value.toPrecision(2).replace(/\.?0+e/, "e");

export const run: Run<typeof lrFindCard> = async ([name], options, context) => {
  const { least: from, most: to, steps, out, task } = options;
  optionsOf(options);
  if (out !== undefined && !/\.svg$/i.test(out)) throw new UsageError(`--out writes an SVG; name it ${out}.svg, say.`);
  const { plan, opened } = await openPlan(name, viewOf(task), options, context);
  const { epochs: _, schedule: __, average: ___, unfreeze: ____, accumulate: _____, ...fitting } = plan.options;
  const found = await withEngine(options, context, async (engine) => {
    return working("Raising the rate", context, (progress) =>
      lrFind(plan.model, opened, {
        ...{ ...fitting, engine, signal: context.signal },
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(steps === undefined ? {} : { steps }),
        onStep: (_point, step, of) => progress(step / of, count(step, "step")),
      }),
    );
  });
  const curve = curveOf(found);
  if (out !== undefined) await files.writeFileAtomic(out, figure([curve])!);
  const { suggestion, steepest, tenth, points } = found;
  const { paint, width } = context;
  return {
    json: { data: name, suggestion, steepest, tenth, points, ...(out === undefined ? {} : { out }) },
    lines: () => [
      paint.faint(plan.title),
      ...drawCurve(curve, width, paint),
      "",
      `The loss falls fastest at ${rate(steepest)}; a tenth of the rate where it is smallest is ${rate(tenth)}.`,
      paint.title(`Try --lr ${rate(suggestion)}`),
      ...wrap(`After ${count(points.length, "step")}; the weights are thrown away.`, width).map(paint.faint),
    ],
  };
};

const curveOf = ({ points }: RateRange): Extract<Part, { kind: "curve" }> => ({
  kind: "curve",
  x: "log10 of the learning rate",
  y: "loss",
  series: [
    { name: "smoothed", points: points.map(({ learningRate, smoothed }) => [Math.log10(learningRate), smoothed]) },
  ],
});
