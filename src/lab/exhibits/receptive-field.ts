// The recurrence, beside the one that is read off a graph.
import { unitReaches } from "../../analyze/reach.ts";
import { receptiveField, receptiveFields, unitSees } from "../../analyze/receptive.ts";
import { build } from "../../nn/build.ts";
import { Branches, Identity, Sequential } from "../../nn/layers/containers.ts";
import { Conv2d } from "../../nn/layers/convolution.ts";
import { choice, exhibit, whole } from "../exhibit.ts";
import { curve, equal, holds, table } from "../parts.ts";

export const receptiveFieldExhibit = exhibit({
  id: "receptive-field",
  title: "How far a unit may see: the recurrence",
  group: "Receptive field",
  claim:
    "Size, step and padding of the receptive field follow one recurrence from layer to layer; on branches it is the union over the paths, and their centres may disagree.",
  formula:
    "r += d(k − 1) j    P += p j    j *= s        from r = 1, j = 1, P = 0; unit i sees [i j − P, i j − P + r − 1]",
  parameters: {
    layers: whole(4, 1, 12, "convolutions on top of each other"),
    kernel: whole(3, 1, 9, "side of each kernel"),
    stride: whole(2, 1, 3, "stride of each"),
    dilation: whole(1, 1, 4, "dilation of each"),
    padding: whole(1, 0, 8, "padding per side of each"),
    mode: choice("zeros", ["zeros", "reflect", "replicate", "circular"], "what stands beyond the edge"),
    unit: whole(2, 0, 1000, "the unit whose places are told"),
  },
  tryThis: [
    "Stride 1: the size grows by d(k − 1) a layer. Stride 2: it doubles.",
    "`--unit 0 --mode circular`: what the field covers before the first column is seen at the other side.",
    "Three layers of 3x3 at stride 1 see 7x7; with dilations 1, 2, 4 they see 15x15.",
  ],
  source: "Araujo, Norris & Sim 2019, Computing receptive fields (Distill)",
  async run({ layers, kernel: k, stride: s, dilation: d, padding: p, mode, unit }) {
    const size = Math.max(64, (d * (k - 1) + 1) * s ** layers * 2);
    const stack = Sequential(
      Array.from({ length: layers }, () =>
        Conv2d(1, k, { stride: s, dilation: d, padding: p, paddingMode: mode, bias: false }),
      ),
    );
    const built = build(stack, [1, 1, size, size]);
    const tensors = built.layers.filter(({ depth }) => depth === 1).map(({ output }) => output);
    const fields = receptiveFields(built.input, tensors).map((field) => field![1]);
    let [r, j, total] = [1, 1, 0];
    const recurrence = fields.map(() => {
      r += d * (k - 1) * j;
      total += p * j;
      j *= s;
      return { r, j, total, centre: (r - 1) / 2 - total };
    });
    const last = fields[layers - 1];
    const sees = unitSees(last, unit);
    const units = built.output.shape[3];
    const reads = unit < units ? unitReaches(built.input, built.output, [0, unit]) : undefined;
    const words = reads?.[1].map((run) => run.join(" to ")).join(" and ") ?? "nothing";
    const agree = recurrence.every(
      (row, i) =>
        row.r === fields[i].size &&
        row.j === fields[i].step &&
        row.total === fields[i].padding &&
        row.centre === fields[i].centre,
    );
    const branches = (shifted: boolean) => {
      const model = Branches({
        narrow: Identity(),
        wide: Conv2d(1, shifted ? 4 : 3, {
          padding: shifted
            ? [
                [1, 2],
                [1, 2],
              ]
            : 1,
        }),
      });
      const graph = build(model, [1, 1, 32, 32]);
      return receptiveField(graph.input, graph.output)![1];
    };
    const [even, odd] = [branches(true), branches(false)];
    const wideSides = dilated([1, 2, 4]);
    return {
      parts: [
        table(
          ["layer", "size r", "step j", "padding P", "centre of unit 0"],
          fields.map((field, i) => [i + 1, field.size, field.step, field.padding, field.centre]),
        ),
        table(
          ["unit", "sees columns", `reads of the ${size} that there are`],
          [[unit, sees.join(" to "), unit < units ? words : `there are ${units} units`]],
        ),
        curve("layer", "size", { "receptive field": fields.map((field, i) => [i + 1, field.size] as const) }),
        table(
          ["beside the picture itself", "size of the union", "centres agree"],
          [
            ["a 3x3 with padding 1", odd.size, odd.aligned ? "yes" : "no"],
            ["a 4x4 with padding 1 before, 2 after", even.size, even.aligned ? "yes" : "no"],
          ],
        ),
        table(
          ["three 3x3", "size"],
          [
            ["dilation 1, 1, 1", dilated([1, 1, 1])],
            ["dilation 1, 2, 4", wideSides],
          ],
        ),
      ],
      checks: [
        holds("the recurrence and the graph agree in every layer", agree),
        equal("three 3x3 with dilations 1, 2, 4 see 1 + 2(1 + 2 + 4)", wideSides, 1 + 2 * (1 + 2 + 4)),
        holds("a 3x3 branch is centred on the shortcut", odd.aligned),
        holds("a 4x4 branch is not, and it is said", !even.aligned),
      ],
    };
  },
});

function dilated(dilations: readonly number[]): number {
  const model = Sequential(dilations.map((dilation) => Conv2d(1, 3, { dilation })));
  const built = build(model, [1, 1, 32, 32]);
  return receptiveField(built.input, built.output)![1].size;
}
