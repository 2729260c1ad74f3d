// The receptive fields of well-known networks, from the built models.
import { unitReaches } from "../../analyze/reach.ts";
import { type ReceptiveAxis, receptiveFields } from "../../analyze/receptive.ts";
import { withSamePadding } from "../../analyze/same.ts";
import { type BuiltModel, build } from "../../nn/build.ts";
import { createModel, models } from "../../nn/models/list.ts";
import { choice, exhibit } from "../exhibit.ts";
import { measureField, supportOf } from "../measure/field.ts";
import { bars, type Check, equal, holds, table } from "../parts.ts";

/** The last layer that still has places, and its field. */
function lastMap(built: BuiltModel): {
  field: ReceptiveAxis;
  units: number;
  output: BuiltModel["output"];
} {
  const maps = built.layers.filter(({ output }) => output.shape.length === 4);
  const fields = receptiveFields(
    built.input,
    maps.map(({ output }) => output),
  );
  const seeing = maps.flatMap(({ output }, i) => {
    const field = fields[i]?.[1];
    return field && !field.whole && output.shape[3] > 1 ? [{ field, units: output.shape[3], output }] : [];
  });
  return seeing.reduce((last, one) => (one.output.node.id > last.output.node.id ? one : last));
}

export const receptiveFieldNetworks = exhibit({
  id: "receptive-field-networks",
  title: "What well-known networks see",
  group: "Receptive field",
  claim:
    "The last units of every well-known network see more than half of the picture's side, and in residual networks more than all of it.",
  formula: "centre of unit 0 = (r − 1) / 2 − P",
  parameters: {
    measured: choice(
      "lenet",
      ["none", "lenet", "small", "all"],
      "networks whose field is measured as well, by gradient",
    ),
  },
  tryThis: [
    "`--measured all` differentiates every network (a minute).",
    "TensorFlow's SAME padding moves the centre with the size of the picture: compare the two columns of padding.",
  ],
  source: "Araujo, Norris & Sim 2019; the models of `neocog inspect`",
  async run({ measured }, { direct, progress }) {
    const names = models
      .map(({ name }) => name)
      .filter((name) => !/mlp|softmax|_bn|-small|digits|bench|^fashion|^photos$|^resnet10$|vgg1[369]-book/.test(name))
      // Where channels are weighed by means of whole maps, and in attention, every unit sees everything; the others repeat a row.
      .filter((name) => !/_v3|efficientnet|regnet|vit_|mnasnet|shufflenet|convnext|resnext/.test(name));
    const rows = [];
    const checks: Check[] = [];
    const small = ["lenet", "lenet-modern", "alexnet", "googlenet-book", "resnet18-book", "densenet-book"];
    for (const [i, name] of names.entries()) {
      progress(i, names.length, name);
      const { layer, inputShape } = createModel(name);
      const built = build(layer, [1, ...inputShape]);
      // Networks that answer for every pixel go up again; the question is how far those see that answer once.
      if (built.output.shape.length > 2) continue;
      const { field, units, output } = lastMap(built);
      const padded = (which: "all" | "poolings") =>
        lastMap(build(withSamePadding(layer, which), [1, ...inputShape])).field.padding;
      rows.push({ name, size: inputShape[1], field, units, tf: padded("all"), slim: padded("poolings") });
      checks.push(equal(`${name}: the centre is (r − 1) / 2 − P`, field.centre, (field.size - 1) / 2 - field.padding));
      const wanted = measured === "all" || (measured === "small" ? small.includes(name) : name === measured);
      if (!wanted) continue;
      const middle = units >> 1;
      const [map] = await measureField(direct, built.input, output, [[middle, middle]]);
      const box = supportOf(map);
      const reached = unitReaches(built.input, output, [middle, middle])?.[1] ?? [];
      checks.push(
        equal(
          `${name}: columns measured at unit ${middle}`,
          `${box?.left} to ${box?.right}`,
          `${reached[0]?.[0]} to ${reached.at(-1)?.[1]}`,
        ),
      );
    }
    const deep = rows.filter(({ name }) => /resnet/.test(name));
    return {
      parts: [
        table(
          ["network", "picture", "units", "size", "step", "padding", "TF SAME", "slim", "centre"],
          rows.map(({ name, size, units, field, tf, slim }) => [
            name,
            size,
            units,
            field.aligned ? field.size : `${field.size} (paths differ)`,
            field.step,
            field.padding,
            tf,
            slim,
            field.centre,
          ]),
        ),
        bars(
          "times the picture's side",
          Object.fromEntries(rows.map(({ name, size, field }) => [name, field.size / size])),
        ),
      ],
      checks: [
        ...checks,
        holds(
          "every network's last units see more than half of the picture's side",
          rows.every(({ field, size }) => field.size > size / 2),
        ),
        holds(
          "residual networks see more than their picture",
          deep.length > 0 && deep.every(({ field, size }) => field.size > size),
        ),
      ],
    };
  },
});
